import { u16, u8 } from '../bytes.js';
import type { PreambleProtocol } from './preamble.js';
import { firstOf, opening } from './preamble.js';

const PRELOGIN = 0x12;
const TABULAR_RESULT = 0x04;
const HEADER = 8;
const ENCRYPTION = 1;
const TERMINATOR = 0xff;
const ENCRYPT_NOT_SUPPORTED = 2;

/** The encryption option of a pre-login message (MS-TDS §2.2.6.5), or -1. */
function encryption(packet: Uint8Array, type: number): number {
  if (packet.length < HEADER + 6 || u8(packet, 0) !== type) return -1;
  for (let at = HEADER; at + 5 <= packet.length && u8(packet, at) !== TERMINATOR; at += 5) {
    const value = HEADER + u16(packet, at + 1);
    if (u8(packet, at) === ENCRYPTION) return value < packet.length ? u8(packet, value) : -1;
  }
  return -1;
}

/** Pre-login of SQL Server (MS-TDS §2.2.6.5); the TLS handshake then travels inside packets of the same kind. */
export const mssql: PreambleProtocol = {
  kind: 'mssql',
  recognise(turns) {
    const request = opening(turns, 'client');
    const wanted = request === null ? -1 : encryption(request, PRELOGIN);
    if (wanted < 0 || wanted === ENCRYPT_NOT_SUPPORTED) return null;
    const response = firstOf(turns, 'server');
    const offered = response === null ? -1 : encryption(response, TABULAR_RESULT);
    const answer =
      response === null ? 'none' : offered < 0 || offered === ENCRYPT_NOT_SUPPORTED ? 'refused' : 'accepted';
    return { target: null, originalClient: null, answer, reply: null };
  },
};
