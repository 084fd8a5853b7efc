import { u16, u24, u8 } from '../bytes.js';
import type { ByteSink, Direction } from '../transport/flow.js';
import type { FrameStamp } from '../capture/frame.js';
import type { Timestamp } from '../capture/timestamp.js';
import { timestampOf } from '../capture/timestamp.js';
import type { HandshakeContent } from './wire/messages/handshake.js';
import { decodeHandshake } from './wire/messages/handshake.js';
import { DecodeError } from './wire/cursor.js';
import type { ClientHelloMessage } from './wire/messages/client-hello.js';
import { decodeClientHelloStart, decodeV2ClientHello, v2ClientHelloLength } from './wire/messages/client-hello.js';
import { findHello, heldHello } from './record/detection.js';
import type { Framing } from './record/framings/framing.js';
import { framingOf } from './record/framings/index.js';
import { isHandshakeType, isTls13 } from './wire/registry/names.js';

/** Something seen, with its place kept. */
export interface Seen {
  readonly direction: Direction;
  readonly frame: number;
  readonly at: Timestamp;
}

export interface SeenMessage extends Seen {
  /** HandshakeType code; null for a record whose content is encrypted. */
  readonly type: number | null;
  /** Length of the body in bytes; of the record for an encrypted one. */
  readonly length: number;
  readonly content: HandshakeContent;
  /** Version field of the record it began in; 0x0002 for the SSLv2 format. */
  readonly recordVersion: number;
  /** Bytes before it are not in the capture: that it begins where it does follows from lengths, not from what was read. */
  readonly isBehindGap: boolean;
}

export interface SeenAlert extends Seen {
  /** AlertLevel and AlertDescription; null when encrypted. */
  readonly level: number | null;
  readonly description: number | null;
  readonly recordVersion: number;
}

export interface SeenRecord extends Seen {
  /** ContentType code. */
  readonly type: number;
  readonly length: number;
}

/** Reading state of one direction. Numbers and at most one buffer: nothing is kept after the handshake. */
interface RecordStream {
  /** `detect`: not (or no longer) at a known record boundary. */
  mode: 'detect' | 'records';
  /** Bytes still to pass over: the rest of a record whose content is hidden or lost. */
  skip: number;
  /** The header, the first bytes of bytes too few to tell TLS by, or an alert, held until there are enough; mostly empty. */
  pending: Uint8Array;
  pendingLength: number;
  /** Record being read: its ContentType, version and the bytes of its body still to come. */
  type: number;
  version: number;
  remaining: number;
  /** The record in hand is an SSLv2-format ClientHello. */
  isV2: boolean;
  /** Everything behind ChangeCipherSpec is ciphertext (TLS 1.2 and before). */
  isEncrypted: boolean;
  /** Bytes of handshake messages not yet complete. */
  handshake: Uint8Array;
  handshakeLength: number;
  handshakeVersion: number;
  /** Bytes of a handshake message that are passed over: lost, or more than is kept. */
  handshakeSkip: number;
  /** How many of its encrypted records are kept. */
  encryptedRecords: number;
  /** Any byte delivered or lost so far. */
  hasStarted: boolean;
  /** Bytes were lost on the way here. */
  hasGap: boolean;
  /** TLS has begun in this direction. */
  hasTls: boolean;
  /** Bytes that came before TLS, or instead of it. */
  plaintextLength: number;
  /** Around the records, while packets of another protocol carry them; null otherwise. */
  framing: Framing | null;
}

/** Plaintext of one direction, until the other one speaks. */
export interface SeenPlaintext extends Seen {
  readonly bytes: Uint8Array;
}

/** What one TLS session shows: filled as its bytes come in. All lists are bounded. */
export interface TlsSession {
  readonly streams: readonly [RecordStream, RecordStream];
  /** A TLS record was recognised in either direction. */
  isTls: boolean;
  /** Negotiated version and suite, 0 while unknown. */
  version: number;
  cipherSuite: number;
  readonly messages: SeenMessage[];
  readonly alerts: SeenAlert[];
  /** ChangeCipherSpec records. */
  readonly cipherChanges: Seen[];
  /** The first encrypted records of each direction. */
  readonly encryptedRecords: SeenRecord[];
  /** application_data records by direction, all of them. */
  readonly applicationDataRecords: [number, number];
  /** What was said before TLS, or instead of it, in turns: its first bytes. */
  readonly plaintext: SeenPlaintext[];
  /** The first ClientHello that cannot be read to its end, as far as it can be. */
  partialHello: (Seen & { readonly hello: ClientHelloMessage; readonly recordVersion: number }) | null;
  /** Where and how the decoding had to give up something. */
  readonly problems: (Seen & { readonly code: string; readonly message: string })[];
}

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const HEARTBEAT = 24;

