import { notice } from '../notices.js';
import { BOUNDS } from '../bounds.js';
import { u16, u8 } from '../bytes.js';
import type { FrameStamp } from '../capture/frame.js';
import { timestampOf } from '../capture/timestamp.js';
import { bits, isSet, type Packing } from '../packing.js';
import type { ByteSink, Direction, FrameRef } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import { createMasterSecrets } from './decrypt/master-secret.js';
import { NO_SECRETS, type Secrets } from './decrypt/secrets.js';
import type { OpenedRecord, ProtectedRecord, StreamDecryption } from './decrypt/stream.js';
import { createStreamDecryption } from './decrypt/stream.js';
import { recordCipher } from './decrypt/suites.js';
import type { HandshakeSink } from './handshake/reader.js';
import { type KeepShared, packTranscript, type SharedPart, unpackTranscript } from './handshake/packed-transcript.js';
import { HandshakeReader, MAX_HANDSHAKE_LENGTH } from './handshake/reader.js';
import { HandshakeSession } from './handshake/session.js';
import { countsAlone } from './handshake/transcript.js';
import type { BadLengthEvent, Protection, Seen } from './handshake/transcript.js';
import type { BufferPool } from './record/buffer-pool.js';
import { createBufferPool } from './record/buffer-pool.js';
import type { Framing } from './record/framings/framing.js';
import { framingOf } from './record/framings/index.js';
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
import type { ClientHelloMessage } from './wire/messages/client-hello.js';
import { decodeV2ClientHello, unreadClientHello } from './wire/messages/client-hello.js';
import type { ServerHelloMessage } from './wire/messages/server-hello.js';
import type { HandshakeContent } from './wire/messages/handshake.js';
import type { SharedContent } from './wire/messages/shared.js';
import { createSharedContent } from './wire/messages/shared.js';
import { isTls13 } from './wire/registry/names.js';

/** Plaintext of one direction, until the other one speaks. */
export interface SeenPlaintext extends Seen {
  readonly bytes: Uint8Array;
}

/**
 * Bounds of plaintext: bytes of each direction, and turns of both; the greetings and commands before TLS are shorter.
 */
export const MAX_PLAINTEXT = BOUNDS.plaintextBytes.value;
export const MAX_TURNS = BOUNDS.plaintextTurns.value;

/** Bytes of encrypted records held until the ServerHello. */
const MAX_EARLY_DATA = BOUNDS.earlyDataBytes.value;

/** Bytes of a session, without its buffers and the wire bytes of its messages. */
const SESSION_BYTES = 4096;

const CLIENT_HELLO = 1;
const CLIENT_KEY_EXCHANGE = 16;
/** The extension (RFC 8446 §4.2.10). */
const EARLY_DATA = 42;
const NOTHING = new Uint8Array(0);
const NO_TURNS: readonly SeenPlaintext[] = [];

interface RecordHeader extends ProtectedRecord {
  readonly hasGap: boolean;
}

/** An encrypted record: where it began, and the frame that completed it. */
interface WaitingRecord {
  readonly header: RecordHeader;
  readonly body: Uint8Array;
  readonly began: FrameRef;
  readonly stamp: FrameStamp;
}

/** A record or message length that the protocol does not allow, and the limit. */
type BadLength = Pick<BadLengthEvent, 'what' | 'type' | 'length' | 'limit'>;

/** What all sessions of an analysis share. */
export interface SessionContext {
  readonly buffers: BufferPool;
  readonly secrets: Secrets;
  readonly shared: SharedContent;
}

/** One TLS session: joins the records and handshake messages of both directions into one transcript. */
export class TlsSession extends HandshakeSession implements RecordSink, HandshakeSink {
  /** The first bytes of what was said before TLS, or instead of it, in turns. */
  plaintextTurns: readonly SeenPlaintext[] = NO_TURNS;
  readonly records: readonly [RecordReader, RecordReader];
  private lastTurnAnswersTls = false;
  private readonly handshakes: readonly [HandshakeReader, HandshakeReader];

  readonly shared: SharedContent;
  private readonly secrets: Secrets;
  /** Set if there are secrets for the session, or nothing is encrypted. */
  private decryption: StreamDecryption | null = null;
  /** Where the current encrypted record of each direction began, if its body is wanted. */
  private readonly wanted: [FrameRef | null, FrameRef | null] = [null, null];
  /** Encrypted records that wait for the ServerHello. */
  private readonly waiting: WaitingRecord[] = [];
  private waitingBytes = 0;
  /** ClientHello.random. */
  private random = '';
  /** How the current message was protected. */
  private protection: Protection = 'none';

