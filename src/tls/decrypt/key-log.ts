/**
 * Key logs (RFC 9850, "SSLKEYLOGFILE"), also in their older forms: lines of a label, a ClientHello.random and a secret,
 * in hexadecimal. No message made here quotes a secret, or anything else from the file.
 */
import { decodeFault } from '../../decode-faults.js';
import type { DecodeFault } from '../../message.js';
import { BOUNDS } from '../../bounds.js';
import { hex, latin1, u8 } from '../../bytes.js';
import { MASTER_SECRET_LENGTH } from './key-schedule.js';
import type { SecretLabel, Secrets } from './secrets.js';
import { ENCRYPTED_PREMASTER_START, MAX_PREMASTER_LENGTH } from './secrets.js';

/** A line that cannot be read, counted from 1, and what is wrong with it. */
export interface KeyLogFault {
  readonly line: number;
  readonly id: KeyLogFaultId;
  readonly what: DecodeFault;
}

/** Kinds of faults; stable ids, whatever the texts are. */
export type KeyLogFaultId =
  | 'no-label'
  | 'no-secret'
  | 'no-master-key'
  | 'name-invalid'
  | 'text-behind'
  | 'length-invalid'
  | 'not-hexadecimal'
  | 'line-too-long';

/** What a key log held. */
export interface KeyLogSummary {
  /**
   * Lines with a secret that can be used, and lines with another one: for another purpose, or with an unknown label.
   */
  readonly secrets: number;
  readonly otherSecrets: number;
  /** Lines that cannot be read: how many, and the first ones. */
  readonly faultyLines: number;
  readonly faults: readonly KeyLogFault[];
}

/** Reads a key log in pieces, wherever they are cut. */
export interface KeyLogReader {
  read(bytes: Uint8Array): void;
  /** Reads the last line, if no line break ends it. */
  end(): KeyLogSummary;
}

/** The longest line that is read, in bytes. */
const MAX_LINE = BOUNDS.keyLogLine.value;
const MAX_FAULTS = BOUNDS.keyLogFaults.value;
const RANDOM_DIGITS = 64;
const ENCRYPTED_DIGITS = 2 * ENCRYPTED_PREMASTER_START;
/** The prefixes of the two values in lines `RSA Session-ID:… Master-Key:…`, as OpenSSL printed them. */
const SESSION_ID = 'Session-ID:';
const MASTER_KEY = 'Master-Key:';
const MAX_SESSION_DIGITS = 64;

/** The fault of a line whose lookup key does not have the digits that its label needs. */
function nameFault(label: SecretLabel): DecodeFault {
  if (label === 'RSA') return decodeFault('encryptedPremasterInvalid', { label, digits: ENCRYPTED_DIGITS });
  if (label === 'RSA Session-ID') return decodeFault('sessionIdInvalid', { label, digits: MAX_SESSION_DIGITS });
  return decodeFault('clientRandomInvalid', { label, digits: RANDOM_DIGITS });
}

/** Secrets of TLS 1.3 are as long as the hash of the cipher suite: SHA-256 or SHA-384. */
const TRAFFIC_SECRET_LENGTHS = [32, 48] as const;

/**
 * The labels whose secrets open records: today's, those of QUIC drafts, and one that some tools write without its
 * number.
 */
const LABELS: ReadonlyMap<string, SecretLabel> = new Map([
  ['CLIENT_RANDOM', 'CLIENT_RANDOM'],
  ['PMS_CLIENT_RANDOM', 'PMS_CLIENT_RANDOM'],
  ['RSA', 'RSA'],
  ['CLIENT_EARLY_TRAFFIC_SECRET', 'CLIENT_EARLY_TRAFFIC_SECRET'],
  ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'],
  ['SERVER_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_HANDSHAKE_TRAFFIC_SECRET'],
  ['CLIENT_TRAFFIC_SECRET_0', 'CLIENT_TRAFFIC_SECRET_0'],
  ['SERVER_TRAFFIC_SECRET_0', 'SERVER_TRAFFIC_SECRET_0'],
  ['CLIENT_TRAFFIC_SECRET', 'CLIENT_TRAFFIC_SECRET_0'],
  ['SERVER_TRAFFIC_SECRET', 'SERVER_TRAFFIC_SECRET_0'],
  ['QUIC_CLIENT_EARLY_TRAFFIC_SECRET', 'CLIENT_EARLY_TRAFFIC_SECRET'],
  ['QUIC_CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'],
  ['QUIC_SERVER_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_HANDSHAKE_TRAFFIC_SECRET'],
  ['QUIC_CLIENT_TRAFFIC_SECRET_0', 'CLIENT_TRAFFIC_SECRET_0'],
  ['QUIC_SERVER_TRAFFIC_SECRET_0', 'SERVER_TRAFFIC_SECRET_0'],
]);

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const NUMBER_SIGN = 0x23;