const CLIENT_HELLO = 1;

const HEADER_LENGTH = 5;
/** Bytes needed to tell an SSLv2-format ClientHello, or a record's hello from ciphertext. */
const DETECT_LENGTH = 11;
/** 2^14 bytes of plaintext and the 2048 that TLS 1.2 allows encryption to add (RFC 5246 §6.2.3). */
const MAX_RECORD_LENGTH = 16384 + 2048;
/** The largest handshake message that is decoded, in bytes: OpenSSL takes 100 KiB of certificates, few stacks more. */
export const MAX_HANDSHAKE_LENGTH = 262144;
export const MAX_MESSAGES = 64;
export const MAX_ALERTS = 16;
/** Encrypted records kept for each direction. */
export const MAX_ENCRYPTED_RECORDS = 16;
const MAX_PROBLEMS = 8;
/** Plaintext kept for each direction, in bytes, and turns of both: the greetings and commands before TLS are shorter. */
export const MAX_PLAINTEXT = 4096;
export const MAX_TURNS = 32;
/** Bytes of each direction within which TLS may still begin anywhere; beyond it, only at the start of a segment. */
const MAX_SCANNED = 65536;

const EMPTY = new Uint8Array(0);
const OTHER: HandshakeContent = { kind: 'other' };

function newStream(): RecordStream {
  return {
    mode: 'detect',
    skip: 0,
    pending: EMPTY,
    pendingLength: 0,
    type: 0,
    version: 0,
    remaining: 0,
    isV2: false,
    isEncrypted: false,
    handshake: EMPTY,
    handshakeLength: 0,
    handshakeVersion: 0,
    handshakeSkip: 0,
    encryptedRecords: 0,
    hasStarted: false,
    hasGap: false,
    hasTls: false,
    plaintextLength: 0,
    framing: null,
  };
}

/** A session of which nothing was seen. */
export function newSession(): TlsSession {
  return {
    streams: [newStream(), newStream()],
    isTls: false,
    version: 0,
    cipherSuite: 0,
    messages: [],
    alerts: [],
    cipherChanges: [],
    encryptedRecords: [],
    applicationDataRecords: [0, 0],
    plaintext: [],
    partialHello: null,
    problems: [],
  };
}

function problem(session: TlsSession, direction: Direction, stamp: FrameStamp, code: string, message: string): void {
  if (session.problems.length >= MAX_PROBLEMS) return;
  session.problems.push({ direction, frame: stamp.number, at: timestampOf(stamp), code, message });
}

/** Says once that a bound was reached, and where: what lies beyond it is not kept. */
function boundReached(session: TlsSession, { direction, frame, at }: Seen, code: string, message: string): void {
  if (session.problems.some((one) => one.code === code)) return;
  session.problems.push({ direction, frame, at, code, message });
}

// The objects below are written out, field by field, for speed: each would be `{ ...seen(direction, stamp), … }`, which costs
// two microseconds, twenty times a handshake.

function message(
  { hasGap }: RecordStream,
  direction: Direction,
  stamp: FrameStamp,
  type: number | null,
  length: number,
  content: HandshakeContent,
  recordVersion: number,
): SeenMessage {
  const at = timestampOf(stamp);
  return { direction, frame: stamp.number, at, type, length, content, recordVersion, isBehindGap: hasGap };
}

function alertSeen(
  session: TlsSession,
  direction: Direction,
  stamp: FrameStamp,
  level: number | null,
  description: number | null,
  recordVersion: number,
): void {
  const alert = { direction, frame: stamp.number, at: timestampOf(stamp), level, description, recordVersion };
  if (session.alerts.length < MAX_ALERTS) session.alerts.push(alert);
  else boundReached(session, alert, 'too-many-alerts', `only the first ${MAX_ALERTS} alerts are kept`);
}

