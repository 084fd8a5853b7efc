import { u16, u32le, u8 } from '../bytes.js';
import type { PreambleProtocol } from './preamble.js';
import { firstOf, opening } from './preamble.js';

const TPKT = 3;
const CONNECTION_REQUEST = 0xe0;
const CONNECTION_CONFIRM = 0xd0;
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

/** Where the negotiation structure of eight bytes begins, at the packet's end, or -1. */
function negotiation(packet: Uint8Array, code: number): number {
  if (packet.length < 19 || u8(packet, 0) !== TPKT || u8(packet, 5) !== code) return -1;
  const length = u16(packet, 2);
  return length < 19 || length > packet.length ? -1 : length - 8;
}

/** RDP's negotiation of TLS in the X.224 connection request and confirm (MS-RDPBCGR §2.2.1.1, §2.2.1.2). */
export const rdp: PreambleProtocol = {
  kind: 'rdp',
  recognise(turns) {
    const request = opening(turns, 'client');
    const at = request === null ? -1 : negotiation(request, CONNECTION_REQUEST);
    if (request === null || at < 0 || u8(request, at) !== NEGOTIATION_REQUEST || u32le(request, at + 4) === 0)
      return null;
    const confirm = firstOf(turns, 'server');
    if (confirm === null) return { target: null, originalClient: null, answer: 'none', reply: null };
    if (confirm.length < 7 || u8(confirm, 0) !== TPKT || u8(confirm, 5) !== CONNECTION_CONFIRM) return null;
    const answer = negotiation(confirm, CONNECTION_CONFIRM);
    const type = answer < 0 ? 0 : u8(confirm, answer);
    const value = answer < 0 ? 0 : u32le(confirm, answer + 4);
    return {
      target: null,
      originalClient: null,
      answer: type === NEGOTIATION_RESPONSE && value !== 0 ? 'accepted' : 'refused',
      reply: type === NEGOTIATION_FAILURE ? (FAILURES.get(value) ?? `failure ${value}`) : null,
    };
  },
};
