import { BOUNDS } from '../../bounds.js';
import { opposite, type Direction } from '../../transport/flow.js';
import type { KeyUse } from '../handshake/session.js';
import type { ServerHelloMessage } from '../wire/messages/server-hello.js';
import { cipherSuiteName, isTls13 } from '../wire/registry/names.js';
import type { Protection12, TrafficKeys } from './protection.js';
import {
  additionalData12,
  contentOfNull,
  innerPlaintext,
  nextTrafficKeys,
  open12,
  openAead13,
  updateChainedIv,
  protections12,
  trafficKeys,
  wipeProtection12,
  wipeTrafficKeys,
} from './protection.js';
import type { SecretLabel, Secrets } from './secrets.js';
import type { AeadCipher, NullCipher, RecordCipher } from './suites.js';
import { recordCipher } from './suites.js';

/** A protected record, as its header describes it. */
export interface ProtectedRecord {
  readonly direction: Direction;
  readonly type: number;
  readonly version: number;
  /** Bytes of its body. */
  readonly length: number;
}

/** The content of a record, and its ContentType, the inner one in TLS 1.3. */
export interface OpenedRecord {
  readonly type: number;
  readonly content: Uint8Array;
}

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

/**
 * Opens a record that was wanted. `closed`: no key opens it; `altered`: a key that opened other records of the session
 * does not open it, although its sequence number is known, so it was altered on the way.
 */
type OpenRecord = (record: ProtectedRecord, body: Uint8Array) => OpenedRecord | 'altered' | 'closed';

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

/** AlertDescription. */
const CLOSE_NOTIFY = 0;

const END_OF_EARLY_DATA = 5;
const CERTIFICATE_REQUEST = 13;
const FINISHED = 20;
const KEY_UPDATE = 24;
const ENCRYPT_THEN_MAC = 22;
const TLS_1_0 = 0x0301;

/** Records of a side after its Finished that are opened whatever their size, until it sends data: mostly tickets. */
const MAX_LATE = BOUNDS.lateRecords.value;
/** Of later records, only those up to so many bytes can be an alert or a KeyUpdate, padded or not. */
const MAX_SMALL_LENGTH = 48;
const MAX_SMALL_RECORDS = BOUNDS.lateSmallRecords.value;
/** Records of application data that are skipped although later ones are chained to them. */
const MAX_CHAINED = BOUNDS.chainedRecords.value;
/** The most records that a gap is assumed to have swallowed. */
const MAX_LOST = BOUNDS.lostRecords.value;
/** After so many records in a row that no key opens, reading stops. */
const MAX_FAILURES = BOUNDS.unopenedRecords.value;
const MAX_ATTEMPTS = BOUNDS.keyAttempts.value;

/** Opens the records of one direction. */
interface DirectionDecryption {
  wants(record: ProtectedRecord): boolean;
  readonly open: OpenRecord;
  message(type: number): void;
  /**
   * The other side asks for its certificate, so its next record may be a handshake message, even if it sent only data.
   */
  certificateRequested?(): void;
  gap(): void;
  /** Overwrites its keys. */
  wipe(): void;
}

type Epoch = 'early' | 'handshake' | 'application';

const LABELS: Readonly<Record<'client' | 'server', Readonly<Record<Epoch, SecretLabel | null>>>> = {
  client: {
    early: 'CLIENT_EARLY_TRAFFIC_SECRET',
    handshake: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
    application: 'CLIENT_TRAFFIC_SECRET_0',
  },
  server: { early: null, handshake: 'SERVER_HANDSHAKE_TRAFFIC_SECRET', application: 'SERVER_TRAFFIC_SECRET_0' },
};

const NEXT: Readonly<Record<Epoch, Epoch | null>> = { early: 'handshake', handshake: 'application', application: null };

/** What both directions share. */
interface SharedState {
  readonly secrets: Secrets;
  readonly use: KeyUse;
  readonly random: () => string;
  /** Called for each record that was opened. */
  opened(): void;
}