/** Whether five bytes can be a record header (RFC 8446 §5.1). */
function isRecordHeader(bytes: Uint8Array, at: number): boolean {
  const type = u8(bytes, at);
  if (type < CHANGE_CIPHER_SPEC || type > HEARTBEAT || u8(bytes, at + 1) !== 3 || u8(bytes, at + 2) > 4) return false;
  const length = u16(bytes, at + 3);
  return length <= MAX_RECORD_LENGTH && (length > 0 || type === APPLICATION_DATA);
}

/**
 * Whether bytes look like the start of a TLS record, or a run of them. The first bytes of a stream are most likely the
 * start of something; those of any later chunk must show more, or a long transfer of anything else is taken for TLS by
 * chance.
 */
function looksLikeRecords(bytes: Uint8Array, start: number, end: number, isFirst: boolean): boolean {
  if (end - start < HEADER_LENGTH || !isRecordHeader(bytes, start)) return false;
  const type = u8(bytes, start);
  if (type === HANDSHAKE && end - start > HEADER_LENGTH && u8(bytes, start + HEADER_LENGTH) <= 2) return true;
  // Without a hello to go by, the next header must fit too.
  const next = start + HEADER_LENGTH + u16(bytes, start + 3);
  if (next + HEADER_LENGTH <= end) return isRecordHeader(bytes, next);
  return isFirst || next === end || (type === APPLICATION_DATA && next > end);
}

function messageSeen(session: TlsSession, message: SeenMessage): void {
  if (session.messages.length < MAX_MESSAGES) session.messages.push(message);
  else
    boundReached(session, message, 'too-many-messages', `only the first ${MAX_MESSAGES} handshake messages are kept`);
  if (message.content.kind === 'server_hello') {
    session.version = message.content.hello.version;
    session.cipherSuite = message.content.hello.cipherSuite;
    // A client may send ChangeCipherSpec between its two hellos, and TLS 1.3 makes nothing of it (RFC 8446 §D.4).
    if (isTls13(session.version)) session.streams[0].isEncrypted = session.streams[1].isEncrypted = false;
  }
}

function encryptedHandshake(
  session: TlsSession,
  stream: RecordStream,
  direction: Direction,
  length: number,
  stamp: FrameStamp,
): void {
  messageSeen(session, message(stream, direction, stamp, null, length, OTHER, stream.version));
}

function encryptedRecord(session: TlsSession, stream: RecordStream, direction: Direction, stamp: FrameStamp): void {
  if (stream.encryptedRecords >= MAX_ENCRYPTED_RECORDS) return;
  stream.encryptedRecords++;
  const { type, remaining: length } = stream;
  session.encryptedRecords.push({ direction, frame: stamp.number, at: timestampOf(stamp), type, length });
}

/** Handshake buffers up to this size, in bytes, are used again. */
const MAX_SPARE = 65536;
/** A buffer that no stream needs any more, for the next that does: allocating one costs more than filling it. */
let spare: Uint8Array = EMPTY;

function newHandshakeBuffer(length: number): Uint8Array {
  if (spare.length < length) return new Uint8Array(length);
  const taken = spare;
  spare = EMPTY;
  return taken;
}

/** Adds bytes to the handshake buffer, which is as long as its record from the start. */
function append(stream: RecordStream, bytes: Uint8Array, start: number, end: number): void {
  const length = stream.handshakeLength + end - start;
  if (length > stream.handshake.length) {
    const grown = newHandshakeBuffer(Math.max(length + stream.remaining, 2 * stream.handshake.length));
    grown.set(stream.handshake.subarray(0, stream.handshakeLength));
    stream.handshake = grown;
  }
  stream.handshake.set(bytes.subarray(start, end), stream.handshakeLength);
  stream.handshakeLength = length;
}

/** Takes the complete messages off the front of the handshake buffer. */
function readBuffered(session: TlsSession, stream: RecordStream, direction: Direction, stamp: FrameStamp): void {
  const { handshake, handshakeLength } = stream;
  const read = readMessages(session, stream, direction, handshake, 0, handshakeLength, stamp);
  if (read === 0) return;
  keepRest(stream, handshake, read, handshakeLength);
  if (handshake.length > spare.length && handshake.length <= MAX_SPARE) spare = handshake;
}

