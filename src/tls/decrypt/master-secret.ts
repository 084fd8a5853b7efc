import { createHash, type Hash } from 'node:crypto';
import { hex } from '../../bytes.js';
import type { HandshakeContent } from '../wire/messages/handshake.js';
import type { ServerHelloMessage } from '../wire/messages/server-hello.js';
import { isTls13, tlsVersion } from '../wire/registry/names.js';
import { masterSecret } from './key-schedule.js';
import { ENCRYPTED_PREMASTER_START, type Secrets } from './secrets.js';
import { recordCipher } from './suites.js';

/**
 * Derives the master secrets of handshakes up to TLS 1.2 from premaster secrets in a key log, and finds those listed by
 * session ID. It adds them to the secrets, with the label `CLIENT_RANDOM`, before the first ChangeCipherSpec.
 */
export interface MasterSecrets {
  /** ServerHello of the current handshake, which its keys depend on; null before it. */
  readonly serverHello: ServerHelloMessage | null;
  /** In DTLS: the number of the next message, which is hashed with it (RFC 6347 §4.2.6). */
  sequence: number | null;
  /** Processes a handshake message; its body is the bytes from `start` to `end`. */
  message(type: number, content: HandshakeContent, bytes: Uint8Array, start: number, end: number): void;
}

const HELLO_REQUEST = 0;
const CLIENT_KEY_EXCHANGE = 16;
const EXTENDED_MASTER_SECRET = 23;
const SSL_3_0 = 0x0300;
const TLS_1_2 = 0x0303;

/** The header hashed before a message's body: the one it would have had in one piece. */
function headerOf(type: number, length: number, sequence: number | null): Buffer {
  const header = Buffer.alloc(sequence === null ? 4 : 12);
  header[0] = type;
  header.writeUIntBE(length, 1, 3);
  if (sequence !== null) {
    header.writeUInt16BE(sequence & 0xffff, 4);
    header.writeUIntBE(length, 9, 3);
  }
  return header;
}

/** Null if the key logs have no premaster secret: then nothing is hashed. */
export function createMasterSecrets(secrets: Secrets): MasterSecrets | null {
  if (!secrets.hasPremasters) return null;
  let clientRandom = '';
  /** The ClientHello, until the hash function is known. */
  let clientHello: readonly Buffer[] = [];
  /** Hashes of all messages of the handshake (RFC 7627 §3). */
  let hashes: readonly Hash[] = [];
  let serverHello: ServerHelloMessage | null = null;

  const derive = (body: Uint8Array): void => {
    const cipher = serverHello === null ? null : recordCipher(serverHello.cipherSuite);
    if (serverHello === null || cipher === null || isTls13(serverHello.version)) return;
    const version = tlsVersion(serverHello.version);
    const isExtended = serverHello.extensions.some(({ type }) => type === EXTENDED_MASTER_SECRET);
    const sessionHash = isExtended ? Buffer.concat(hashes.map((hash) => hash.copy().digest())) : null;
    // SSL 3.0 has no length before the encrypted secret (RFC 5246 §7.4.7.1).
    const start = version === SSL_3_0 ? 0 : 2;
    const encrypted = hex(body, start, Math.min(body.length, start + ENCRYPTED_PREMASTER_START));
    const handshake = {
      cipher,
      version,
      clientRandom: Buffer.from(clientRandom, 'hex'),
      serverRandom: Buffer.from(serverHello.random, 'hex'),
    };
    for (const [name, label] of [
      [clientRandom, 'PMS_CLIENT_RANDOM'],
      [encrypted, 'RSA'],
    ] as const) {
      for (const premaster of secrets.of(name, label)) {
        const master = masterSecret(handshake, premaster, sessionHash);
        secrets.add(clientRandom, 'CLIENT_RANDOM', master, name);
        master.fill(0);
      }
    }
  };

  const findBySession = ({ version, sessionId }: ServerHelloMessage): void => {
    if (isTls13(version)) return;
    for (const master of secrets.of(sessionId, 'RSA Session-ID')) {
      secrets.add(clientRandom, 'CLIENT_RANDOM', master, sessionId);
    }
  };

  return {
    get serverHello() {
      return serverHello;
    },
    sequence: null,
    message(type, content, bytes, start, end) {
      const { kind } = content;
      if (type === HELLO_REQUEST || (kind !== 'client_hello' && clientRandom === '')) return;
      const body = bytes.subarray(start, end);
      const header = headerOf(type, body.length, this.sequence);
      if (kind === 'client_hello') {
        clientRandom = content.hello.random;
        clientHello = [header, Buffer.from(body)];
        hashes = [];
        serverHello = null;
      } else if (kind === 'server_hello') {
        serverHello = content.hello;
        findBySession(serverHello);
        const isBefore12 = tlsVersion(serverHello.version) < TLS_1_2;
        const names = isBefore12 ? ['md5', 'sha1'] : [recordCipher(serverHello.cipherSuite)?.hash ?? 'sha256'];
        hashes = names.map((name) => createHash(name));
        for (const hash of hashes) for (const part of clientHello) hash.update(part);
        clientHello = [];
      }
      for (const hash of hashes) hash.update(header).update(body);
      if (type === CLIENT_KEY_EXCHANGE) {
        derive(body);
        clientRandom = '';
        hashes = [];
      }
    },
  };
}
