/** Handshakes of a real TLS stack, Node.js' own, without a network: what both sides send, and the key log. */
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { webcrypto } from 'node:crypto';
import { issue, toPem, type Issued } from '../x509/authority.js';
import { pcapFile } from './captures.js';
import type { Side } from '../../src/connection/connection.js';
import { conversation, frameBytes, type Conversation } from './conversation.js';

export interface LiveOptions {
  readonly version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** Cipher suites as OpenSSL names them. */
  readonly ciphers?: string;
  readonly client?: tls.ConnectionOptions;
  readonly server?: tls.TlsOptions;
  /** Sent by each side as application data when the handshake is complete. */
  readonly data?: string;
  /** The client asks for new keys, up to TLS 1.2 by a second handshake, before it sends data. */
  readonly renegotiates?: boolean;
}

export interface Live {
  readonly talk: Conversation;
  /** As SSLKEYLOGFILE. */
  readonly keyLog: string;
}

/** What goes through is noted. */
function wire(talk: Conversation): [client: Duplex, server: Duplex] {
  const ends: { client?: Duplex; server?: Duplex } = {};
  const end = (from: Side, to: Side): Duplex =>
    new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        talk.say(from, new Uint8Array(chunk));
        setImmediate(() => ends[to]?.push(chunk));
        done();
      },
      destroy(error, done) {
        setImmediate(() => ends[to]?.push(null));
        done(error);
      },
      final(done) {
        setImmediate(() => ends[to]?.push(null));
        done();
      },
    });
  ends.client = end('client', 'server');
  ends.server = end('server', 'client');
  return [ends.client, ends.server];
}

const authority = await issue({ name: 'CN=Test authority', ca: true });
const shop = await issue({ name: 'CN=shop.example', by: authority });
export const certificate = authority.certificate;

export async function pemOf({ keys, certificate: own }: Issued): Promise<{ key: string; cert: string }> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
  return { key, cert: toPem(own) };
}

export const identity = await pemOf(shop);

/** A handshake, data both ways, and the end. */
export async function live({
  version,
  ciphers,
  client,
  server,
  data = 'hello',
  renegotiates,
}: LiveOptions): Promise<Live> {
  const talk = conversation();
  talk.open();
  const [clientEnd, serverEnd] = wire(talk);
  const versions = { minVersion: version, maxVersion: version, ...(ciphers === undefined ? {} : { ciphers }) } as const;
  const accepted = new tls.TLSSocket(serverEnd, { isServer: true, ...identity, ...versions, ...server });
  const asking = tls.connect({ socket: clientEnd, rejectUnauthorized: false, ...versions, ...client });
  let keyLog = '';
  asking.on('keylog', (line: Buffer) => (keyLog += line.toString()));
  const ended = Promise.all([asking, accepted].map((socket) => once(socket, 'close').catch(() => undefined)));
  for (const [socket, other] of [
    [asking, accepted],
    [accepted, asking],
  ] as const) {
    socket.on('error', () => socket.destroy());
    // What it said last is on its way.
    socket.on('close', () => setTimeout(() => other.destroy(), 20));
  }
  accepted.on('data', (chunk: Buffer) => accepted.end(chunk));
  asking.on('data', () => undefined);
  asking.on('end', () => asking.end());
  asking.once('secureConnect', () => {
    if (renegotiates !== true) asking.write(data);
    else asking.renegotiate({ rejectUnauthorized: false }, () => asking.write(data));
  });
  await ended;
  talk.fin('client');
  talk.fin('server');
  return { talk, keyLog };
}

export const captureOf = ({ segments }: Pick<Conversation, 'segments'>): Uint8Array =>
  pcapFile(
    segments.map((segment) => ({
      data: frameBytes(segment),
      seconds: Math.floor(segment.time),
      fraction: Math.round((segment.time % 1) * 1e6),
    })),
  );