/** Keeps the beginning of a message that is not complete. */
function keepRest(stream: RecordStream, bytes: Uint8Array, start: number, end: number): void {
  stream.handshake = start === end ? EMPTY : bytes.slice(start, end);
  stream.handshakeLength = end - start;
}

/** Adds to the few bytes that are held until there are enough to tell what they are. */
function holdBytes(stream: RecordStream, bytes: Uint8Array, start: number, end: number): void {
  if (stream.pending.length === 0) stream.pending = new Uint8Array(DETECT_LENGTH);
  for (let at = start; at < end; at++) stream.pending[stream.pendingLength++] = u8(bytes, at);
}

/** Passes over the rest of the record in hand: what it holds is hidden, or makes no sense without what is lost. */
function passOver(stream: RecordStream): void {
  stream.skip += stream.remaining;
  stream.remaining = 0;
  stream.pendingLength = 0;
  stream.isV2 = false;
  stream.handshake = EMPTY;
  stream.handshakeLength = 0;
  stream.handshakeSkip = 0;
}

/** Keeps what can be read of a ClientHello of which `body` is not all, or not well formed. */
function keepPartialHello(
  session: TlsSession,
  stream: RecordStream,
  direction: Direction,
  body: Uint8Array,
  stamp: FrameStamp,
): void {
  const hello = decodeClientHelloStart(body);
  if (hello === null) return;
  const { handshakeVersion: recordVersion } = stream;
  session.partialHello ??= { direction, frame: stamp.number, at: timestampOf(stamp), hello, recordVersion };
}

/** Reads the complete messages at the front of `bytes`, from `start` to `end`. Returns where the first incomplete one begins. */
function readMessages(
  session: TlsSession,
  stream: RecordStream,
  direction: Direction,
  bytes: Uint8Array,
  start: number,
  end: number,
  stamp: FrameStamp,
): number {
  let at = start;
  while (end - at >= 4) {
    const type = u8(bytes, at);
    const length = u24(bytes, at + 1);
    if (!isHandshakeType(type)) {
      // Ciphertext: its ChangeCipherSpec is not in the capture.
      stream.isEncrypted = true;
      encryptedHandshake(session, stream, direction, end - at + stream.remaining, stamp);
      passOver(stream);
      return end;
    }
    if (length > MAX_HANDSHAKE_LENGTH) {
      problem(session, direction, stamp, 'message-too-long', `handshake message of ${length} bytes is passed over`);
      stream.handshakeSkip = length - (end - at - 4);
      return end;
    }
    const body = at + 4;
    if (end - body < length) break;
    const content = decodeHandshake(type, bytes, body, body + length, session);
    if (type === CLIENT_HELLO && content.kind === 'malformed') {
      keepPartialHello(session, stream, direction, bytes.subarray(body, body + length), stamp);
    }
    messageSeen(session, message(stream, direction, stamp, type, length, content, stream.handshakeVersion));
    stream.handshakeVersion = stream.version;
    at = body + length;
  }
  return at;
}

/** A hello behind ChangeCipherSpec is in the clear all the same when its lengths and version say so. */
function isPlainHello(stream: RecordStream, bytes: Uint8Array, at: number, end: number): boolean {
  return (
    end - at >= 6 &&
    u8(bytes, at) >= 1 &&
    u8(bytes, at) <= 2 &&
    u24(bytes, at + 1) + 4 === stream.remaining &&
    u8(bytes, at + 4) === 3 &&
    u8(bytes, at + 5) <= 4
  );
}