/** The longest label that is looked up. */
const MAX_LABEL = 48;
const isLabel = (text: string): boolean => /^[A-Za-z][A-Za-z0-9_]*$/.test(text);

/** Adds the secrets of a key log to `secrets`. Never throws; a line that cannot be read is skipped and reported. */
export function createKeyLogReader(secrets: Pick<Secrets, 'add'>): KeyLogReader {
  const secret = new Uint8Array(MAX_PREMASTER_LENGTH);
  const held = new Uint8Array(MAX_LINE);
  let heldLength = 0;
  /** The current line is longer than any that is read: its rest is skipped. */
  let isTooLong = false;
  let line = 0;
  let kept = 0;
  let others = 0;
  let faultyLines = 0;
  const faults: KeyLogFault[] = [];
  /** The client random of the last line, as written and in lower case: most lines repeat the one before. */
  const lastDigits = new Uint8Array(RANDOM_DIGITS);
  let lastRandom = '';

  /** A client random, in lower case; null if it is not one. */
  const randomAt = (bytes: Uint8Array, start: number, end: number): string | null => {
    if (end - start !== RANDOM_DIGITS) return null;
    let same = 0;
    while (same < RANDOM_DIGITS && bytes[start + same] === lastDigits[same]) same++;
    if (same === RANDOM_DIGITS) return lastRandom;
    if (!isHex(bytes, start, end)) return null;
    lastDigits.set(bytes.subarray(start, end));
    return (lastRandom = latin1(bytes, start, end).toLowerCase());
  };

  /** The lookup key of a secret, in lower case; null if it does not have the digits that its label needs. */
  const nameAt = (label: SecretLabel, bytes: Uint8Array, start: number, end: number): string | null => {
    if (label === 'RSA') return digitsAt(bytes, start, end, ENCRYPTED_DIGITS);
    if (label !== 'RSA Session-ID') return randomAt(bytes, start, end);
    const from = start + SESSION_ID.length;
    return end - from <= MAX_SESSION_DIGITS && (end - from) % 2 === 0 ? digitsAt(bytes, from, end, end - from) : null;
  };

  const fault = (id: KeyLogFaultId, what: DecodeFault): void => {
    faultyLines++;
    if (faults.length < MAX_FAULTS) faults.push({ line, id, what });
  };

  const readLine = (bytes: Uint8Array, from: number, to: number): void => {
    line++;
    let start = from;
    let end = to;
    if (line === 1 && end - start >= 3 && hex(bytes, start, start + 3) === 'efbbbf') start += 3;
    while (end > start && isBlank(u8(bytes, end - 1))) end--;
    while (start < end && isBlank(u8(bytes, start))) start++;
    if (start === end || u8(bytes, start) === NUMBER_SIGN) return;
    const labelEnd = wordEnd(bytes, start, end);
    const label = labelEnd - start > MAX_LABEL ? '' : latin1(bytes, start, labelEnd);
    if (!isLabel(label)) {
      fault('no-label', decodeFault('noLabel'));
      return;
    }
    const random = wordStart(bytes, labelEnd, end);
    const randomEnd = wordEnd(bytes, random, end);
    const wordAfter = wordStart(bytes, randomEnd, end);
    const valueEnd = wordEnd(bytes, wordAfter, end);
    if (wordAfter === end) {
      fault('no-secret', decodeFault('noSecret'));
      return;
    }
    const isOfSession = label === 'RSA' && begins(bytes, random, randomEnd, SESSION_ID);
    const known = isOfSession ? 'RSA Session-ID' : LABELS.get(label);
    // A session that cannot be resumed has no ID.
    if (known === undefined || (isOfSession && randomEnd === random + SESSION_ID.length)) {
      others++;
      return;
    }
    if (isOfSession && !begins(bytes, wordAfter, valueEnd, MASTER_KEY)) {
      fault('no-master-key', decodeFault('noMasterKey', { label: known }));
      return;
    }
    const value = isOfSession ? wordAfter + MASTER_KEY.length : wordAfter;
    const name = nameAt(known, bytes, random, randomEnd);
    if (name === null) {
      fault('name-invalid', nameFault(known));
    } else if (valueEnd !== end) {
      fault('text-behind', decodeFault('textBehindSecret', { label: known }));
    } else if (!isSecretLength(known, (valueEnd - value) / 2)) {
      fault('length-invalid', lengthFault(known, valueEnd - value));
    } else if (!isHex(bytes, value, valueEnd)) {
      fault('not-hexadecimal', decodeFault('secretNotHexadecimal', { label: known }));
    } else {
      const length = (valueEnd - value) / 2;
      for (let at = 0; at < length; at++) {
        secret[at] = (digitOf(u8(bytes, value + 2 * at)) << 4) | digitOf(u8(bytes, value + 2 * at + 1));
      }
      kept++;
      secrets.add(name, known, secret.subarray(0, length));
    }
  };

  const endLine = (): void => {
    if (isTooLong) {
      line++;
      fault('line-too-long', decodeFault('lineTooLong', { limit: MAX_LINE }));
    } else {
      readLine(held, 0, heldLength);
    }
    heldLength = 0;
    isTooLong = false;
  };

  return {
    read(bytes) {
      let at = 0;
      while (at < bytes.length) {
        const feed = bytes.indexOf(LINE_FEED, at);
        const end = feed < 0 ? bytes.length : feed;
        if (feed >= 0 && heldLength === 0 && !isTooLong && end - at <= MAX_LINE) {
          readLine(bytes, at, end);
        } else {
          if (heldLength + end - at > MAX_LINE) isTooLong = true;
          else held.set(bytes.subarray(at, end), heldLength);
          heldLength += isTooLong ? 0 : end - at;
          if (feed >= 0) endLine();
        }
        at = end + 1;
      }
    },
    end() {
      if (heldLength > 0 || isTooLong) endLine();
      secret.fill(0);
      held.fill(0);
      return { secrets: kept, otherSecrets: others, faultyLines, faults };
    },
  };
}

