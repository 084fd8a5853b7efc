import { notice } from '../notices.js';
import { u16, u8 } from '../bytes.js';
import type { FrameStamp } from '../capture/frame.js';
import { timestampOf } from '../capture/timestamp.js';
import { bits, isSet, type Packing } from '../packing.js';
import type { Direction, FrameRef } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import { createMasterSecrets } from './decrypt/master-secret.js';
import type { Secrets } from './decrypt/secrets.js';
import { type DecryptedSession, type RecordHeader, SessionDecryption } from './decrypt/session.js';
import type { OpenedRecord } from './decrypt/direction.js';
import type { HandshakeSink } from './handshake/reader.js';
import { type KeepShared, packTranscript, type SharedPart, unpackTranscript } from './fast-path/packed-transcript.js';
import { HandshakeReader, MAX_HANDSHAKE_LENGTH } from './handshake/reader.js';
import { HandshakeSession } from './handshake/session.js';
import { countsAlone } from './handshake/transcript.js';
import type { BadLengthEvent, Protection } from './handshake/transcript.js';
import { framingAfter, isLdapUnbind, MAX_PLAINTEXT, NO_TURNS, type SeenPlaintext, withPlaintext } from './plaintext.js';
import type { BufferPool } from './record/buffer-pool.js';
import type { Framing } from './record/framings/framing.js';
import type { RecordSink } from './record/tls.js';
import {
  ALERT,
  HANDSHAKE,
  HEARTBEAT,
  isHeaderStart,
  MAX_PLAINTEXT_LENGTH,
  MAX_RECORD_LENGTH,
  MAX_RECORD_LENGTH_13,
  RecordReader,
  SSL_2,
} from './record/tls.js';
import { DecodeError } from './wire/cursor.js';
import { decodeV2ClientHello, unreadClientHello } from './wire/messages/client-hello.js';
import type { HandshakeContent } from './wire/messages/handshake.js';
import type { SharedContent } from './wire/messages/shared.js';
import { isTls13 } from './wire/registry/names.js';

/** Bytes of a session, without its buffers and the wire bytes of its messages. */
const SESSION_BYTES = 4096;

const CLIENT_HELLO = 1;
const CLIENT_KEY_EXCHANGE = 16;

/** A record or message length that the protocol does not allow, and the limit. */
type BadLength = Pick<BadLengthEvent, 'what' | 'type' | 'length' | 'limit'>;

/** What all sessions of an analysis share. */
export interface SessionContext {
  readonly buffers: BufferPool;
  readonly secrets: Secrets;
  readonly shared: SharedContent;
}

/** One TLS session: joins the records and handshake messages of both directions into one transcript. */
export class TlsSession extends HandshakeSession implements RecordSink, HandshakeSink, DecryptedSession {
  /** The first bytes of what was said before TLS, or instead of it, in turns. */
  plaintextTurns: readonly SeenPlaintext[] = NO_TURNS;
  readonly records: readonly [RecordReader, RecordReader];
  private lastTurnAnswersTls = false;
  private readonly handshakes: readonly [HandshakeReader, HandshakeReader];

  readonly shared: SharedContent;
  private readonly decryption: SessionDecryption;
  /** How the current message was protected. */
  private protection: Protection = 'none';

  constructor({ buffers, secrets, shared }: SessionContext) {
    super();
    this.shared = shared;
    this.decryption = new SessionDecryption(secrets, this);
    this.masterSecrets = createMasterSecrets(secrets);
    this.records = [new RecordReader(0, this, buffers), new RecordReader(1, this, buffers)];
    this.handshakes = [new HandshakeReader(0, this), new HandshakeReader(1, this)];
  }

  /** A TLS record was recognised in either direction. */
  get isTls(): boolean {
    return this.records[0].hasTls || this.records[1].hasTls;
  }

  /** Its `bytes` when they were last counted. */
  countedBytes = 0;

  /** The size of its buffers, in bytes. */
  get heldBytes(): number {
    const [r0, r1] = this.records;
    const [h0, h1] = this.handshakes;
    return r0.heldBytes + r1.heldBytes + h0.heldBytes + h1.heldBytes + this.decryption.heldBytes;
  }

