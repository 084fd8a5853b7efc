import { u16, u24, u8 } from '../bytes.js';
import type { FrameStamp } from '../capture/frame.js';
import type { Timestamp } from '../capture/timestamp.js';
import type { HandshakeContent } from './messages/handshake.js';
import { decodeHandshake } from './messages/handshake.js';
import { DecodeError } from './cursor.js';
import { decodeV2ClientHello, v2ClientHelloLength } from './messages/client-hello.js';
import { isHandshakeType, isTls13 } from './registry/names.js';

/** Which of a connection's two byte streams: 0 and 1 as TCP numbers them; TLS does not know yet who is client. */
export type Direction = 0 | 1;

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
  /** The header, or the first bytes of a stream too few to tell TLS by, held until there are enough. */
  readonly pending: Uint8Array;
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
  /** Any byte delivered or lost so far. */
  hasStarted: boolean;
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
  /** Where and how the decoding had to give up something. */
  readonly problems: (Seen & { readonly code: string; readonly message: string })[];
}

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const HEARTBEAT = 24;

const HEADER_LENGTH = 5;
/** Bytes needed to tell an SSLv2-format ClientHello. */
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

const EMPTY = new Uint8Array(0);
const OTHER: HandshakeContent = { kind: 'other' };

function newStream(): RecordStream {
  return {
    mode: 'detect',
    skip: 0,
    pending: new Uint8Array(DETECT_LENGTH),
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
    hasStarted: false,
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
    problems: [],
  };
}

function seen(direction: Direction, stamp: FrameStamp): Seen {
  return {
    direction,
    frame: stamp.number,
    at: { seconds: stamp.seconds, nanoseconds: stamp.nanoseconds, digits: stamp.digits },
  };
}

function problem(session: TlsSession, direction: Direction, stamp: FrameStamp, code: string, message: string): void {
  if (session.problems.length < MAX_PROBLEMS) session.problems.push({ ...seen(direction, stamp), code, message });
}

/** Whether five bytes can be a record header (RFC 8446 §5.1). */
function isRecordHeader(bytes: Uint8Array, at: number): boolean {
  const type = u8(bytes, at);
  if (type < CHANGE_CIPHER_SPEC || type > HEARTBEAT || u8(bytes, at + 1) !== 3 || u8(bytes, at + 2) > 4) return false;
  const length = u16(bytes, at + 3);
  return length <= MAX_RECORD_LENGTH && (length > 0 || type === APPLICATION_DATA);
}

/** Whether bytes at an unknown place of a stream look like the start of a TLS record, or a run of them. */
function looksLikeRecords(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < HEADER_LENGTH || !isRecordHeader(bytes, start)) return false;
  if (u8(bytes, start) === HANDSHAKE && end - start > HEADER_LENGTH) {
    const isHello = u8(bytes, start + HEADER_LENGTH) <= 2;
    if (isHello) return true;
  }
  // Without a hello to go by, the next header must fit too.
  const next = start + HEADER_LENGTH + u16(bytes, start + 3);
  return next + HEADER_LENGTH > end || isRecordHeader(bytes, next);
}

function messageSeen(session: TlsSession, message: SeenMessage): void {
  if (session.messages.length < MAX_MESSAGES) session.messages.push(message);
  if (message.content.kind === 'server_hello') {
    session.version = message.content.hello.version;
    session.cipherSuite = message.content.hello.cipherSuite;
    // A client may send ChangeCipherSpec between its two hellos, and TLS 1.3 makes nothing of it (RFC 8446 §D.4).
    if (isTls13(session.version)) session.streams[0].isEncrypted = session.streams[1].isEncrypted = false;
  }
}

function encryptedHandshake(session: TlsSession, stream: RecordStream, direction: Direction, stamp: FrameStamp): void {
  messageSeen(session, {
    ...seen(direction, stamp),
    type: null,
    length: stream.remaining,
    content: OTHER,
    recordVersion: stream.version,
  });
}

function encryptedRecord(session: TlsSession, stream: RecordStream, direction: Direction, stamp: FrameStamp): void {
  if (session.encryptedRecords.length >= 2 * MAX_ENCRYPTED_RECORDS) return;
  let count = 0;
  for (const record of session.encryptedRecords) if (record.direction === direction) count++;
  if (count >= MAX_ENCRYPTED_RECORDS) return;
  session.encryptedRecords.push({ ...seen(direction, stamp), type: stream.type, length: stream.remaining });
}

