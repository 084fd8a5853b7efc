import { BOUNDS } from '../../bounds.js';
import { u16, u24, u8 } from '../../bytes.js';
import type { FrameStamp } from '../../capture/frame.js';
import { bits, isSet, type Packing } from '../../packing.js';
import type { Direction } from '../../transport/flow.js';
import { v2ClientHelloLength } from '../wire/messages/client-hello.js';
import type { BufferPool } from './buffer-pool.js';
import { findHello, heldHello, isHelloStart } from './detection.js';
import type { Framing } from './framings/framing.js';

/** ContentType of a record (RFC 8446 §5.1). */
export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;
export const HEARTBEAT = 24;

/** The version that stands for the SSLv2 format (RFC 5246 §E.2). */
export const SSL_2 = 0x0002;

const HEADER_LENGTH = 5;
/** Bytes needed to recognise an SSLv2-format ClientHello, or to tell a hello in a record from ciphertext. */
const DETECT_LENGTH = 11;
/** The longest plaintext record, in bytes (RFC 8446 §5.1). */
export const MAX_PLAINTEXT_LENGTH = 16384;
/** The longest record that TLS 1.3 encrypts (RFC 8446 §5.2). */
export const MAX_RECORD_LENGTH_13 = MAX_PLAINTEXT_LENGTH + 256;
/** 2^14 bytes of plaintext and the 2048 that TLS 1.2 allows encryption to add (RFC 5246 §6.2.3). */
export const MAX_RECORD_LENGTH = MAX_PLAINTEXT_LENGTH + 2048;
const ALERT_LENGTH = 2;
/** AlertLevels (RFC 8446 §6). */
const WARNING = 1;
const FATAL = 2;
/** In the first so many bytes of a direction, TLS may begin anywhere; after them, only at the start of a segment. */
const MAX_SCANNED = BOUNDS.scannedBytes.value;
/** A stream this short, if it can only be the beginning of a record with a hello, counts as one. */
const LEAST_OF_HELLO = 3;

const EMPTY = new Uint8Array(0);

/**
 * Receives what a `RecordReader` reads. `record` is the reader, with direction, type, version and length of the current
 * record.
 */
export interface RecordSink {
  /** The bytes from `start` to `end` are not TLS. */
  plaintext(record: RecordReader, bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): void;
  /** TLS begins after plaintext. Returns the packets of another protocol that carry it, or null. */
  framing(record: RecordReader): Framing | null;
  changeCipherSpec(record: RecordReader, stamp: FrameStamp): void;
  /**
   * The header of a record whose content is encrypted. Returns whether its body is wanted, by `encryptedContent`;
   * otherwise it is skipped.
   */
  encrypted(record: RecordReader, stamp: FrameStamp): boolean;
  /** The complete body of a wanted encrypted record; otherwise as `content`. */
  encryptedContent(record: RecordReader, bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): void;
  /**
   * The content of a plaintext record, from `start` to `end`: all of it, or the part before a gap or the end of the
   * stream. `bytes` may be reused after the call. `stamp` is the frame that completed it.
   */
  content(record: RecordReader, bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): void;
  /** A gap or the end of the stream follows: an incomplete message stays incomplete. */
  cut(record: RecordReader, stamp: FrameStamp): void;
  /**
   * The next `length` bytes are missing, at most `record.remaining` of them in the current record. Returns whether the
   * rest of this record can be read.
   */
  gap(record: RecordReader, length: number, stamp: FrameStamp): boolean;
  /** No record begins at `at`, where one should; five bytes are available there. */
  boundaryLost(record: RecordReader, bytes: Uint8Array, at: number, stamp: FrameStamp): void;
}

/** Whether five bytes can be a record header (RFC 8446 §5.1). */
function isRecordHeader(bytes: Uint8Array, at: number): boolean {
  if (!isHeaderStart(bytes, at)) return false;
  const length = u16(bytes, at + 3);
  return length <= MAX_RECORD_LENGTH && (length > 0 || u8(bytes, at) === APPLICATION_DATA);
}

/** Whether three bytes are a ContentType and a version of TLS. */
export function isHeaderStart(bytes: Uint8Array, at: number): boolean {
  const type = u8(bytes, at);
  return type >= CHANGE_CIPHER_SPEC && type <= HEARTBEAT && u8(bytes, at + 1) === 3 && u8(bytes, at + 2) <= 4;
}