  /** Its memory, by nominal costs, in bytes. */
  get bytes(): number {
    return SESSION_BYTES + this.heldBytes + this.keptBytes;
  }

  /** Whether it has nothing unusual: it is between two records, and has no keys. */
  private get isIdle(): boolean {
    const [r0, r1] = this.records;
    const [h0, h1] = this.handshakes;
    return (
      r0.isIdle &&
      r1.isIdle &&
      h0.isIdle &&
      h1.isIdle &&
      this.decryption.isUnused &&
      this.masterSecrets === null &&
      this.keys === null &&
      !this.hasZstdCertificates &&
      this.partialHello === null &&
      this.problems.length === 0
    );
  }

  /** Packs its state without plaintext; false if it has something unusual. */
  pack(packing: Packing, keep: KeepShared): boolean {
    if (!this.isIdle) return false;
    const { put } = packing;
    for (const direction of [0, 1] as const) {
      this.records[direction].pack(packing);
      this.handshakes[direction].pack(packing);
    }
    put(this.negotiated.version);
    put(this.negotiated.cipherSuite);
    put(this.keptBytes);
    put(bits(this.hasEarlyHeartbeat, this.lastTurnAnswersTls));
    return packTranscript(this.transcript, packing, keep);
  }

  /** Restores what another session packed; this one is new. */
  unpack(packing: Packing, next: () => SharedPart): void {
    const { take } = packing;
    for (const direction of [0, 1] as const) {
      this.records[direction].unpack(packing);
      this.handshakes[direction].unpack(packing);
    }
    this.negotiated = { version: take(), cipherSuite: take() };
    this.keptBytes = take();
    const marks = take();
    this.hasEarlyHeartbeat = isSet(marks, 0);
    this.lastTurnAnswersTls = isSet(marks, 1);
    // There may be secrets by now, but its hellos were read without them.
    this.masterSecrets = null;
    unpackTranscript(this.transcript, packing, next);
  }

  /** Nothing more comes. */
  wipeKeys(): void {
    this.decryption.wipe();
  }

  // Callbacks of the record readers.

  plaintext(
    { direction, plaintextLength }: RecordReader,
    bytes: Uint8Array,
    start: number,
    end: number,
    stamp: FrameStamp,
  ): void {
    const room = Math.min(end - start, MAX_PLAINTEXT - plaintextLength);
    if (room <= 0) return;
    this.keptBytes += room;
    // After TLS of the other side, this is an answer to that, not to earlier plaintext.
    const answersTls = this.records[opposite(direction)].hasTls;
    const continuesLast = this.plaintextTurns.at(-1)?.direction === direction && answersTls === this.lastTurnAnswersTls;
    this.lastTurnAnswersTls = answersTls;
    const kept = bytes.subarray(start, start + room);
    const plaintext = { direction, frame: stamp.number, at: timestampOf(stamp), bytes: kept };
    this.plaintextTurns = withPlaintext(this.plaintextTurns, plaintext, continuesLast);
  }

  framing({ direction, plaintextLength }: RecordReader): Framing | null {
    return framingAfter(this.plaintextTurns, direction, plaintextLength);
  }

  changeCipherSpec(record: RecordReader, stamp: FrameStamp): void {
    const { direction } = record;
    this.add({
      kind: 'change_cipher_spec',
      direction,
      frame: stamp.number,
      at: timestampOf(stamp),
      protection: record.isEncrypted ? 'encrypted' : 'none',
    });
    // TLS 1.3 ignores it (RFC 8446 §D.4).
    if (isTls13(this.negotiated.version)) return;
    record.isEncrypted = true;
    this.decryption.changeCipherSpec(direction);
  }

  encrypted(record: RecordReader, stamp: FrameStamp): boolean {
    const { type, length } = record;
    const is13 = isTls13(this.negotiated.version);
    if (length > MAX_RECORD_LENGTH_13 && is13) {
      this.badLength(record, { what: 'record-too-long', type, length, limit: MAX_RECORD_LENGTH_13 }, stamp);
    } else if (type === ALERT && !record.isEncrypted && (is13 || length % 2 === 1)) {
      // Before TLS 1.3, several alerts may be in one record.
      this.badLength(record, { what: 'alert-length', type, length, limit: 2 }, stamp);
    }
    if (type === HEARTBEAT && !record.isEncrypted) this.hasEarlyHeartbeat = true;
    if (this.decryption.wants(record, stamp)) return true;
    if (type !== HEARTBEAT && !countsAlone(this.transcript, record.direction, type)) {
      this.addEncrypted(record, length, { frame: stamp.number, at: timestampOf(stamp) });
    }
    return false;
  }