const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN;

function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && !isBlank(u8(bytes, at))) at++;
  return at;
}

function wordStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(u8(bytes, at))) at++;
  return at;
}

/** So many hexadecimal digits, in lower case; null if they are something else. */
function digitsAt(bytes: Uint8Array, start: number, end: number, digits: number): string | null {
  const isRight = end - start === digits && isHex(bytes, start, end);
  return isRight ? latin1(bytes, start, end).toLowerCase() : null;
}

function begins(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  return end - start >= text.length && latin1(bytes, start, start + text.length) === text;
}

/** Whether secrets of a label are master secrets of TLS up to 1.2. */
const isMasterSecret = (label: SecretLabel): boolean =>
  label === 'CLIENT_RANDOM' || label === 'RSA' || label === 'RSA Session-ID';

/** The fault of a secret with the wrong number of digits. */
function lengthFault(label: SecretLabel, digits: number): DecodeFault {
  if (label === 'PMS_CLIENT_RANDOM') {
    return decodeFault('secretLengthUpTo', { label, digits, limit: 2 * MAX_PREMASTER_LENGTH });
  }
  if (isMasterSecret(label)) return decodeFault('secretLength', { label, digits, wanted: 2 * MASTER_SECRET_LENGTH });
  const [wanted, other] = TRAFFIC_SECRET_LENGTHS;
  return decodeFault('secretLengthEither', { label, digits, wanted: 2 * wanted, other: 2 * other });
}

function isSecretLength(label: SecretLabel, length: number): boolean {
  if (label === 'PMS_CLIENT_RANDOM') return Number.isInteger(length) && length <= MAX_PREMASTER_LENGTH;
  return isMasterSecret(label)
    ? length === MASTER_SECRET_LENGTH
    : TRAFFIC_SECRET_LENGTHS.some((known) => known === length);
}

function isHex(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (digitOf(u8(bytes, at)) < 0) return false;
  return true;
}

/** The value of a hexadecimal digit; -1 for any other character. */
function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