/** Begins the record whose header, a good one, is at `at`; its body follows as far as it is there. */
function beginRecord(
  session: TlsSession,
  stream: RecordStream,
  direction: Direction,
  bytes: Uint8Array,
  at: number,
  end: number,
  stamp: FrameStamp,
): void {
  session.isTls = true;
  stream.type = u8(bytes, at);
  stream.version = u16(bytes, at + 1);
  stream.remaining = u16(bytes, at + 3);
  let isHidden = true;
  switch (stream.type) {
    case CHANGE_CIPHER_SPEC:
      if (session.cipherChanges.length < 4) {
        session.cipherChanges.push({ direction, frame: stamp.number, at: timestampOf(stamp) });
      }
      if (!isTls13(session.version)) stream.isEncrypted = true;
      break;
    case ALERT:
      isHidden = stream.isEncrypted || stream.remaining !== 2;
      if (isHidden) {
        alertSeen(session, direction, stamp, null, null, stream.version);
        encryptedRecord(session, stream, direction, stamp);
      }
      break;
    case HANDSHAKE:
      isHidden = stream.isEncrypted && !isPlainHello(stream, bytes, at + HEADER_LENGTH, end);
      if (isHidden) {
        encryptedHandshake(session, stream, direction, stream.remaining, stamp);
        encryptedRecord(session, stream, direction, stamp);
      } else if (stream.handshakeLength === 0) {
        stream.handshakeVersion = stream.version;
      }
      break;
    case APPLICATION_DATA:
      session.applicationDataRecords[direction]++;
      encryptedRecord(session, stream, direction, stamp);
      break;
  }
  if (isHidden) {
    stream.skip = stream.remaining;
    stream.remaining = 0;
  }
}

/** Bytes that tell what the record is whose header is at `at`: more than the header where a hello may be in the clear. */
function headLength(stream: RecordStream, bytes: Uint8Array, at: number): number {
  const mayBeHello = stream.isEncrypted && u8(bytes, at) === HANDSHAKE && u16(bytes, at + 3) >= DETECT_LENGTH;
  return mayBeHello ? DETECT_LENGTH : HEADER_LENGTH;
}

function readAlert(session: TlsSession, stream: RecordStream, direction: Direction, stamp: FrameStamp): void {
  const level = u8(stream.pending, 0);
  const description = u8(stream.pending, 1);
  stream.pendingLength = 0;
  alertSeen(session, direction, stamp, level, description, stream.version);
}

function readV2ClientHello(session: TlsSession, stream: RecordStream, direction: Direction, stamp: FrameStamp): void {
  const body = stream.handshake.subarray(0, stream.handshakeLength);
  stream.handshake = EMPTY;
  stream.handshakeLength = 0;
  stream.isV2 = false;
  try {
    const content: HandshakeContent = { kind: 'client_hello', hello: decodeV2ClientHello(body) };
    messageSeen(session, message(stream, direction, stamp, 1, body.length - 1, content, 0x0002));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    problem(session, direction, stamp, 'malformed-message', `SSLv2-format ClientHello: ${error.message}`);
  }
}

/** Takes the part of a visible record's body that is in this chunk; returns where it ends. */
function readBody(
  session: TlsSession,
  stream: RecordStream,
  direction: Direction,
  bytes: Uint8Array,
  start: number,
  end: number,
  stamp: FrameStamp,
): number {
  const stop = Math.min(end, start + stream.remaining);
  stream.remaining -= stop - start;
  if (stream.isV2) {
    append(stream, bytes, start, stop);
    if (stream.remaining === 0) readV2ClientHello(session, stream, direction, stamp);
    return stop;
  }
  if (stream.type === ALERT) {
    holdBytes(stream, bytes, start, stop);
    if (stream.remaining === 0) readAlert(session, stream, direction, stamp);
    return stop;
  }
  const passed = Math.min(stream.handshakeSkip, stop - start);
  stream.handshakeSkip -= passed;
  // A record is the unit of decoding: its messages count from the frame that completed it, as in Wireshark.
  if (stream.remaining > 0 || stream.handshakeLength > 0) append(stream, bytes, start + passed, stop);
  if (stream.remaining > 0) return stop;
  if (stream.handshakeLength > 0) {
    readBuffered(session, stream, direction, stamp);
  } else if (start + passed < stop) {
    // Most records are whole in their segment, and are read where they lie: the plain version would copy them first.
    const read = readMessages(session, stream, direction, bytes, start + passed, stop, stamp);
    if (read < stop) keepRest(stream, bytes, read, stop);
  }
  return stop;
}

/** Takes bytes of a header that is cut by the end of a chunk; begins its record when it is whole. Returns where it ends. */
function readCutHeader(
  session: TlsSession,
  stream: RecordStream,
  direction: Direction,
  bytes: Uint8Array,
  start: number,
  end: number,
  stamp: FrameStamp,
): number {
  for (let at = start; at < end;) {
    holdBytes(stream, bytes, at, ++at);
    if (stream.pendingLength < HEADER_LENGTH) continue;
    if (!isRecordHeader(stream.pending, 0)) {
      lose(session, stream, direction, stamp);
      return end;
    }
    if (stream.pendingLength >= headLength(stream, stream.pending, 0)) {
      beginHeldRecord(session, stream, direction, stamp);
      return at;
    }
  }
  return end;
}

