import { latin1, u16le, u32le, u8 } from '../bytes.js';
import type { PreambleProtocol, Turn } from './protocol.js';
import { facts, firstLine, firstOf, opening, step } from './protocol.js';

const CLIENT_SSL = 0x0800;
const PROTOCOL_10 = 10;
const ERROR = 0xff;

/** The server's capability flags, which follow its version and eight bytes of its challenge. */
function serverCapabilities(greeting: Uint8Array): number {
  const end = greeting.indexOf(0, 5);
  const at = end + 1 + 4 + 8 + 1;
  return end < 0 || at + 2 > greeting.length ? 0 : u16le(greeting, at);
}

/** Whether bytes are a server's greeting of protocol 10, whose version is text. */
export function isMysqlGreeting(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || u8(bytes, 3) !== 0 || u8(bytes, 4) !== PROTOCOL_10) return false;
  const end = bytes.indexOf(0, 5);
  return end > 5 && /^[\x20-\x7e]+$/.test(latin1(bytes, 5, end));
}

/**
 * The client asks for TLS with a handshake response that ends after its flags: 32 bytes (MySQL, Protocol::SSLRequest).
 */
function isSslRequest({ bytes }: Turn): boolean {
  return bytes.length >= 36 && u8(bytes, 0) === 32 && u8(bytes, 3) === 1 && (u32le(bytes, 4) & CLIENT_SSL) !== 0;
}

/** The message of an error packet, after its code and SQL state. */
function errorOf(bytes: Uint8Array): string {
  return firstLine(latin1(bytes, Math.min(7, bytes.length))).replace(/^#[0-9A-Z]{5}/, '');
}

/**
 * TLS of MySQL and MariaDB: the server's greeting offers it, and the client's short handshake response accepts; that
 * has no answer. A client that wants TLS and is not offered it leaves, so a refusal shows only as an error.
 */
export const mysql: PreambleProtocol<'mysql'> = {
  kind: 'mysql',
  name: 'MySQL SSLRequest',
  starttls: 'mysql',
  recognise(turns: readonly Turn[]) {
    const greeting = opening(turns, 'server');
    if (greeting === null || !isMysqlGreeting(greeting.bytes)) return null;
    const isOffered = (serverCapabilities(greeting.bytes) & CLIENT_SSL) !== 0;
    const offer = step('offer', greeting, latin1(greeting.bytes, 5, greeting.bytes.indexOf(0, 5)));
    const request = firstOf(turns, 'client');
    if (request === null || !isSslRequest(request)) return facts(isOffered ? 'offered' : 'not-offered', [offer]);
    const steps = [offer, step('request', request, 'SSLRequest')];
    const answer = turns.filter(({ from }) => from === 'server')[1];
    if (answer?.bytes[4] === ERROR) {
      const reply = errorOf(answer.bytes);
      return facts('refused', [...steps, step('answer', answer, reply)], reply);
    }
    return facts(isOffered ? 'accepted' : 'refused', steps);
  },
};