  encryptedContent(record: RecordReader, bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): void {
    this.decryption.record(record, bytes.subarray(start, end), stamp);
  }

  // Callbacks of the decryption.

  closedRecord(header: RecordHeader, began: FrameRef): void {
    this.addEncrypted(header, header.length, began);
  }

  /** Reads the content of an opened record; application data is skipped. */
  openedRecord(header: RecordHeader, { type, content }: OpenedRecord, began: FrameRef, stamp: FrameStamp): void {
    const { direction, version } = header;
    const { isNull } = this.decryption;
    if (!isNull) this.addEncrypted(header, header.length, began, type);
    this.protection = isNull ? 'none' : 'decrypted';
    if (type === HANDSHAKE) this.handshakes[direction].read(content, 0, content.length, stamp, version);
    else if (type === ALERT && content.length >= 2) this.addAlert(direction, version, content, 0, stamp);
    this.protection = 'none';
  }

  private addAlert(
    direction: Direction,
    recordVersion: number,
    bytes: Uint8Array,
    start: number,
    stamp: FrameStamp,
  ): void {
    this.add({
      kind: 'alert',
      direction,
      frame: stamp.number,
      at: timestampOf(stamp),
      protection: this.protection,
      level: u8(bytes, start),
      description: u8(bytes, start + 1),
      recordVersion,
    });
  }

  content(record: RecordReader, bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): void {
    const { direction, version, type, length } = record;
    if (length > MAX_PLAINTEXT_LENGTH) {
      this.badLength(record, { what: 'record-too-long', type, length, limit: MAX_PLAINTEXT_LENGTH }, stamp);
    }
    if (version === SSL_2) {
      this.readV2ClientHello(record, bytes.subarray(start, end), stamp);
    } else if (type === HANDSHAKE) {
      this.handshakes[direction].read(bytes, start, end, stamp, version);
    } else if (type === ALERT) {
      this.addAlert(direction, version, bytes, start, stamp);
    }
  }

  cut(record: RecordReader, stamp: FrameStamp): void {
    this.decryption.cut(record);
    this.handshakes[record.direction].cut(stamp);
  }

  /** Nothing more comes in a direction; `stamp` is the frame of its last bytes. */
  end(direction: Direction, stamp: FrameStamp): void {
    const record = this.records[direction];
    record.end(stamp);
    if (!this.isCutInHello(record)) return;
    this.partialClientHello({ direction, recordVersion: record.version }, unreadClientHello(), stamp);
  }

  /** Whether all of the session is the beginning of a ClientHello, too little to read anything of it. */
  private isCutInHello({ direction, hasTls, hasGap, type, version }: RecordReader): boolean {
    if (!hasTls || hasGap || type !== HANDSHAKE || version === SSL_2) return false;
    if (this.partialHello !== null || this.transcript.events.length > 0) return false;
    const { begun } = this.handshakes[direction];
    return (begun === null || begun === CLIENT_HELLO) && !this.records[opposite(direction)].hasTls;
  }

  gap(record: RecordReader, length: number, stamp: FrameStamp): boolean {
    const handshake = this.handshakes[record.direction];
    this.decryption.gap(record.direction);
    if (((record.remaining > 0 && !record.isCiphertext) || handshake.isInsideMessage) && !handshake.isSkipping) {
      this.problem(record, stamp, notice('message-incomplete', 'connection'));
    }
    if (length <= record.remaining && !record.isCiphertext && handshake.gap(length)) return true;
    handshake.drop();
    return false;
  }