  constructor({ buffers, secrets, shared }: SessionContext) {
    super();
    this.shared = shared;
    this.secrets = secrets;
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
    return r0.heldBytes + r1.heldBytes + h0.heldBytes + h1.heldBytes + this.waitingBytes;
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
      this.waiting.length === 0 &&
      this.random === '' &&
      this.decryption === null &&
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
    this.decryption?.wipe();
    this.decryption = null;
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
    const last = this.plaintextTurns.at(-1);
    // After TLS of the other side, this is an answer to that, not to earlier plaintext.
    const answersTls = this.records[direction === 0 ? 1 : 0].hasTls;
    const isSameTurn = last?.direction === direction && answersTls === this.lastTurnAnswersTls;
    this.lastTurnAnswersTls = answersTls;
    if (isSameTurn) {
      const joined = Buffer.concat([last.bytes, bytes.subarray(start, start + room)]);
      this.plaintextTurns = [...this.plaintextTurns.slice(0, -1), { ...last, bytes: joined }];
    } else if (this.plaintextTurns.length < MAX_TURNS) {
      const kept = bytes.slice(start, start + room);
      const turn = { direction, frame: stamp.number, at: timestampOf(stamp), bytes: kept };
      this.plaintextTurns = [...this.plaintextTurns, turn];
    }
  }

  framing({ direction, plaintextLength }: RecordReader): Framing | null {
    const turns = this.plaintextTurns.filter((turn) => turn.direction === direction);
    const all = Buffer.concat(turns.map(({ bytes }) => bytes));
    // A framing is recognised by all the plaintext before it; if not all was kept, by none.
    return framingOf(all.length === plaintextLength ? all : NOTHING);
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
    this.decryption?.changeCipherSpec(direction);
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
    const isWanted = this.decryption?.wants(record) === true;
    if (isWanted) {
      this.wanted[record.direction] = { frame: stamp.number, at: timestampOf(stamp) };
    } else if (type !== HEARTBEAT && !countsAlone(this.transcript, record.direction, type)) {
      this.addEncrypted(record, length, { frame: stamp.number, at: timestampOf(stamp) });
    }
    return isWanted;
  }

  encryptedContent(record: RecordReader, bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): void {
    const { direction, type, version, length, hasGap } = record;
    const began = this.wanted[direction];
    this.wanted[direction] = null;
    if (began === null || this.decryption === null) return;
    const body = bytes.subarray(start, end);
    const header = { direction, type, version, length, hasGap };
    if (!this.decryption.isWaiting) this.open(this.decryption, header, body, began, stamp);
    else if (this.waitingBytes + body.length > MAX_EARLY_DATA) this.addEncrypted(header, length, began);
    else {
      this.waitingBytes += body.length;
      const { number, seconds, nanoseconds, digits } = stamp;
      this.waiting.push({ header, body: body.slice(), began, stamp: { number, seconds, nanoseconds, digits } });
    }
  }

  /** Opens a record with its keys, and reads its content; application data is skipped. */
  private open(
    decryption: StreamDecryption,
    header: RecordHeader,
    body: Uint8Array,
    began: FrameRef,
    stamp: FrameStamp,
  ): void {
    const opened = decryption.open(header, body);
    const { direction } = header;
    if (typeof opened === 'string') {
      this.addEncrypted(header, header.length, began);
      if (opened === 'altered' && this.keys !== null) this.keys.altered ??= { direction, ...began };
      return;
    }
    if (this.keys?.altered?.direction === direction) this.keys.altered = null;
    if (!decryption.isNull) this.addEncrypted(header, header.length, began, opened.type);
    this.protection = decryption.isNull ? 'none' : 'decrypted';
    this.readOpened(header, opened, stamp);
    this.protection = 'none';
  }

  private readOpened({ direction, version }: RecordHeader, { type, content }: OpenedRecord, stamp: FrameStamp): void {
    if (type === HANDSHAKE) this.handshakes[direction].read(content, 0, content.length, stamp, version);
    else if (type === ALERT && content.length >= 2) this.addAlert(direction, version, content, 0, stamp);
  }

