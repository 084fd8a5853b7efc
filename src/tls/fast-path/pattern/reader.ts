import { u16, u8 } from '../../../bytes.js';
import type { Direction, BufferedSegments } from '../../../transport/flow.js';
import { NO_SECRETS, type Secrets } from '../../decrypt/secrets.js';
import type { OpenedRecord } from '../../decrypt/direction.js';
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  MAX_PLAINTEXT_LENGTH,
  MAX_RECORD_LENGTH_13,
} from '../../record/tls.js';
import { isTls13 } from '../../wire/registry/names.js';
import { createPatternKey, createRecordMeanings } from './key.js';
import { addMessages } from './messages.js';
import { beginPattern, newPatternState, noteFinished, type PatternState, type HandshakePlaces } from './state.js';

/**
 * Finds the handshake pattern of a closed connection from its segments. Connections of one pattern have the same
 * messages and records in the same order, and agree in everything that is reported, except for what is new in each
 * connection: randoms, session ids, keys, tickets, signatures, and lengths of encrypted records that say nothing about
 * their content. TLS 1.3 records that keys open count as plaintext.
 */
export interface PatternReader {
  /**
   * Reads the pattern. Returns where the handshake is in the log, which the next `read` overwrites; null if the log has
   * anything unusual, so that the connection has no pattern. `others` are further numbers that belong to the pattern,
   * and come first in its key.
   */
  read(log: BufferedSegments, others: readonly number[]): Readonly<HandshakePlaces> | null;
  /** The key of the pattern that was read last: its first `length` bytes. The next `read` overwrites it. */
  readonly key: Uint8Array;
  readonly length: () => number;
  /** The same for the same pattern, and nearly always different for different ones. */
  readonly hash: () => number;
  /** A hash of the hellos alone, if keys opened the records after them; else null. */
  readonly beginning: () => number | null;
}

const HEADER_LENGTH = 5;
/**
 * If a segment ends within so many bytes after the beginning of a record, the record's content may still be unknown.
 */
const UNDECIDED = 11;

/** Tags of the parts of a key: ChangeCipherSpec, alerts that keys opened, and how many records they opened. */
const CHANGE = 3;
const OPENED_ALERT = 13;
const OPENED = 14;
/** In a run: records that keys opened and that hold application data. */
const OPENED_DATA = 0x8000;

/**
 * @param secrets records of handshakes that these belong to are opened
 * @param mayOpen whether to open the records after hellos with this `beginning`; if not, they have no pattern
 */
export function createPatternReader(
  secrets: Secrets = NO_SECRETS,
  mayOpen: (beginning: number) => boolean = () => true,
): PatternReader {
  const key = createPatternKey();
  const state = newPatternState({ key, secrets, mayOpen, meaningOf: createRecordMeanings() });
  return {
    key: key.bytes,
    length: key.length,
    hash: key.hash,
    beginning: () => state.beginning,
    read(log, others) {
      beginPattern(state, log);
      for (const number of others) key.put(number);
      const isReadable = readSegments(state);
      state.decryption?.wipe();
      state.decryption = null;
      if (!isReadable) return null;
      key.endRun();
      if (state.random !== '') key.put((OPENED << 24) | state.use.opened);
      return state.places.serverHello >= 0 && isWhole(state) && key.isWhole() ? state.places : null;
    },
  };
}

function readSegments(state: PatternState): boolean {
  for (let index = 0; index < state.log.count; index++) if (!readSegment(state, index)) return false;
  return true;
}

/** Whether nothing is left over. The last record of an end may be incomplete. */
function isWhole({ readings: [a, b], log: { filled } }: PatternState): boolean {
  return a.at === filled[0] && b.at === filled[1] && a.rest.length + b.rest.length === 0;
}

/** What became of a record; `incomplete`: its end is in a later segment. */
type Progress = 'read' | 'incomplete' | 'unusual';

