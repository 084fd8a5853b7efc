import { BOUNDS } from '../../bounds.js';
import { APPLICATION_DATA, type DirectionDecryption, MAX_FAILURES, MAX_LOST, type SharedState } from './direction.js';
import {
  innerPlaintext,
  nextTrafficKeys,
  openAead13,
  type TrafficKeys,
  trafficKeys,
  wipeTrafficKeys,
} from './protection.js';
import type { SecretLabel } from './secrets.js';
import type { AeadCipher } from './suites.js';

const END_OF_EARLY_DATA = 5;
const FINISHED = 20;
const KEY_UPDATE = 24;

/** Records of a side after its Finished that are opened whatever their size, until it sends data: mostly tickets. */
const MAX_LATE = BOUNDS.lateRecords.value;
/** Of later records, only those up to so many bytes can be an alert or a KeyUpdate, padded or not. */
const MAX_SMALL_LENGTH = 48;
const MAX_SMALL_RECORDS = BOUNDS.lateSmallRecords.value;
/** Keys tried with records, over a whole direction. */
const MAX_ATTEMPTS = BOUNDS.keyAttempts.value;

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

/** The additional data of the current record (RFC 8446 §5.2); written before each use, and public. */
const header = Buffer.alloc(5);

/** One direction of TLS 1.3. `isEarly`: the client offered early data. */
export function createDirection13(
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
