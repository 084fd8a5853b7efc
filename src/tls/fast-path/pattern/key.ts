import { createBoundedMap } from '../../../bounded-map.js';
import { copyBytes, i32, u8 } from '../../../bytes.js';
import {
  canBeAlert,
  canBeEmptyCertificateBehind,
  canBeFinished,
  canBeginWithEmptyCertificate,
  canBePaddedAlert,
  canBeUsualCertificateVerify,
} from '../../record/sizes.js';
import { cipherSuiteName, versionName } from '../../wire/registry/names.js';

/** The key of a handshake pattern (reader.ts): numbers, bytes, and runs of equal encrypted records, in order. */
export interface PatternKey {
  /** The key is their first `length` bytes; reused by the next one. */
  readonly bytes: Buffer;
  readonly length: () => number;
  /** The same for the same key, and nearly always different for different ones. */
  readonly hash: () => number;
  /** Whether all that was put fits. */
  readonly isWhole: () => boolean;
  /** Begins a new key, in place of the one before. */
  begin(): void;
  /** Adds a number of 32 bits. */
  readonly put: (number: number) => void;
  /** Adds the bytes from `start` to `end`, and how many they are. */
  readonly putBytes: (bytes: Uint8Array, start: number, end: number) => void;
  /** Adds an encrypted record: what it is, in 24 bits. Of equal ones in a row only the number is put. */
  readonly putRecord: (what: number) => void;
  /** Whatever follows is not part of the run of records before it. */
  readonly endRun: () => void;
}

const ROOM = 16_384;
/**
 * Runs of equal encrypted records up to this length are told apart by their number: more than are kept of a direction.
 */
const MAX_COUNTED_RUN = 20;
/**
 * Of a longer content, only so many bytes are hashed at its beginning, and at its end: of a list of certificates, the
 * server's serial number and the last signature.
 */
const HASHED = 512;
/** Tag of a run among the numbers. */
const RUN = 5;

/** A key that has not begun; it takes `ROOM` bytes, for as long as it lives. */
export function createPatternKey(): PatternKey {
  const key = Buffer.alloc(ROOM);
  let length = 0;
  let hash = 0;
  /** Equal encrypted records in a row, and what they are. */
  let repeats = 0;
  let repeated = 0;

  const mix = (number: number): void => {
    hash = Math.imul(hash ^ number, 0x9e3779b1);
    hash ^= hash >>> 15;
  };

  /** Hashes what is in the key between two places: words of 32 bits, and single bytes behind them. */
  const mixBytes = (start: number, end: number): void => {
    let at = start;
    for (; at + 4 <= end; at += 4) mix(i32(key, at));
    for (; at < end; at++) mix(u8(key, at));
  };

  const put = (number: number): void => {
    if (length + 4 > ROOM) length = ROOM + 1;
    if (length > ROOM) return;
    key[length] = number >>> 24;
    key[length + 1] = number >>> 16;
    key[length + 2] = number >>> 8;
    key[length + 3] = number;
    length += 4;
    mix(number);
  };

  const endRun = (): void => {
    if (repeats === 0) return;
    put((RUN << 24) | repeated);
    put(Math.min(repeats, MAX_COUNTED_RUN));
    repeats = 0;
  };

  return {
    bytes: key,
    length: () => length,
    hash: () => hash,
    isWhole: () => length <= ROOM,
    begin() {
      length = hash = repeats = repeated = 0;
    },
    put,
    putBytes(bytes, start, end) {
      put(end - start);
      if (length + end - start > ROOM) length = ROOM + 1;
      if (length > ROOM) return;
      const begin = length;
      copyBytes(bytes, start, end, key, begin);
      length += end - start;
      mixBytes(begin, Math.min(length, begin + HASHED));
      mixBytes(Math.max(begin + HASHED, length - HASHED), length);
    },
    putRecord(what) {
      if (what !== repeated) endRun();
      repeated = what;
      repeats++;
    },
    endRun,
  };
}

const MOST_MEANINGS = 4096;

/**
 * What a record can hold by its length, as far as it matters for connections that worked; version and cipher suite are
 * codes. Answers are kept, as lengths repeat.
 */
export function createRecordMeanings(): (version: number, suite: number, length: number) => number {
  const meanings = createBoundedMap<number, number>({ size: MOST_MEANINGS, whenFull: 'forget oldest' });
  return (version, suite, length) => {
    const about = (version * 0x10000 + suite) * 0x10000 + length;
    const known = meanings.get(about);
    if (known !== undefined) return known;
    const protection = { version: versionName(version), cipherSuite: cipherSuiteName(suite) };
    const meaning =
      Number(canBeAlert(protection, length)) |
      (Number(canBePaddedAlert(protection, length)) << 1) |
      (Number(canBeFinished(protection, length)) << 2) |
      (Number(canBeginWithEmptyCertificate(protection, length)) << 3) |
      (Number(canBeEmptyCertificateBehind(protection, length)) << 4) |
      (Number(canBeUsualCertificateVerify(protection, length)) << 5);
    meanings.set(about, meaning);
    return meaning;
  };
}