/** Begins the record whose header, and perhaps first bytes, are held. */
function beginHeldRecord(session: TlsSession, stream: RecordStream, direction: Direction, stamp: FrameStamp): void {
  const end = stream.pendingLength;
  stream.pendingLength = 0;
  beginRecord(session, stream, direction, stream.pending, 0, end, stamp);
  if (stream.skip > 0) stream.skip -= end - HEADER_LENGTH;
  else if (end > HEADER_LENGTH) readBody(session, stream, direction, stream.pending, HEADER_LENGTH, end, stamp);
}

/** Decides whether a stream's bytes are TLS. Returns where reading goes on; `end` when they are not. */
function detect(
  session: TlsSession,
  stream: RecordStream,
  direction: Direction,
  bytes: Uint8Array,
  start: number,
  end: number,
  isFirst: boolean,
): number {
  if (looksLikeRecords(bytes, start, end, isFirst)) {
    beginTls(session, stream, direction);
    return start;
  }
  const v2Length = v2ClientHelloLength(bytes, start, end);
  if (v2Length > 0) {
    beginTls(session, stream, direction);
    session.isTls = true;
    stream.isV2 = true;
    stream.remaining = v2Length;
    return start + 2;
  }
  return end;
}

function beginTls(session: TlsSession, stream: RecordStream, direction: Direction): void {
  stream.mode = 'records';
  if (!stream.hasTls && stream.plaintextLength > 0) stream.framing = framingOf(plaintextOf(session, direction));
  stream.hasTls = true;
}

/** Keeps the first bytes of what is no TLS, a turn for each time that the other side has spoken. */
function keepPlaintext(
  session: TlsSession,
  direction: Direction,
  bytes: Uint8Array,
  start: number,
  end: number,
  stamp: FrameStamp,
): void {
  const stream = session.streams[direction];
  const room = Math.min(end - start, MAX_PLAINTEXT - stream.plaintextLength);
  stream.plaintextLength += end - start;
  if (room <= 0) return;
  const last = session.plaintext.at(-1);
  if (last?.direction === direction) {
    const joined = Buffer.concat([last.bytes, bytes.subarray(start, start + room)]);
    session.plaintext[session.plaintext.length - 1] = { ...last, bytes: joined };
  } else if (session.plaintext.length < MAX_TURNS) {
    const kept = bytes.slice(start, start + room);
    session.plaintext.push({ direction, frame: stamp.number, at: timestampOf(stamp), bytes: kept });
  }
}

/** All that a direction said before TLS; of more than is kept, nothing. */
function plaintextOf({ plaintext, streams }: TlsSession, direction: Direction): Uint8Array {
  const all = Buffer.concat(plaintext.filter((piece) => piece.direction === direction).map(({ bytes }) => bytes));
  return all.length === streams[direction].plaintextLength ? all : EMPTY;
}

/**
 * Looks for TLS behind plaintext, wherever the segments were cut. Returns where it begins, or `end`; first bytes of a
 * hello at the end of the chunk are held back.
 */
function detectLater(
  session: TlsSession,
  stream: RecordStream,
  direction: Direction,
  bytes: Uint8Array,
  start: number,
  end: number,
  stamp: FrameStamp,
): number {
  if (stream.hasTls) return end;
  const mayScan = stream.plaintextLength < MAX_SCANNED;
  const found = mayScan ? findHello(bytes, start, end) : end;
  const held = found === end && mayScan ? heldHello(bytes, start, end) : end;
  keepPlaintext(session, direction, bytes, start, Math.min(found, held), stamp);
  if (found < end) {
    beginTls(session, stream, direction);
  } else if (held < end) {
    holdBytes(stream, bytes, held, end);
  }
  return found;
}