/**
 * Whether bytes look like the start of one or more TLS records. The first bytes of a stream are most likely the start
 * of something; later chunks must show more, or a long transfer of anything else would by chance be taken for TLS.
 */
function looksLikeRecords(bytes: Uint8Array, start: number, end: number, isFirst: boolean): boolean {
  if (end - start < HEADER_LENGTH || !isRecordHeader(bytes, start)) return false;
  const type = u8(bytes, start);
  if (type === HANDSHAKE && end - start > HEADER_LENGTH && u8(bytes, start + HEADER_LENGTH) <= 2) return true;
  if (isWholeAlert(bytes, start, end)) return true;
  // Without a hello, the next header must fit too.
  const next = start + HEADER_LENGTH + u16(bytes, start + 3);
  if (next + HEADER_LENGTH <= end) return isRecordHeader(bytes, next);
  return isFirst || next === end || (type === APPLICATION_DATA && next > end);
}

/** Whether a record is an alert in plaintext. Anything may follow it: MariaDB also reports the failure in its own protocol. */
function isWholeAlert(bytes: Uint8Array, start: number, end: number): boolean {
  if (u8(bytes, start) !== ALERT || u16(bytes, start + 3) !== ALERT_LENGTH) return false;
  if (end - start < HEADER_LENGTH + ALERT_LENGTH) return false;
  const level = u8(bytes, start + HEADER_LENGTH);
  return level === WARNING || level === FATAL;
}

/** Whether these bytes, too few to decide, may be the start of TLS. */
function mayBeTls(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  const first = u8(bytes, start);
  if (first >= CHANGE_CIPHER_SPEC && first <= HEARTBEAT)
    return length < HEADER_LENGTH + 1 && (length < 2 || u8(bytes, start + 1) === 3);
  return (first & 0x80) !== 0 && length < DETECT_LENGTH && (length < 3 || u8(bytes, start + 2) === 1);
}

/**
 * Reads the TLS records of one direction from its bytes, which come in order, with gaps. It finds where TLS begins,
 * skips what is encrypted, and hands on the content of each plaintext record in one piece.
 */
export class RecordReader {
  /** The current record: its ContentType, version (SSL_2 for the SSLv2 format), length, and the bytes still to come. */
  type = 0;
  version = 0;
  length = 0;
  remaining = 0;
  /** The body of the current record is encrypted, and wanted. */
  isCiphertext = false;
  /** All records that follow are encrypted. */
  isEncrypted = false;
  /** Bytes before this point are missing. */
  hasGap = false;
  /** TLS has begun. */
  hasTls = false;
  /** Bytes that came before TLS, or instead of it. */
  plaintextLength = 0;
  /** Whether the next bytes begin a record: false before TLS begins, and while record boundaries are lost. */
  private isAligned = false;
  /** Bytes still to skip: the rest of a record whose content is encrypted or lost. */
  private skipping = 0;
  /** First bytes of a record, or of possible TLS, held until there are enough to decide; usually empty. */
  private pending: Uint8Array = EMPTY;
  private pendingLength = 0;
  /** The body of the current record, if it comes in pieces. */
  private body: Uint8Array = EMPTY;
  private bodyLength = 0;
  /** A byte was delivered or lost. */
  private hasStarted = false;
  /** Packets of another protocol that currently carry the records. */
  private packets: Framing | null = null;

  constructor(
    readonly direction: Direction,
    private readonly sink: RecordSink,
    private readonly pool: BufferPool,
  ) {}

  /**
   * Reads the next bytes, from `start` to `end`, which came with frame `stamp`. Copies what it needs: the caller may
   * reuse the bytes.
   */
  read(bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): void {
    if (this.packets !== null) this.readFramed(bytes, start, end, stamp);
    // Most bytes of every capture are inside a record whose header was read.
    else if (this.skipping >= end - start) this.skipping -= end - start;
    else this.readRecords(bytes, start, end, stamp);
  }

  /** How many of the next bytes `read` would skip without looking at them. */
  get skippable(): number {
    return this.packets === null ? this.skipping : 0;
  }

  /** As `read`, for `length` bytes, at most `skippable`. */
  skip(length: number): void {
    this.skipping -= length;
  }

  /** The size of its buffer, in bytes. */
  get heldBytes(): number {
    return this.body.length;
  }

