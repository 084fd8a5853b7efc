import { u16, u8 } from '../bytes.js';
import type { PreambleProtocol } from './protocol.js';
import { exchangeAt, exchangeSteps, facts, opening } from './protocol.js';

/** P_CONTROL_HARD_RESET of a client, versions 1 and 2, and of a server; version 3 belongs to --tls-crypt-v2. */
const CLIENT_RESETS: ReadonlySet<number> = new Set([1, 7]);
const CLIENT_RESET_V3 = 10;
const SERVER_RESETS: ReadonlySet<number> = new Set([2, 8]);
/** Opcode, session id, number of acknowledgments, packet id. */
const UNAUTHENTICATED_LENGTH = 14;
/** A client's reset acknowledges nothing: without authentication, or with the HMAC, id and time of --tls-auth, as long as those of --tls-crypt. */
const CLIENT_LENGTHS: ReadonlySet<number> = new Set(
  [0, 24, 28, 36, 40, 56, 72].map((auth) => UNAUTHENTICATED_LENGTH + auth),
);
/** With --tls-crypt-v2 the client's encrypted key follows: up to 1024 bytes. */
const V3_LENGTH = { least: UNAUTHENTICATED_LENGTH + 40 + 256, most: UNAUTHENTICATED_LENGTH + 40 + 1024 };

/** The opcode of the packet at the beginning, if it is complete and has the first key's id; else -1. */
function opcodeOf(bytes: Uint8Array): number {
  if (bytes.length < 3 || bytes.length < 2 + u16(bytes, 0) || (u8(bytes, 2) & 7) !== 0) return -1;
  return u8(bytes, 2) >> 3;
}

function isClientReset(bytes: Uint8Array): boolean {
  const opcode = opcodeOf(bytes);
  const length = opcode < 0 ? 0 : u16(bytes, 0);
  if (opcode === CLIENT_RESET_V3) return length >= V3_LENGTH.least && length <= V3_LENGTH.most;
  return CLIENT_RESETS.has(opcode) && CLIENT_LENGTHS.has(length);
}

/** The resets that begin OpenVPN over TCP; packets of the same kind then carry the TLS handshake. */
export const openvpn: PreambleProtocol<'openvpn'> = {
  kind: 'openvpn',
  name: 'OpenVPN',
  recognise(turns) {
    const request = opening(turns, 'client');
    if (request === null || !isClientReset(request.bytes)) return null;
    const exchange = exchangeAt(turns, request);
    const { answer } = exchange;
    // OpenVPN cannot refuse: any other answer is another protocol.
    if (answer !== null && !SERVER_RESETS.has(opcodeOf(answer.bytes))) return null;
    const words = { request: 'P_CONTROL_HARD_RESET_CLIENT', answer: 'P_CONTROL_HARD_RESET_SERVER' };
    // What follows is not plaintext, but the packets that carry TLS.
    const steps = exchangeSteps({ ...exchange, sequel: null }, words);
    return facts(answer === null ? 'requested' : 'accepted', steps);
  },
};