/** Whether these bytes, too few to decide, may still become TLS. */
function mayBeTls(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  const first = u8(bytes, start);
  if (first >= CHANGE_CIPHER_SPEC && first <= HEARTBEAT)
    return length < HEADER_LENGTH + 1 && (length < 2 || u8(bytes, start + 1) === 3);
  return (first & 0x80) !== 0 && length < DETECT_LENGTH && (length < 3 || u8(bytes, start + 2) === 1);
}

/**
 * Reads the next bytes of one direction, in order: `bytes` from `start` to `end`, which came with frame `stamp`. Keeps what
 * it needs: the caller may reuse the bytes.
 */
export function readStream(
  session: TlsSession,
  direction: Direction,
  bytes: Uint8Array,
  start: number,
  end: number,
  stamp: FrameStamp,
): void {
  const stream = session.streams[direction];
  if (stream.skip >= end - start && stream.framing === null) {
    // The bulk of every capture: the inside of a record whose header was read.
    stream.skip -= end - start;
  } else if (stream.framing === null) readRecords(session, stream, direction, bytes, start, end, stamp);
  else readFramed(session, stream, direction, bytes, start, end, stamp);
}

/** How many of the next bytes of a direction would be passed over without a look: the inside of a record in hand. */
export function passingBytes(session: TlsSession, direction: Direction): number {
  const { skip, framing } = session.streams[direction];
  return framing === null ? skip : 0;
}

/** As `readStream` with `length` of these bytes. */
export function passBytes(session: TlsSession, direction: Direction, length: number): void {
  session.streams[direction].skip -= length;
}

/** Takes the packets of another protocol off; the first byte that begins none ends that. */
function readFramed(
  session: TlsSession,
  stream: RecordStream,
  direction: Direction,
  bytes: Uint8Array,
  start: number,
  end: number,
  stamp: FrameStamp,
): void {
  let at = start;
  while (at < end) {
    const { framing } = stream;
    if (framing === null) {
      readRecords(session, stream, direction, bytes, at, end, stamp);
      return;
    }
    if (framing.payload > 0) {
      const stop = Math.min(end, at + framing.payload);
      framing.payload -= stop - at;
      readRecords(session, stream, direction, bytes, at, stop, stamp);
      at = stop;
    } else if (framing.passing > 0) {
      const stop = Math.min(end, at + framing.passing);
      framing.passing -= stop - at;
      at = stop;
    } else {
      framing.header[framing.held++] = u8(bytes, at++);
      if (framing.next(framing) === 'none') {
        const held = framing.header.slice(0, framing.held);
        stream.framing = null;
        readRecords(session, stream, direction, held, 0, held.length, stamp);
      }
    }
  }
}

function readRecords(
  session: TlsSession,
  stream: RecordStream,
  direction: Direction,
  bytes: Uint8Array,
  start: number,
  end: number,
  stamp: FrameStamp,
): void {
  // What is left of a record is passed over, whatever the mode.
  let at = Math.min(end, start + stream.skip);
  stream.skip -= at - start;
  if (at === end) return;
  if (stream.mode === 'detect') {
    const isFirst = !stream.hasStarted;
    const isUnframed = stream.framing === null;
    const held = stream.pendingLength;
    if (held > 0) {
      // Few bytes were held back: join them with these.
      bytes = Buffer.concat([stream.pending.subarray(0, held), bytes.subarray(at, end)]);
      at = 0;
      end = bytes.length;
      stream.pendingLength = 0;
    }
    if (mayBeTls(bytes, at, end)) {
      holdBytes(stream, bytes, at, end);
      return;
    }
    stream.hasStarted = true;
    const from = at;
    at = detect(session, stream, direction, bytes, from, end, isFirst);
    // What was held was the end of something else; TLS may begin behind it.
    if (at === end && held > 0) at = detect(session, stream, direction, bytes, held, end, false);
    if (at === end) {
      at = detectLater(session, stream, direction, bytes, from, end, stamp);
    } else if (at > from && !stream.isV2) {
      keepPlaintext(session, direction, bytes, from, at, stamp);
    }
    if (isUnframed && stream.framing !== null) {
      readFramed(session, stream, direction, bytes, at, end, stamp);
      return;
    }
  }
  while (at < end) {
    if (stream.skip > 0) {
      const stop = Math.min(end, at + stream.skip);
      stream.skip -= stop - at;
      at = stop;
    } else if (stream.remaining > 0) {
      at = readBody(session, stream, direction, bytes, at, end, stamp);
    } else if (
      stream.pendingLength === 0 &&
      end - at >= HEADER_LENGTH &&
      (end - at >= DETECT_LENGTH || end - at >= headLength(stream, bytes, at))
    ) {
      if (!isRecordHeader(bytes, at)) {
        lose(session, stream, direction, stamp);
        return;
      }
      beginRecord(session, stream, direction, bytes, at, end, stamp);
      at += HEADER_LENGTH;
    } else {
      at = readCutHeader(session, stream, direction, bytes, at, end, stamp);
    }
  }
}