  /** The next `length` bytes are not in the capture. */
  gap(length: number, stamp: FrameStamp): void {
    this.hasStarted = true;
    const framing = this.packets;
    if (framing !== null) {
      if (framing.payload === 0 && framing.skipping >= length) {
        framing.skipping -= length;
        return;
      }
      if (framing.payload >= length) framing.payload -= length;
      else this.packets = null;
    }
    if (this.isAligned) this.readPartialBody(stamp);
    this.hasGap = true;
    if (!this.isAligned) {
      this.pendingLength = 0;
      return;
    }
    const passed = Math.min(this.skipping, length);
    this.skipping -= passed;
    // After the current packet, nobody knows which bytes were TLS.
    const lost = framing !== null && this.packets === null ? Infinity : length - passed;
    if (lost === 0) return;
    const canGoOn = this.sink.gap(this, lost, stamp);
    if (lost > this.remaining) {
      this.reset();
      return;
    }
    // Inside one record, whose end is known.
    this.remaining -= lost;
    if (!canGoOn) this.skipRest();
  }

  /** Whether it holds nothing: it is between two records, or inside one that it skips. */
  get isIdle(): boolean {
    return this.remaining === 0 && this.pendingLength === 0 && this.bodyLength === 0 && this.packets === null;
  }

  /** Packs its state while it is idle. */
  pack({ put }: Packing): void {
    put(this.type);
    put(this.version);
    put(this.length);
    put(this.plaintextLength);
    put(this.skipping);
    const { isCiphertext, isEncrypted, hasGap, hasTls, isAligned, hasStarted } = this;
    put(bits(isCiphertext, isEncrypted, hasGap, hasTls, isAligned, hasStarted));
  }

  /** Restores the state that another reader packed. */
  unpack({ take }: Packing): void {
    this.type = take();
    this.version = take();
    this.length = take();
    this.plaintextLength = take();
    this.skipping = take();
    const marks = take();
    this.isCiphertext = isSet(marks, 0);
    this.isEncrypted = isSet(marks, 1);
    this.hasGap = isSet(marks, 2);
    this.hasTls = isSet(marks, 3);
    this.isAligned = isSet(marks, 4);
    this.hasStarted = isSet(marks, 5);
  }

  /** The stream has ended: complete content in an incomplete record still counts. */
  end(stamp: FrameStamp): void {
    if (this.isCutInHeader) {
      this.beginTls();
      this.type = HANDSHAKE;
    }
    if (this.isAligned) this.readPartialBody(stamp);
    else if (!this.hasTls) this.keepPlaintext(this.pending, 0, this.pendingLength, stamp);
  }

  /** Whether all that came is the beginning of the header of a record with a hello. */
  private get isCutInHeader(): boolean {
    const { hasTls, plaintextLength, pending, pendingLength } = this;
    const isAlone = !hasTls && plaintextLength === 0 && pendingLength >= LEAST_OF_HELLO;
    return isAlone && isHelloStart(pending, 0, pendingLength);
  }

  /** Skips the rest of the current record: it is encrypted, or unreadable without what is lost. */
  skipRest(): void {
    this.skipping += this.remaining;
    this.dropRecord();
  }

  private reset(): void {
    this.isAligned = false;
    this.skipping = 0;
    this.dropRecord();
  }

  private dropRecord(): void {
    this.remaining = 0;
    this.pendingLength = 0;
    this.body = EMPTY;
    this.bodyLength = 0;
  }

  /** Hands on the available part of an incomplete record. */
  private readPartialBody(stamp: FrameStamp): void {
    if (this.remaining === 0 && this.pendingLength >= HEADER_LENGTH) this.beginHeldRecord(stamp);
    const isReadable = this.type === HANDSHAKE && this.version !== SSL_2 && !this.isCiphertext;
    if (isReadable && this.bodyLength > 0) this.deliver(stamp);
    this.sink.cut(this, stamp);
  }

  /** Removes the packets of another protocol; the first byte that begins none ends that. */
  private readFramed(bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): void {
    let at = start;
    while (at < end) {
      const framing = this.packets;
      if (framing === null) {
        this.readRecords(bytes, at, end, stamp);
        return;
      }
      if (framing.payload > 0) {
        const stop = Math.min(end, at + framing.payload);
        framing.payload -= stop - at;
        this.readRecords(bytes, at, stop, stamp);
        at = stop;
      } else if (framing.skipping > 0) {
        const stop = Math.min(end, at + framing.skipping);
        framing.skipping -= stop - at;
        at = stop;
      } else {
        framing.header[framing.held++] = u8(bytes, at++);
        if (framing.next(framing) === 'none') {
          const held = framing.header.slice(0, framing.held);
          this.packets = null;
          this.readRecords(held, 0, held.length, stamp);
        }
      }
    }
  }