  /** Opens the records that waited for the ServerHello. */
  private openWaiting(): void {
    for (const { header, body, began, stamp } of this.waiting.splice(0)) {
      if (this.decryption?.wants(header) === true) this.open(this.decryption, header, body, began, stamp);
      else this.addEncrypted(header, header.length, began);
    }
    this.waitingBytes = 0;
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
    const { direction, length } = record;
    const began = this.wanted[direction];
    if (began !== null) this.addEncrypted(record, length, began);
    this.wanted[direction] = null;
    // Records that wait for the ServerHello have waited long enough.
    if (this.waiting.length > 0) this.openWaiting();
    this.handshakes[direction].cut(stamp);
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
    this.decryption?.gap(record.direction);
    if (((record.remaining > 0 && !record.isCiphertext) || handshake.isInsideMessage) && !handshake.isSkipping) {
      this.problem(record, stamp, notice('message-incomplete', 'connection'));
    }
    if (length <= record.remaining && !record.isCiphertext && handshake.gap(length)) return true;
    handshake.drop();
    return false;
  }

  boundaryLost(record: RecordReader, bytes: Uint8Array, at: number, stamp: FrameStamp): void {
    this.decryption?.gap(record.direction);
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
    this.decryption?.message(direction, type);
    if (content.kind === 'client_hello') this.clientHello(direction, content.hello);
    if (type === CLIENT_KEY_EXCHANGE) this.clientKeyExchange(direction);
    if (content.kind !== 'server_hello') return;
    const { version, cipherSuite } = content.hello;
    this.negotiated = { version, cipherSuite };
    this.serverHello(direction, content.hello);
    // A client may send ChangeCipherSpec between its two hellos, and TLS 1.3 ignores it (RFC 8446 §D.4).
    if (isTls13(version)) this.records[0].isEncrypted = this.records[1].isEncrypted = false;
  }

  /** Looks up secrets for the ClientHello. */
  private clientHello(direction: Direction, { random, extensions }: ClientHelloMessage): void {
    if (this.protection === 'decrypted') this.decryption?.clientHello(random);
    if (this.protection === 'decrypted' || this.secrets.isEmpty || this.random === random) return;
    this.random = random;
    this.decryption = null;
    if (!this.secrets.has(random)) return;
    this.decrypt(
      direction,
      extensions.some(({ type }) => type === EARLY_DATA),
    );
  }

  private decrypt(client: Direction, offersEarlyData: boolean): StreamDecryption {
    const { random } = this;
    this.keys = { opened: 0, altered: null, unreadable: null };
    return (this.decryption = createStreamDecryption(this.secrets, client, { random, offersEarlyData }, this.keys));
  }

  /** Secrets of RSA are found by this message: only now is it known whether there are any. */
  private clientKeyExchange(client: Direction): void {
    const serverHello = this.masterSecrets?.serverHello ?? null;
    if (serverHello === null || this.decryption !== null || !this.secrets.has(this.random)) return;
    this.decrypt(client, false).serverHello(serverHello);
  }

  private serverHello(direction: Direction, hello: ServerHelloMessage): void {
    // Without encryption, no keys are needed.
    if (this.decryption === null && recordCipher(hello.cipherSuite)?.kind === 'null') {
      const nothing = { opened: 0, altered: null, unreadable: null };
      const offer = { random: '', offersEarlyData: false };
      this.decryption = createStreamDecryption(this.secrets, opposite(direction), offer, nothing);
    }
    // Only now is it known whether there is a secret for its session ID.
    if (this.decryption === null && this.masterSecrets !== null && this.secrets.has(this.random)) {
      this.decrypt(opposite(direction), false);
    }
    this.decryption?.serverHello(hello);
    if (this.decryption?.isNull === true) this.keys = null;
    if (this.waiting.length > 0) this.openWaiting();
  }

  override tooLong(reader: HandshakeReader, type: number, length: number, stamp: FrameStamp): void {
    this.problem(reader, stamp, notice('message-too-long', 'connection', { bytes: length }));
    const bad = { what: 'message-too-long', type, length, limit: MAX_HANDSHAKE_LENGTH } as const;
    this.badLength(this.records[reader.direction], bad, stamp);
  }