/** No record begins where one should: wait for a chunk that begins with one. */
function lose(session: TlsSession, stream: RecordStream, direction: Direction, stamp: FrameStamp): void {
  problem(session, direction, stamp, 'record-boundary-lost', 'no TLS record begins where one should');
  reset(stream);
}

function reset(stream: RecordStream): void {
  stream.mode = 'detect';
  stream.skip = 0;
  stream.pendingLength = 0;
  stream.remaining = 0;
  stream.isV2 = false;
  stream.handshake = EMPTY;
  stream.handshakeLength = 0;
  stream.handshakeSkip = 0;
}

/** Tells that a direction has ended: what is complete in a record that is not counts all the same. */
export function endStream(session: TlsSession, direction: Direction, stamp: FrameStamp): void {
  const stream = session.streams[direction];
  if (stream.mode === 'records') readWhatIsThere(session, stream, direction, stamp);
  else if (!stream.hasTls) keepPlaintext(session, direction, stream.pending, 0, stream.pendingLength, stamp);
}

/** Reads what is complete of a record that is not. */
function readWhatIsThere(session: TlsSession, stream: RecordStream, direction: Direction, stamp: FrameStamp): void {
  if (stream.remaining === 0 && stream.pendingLength >= HEADER_LENGTH) {
    beginHeldRecord(session, stream, direction, stamp);
  }
  if (stream.isV2 || stream.handshakeLength === 0) return;
  readBuffered(session, stream, direction, stamp);
  if (stream.handshakeLength > 4 && u8(stream.handshake, 0) === CLIENT_HELLO) {
    keepPartialHello(session, stream, direction, stream.handshake.subarray(4, stream.handshakeLength), stamp);
  }
}

/** Tells that the next `length` bytes of one direction are not in the capture. */
export function skipStream(session: TlsSession, direction: Direction, length: number, stamp: FrameStamp): void {
  const stream = session.streams[direction];
  const { framing } = stream;
  stream.hasStarted = true;
  if (framing !== null) {
    if (framing.payload === 0 && framing.passing >= length) {
      framing.passing -= length;
      return;
    }
    if (framing.payload >= length) framing.payload -= length;
    else stream.framing = null;
  }
  if (stream.mode === 'detect') {
    stream.hasGap = true;
    stream.pendingLength = 0;
    return;
  }
  readWhatIsThere(session, stream, direction, stamp);
  stream.hasGap = true;
  const hidden = Math.min(stream.skip, length);
  stream.skip -= hidden;
  // Of the bytes behind the packet in hand nobody knows which were TLS.
  const lost = framing !== null && stream.framing === null ? Infinity : length - hidden;
  if (lost === 0) return;
  if ((stream.remaining > 0 || stream.handshakeLength > 0) && stream.handshakeSkip === 0) {
    problem(session, direction, stamp, 'message-incomplete', 'part of a message is not in the capture');
  }
  if (lost > stream.remaining) {
    reset(stream);
    return;
  }
  // Inside one record, whose end is known. Its messages go on behind the one in hand, if that is the only one concerned.
  stream.remaining -= lost;
  const rest =
    stream.handshakeLength >= 4 ? 4 + u24(stream.handshake, 1) - stream.handshakeLength : stream.handshakeSkip;
  if (rest < lost) {
    passOver(stream);
  } else {
    stream.handshake = EMPTY;
    stream.handshakeLength = 0;
    stream.handshakeSkip = rest - lost;
  }
}

/** Reads TLS from a flow, into a session of its own. */
export const tlsReader: ByteSink<TlsSession> = {
  open: newSession,
  data: readStream,
  gap: skipStream,
  end: endStream,
  passing: passingBytes,
  pass: passBytes,
};