  private readRecords(bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): void {
    let at = Math.min(end, start + this.skipping);
    this.skipping -= at - start;
    if (at === end) return;
    if (!this.isAligned) {
      const held = this.pendingLength;
      if (held > 0) {
        // Only few bytes were held: join them with these.
        bytes = Buffer.concat([this.pending.subarray(0, held), bytes.subarray(at, end)]);
        at = 0;
        end = bytes.length;
        this.pendingLength = 0;
      }
      const wasFramed = this.packets !== null;
      at = this.detect(bytes, at, end, held, stamp);
      if (!wasFramed && this.packets !== null) {
        this.readFramed(bytes, at, end, stamp);
        return;
      }
    }
    while (at < end) {
      if (this.skipping > 0) {
        const stop = Math.min(end, at + this.skipping);
        this.skipping -= stop - at;
        at = stop;
      } else if (this.remaining > 0) {
        at = this.readBody(bytes, at, end, stamp);
      } else if (
        this.pendingLength === 0 &&
        end - at >= HEADER_LENGTH &&
        (end - at >= DETECT_LENGTH || end - at >= this.headLength(bytes, at))
      ) {
        if (!isRecordHeader(bytes, at)) {
          this.loseBoundary(bytes, at, stamp);
          return;
        }
        this.beginRecord(bytes, at, end, stamp);
        at += HEADER_LENGTH;
      } else {
        at = this.readCutHeader(bytes, at, end, stamp);
      }
    }
  }

  /**
   * Decides whether bytes are TLS; the first `held` of them came before and were too few to decide. Returns where
   * records begin; `end` if nowhere.
   */
  private detect(bytes: Uint8Array, start: number, end: number, held: number, stamp: FrameStamp): number {
    if (mayBeTls(bytes, start, end)) {
      this.hold(bytes, start, end);
      return end;
    }
    const isFirst = !this.hasStarted;
    this.hasStarted = true;
    let at = this.detectAt(bytes, start, end, isFirst);
    // What was held was the end of something else; TLS may begin after it.
    if (at === end && held > 0) at = this.detectAt(bytes, held, end, false);
    if (at === end) return this.detectLater(bytes, start, end, stamp);
    if (at > start && this.version !== SSL_2) this.keepPlaintext(bytes, start, at, stamp);
    return at;
  }

  private detectAt(bytes: Uint8Array, start: number, end: number, isFirst: boolean): number {
    if (looksLikeRecords(bytes, start, end, isFirst)) {
      this.beginTls();
      return start;
    }
    const length = v2ClientHelloLength(bytes, start, end);
    if (length === 0) return end;
    this.beginTls();
    this.type = HANDSHAKE;
    this.version = SSL_2;
    this.length = this.remaining = length;
    return start + 2;
  }

  /**
   * Looks for TLS after plaintext, wherever the segments were cut; the first bytes of a possible hello at the end are
   * held.
   */
  private detectLater(bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): number {
    if (this.hasTls) return end;
    const mayScan = this.plaintextLength < MAX_SCANNED;
    const found = mayScan ? findHello(bytes, start, end) : end;
    const held = found === end && mayScan ? heldHello(bytes, start, end) : end;
    this.keepPlaintext(bytes, start, Math.min(found, held), stamp);
    if (found < end) this.beginTls();
    else if (held < end) this.hold(bytes, held, end);
    return found;
  }

  private keepPlaintext(bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): void {
    this.sink.plaintext(this, bytes, start, end, stamp);
    this.plaintextLength += end - start;
  }

  private beginTls(): void {
    this.isAligned = true;
    this.version = 0;
    if (!this.hasTls && this.plaintextLength > 0) this.packets = this.sink.framing(this);
    this.hasTls = true;
  }

  /**
   * Takes bytes of a header that the end of a chunk cut; begins its record once it is complete. Returns where it ends.
   */
  private readCutHeader(bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): number {
    for (let at = start; at < end;) {
      this.hold(bytes, at, ++at);
      if (this.pendingLength < HEADER_LENGTH) continue;
      if (!isRecordHeader(this.pending, 0)) {
        this.loseBoundary(this.pending, 0, stamp);
        return end;
      }
      if (this.pendingLength >= this.headLength(this.pending, 0)) {
        this.beginHeldRecord(stamp);
        return at;
      }
    }
    return end;
  }