  ciphertext({ direction }: HandshakeReader, length: number, stamp: FrameStamp): void {
    const record = this.records[direction];
    if (this.protection !== 'none' || this.decryption?.isNull === true) {
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
      this.problem(reader, stamp, notice('malformed-message', 'sslv2', { reason: error.message }));
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

/** What a packed session keeps outside: what it shares with others, and what was said before TLS. */
export interface PackedRest {
  readonly shared: readonly SharedPart[];
  readonly plaintextTurns: readonly SeenPlaintext[];
}

/** Bytes of a turn besides its text. */
const TURN_BYTES = 350;

const plaintextBytes = (turns: readonly SeenPlaintext[]): number =>
  turns.reduce((sum, { bytes }) => sum + TURN_BYTES + bytes.length, 0);

/** Reads TLS from flows, each into a session of its own. */
export interface TlsReader extends ByteSink<TlsSession> {
  /** Bytes of all sessions that are not released. */
  readonly heldBytes: () => number;
  /** A session is over, and no longer counts: its keys are overwritten. */
  release(session: TlsSession): void;
  /** Packs a session that is not used again, and returns the rest of it; null if it has something unusual. */
  pack(session: TlsSession, packing: Packing): PackedRest | null;
  /** Makes a session from what `pack` wrote and returned. */
  unpack(rest: PackedRest, packing: Packing): TlsSession;
}

/** @param secrets records of handshakes that these belong to are decrypted */
export function createTlsReader(secrets: Secrets = NO_SECRETS, shared = createSharedContent()): TlsReader {
  const context = { buffers: createBufferPool(), secrets, shared };
  const sharedParts = createSharedParts();
  let bytesHeld = 0;
  const count = (session: TlsSession): void => {
    const { bytes } = session;
    bytesHeld += bytes - session.countedBytes;
    session.countedBytes = bytes;
  };
  return {
    heldBytes: () => bytesHeld + sharedParts.bytes(),
    release(session) {
      session.wipeKeys();
      bytesHeld -= session.countedBytes;
      session.countedBytes = 0;
    },
    pack(session, packing) {
      const parts: (readonly [part: SharedPart, bytes: number])[] = [];
      const isPacked = session.pack(packing, (...part) => parts.push(part));
      if (!isPacked || !packing.fits()) return null;
      for (const [part, bytes] of parts) sharedParts.keep(part, bytes);
      const { plaintextTurns, countedBytes } = session;
      bytesHeld += plaintextBytes(plaintextTurns) - countedBytes;
      return { shared: parts.map(([part]) => part), plaintextTurns };
    },
    unpack({ shared: parts, plaintextTurns }, packing) {
      const session = new TlsSession(context);
      let at = 0;
      session.unpack(packing, () => parts[at++] as SharedPart);
      session.plaintextTurns = plaintextTurns;
      for (const part of parts) sharedParts.letGo(part);
      bytesHeld -= plaintextBytes(plaintextTurns);
      count(session);
      return session;
    },
    open: () => new TlsSession(context),
    data(session, direction, { bytes, offset, end }, stamp) {
      session.records[direction].read(bytes, offset, end, stamp);
      count(session);
    },
    gap(session, direction, length, stamp) {
      session.records[direction].gap(length, stamp);
    },
    end(session, direction, stamp) {
      session.end(direction, stamp);
    },
    skippable: (session, direction) => session.records[direction].skippable,
    skip(session, direction, length) {
      session.records[direction].skip(length);
    },
  };
}

/** Counts the memory that packed sessions share, each thing once. */
function createSharedParts() {
  const held = new Map<SharedPart, { holders: number; readonly bytes: number }>();
  let total = 0;
  return {
    bytes: () => total,
    keep(part: SharedPart, bytes: number): void {
      const known = held.get(part);
      if (known !== undefined) {
        known.holders++;
        return;
      }
      held.set(part, { holders: 1, bytes });
      total += bytes;
    },
    letGo(part: SharedPart): void {
      const known = held.get(part);
      if (known === undefined || --known.holders > 0) return;
      held.delete(part);
      total -= known.bytes;
    },
  };
}

/**
 * Whether the bytes begin an LDAPMessage that only holds UnbindRequest (RFC 4511 §4.3), the one operation without
 * content: libldap sends it in plaintext when it gives up TLS (2.5.13).
 */
const isLdapUnbind = (bytes: Uint8Array, at: number): boolean =>
  u16(bytes, at) === 0x3005 && u16(bytes, at + 2) === 0x0201;