  boundaryLost(record: RecordReader, bytes: Uint8Array, at: number, stamp: FrameStamp): void {
    this.decryption.gap(record.direction);
    if (isLdapUnbind(bytes, at)) {
      this.problem(record, stamp, notice('ldap-unbind', 'connection'));
      this.handshakes[record.direction].drop();
      return;
    }
    this.problem(record, stamp, notice('record-boundary-lost', 'connection'));
    if (isHeaderStart(bytes, at)) {
      const length = u16(bytes, at + 3);
      const limit = isTls13(this.negotiated.version) ? MAX_RECORD_LENGTH_13 : MAX_RECORD_LENGTH;
      const what = length === 0 ? 'empty-record' : 'record-too-long';
      this.badLength(record, { what, type: u8(bytes, at), length, limit }, stamp);
    } else {
      this.badLength(record, { what: 'not-a-record', type: u8(bytes, at), length: 0, limit: 0 }, stamp);
    }
    this.handshakes[record.direction].drop();
  }

  // Callbacks of the handshake readers.

  message(
    { direction, recordVersion, pieces }: HandshakeReader,
    type: number,
    length: number,
    content: HandshakeContent,
    stamp: FrameStamp,
  ): void {
    // Written out for speed: `{ ...seen(direction, stamp), … }` costs two microseconds, twenty times a handshake.
    this.add({
      kind: 'message',
      direction,
      frame: stamp.number,
      at: timestampOf(stamp),
      protection: this.protection,
      type,
      length,
      content,
      recordVersion,
      pieces,
      isBehindGap: this.records[direction].hasGap,
    });
    this.decryption.message(direction, type);
    if (content.kind === 'client_hello') {
      this.decryption.clientHello(direction, content.hello, this.protection === 'decrypted');
    }
    if (type === CLIENT_KEY_EXCHANGE) this.decryption.clientKeyExchange(direction);
    if (content.kind !== 'server_hello') return;
    const { version, cipherSuite } = content.hello;
    this.negotiated = { version, cipherSuite };
    this.decryption.serverHello(direction, content.hello);
    // A client may send ChangeCipherSpec between its two hellos, and TLS 1.3 ignores it (RFC 8446 §D.4).
    if (isTls13(version)) this.records[0].isEncrypted = this.records[1].isEncrypted = false;
  }

  override tooLong(reader: HandshakeReader, type: number, length: number, stamp: FrameStamp): void {
    this.problem(reader, stamp, notice('message-too-long', 'connection', { bytes: length }));
    const bad = { what: 'message-too-long', type, length, limit: MAX_HANDSHAKE_LENGTH } as const;
    this.badLength(this.records[reader.direction], bad, stamp);
  }

  ciphertext({ direction }: HandshakeReader, length: number, stamp: FrameStamp): void {
    const record = this.records[direction];
    if (this.protection !== 'none' || this.decryption.isNull) {
      this.problem(record, stamp, notice('malformed-message', 'noMessage'));
      return;
    }
    // The capture lacks its ChangeCipherSpec.
    record.isEncrypted = true;
    this.addEncrypted(record, length + record.remaining, { frame: stamp.number, at: timestampOf(stamp) });
    record.skipRest();
  }

  private readV2ClientHello({ direction, remaining }: RecordReader, body: Uint8Array, stamp: FrameStamp): void {
    if (remaining > 0) return;
    const reader = this.handshakes[direction];
    reader.recordVersion = SSL_2;
    try {
      const content: HandshakeContent = { kind: 'client_hello', hello: decodeV2ClientHello(body) };
      this.message(reader, CLIENT_HELLO, body.length - 1, content, stamp);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.problem(reader, stamp, notice('malformed-message', 'sslv2', { reason: error.fault }));
    }
  }

  /** @param innerType what keys show that it holds */
  private addEncrypted(
    { direction, type, version, hasGap }: RecordHeader,
    length: number,
    { frame, at }: FrameRef,
    innerType?: number,
  ): void {
    this.add({
      kind: 'encrypted_record',
      direction,
      frame,
      at,
      protection: innerType === undefined ? 'encrypted' : 'decrypted',
      type: innerType ?? type,
      length,
      recordVersion: version,
      isBehindGap: hasGap,
    });
  }

  private badLength({ direction, hasGap, isEncrypted }: RecordReader, bad: BadLength, stamp: FrameStamp): void {
    this.add({
      kind: 'bad_length',
      direction,
      frame: stamp.number,
      at: timestampOf(stamp),
      protection: isEncrypted ? 'encrypted' : 'none',
      ...bad,
      isBehindGap: hasGap,
    });
  }
}