/** The additional data of the current record (RFC 8446 §5.2); written before each use, and public. */
const header = Buffer.alloc(5);

/** One direction of TLS 1.3. `isEarly`: the client offered early data. */
function createDirection13(
  session: SharedState,
  side: 'client' | 'server',
  cipher: AeadCipher,
  isEarly: boolean,
): DirectionDecryption {
  let epoch: Epoch = isEarly ? 'early' : 'handshake';
  const known: Record<Epoch, readonly TrafficKeys[] | null> = { early: null, handshake: null, application: null };
  /** The keys that opened a record of this epoch. */
  let proven: TrafficKeys | null = null;
  let sequence = 0;
  let isSequenceKnown = true;
  let failures = 0;
  let attempts = 0;
  let recordsAfterFinished = 0;
  /** It pads its records, so that sizes say nothing (RFC 8446 §5.4). */
  let isPadded = false;
  /** It sends application data. A client sends no tickets, so all its records except small ones are data. */
  let sendsData = side === 'client';

  const candidates = (of: Epoch): readonly TrafficKeys[] => {
    const before = known[of];
    if (before !== null) return before;
    const label = LABELS[side][of];
    const secrets = label === null ? [] : session.secrets.of(session.random(), label);
    return (known[of] = secrets.map((secret) => trafficKeys(cipher, secret)));
  };

  /** Overwrites the keys of a past epoch. */
  const wipe = (of: Epoch): void => {
    for (const one of known[of] ?? []) wipeTrafficKeys(one);
    known[of] = [];
    if (of === epoch && proven !== null) wipeTrafficKeys(proven);
  };

  const enter = (next: Epoch): void => {
    wipe(epoch);
    epoch = next;
    proven = null;
    sequence = 0;
    isSequenceKnown = true;
  };

  /** Tries the keys of an epoch with the next number, and with later ones if records may be lost. */
  const tryKeys = (of: Epoch, body: Uint8Array): Buffer | null => {
    const from = of === epoch ? sequence : 0;
    const numbers = isSequenceKnown ? 1 : MAX_LOST;
    const tries = of === epoch && proven !== null ? [proven] : candidates(of);
    for (let number = from; number < from + numbers; number++) {
      for (const one of tries) {
        const plaintext = openAead13(one.keys, number, header, body);
        if (plaintext === null) {
          attempts++;
          continue;
        }
        if (of !== epoch) enter(of);
        proven = one;
        sequence = number + 1;
        isSequenceKnown = true;
        return plaintext;
      }
    }
    return null;
  };

  return {
    wants({ type, length }) {
      if (type !== APPLICATION_DATA || length === 0 || failures > MAX_FAILURES || attempts > MAX_ATTEMPTS) return false;
      if (epoch === 'application') {
        recordsAfterFinished++;
        const isSmall = length <= MAX_SMALL_LENGTH || isPadded;
        if ((sendsData || recordsAfterFinished > MAX_LATE) && (!isSmall || recordsAfterFinished > MAX_SMALL_RECORDS)) {
          sequence++;
          return false;
        }
      }
      return true;
    },
    open({ type, version, length }, body) {
      header[0] = type;
      header.writeUInt16BE(version, 1);
      header.writeUInt16BE(length, 3);
      let plaintext: Buffer | null = null;
      for (let of: Epoch | null = epoch; of !== null && plaintext === null; of = NEXT[of]) {
        // The next epoch's keys follow only after a message, unless that message may be lost, or early data were
        // refused, which no message announces.
        if (of === epoch || proven === null || !isSequenceKnown || epoch === 'early') plaintext = tryKeys(of, body);
      }
      const inner = plaintext === null ? null : innerPlaintext(plaintext);
      if (plaintext === null || inner === null) {
        failures++;
        sequence++;
        const isRight = proven !== null || (!isEarly && session.use.opened > 0 && candidates(epoch).length === 1);
        return isRight && isSequenceKnown && recordsAfterFinished <= MAX_LATE ? 'altered' : 'closed';
      }
      failures = 0;
      session.opened();
      isPadded ||= inner.end < plaintext.length - 1;
      if (inner.type === APPLICATION_DATA) sendsData = true;
      return { type: inner.type, content: plaintext.subarray(0, inner.end) };
    },
    certificateRequested() {
      sendsData = false;
    },
    message(type) {
      if (type === END_OF_EARLY_DATA && epoch === 'early') enter('handshake');
      else if (type === FINISHED && epoch !== 'application') enter('application');
      else if (type === KEY_UPDATE && proven !== null) {
        const next = nextTrafficKeys(cipher, proven);
        wipeTrafficKeys(proven);
        proven = next;
        sequence = 0;
      }
    },
    gap() {
      isSequenceKnown = false;
    },
    wipe() {
      for (const of of [epoch, 'handshake', 'application'] as const) wipe(of);
    },
  };
}

