import { opposite, type Direction } from '../../transport/flow.js';
import type { KeyUse } from '../handshake/session.js';
import type { ServerHelloMessage } from '../wire/messages/server-hello.js';
import { cipherSuiteName, isTls13 } from '../wire/registry/names.js';
import {
  ALERT,
  APPLICATION_DATA,
  createNullDirection,
  type DirectionDecryption,
  type OpenRecord,
  type ProtectedRecord,
  type SharedState,
} from './direction.js';
import { type Candidate, createDirection12 } from './direction-12.js';
import { createDirection13 } from './direction-13.js';
import { protections12 } from './protection.js';
import type { Secrets } from './secrets.js';
import { type RecordCipher, recordCipher } from './suites.js';

/** What a ServerHello says about the protection of records. */
type Chosen = Pick<ServerHelloMessage, 'isHelloRetryRequest' | 'version' | 'cipherSuite' | 'random' | 'extensions'>;

/**
 * Opens the protected records of a TLS session over a stream, if there are secrets. The key and number of a record
 * follow from the records before it (RFC 8446 §5.3, RFC 5246 §6.1), so every record has to be passed in.
 */
export interface StreamDecryption {
  /** The cipher suite does not encrypt: opened records were plaintext on the wire. */
  readonly isNull: boolean;
  /** A ClientHello within the session, of a renegotiation. */
  clientHello(random: string): void;
  serverHello(hello: Chosen): void;
  /** Whether client records before the ServerHello, which says how to open them, are early data. */
  readonly isWaiting: boolean;
  /** Up to TLS 1.2: new keys are used from here on. */
  changeCipherSpec(direction: Direction): void;
  /** A handshake message was opened: in TLS 1.3, some change the keys. */
  message(direction: Direction, type: number): void;
  /** Bytes of the stream are missing. */
  gap(direction: Direction): void;
  /** Overwrites the keys: nothing more will be opened. */
  wipe(): void;
  /** Whether the body of a record is to be opened; if not, its sequence number has been counted. */
  wants(record: ProtectedRecord): boolean;
  open: OpenRecord;
}

const CHANGE_CIPHER_SPEC = 20;
/** AlertDescription. */
const CLOSE_NOTIFY = 0;
const CERTIFICATE_REQUEST = 13;
const ENCRYPT_THEN_MAC = 22;

/**
 * @param client the direction of the ClientHello
 * @param use counts what is opened
 */
export function createStreamDecryption(
  secrets: Secrets,
  client: Direction,
  hello: { readonly random: string; readonly offersEarlyData: boolean },
  use: KeyUse,
): StreamDecryption {
  let { random } = hello;
  let isWaiting = hello.offersEarlyData;
  let isNull = false;
  let cipher: RecordCipher | null = null;
  let version = 0;
  let serverRandom = '';
  let encryptThenMac = false;
  /** Of the current handshake; made at its first ChangeCipherSpec. */
  let candidates: readonly Candidate[] | null = null;
  const directions: [DirectionDecryption | null, DirectionDecryption | null] = [null, null];
  let lastUsed = '';
  const session: SharedState = {
    secrets,
    use,
    random: () => random,
    opened() {
      use.opened++;
      if (lastUsed !== random) secrets.used(random);
      lastUsed = random;
    },
  };
  const sideOf = (direction: Direction): 'client' | 'server' => (direction === client ? 'client' : 'server');

  const candidatesOf = (of: RecordCipher): readonly Candidate[] =>
    secrets.of(random, 'CLIENT_RANDOM').map((master) => ({
      protections: protections12({
        cipher: of,
        version,
        master,
        clientRandom: Buffer.from(random, 'hex'),
        serverRandom: Buffer.from(serverRandom, 'hex'),
        encryptThenMac,
      }),
      isProven: false,
    }));

  return {
    get isNull() {
      return isNull;
    },
    get isWaiting() {
      return isWaiting;
    },
    clientHello(next) {
      random = next;
    },
    serverHello(answer) {
      if (answer.isHelloRetryRequest) return;
      isWaiting = false;
      ({ version } = answer);
      serverRandom = answer.random;
      candidates = null;
      encryptThenMac = answer.extensions.some(({ type }) => type === ENCRYPT_THEN_MAC);
      cipher = recordCipher(answer.cipherSuite);
      isNull = cipher?.kind === 'null';
      if (cipher === null) {
        use.unreadable = cipherSuiteName(answer.cipherSuite);
        directions[0] = directions[1] = null;
      } else if (isTls13(version)) {
        for (const direction of [client, opposite(client)]) {
          const isEarly = direction === client && hello.offersEarlyData;
          if (cipher.kind === 'null') directions[direction] = createNullDirection(cipher, true);
          else if (cipher.kind === 'aead') {
            directions[direction] = createDirection13(session, sideOf(direction), cipher, isEarly);
          }
        }
      }
    },
    changeCipherSpec(direction) {
      if (cipher === null || isTls13(version)) return;
      if (cipher.kind === 'null') {
        directions[direction] = createNullDirection(cipher, false);
        return;
      }
      candidates ??= candidatesOf(cipher);
      directions[direction] =
        candidates.length === 0 ? null : createDirection12(session, sideOf(direction), candidates);
    },
    message(direction, type) {
      directions[direction]?.message(type);
      if (type === CERTIFICATE_REQUEST) directions[opposite(direction)]?.certificateRequested?.();
    },
    gap(direction) {
      directions[direction]?.gap();
    },
    wants(record) {
      if (isWaiting) return record.direction === client && record.type === APPLICATION_DATA && record.length > 0;
      return record.type !== CHANGE_CIPHER_SPEC && directions[record.direction]?.wants(record) === true;
    },
    open(record, body) {
      const { direction } = record;
      const opened = directions[direction]?.open(record, body) ?? 'closed';
      // A side sends nothing after its close_notify (RFC 8446 §6.1).
      if (typeof opened !== 'string' && opened.type === ALERT && opened.content[1] === CLOSE_NOTIFY) {
        directions[direction]?.wipe();
        directions[direction] = null;
      }
      return opened;
    },
    wipe() {
      for (const direction of [0, 1] as const) {
        directions[direction]?.wipe();
        directions[direction] = null;
      }
    },
  };
}
