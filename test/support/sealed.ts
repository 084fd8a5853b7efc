/** Handshakes of TLS 1.3 over TCP made by hand, sealed with secrets that are known: what no stack at hand sends. */
import { createCipheriv } from 'node:crypto';
import { aeadKeys } from '../../src/tls/decrypt/protection.js';
import { AES_128_GCM } from '../../src/tls/decrypt/suites.js';
import type { Side } from '../../src/connection/connection.js';
import { be16, concat } from './captures.js';
import {
  clientHello,
  extension,
  handshake,
  RANDOM,
  record,
  serverHello13,
  tls13Extensions,
  TYPE,
  type Bytes,
} from './tls.js';
import { conversation, type Conversation } from './conversation.js';

const LABELS = {
  early: { client: 'CLIENT_EARLY_TRAFFIC_SECRET', server: null },
  handshake: { client: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', server: 'SERVER_HANDSHAKE_TRAFFIC_SECRET' },
  application: { client: 'CLIENT_TRAFFIC_SECRET_0', server: 'SERVER_TRAFFIC_SECRET_0' },
} as const;
type Epoch = keyof typeof LABELS;

const secretOf = (epoch: Epoch, side: Side): Uint8Array =>
  new Uint8Array(32).fill(16 * Object.keys(LABELS).indexOf(epoch) + (side === 'client' ? 1 : 2));

/** The log with the secrets of some epochs. */
export const keyLogOf = (...epochs: readonly Epoch[]): string =>
  epochs
    .flatMap((epoch) =>
      (['client', 'server'] as const).map((side) => {
        const label = LABELS[epoch][side];
        const [random, secret] = [RANDOM, secretOf(epoch, side)].map((bytes) => Buffer.from(bytes).toString('hex'));
        return label === null ? '' : `${label} ${random ?? ''} ${secret ?? ''}\n`;
      }),
    )
    .join('');

/** Record `number` of `side` in `epoch`: `content`, of ContentType `type`. */
export function sealed(
  epoch: Epoch,
  side: Side,
  number: number,
  type: number,
  content: Bytes,
  padding = 0,
): Uint8Array {
  const { key, iv } = aeadKeys(AES_128_GCM, secretOf(epoch, side));
  const nonce = Buffer.from(iv);
  nonce[11] = (nonce[11] ?? 0) ^ number;
  const header = concat([TYPE.applicationData], be16(0x0303), be16(content.length + padding + 17));
  const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(header);
  const body = Buffer.concat([
    cipher.update(concat(content, [type], new Uint8Array(padding))),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return record(TYPE.applicationData, body);
}

/** A conversation up to the ServerHello; with what the client says early, if it does. */
export function begun(...early: readonly Uint8Array[]): Conversation {
  const talk = conversation();
  talk.open();
  const offer = [...tls13Extensions.slice(1), ...(early.length > 0 ? [extension(42)] : [])];
  talk.say('client', concat(handshake(clientHello({ suites: [0x1301], extensions: offer })), ...early));
  talk.say('server', handshake(serverHello13));
  return talk;
}