function append(stream: RecordStream, bytes: Uint8Array, start: number, end: number): void {
  const length = stream.handshakeLength + end - start;
  if (length > stream.handshake.length) {
    const grown = new Uint8Array(Math.max(length, 2 * stream.handshake.length));
    grown.set(stream.handshake.subarray(0, stream.handshakeLength));
    stream.handshake = grown;
  }
  stream.handshake.set(bytes.subarray(start, end), stream.handshakeLength);
  stream.handshakeLength = length;
}

/** Takes every complete message off the front of the handshake buffer. */
function readMessages(session: TlsSession, stream: RecordStream, direction: Direction, stamp: FrameStamp): void {
  let at = 0;
  while (stream.handshakeLength - at >= 4) {
    const type = u8(stream.handshake, at);
    const length = u24(stream.handshake, at + 1);
    if (!isHandshakeType(type)) {
      // Ciphertext: its ChangeCipherSpec is not in the capture.
      stream.isEncrypted = true;
      stream.remaining += stream.handshakeLength - at;
      encryptedHandshake(session, stream, direction, stamp);
      stream.skip = stream.remaining - (stream.handshakeLength - at);
      stream.remaining = 0;
      stream.handshakeLength = 0;
      return;
    }
    if (length > MAX_HANDSHAKE_LENGTH) {
      problem(session, direction, stamp, 'message-too-long', `handshake message of ${length} bytes is passed over`);
      stream.handshakeSkip = length - (stream.handshakeLength - at - 4);
      stream.handshakeLength = 0;
      if (stream.handshakeSkip < 0) stream.handshakeSkip = 0;
      return;
    }
    if (stream.handshakeLength - at < 4 + length) break;
    const body = stream.handshake.subarray(at + 4, at + 4 + length);
    const content = decodeHandshake(type, body, session);
    messageSeen(session, { ...seen(direction, stamp), type, length, content, recordVersion: stream.handshakeVersion });
    stream.handshakeVersion = stream.version;
    at += 4 + length;
  }
  if (at === stream.handshakeLength) {
    stream.handshake = EMPTY;
    stream.handshakeLength = 0;
  } else if (at > 0) {
    stream.handshake = stream.handshake.slice(at, stream.handshakeLength);
    stream.handshakeLength -= at;
  }
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

function readHeader(stream: RecordStream, bytes: Uint8Array, at: number): void {
  stream.type = u8(bytes, at);
  stream.version = u16(bytes, at + 1);
  stream.remaining = u16(bytes, at + 3);
}

/** Begins the record whose header was read; its body, as far as it is in this chunk, is at `at`. */
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
  let isHidden = true;
  switch (stream.type) {
    case CHANGE_CIPHER_SPEC:
      if (session.cipherChanges.length < 4) session.cipherChanges.push(seen(direction, stamp));
      if (!isTls13(session.version)) stream.isEncrypted = true;
      break;
    case ALERT:
      isHidden = stream.isEncrypted || stream.remaining !== 2;
      if (isHidden && session.alerts.length < MAX_ALERTS) {
        session.alerts.push({
          ...seen(direction, stamp),
          level: null,
          description: null,
          recordVersion: stream.version,
        });
        encryptedRecord(session, stream, direction, stamp);
      }
      break;
    case HANDSHAKE:
      isHidden = stream.isEncrypted && !isPlainHello(stream, bytes, at, end);
      if (isHidden) {
        encryptedHandshake(session, stream, direction, stamp);
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

function readAlert(session: TlsSession, stream: RecordStream, direction: Direction, stamp: FrameStamp): void {
  const level = u8(stream.pending, 0);
  const description = u8(stream.pending, 1);
  stream.pendingLength = 0;
  if (session.alerts.length < MAX_ALERTS) {
    session.alerts.push({ ...seen(direction, stamp), level, description, recordVersion: stream.version });
  }
}

function readV2ClientHello(session: TlsSession, stream: RecordStream, direction: Direction, stamp: FrameStamp): void {
  const body = stream.handshake.subarray(0, stream.handshakeLength);
  stream.handshake = EMPTY;
  stream.handshakeLength = 0;
  stream.isV2 = false;
  try {
    const content: HandshakeContent = { kind: 'client_hello', hello: decodeV2ClientHello(body) };
    messageSeen(session, {
      ...seen(direction, stamp),
      type: 1,
      length: body.length - 1,
      content,
      recordVersion: 0x0002,
    });
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
    for (let at = start; at < stop; at++) stream.pending[stream.pendingLength++] = u8(bytes, at);
    if (stream.remaining === 0) readAlert(session, stream, direction, stamp);
    return stop;
  }
  const passed = Math.min(stream.handshakeSkip, stop - start);
  stream.handshakeSkip -= passed;
  if (start + passed < stop) append(stream, bytes, start + passed, stop);
  // A record is the unit of decoding: its messages count from the frame that completed it, as in Wireshark.
  if (stream.remaining === 0) readMessages(session, stream, direction, stamp);
  return stop;
}

/** Decides whether a stream's bytes are TLS. Returns where reading goes on; `end` when they are not, or too few. */
function detect(session: TlsSession, stream: RecordStream, bytes: Uint8Array, start: number, end: number): number {
  if (looksLikeRecords(bytes, start, end)) {
    stream.mode = 'records';
    return start;
  }
  const v2Length = v2ClientHelloLength(bytes, start, end);
  if (v2Length > 0) {
    stream.mode = 'records';
    session.isTls = true;
    stream.isV2 = true;
    stream.remaining = v2Length;
    return start + 2;
  }
  return end;
}

/** Whether these first bytes of a stream, too few to decide, may still become TLS. */
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
  let at = start;
  // The bulk of every capture ends here: application data inside a record whose header was read.
  if (stream.skip > 0) {
    const passed = Math.min(stream.skip, end - at);
    stream.skip -= passed;
    at += passed;
  }
  if (at === end) return;
  if (stream.mode === 'detect') {
    const isStart = !stream.hasStarted || stream.pendingLength > 0;
    stream.hasStarted = true;
    if (stream.pendingLength > 0) {
      // Few bytes were held back: join them with these.
      const joined = Buffer.concat([stream.pending.subarray(0, stream.pendingLength), bytes.subarray(at, end)]);
      stream.pendingLength = 0;
      bytes = joined;
      at = 0;
      end = joined.length;
    }
    if (isStart && mayBeTls(bytes, at, end)) {
      stream.pending.set(bytes.subarray(at, end));
      stream.pendingLength = end - at;
      return;
    }
    at = detect(session, stream, bytes, at, end);
  }
  while (at < end) {
    if (stream.skip > 0) {
      const passed = Math.min(stream.skip, end - at);
      stream.skip -= passed;
      at += passed;
    } else if (stream.remaining > 0) {
      at = readBody(session, stream, direction, bytes, at, end, stamp);
    } else if (stream.pendingLength === 0 && end - at >= HEADER_LENGTH) {
      if (!isRecordHeader(bytes, at)) {
        lose(session, stream, direction, stamp);
        return;
      }
      readHeader(stream, bytes, at);
      at += HEADER_LENGTH;
      beginRecord(session, stream, direction, bytes, at, end, stamp);
    } else {
      // A header cut by the end of the chunk.
      while (at < end && stream.pendingLength < HEADER_LENGTH) stream.pending[stream.pendingLength++] = u8(bytes, at++);
      if (stream.pendingLength === HEADER_LENGTH) {
        stream.pendingLength = 0;
        if (!isRecordHeader(stream.pending, 0)) {
          lose(session, stream, direction, stamp);
          return;
        }
        readHeader(stream, stream.pending, 0);
        beginRecord(session, stream, direction, bytes, at, end, stamp);
      }
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
  if (!stream.isV2 && stream.handshakeLength > 0) readMessages(session, stream, direction, stamp);
}

/** Tells that the next `length` bytes of one direction are not in the capture. */
export function skipStream(session: TlsSession, direction: Direction, length: number, stamp: FrameStamp): void {
  const stream = session.streams[direction];
  stream.hasStarted = true;
  if (stream.mode === 'detect') {
    stream.pendingLength = 0;
    return;
  }
  const hidden = Math.min(stream.skip, length);
  stream.skip -= hidden;
  let lost = length - hidden;
  if (lost === 0) return;
  if (!stream.isV2) readMessages(session, stream, direction, stamp);
  if (stream.remaining > 0 && !stream.isV2 && stream.type === HANDSHAKE && lost <= stream.remaining) {
    // Inside one record: what it held is lost, the record's end is known.
    stream.remaining -= lost;
    if (stream.handshakeLength >= 4) {
      const rest = 4 + u24(stream.handshake, 1) - stream.handshakeLength;
      problem(session, direction, stamp, 'message-incomplete', 'part of a handshake message is not in the capture');
      stream.handshakeLength = 0;
      stream.handshakeSkip = Math.max(0, rest - lost);
      lost = Math.max(0, lost - rest);
      if (lost === 0) return;
    } else if (stream.handshakeSkip >= lost) {
      stream.handshakeSkip -= lost;
      return;
    }
    // Which message begins where is not known before the next record.
    stream.handshakeLength = 0;
    stream.handshakeSkip = 0;
    stream.skip = stream.remaining;
    stream.remaining = 0;
    return;
  }
  if (stream.remaining > 0 && lost > stream.remaining) {
    problem(session, direction, stamp, 'message-incomplete', 'part of a handshake message is not in the capture');
  }
  reset(stream);
}