/** The keys of one master secret; several may be known, of which at most one fits. */
interface Candidate {
  readonly protections: { readonly client: Protection12; readonly server: Protection12 };
  /** It opened a record, of either direction. */
  isProven: boolean;
}

/** One direction up to TLS 1.2, from its ChangeCipherSpec on. */
function createDirection12(
  session: SharedState,
  side: 'client' | 'server',
  candidates: readonly Candidate[],
): DirectionDecryption {
  let sequence = 0;
  let isSequenceKnown = true;
  let failures = 0;
  let chained = 0;

  /** Where records are chained, each one is needed to open the next (RFC 2246 §6.2.3.2). */
  const isChained = candidates.some(
    ({ protections: { client } }) => client.cipher.kind === 'cbc' && client.version <= TLS_1_0,
  );

  const openRecord: OpenRecord = ({ type, version }, body) => {
    if (type === APPLICATION_DATA) {
      sequence++;
      return 'closed';
    }
    const proven = candidates.filter(({ isProven }) => isProven);
    for (let number = sequence; number < sequence + (isSequenceKnown ? 1 : MAX_LOST); number++) {
      const header = additionalData12(0, number, type, version);
      for (const one of proven.length > 0 ? proven : candidates) {
        const content = open12(one.protections[side], { epoch: 0, sequence: number, header }, body);
        if (content === null) continue;
        one.isProven = true;
        sequence = number + 1;
        isSequenceKnown = true;
        failures = 0;
        session.opened();
        return { type, content };
      }
    }
    failures++;
    sequence++;
    return proven.length > 0 && isSequenceKnown ? 'altered' : 'closed';
  };

  return {
    wants({ type, length }) {
      const isHandshake = type === HANDSHAKE || type === ALERT;
      const isLink = isChained && type === APPLICATION_DATA && ++chained <= MAX_CHAINED;
      const isReadable = !isChained || chained <= MAX_CHAINED;
      if ((isHandshake || isLink) && isReadable && failures <= MAX_FAILURES && length > 0) return true;
      sequence++;
      return false;
    },
    open(record, body) {
      const opened = openRecord(record, body);
      for (const { protections } of candidates) updateChainedIv(protections[side], body);
      return opened;
    },
    message: () => undefined,
    gap() {
      isSequenceKnown = false;
    },
    wipe() {
      for (const { protections } of candidates) wipeProtection12(protections[side]);
    },
  };
}

/**
 * A direction whose cipher suite encrypts nothing, from its ChangeCipherSpec on, or from the ServerHello in TLS 1.3.
 */
function createNullDirection(cipher: NullCipher, is13: boolean): DirectionDecryption {
  return {
    wants: ({ type }) => (is13 ? type === APPLICATION_DATA : type === HANDSHAKE || type === ALERT),
    open({ type }, body) {
      const content = contentOfNull(cipher, body);
      if (content === null) return 'closed';
      if (!is13) return { type, content };
      const inner = innerPlaintext(content);
      return inner === null ? 'closed' : { type: inner.type, content: content.subarray(0, inner.end) };
    },
    message: () => undefined,
    gap: () => undefined,
    wipe: () => undefined,
  };
}

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
