import { u16, u16le, u32le, u8 } from '../bytes.js';
import type { PreambleProtocol } from './protocol.js';
import { exchangeAt, exchangeSteps, facts, opening } from './protocol.js';

const TPKT = 3;
const CONNECTION_REQUEST = 0xe0;
const CONNECTION_CONFIRM = 0xd0;
const NEGOTIATION = 8;
const NEGOTIATION_REQUEST = 1;
const NEGOTIATION_RESPONSE = 2;
const NEGOTIATION_FAILURE = 3;

const FAILURES: ReadonlyMap<number, string> = new Map([
  [1, 'SSL_REQUIRED_BY_SERVER'],
  [2, 'SSL_NOT_ALLOWED_BY_SERVER'],
  [3, 'SSL_CERT_NOT_ON_SERVER'],
  [4, 'INCONSISTENT_FLAGS'],
  [5, 'HYBRID_REQUIRED_BY_SERVER'],
  [6, 'SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER'],
]);

/** Where the negotiation structure of eight bytes begins, at the packet's end, or -1: S7 and MMS have none. */
function negotiation(packet: Uint8Array, code: number): number {
  if (packet.length < 19 || u8(packet, 0) !== TPKT || u8(packet, 5) !== code) return -1;
  const length = u16(packet, 2);
  const at = length - NEGOTIATION;
  return length < 19 || length > packet.length || u16le(packet, at + 2) !== NEGOTIATION ? -1 : at;
}

/**
 * RDP's negotiation of TLS in the X.224 connection request and confirm (MS-RDPBCGR §2.2.1.1, §2.2.1.2). A server
 * without negotiation confirms without it, and a client that does not insist continues without TLS.
 */
export const rdp: PreambleProtocol<'rdp'> = {
  kind: 'rdp',
  name: 'RDP negotiation',
  recognise(turns) {
    const request = opening(turns, 'client');
    const at = request === null ? -1 : negotiation(request.bytes, CONNECTION_REQUEST);
    if (request === null || at < 0) return null;
    const wanted = u32le(request.bytes, at + 4);
    if (u8(request.bytes, at) !== NEGOTIATION_REQUEST || wanted === 0) return null;
    const exchange = exchangeAt(turns, request);
    const { answer: confirm, sequel } = exchange;
    const words = { request: `requestedProtocols ${wanted}`, sequel: '' };
    if (confirm === null) return facts('requested', exchangeSteps(exchange, words));
    const { bytes } = confirm;
    if (bytes.length < 7 || u8(bytes, 0) !== TPKT || u8(bytes, 5) !== CONNECTION_CONFIRM) return null;
    const answer = negotiation(bytes, CONNECTION_CONFIRM);
    const type = answer < 0 ? 0 : u8(bytes, answer);
    const value = answer < 0 ? 0 : u32le(bytes, answer + 4);
    const reply = type === NEGOTIATION_FAILURE ? (FAILURES.get(value) ?? `failure ${value}`) : null;
    const isAccepted = type === NEGOTIATION_RESPONSE && value !== 0;
    const goesOn = sequel?.bytes[0] === TPKT && type !== NEGOTIATION_FAILURE;
    return facts(
      isAccepted ? 'accepted' : goesOn ? 'declined' : 'refused',
      exchangeSteps(exchange, { ...words, answer: reply ?? (isAccepted ? `selectedProtocol ${value}` : '') }),
      reply,
    );
  },
};