  /** Adds to the few bytes held until there are enough to decide what they are. */
  private hold(bytes: Uint8Array, start: number, end: number): void {
    if (this.pending.length === 0) this.pending = new Uint8Array(DETECT_LENGTH);
    for (let at = start; at < end; at++) this.pending[this.pendingLength++] = u8(bytes, at);
  }

  /** Begins the record whose header, and perhaps first bytes, are held. */
  private beginHeldRecord(stamp: FrameStamp): void {
    const end = this.pendingLength;
    this.pendingLength = 0;
    this.beginRecord(this.pending, 0, end, stamp);
    if (this.skipping > 0) this.skipping -= end - HEADER_LENGTH;
    else if (end > HEADER_LENGTH) this.readBody(this.pending, HEADER_LENGTH, end, stamp);
  }

  /** Begins the record with the valid header at `at`, and reads its body as far as it is available. */
  private beginRecord(bytes: Uint8Array, at: number, end: number, stamp: FrameStamp): void {
    this.type = u8(bytes, at);
    this.version = u16(bytes, at + 1);
    this.length = this.remaining = u16(bytes, at + 3);
    this.isCiphertext = false;
    if (this.type === CHANGE_CIPHER_SPEC) this.sink.changeCipherSpec(this, stamp);
    else if (!this.isContentEncrypted(bytes, at + HEADER_LENGTH, end)) return;
    else if (this.sink.encrypted(this, stamp)) {
      this.isCiphertext = true;
      return;
    }
    this.skipping = this.remaining;
    this.remaining = 0;
  }

  /** Whether the content of the current record is encrypted; its first bytes are at `at`. */
  private isContentEncrypted(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.type === ALERT) return this.isEncrypted || this.length !== ALERT_LENGTH;
    if (this.type === HANDSHAKE) return this.isEncrypted && !this.isHello(bytes, at, end);
    return true;
  }

  /** A hello after ChangeCipherSpec is plaintext if its lengths and version say so. */
  private isHello(bytes: Uint8Array, at: number, end: number): boolean {
    return (
      end - at >= 6 &&
      u8(bytes, at) >= 1 &&
      u8(bytes, at) <= 2 &&
      u24(bytes, at + 1) + 4 === this.length &&
      u8(bytes, at + 4) === 3 &&
      u8(bytes, at + 5) <= 4
    );
  }

  /**
   * Bytes needed to classify the record whose header is at `at`: more than the header where a plaintext hello is
   * possible.
   */
  private headLength(bytes: Uint8Array, at: number): number {
    const mayBeHello = this.isEncrypted && u8(bytes, at) === HANDSHAKE && u16(bytes, at + 3) >= DETECT_LENGTH;
    return mayBeHello ? DETECT_LENGTH : HEADER_LENGTH;
  }

  /** Takes the part of a record's body that is in this chunk; returns where it ends. */
  private readBody(bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): number {
    const stop = Math.min(end, start + this.remaining);
    this.remaining -= stop - start;
    if (this.remaining === 0 && this.bodyLength === 0) {
      // Most records lie whole in one segment, and are read in place: the plain version would copy them first.
      if (this.isCiphertext) this.sink.encryptedContent(this, bytes, start, stop, stamp);
      else this.sink.content(this, bytes, start, stop, stamp);
      return stop;
    }
    // Grows with what arrives: what is announced may never come.
    if (this.bodyLength + stop - start > this.body.length) {
      this.body = this.pool.grow(this.body, this.bodyLength, this.bodyLength + stop - start, this.length);
    }
    this.body.set(bytes.subarray(start, stop), this.bodyLength);
    this.bodyLength += stop - start;
    if (this.remaining === 0) this.deliver(stamp);
    return stop;
  }

  /** Hands on the pieces of the current record. */
  private deliver(stamp: FrameStamp): void {
    const { body, bodyLength } = this;
    this.body = EMPTY;
    this.bodyLength = 0;
    if (this.isCiphertext) this.sink.encryptedContent(this, body, 0, bodyLength, stamp);
    else this.sink.content(this, body, 0, bodyLength, stamp);
    this.pool.give(body);
  }

  /** No record begins where one should: skips until a segment begins with one. */
  private loseBoundary(bytes: Uint8Array, at: number, stamp: FrameStamp): void {
    this.sink.boundaryLost(this, bytes, at, stamp);
    this.reset();
  }
}