/** Reads the records that a segment completes, and their headers; false if one of them is unusual. */
function readSegment(state: PatternState, index: number): boolean {
  const { log, message } = state;
  const { bytes } = log;
  message.index = index;
  message.direction = log.directionOf(index);
  const reading = state.readings[message.direction];
  const end = log.endOf(index);
  while (reading.at < end) {
    const { at } = reading;
    const there = end - at;
    if (there < UNDECIDED && (there < HEADER_LENGTH || there < HEADER_LENGTH + u16(bytes, at + 3))) return false;
    if (u8(bytes, at + 1) !== 3 || u8(bytes, at + 2) > 4) return false;
    const isProtected = u8(bytes, at) === APPLICATION_DATA || reading.isEncrypted;
    const progress = isProtected ? readProtected(state, index) : readPlaintext(state, index);
    if (progress !== 'read') return progress === 'incomplete';
  }
  return true;
}

/** Reads the next record of a segment's direction, which is not protected. */
function readPlaintext(state: PatternState, index: number): Progress {
  const { log, key } = state;
  const { bytes } = log;
  const direction = log.directionOf(index);
  const reading = state.readings[direction];
  const type = u8(bytes, reading.at);
  const size = u16(bytes, reading.at + 3);
  if (size === 0 || size > MAX_PLAINTEXT_LENGTH) return 'unusual';
  const body = reading.at + HEADER_LENGTH;
  const next = body + size;
  if (next > log.endOf(index)) return 'incomplete';
  reading.at = next;
  if (type === HANDSHAKE) return addMessages(state, bytes, body, next) ? 'read' : 'unusual';
  if (type !== CHANGE_CIPHER_SPEC || size !== 1 || u8(bytes, body) !== 1) return 'unusual';
  if (state.places.serverHello < 0 || reading.rest.length > 0) return 'unusual';
  key.endRun();
  key.put((CHANGE << 24) | Number(direction === log.client));
  if (!isTls13(state.version)) reading.isEncrypted = true;
  return 'read';
}

/** Reads the next record of a segment's direction, which is protected; its body only where keys open it. */
function readProtected(state: PatternState, index: number): Progress {
  const { log, decryption, meaningOf } = state;
  const direction = log.directionOf(index);
  const reading = state.readings[direction];
  const { at } = reading;
  const type = u8(log.bytes, at);
  const length = u16(log.bytes, at + 3);
  if (state.places.serverHello < 0 || !canBeEncrypted(state, direction, type, length)) return 'unusual';
  const next = at + HEADER_LENGTH + length;
  if (decryption !== null) {
    const record = { direction, type, version: u16(log.bytes, at + 1), length };
    reading.isWanted ||= decryption.wants(record);
    if (reading.isWanted) {
      if (next > log.endOf(index)) return 'incomplete';
      reading.isWanted = false;
      reading.at = next;
      const opened = decryption.open(record, log.bytes.subarray(at + HEADER_LENGTH, next));
      return typeof opened !== 'string' && addOpened(state, opened) ? 'read' : 'unusual';
    }
  }
  // Its frame is that of its header.
  const isClient = direction === log.client;
  state.key.putRecord((type << 8) | (meaningOf(state.version, state.suite, length) << 1) | Number(isClient));
  // The client's first encrypted record in TLS 1.3 ends with its Finished; before TLS 1.3, each side's first message is
  // one.
  const isFinished = isTls13(state.version) ? isClient && decryption === null : type === HANDSHAKE;
  if (isFinished) noteFinished(state, direction, index);
  reading.at = next;
  return 'read';
}

function canBeEncrypted(
  { version, readings }: PatternState,
  direction: Direction,
  type: number,
  length: number,
): boolean {
  // In TLS 1.3, everything after the hellos is application_data; before TLS 1.3, encrypted records follow
  // ChangeCipherSpec.
  if (isTls13(version) ? type !== APPLICATION_DATA : !readings[direction].isEncrypted) return false;
  return length > 0 && length <= MAX_RECORD_LENGTH_13 && type >= ALERT && type <= APPLICATION_DATA;
}

/** Adds the content of a record that keys opened; of application data, only that there is some. */
function addOpened(state: PatternState, { type, content }: OpenedRecord): boolean {
  const { key, log, message } = state;
  if (type === HANDSHAKE) return addMessages(state, content, 0, content.length);
  const isClient = Number(message.direction === log.client);
  if (type === APPLICATION_DATA) {
    key.putRecord(OPENED_DATA | isClient);
    return true;
  }
  if (type !== ALERT || content.length < 2) return false;
  key.endRun();
  key.put((OPENED_ALERT << 24) | (isClient << 16) | u16(content, 0));
  return true;
}
