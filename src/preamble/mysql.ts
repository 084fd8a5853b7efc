import { u16le, u32le, u8 } from '../bytes.js';
import type { PreambleProtocol, Turn } from './preamble.js';
import { firstOf, opening } from './preamble.js';

const CLIENT_SSL = 0x0800;
const PROTOCOL_10 = 10;
const ERROR = 0xff;

/** The server's capability flags, which stand behind its version and eight bytes of its challenge. */
function serverCapabilities(greeting: Uint8Array): number {
  const end = greeting.indexOf(0, 5);
  const at = end + 1 + 4 + 8 + 1;
  return end < 0 || at + 2 > greeting.length ? 0 : u16le(greeting, at);
}

/** The client asks for TLS by a handshake response that ends after its flags: 32 bytes (MySQL, Protocol::SSLRequest). */
function isSslRequest(turn: Uint8Array): boolean {
  return turn.length >= 36 && u8(turn, 0) === 32 && u8(turn, 3) === 1 && (u32le(turn, 4) & CLIENT_SSL) !== 0;
}

/**
 * TLS of MySQL and MariaDB: the server's greeting offers it, the client's short handshake response takes it; nothing
 * answers that. A client that wants TLS and is not offered it goes away, so that a refusal shows only as an error.
 */
export const mysql: PreambleProtocol = {
  kind: 'mysql',
  recognise(turns: readonly Turn[]) {
    const greeting = opening(turns, 'server');
    if (greeting === null || greeting.length < 10 || u8(greeting, 3) !== 0 || u8(greeting, 4) !== PROTOCOL_10)
      return null;
    const request = firstOf(turns, 'client');
    if (request === null || !isSslRequest(request)) return null;
    const after = turns.filter(({ from }) => from === 'server')[1]?.bytes;
    const isRefused = (serverCapabilities(greeting) & CLIENT_SSL) === 0 || after?.[4] === ERROR;
    return { target: null, originalClient: null, answer: isRefused ? 'refused' : 'accepted', reply: null };
  },
};
