import { notice } from '../notices.js';
import { BOUNDS } from '../bounds.js';
import { hex, u16, u24, u8 } from '../bytes.js';
import type { FrameStamp } from '../capture/frame.js';
import { timestampOf, toMilliseconds } from '../capture/timestamp.js';
import type { Datagram, DatagramProtocol, DatagramReader, Direction, FrameRef } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import type { DtlsKeys, OpenedRecord, Opening } from './decrypt/dtls.js';
import { createDtlsKeys } from './decrypt/dtls.js';
import { createMasterSecrets } from './decrypt/master-secret.js';
import type { Secrets } from './decrypt/secrets.js';
import { recordCipher } from './decrypt/suites.js';
import type { FragmentBudget, PartialMessage } from './handshake/fragments.js';
import { addFragment, roomForFragments, beginningOf, emptyMessage, newFragmentBudget } from './handshake/fragments.js';
import type { HandshakeSink } from './handshake/reader.js';
import { HandshakeReader, MAX_HANDSHAKE_LENGTH } from './handshake/reader.js';
import { HandshakeSession } from './handshake/session.js';
import { countsAlone, type Protection } from './handshake/transcript.js';
import type { DtlsRecord } from './record/dtls.js';
import {
  ACK,
  CONNECTION_ID,
  FRAGMENT_HEADER_LENGTH,
  isDtlsDatagram,
  isFragment,
  isUnifiedHeader,
  newDtlsRecord,
  readRecord,
  readUnifiedRecord,
} from './record/dtls.js';
import { ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, HEARTBEAT } from './record/tls.js';
import { connectionId, draftConnectionId, mbedTlsConnectionId } from './wire/extensions/connection-id.js';
import { contentOf } from './wire/extensions/extension.js';
import { supportedVersions } from './wire/extensions/supported-versions.js';
import { decodeClientHelloStart } from './wire/messages/client-hello.js';
import type { HandshakeContent } from './wire/messages/handshake.js';
import type { ServerHelloMessage } from './wire/messages/server-hello.js';
import type { SharedContent } from './wire/messages/shared.js';
import { cipherSuiteName, isTls13 } from './wire/registry/names.js';

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const HELLO_VERIFY_REQUEST = 3;
const SERVER_KEY_EXCHANGE = 12;
const CLIENT_KEY_EXCHANGE = 16;
const CERTIFICATE_REQUEST = 13;
/** legacy_version and random of a ClientHello. */
const RANDOM_END = 34;
const RANDOM_START = 2;
const CONNECTION_ID_EXTENSIONS = [connectionId, draftConnectionId, mbedTlsConnectionId];
/** Bytes of a message's state, without its content. */
const MESSAGE_BYTES = 512;
/** Nominal bytes of an association. */
const DTLS_BYTES = 4096;
const MAX_NUMBERED = BOUNDS.numberedMessages.value;
const ENCRYPT_THEN_MAC = 22;
/** Handshakes of one association whose keys are kept: the first one, and renegotiations. */
const MAX_HANDSHAKES = BOUNDS.dtlsHandshakes.value;
/** Records that wait for the ServerHello, which says how to open them. */
const MAX_WAITING = BOUNDS.quicHeldInitials.value;
/** Records of a direction after the handshake whose type is encrypted, and that are opened whatever their size. */
const MAX_OPENED = BOUNDS.openedBehindHandshake.value;
/** Later records longer than so many bytes hold application data: not an alert, a KeyUpdate or an ACK. */
const MAX_ALERT_LENGTH = 64;
/** The level of an alert that ends the association (RFC 5246 §7.2). */
const FATAL = 2;

/** A complete message, and how often it was sent again since then, or since the peer's latest new message. */
interface CompleteMessage {
  readonly type: number;
  readonly length: number;
  /** The frame that completed it. A copy in an earlier frame, processed late, is not a retransmission. */
  readonly frame: number;
  copies: number;
  /** `DtlsDirection.turn`, and the time in milliseconds, when it was last sent again. */
  turn: number;
  lastCopyAt: number;
}

/** A message that the frame of `stamp` completed, and that was not sent again so far. */
const completed = (type: number, length: number, { turn }: DtlsDirection, stamp: FrameStamp): CompleteMessage => ({
  type,
  length,
  frame: stamp.number,
  copies: 0,
  turn,
  lastCopyAt: -Infinity,
});

/**
 * Copies of a message within so many milliseconds belong to one round: the peer's own copies trigger them. Timers begin
 * with 50 ms (WebRTC) or 1 s (RFC 6347 §4.2.4.1).
 */
const ROUND_MS = 40;

/** A message that was sent again: its last copy, its HandshakeType, and how often it was sent again. */
export interface ResentMessage extends FrameRef {
  readonly type: number;
  readonly times: number;
}

/** A complete message, with the version of its record and the frame that completed it. */
interface WholeMessage {
  readonly type: number;
  readonly sequence: number;
  readonly body: Uint8Array;
  /** In how many fragments it came. */
  readonly pieces: number;
  readonly version: number;
  readonly stamp: FrameStamp;
}

/** The content of a record, or the captured part: from `start` to `end`, `length` bytes on the wire. */
interface RecordContent {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

/** The epoch of a record, and how it was protected. */
interface RecordProtection {
  readonly epoch: number;
  readonly protection: Protection;
}

const PLAIN: RecordProtection = { epoch: 0, protection: 'none' };

/** A record that came before the ServerHello. */
interface WaitingRecord {
  readonly direction: Direction;
  readonly record: DtlsRecord;
  readonly bytes: Uint8Array;
  readonly stamp: FrameStamp;
}

/** What is known of one direction. */
interface DtlsDirection {
  readonly handshake: HandshakeReader;
  /** By epoch and message_seq: complete messages, and messages with parts missing; null before the first. */
  complete: Map<number, CompleteMessage> | null;
  partial: Map<number, PartialMessage> | null;
  heldBytes: number;
  /** Messages whose structure depends on one that is still missing. */
  waitingMessages: readonly WholeMessage[];
  /** Plaintext messages that were sent again after they had been complete. */
  retransmissions: number;
  mostResent: ResentMessage | null;
  /** Number of new messages of the peer so far. A new message of the peer answers what was sent again before it. */
  turn: number;
  /** Length in bytes of the connection ID that this direction's receiver asked for; -1 while unknown. */
  connectionIdLength: number;
  /** Number of records of protected epochs. */
  protectedRecords: number;
  /** Number of records after the handshake whose type is encrypted. */
  untypedRecords: number;
}

/** Number of messages that a direction holds by their numbers. */
const messagesOf = ({ complete, partial }: DtlsDirection): number => (complete?.size ?? 0) + (partial?.size ?? 0);

/**
 * One association of DTLS 1.0, 1.2 or 1.3 (RFC 4347, RFC 6347, RFC 9147): reads its records and messages into one
 * transcript.
 */
export class DtlsSession extends HandshakeSession implements DatagramReader, HandshakeSink {
  readonly protocol = 'dtls';
  /** ACK records that could be read (RFC 9147 §7). */
  acks = 0;
  /** Whether any record carries a connection ID (RFC 9146, RFC 9147 §9). */
  hasConnectionId = false;
  isOver = false;
  private readonly directions: readonly [DtlsDirection, DtlsDirection];
  /** Of the first ClientHello. */
  private clientRandom: string | null = null;
  /** The last frame with a part of an incomplete ClientHello. */
  private helloStamp: FrameStamp | null = null;
  private record: DtlsRecord = newDtlsRecord();
  private recordProtection: RecordProtection = PLAIN;
  /** `MessageEvent.sequence` of the message being read. */
  private sequence = 0;
  /** Whether the last ClientHello offers DTLS 1.3. */
  private offersTls13 = false;
  /** Of the last ClientHello, in hexadecimal, and the direction that it came from. */
  private lastRandom = '';
  private client: Direction = 0;
  /** Keys for records of epochs above `after`. */
  private readonly epochs: { readonly after: number; readonly keys: DtlsKeys }[] = [];
  private readonly earlyRecords: WaitingRecord[] = [];

  constructor(
    private readonly budget: FragmentBudget,
    private readonly secrets: Secrets,
    readonly shared: SharedContent,
  ) {
    super();
    this.masterSecrets = createMasterSecrets(secrets);
    const direction = (of: Direction): DtlsDirection => ({
      handshake: new HandshakeReader(of, this),
      complete: null,
      partial: null,
      heldBytes: 0,
      waitingMessages: [],
      retransmissions: 0,
      mostResent: null,
      turn: 0,
      connectionIdLength: -1,
      protectedRecords: 0,
      untypedRecords: 0,
    });
    this.directions = [direction(0), direction(1)];
  }

  /** Bytes of the fragments held to become messages. */
  get heldBytes(): number {
    return this.directions[0].heldBytes + this.directions[1].heldBytes;
  }

  /** As `DatagramReader.bytes`; each fragment and message has a cost of its own. */
  get bytes(): number {
    const [a, b] = this.directions;
    return DTLS_BYTES + this.heldBytes + this.keptBytes + (messagesOf(a) + messagesOf(b)) * MESSAGE_BYTES;
  }

  /** The message that a direction repeated most since the peer's latest new one, at its last copy; null if none. */
  mostResent(direction: Direction): ResentMessage | null {
    return this.directions[direction].mostResent;
  }

  retransmissions(direction: Direction): number {
    return this.directions[direction].retransmissions;
  }

  datagram(direction: Direction, datagram: Datagram, stamp: FrameStamp): boolean {
    const { bytes, offset, end } = datagram;
    if (offset >= end) return false;
    const isUnified = isUnifiedHeader(u8(bytes, offset)) && (this.mayBeTls13 || this.awaitsServerHello);
    if (!isUnified && (!isDtlsDatagram(datagram) || this.beginsAnother(direction, datagram))) return false;
    for (let at = offset; at < end;) {
      const next = this.readHeader(direction, datagram, at);
      if (next < 0) return at > offset;
      this.readBody(direction, bytes, stamp);
      at = next;
    }
    return true;
  }

  /**
   * Whether a datagram is a server's first message, while only the client's was seen. No key proves that it belongs
   * here.
   */
  strayAnswerOf(datagram: Datagram): 'plausible' | null {
    const { bytes, offset } = datagram;
    if (this.clientRandom === null || this.negotiated.version !== 0 || !isDtlsDatagram(datagram)) return null;
    if (readRecord(this.record, datagram, offset, -1) < 0) return null;
    const { type, epoch, start, end } = this.record;
    if (type !== HANDSHAKE || epoch !== 0 || start >= end) return null;
    return u8(bytes, start) === SERVER_HELLO || u8(bytes, start) === HELLO_VERIFY_REQUEST ? 'plausible' : null;
  }

  end(): void {
    this.readEarly();
    for (const direction of this.directions) {
      this.readWaiting(direction);
      for (const [number, message] of direction.partial ?? []) {
        if (message.type === CLIENT_HELLO && this.helloStamp !== null) {
          const hello = decodeClientHelloStart(beginningOf(message));
          if (hello !== null) this.partialClientHello(direction.handshake, hello, this.helloStamp);
        }
        this.dropPartial(direction, number);
      }
    }
    for (const { keys } of this.epochs.splice(0)) keys.wipe();
  }

  private readHeader(direction: Direction, datagram: Datagram, at: number): number {
    const { connectionIdLength } = this.directions[direction];
    if (isUnifiedHeader(u8(datagram.bytes, at))) {
      return readUnifiedRecord(this.record, datagram, at, connectionIdLength);
    }
    return readRecord(this.record, datagram, at, connectionIdLength);
  }

  /** Whether the datagram begins another association on the same ports, with a first ClientHello that is not ours. */
  private beginsAnother(direction: Direction, datagram: Datagram): boolean {
    const { bytes, offset } = datagram;
    if (readRecord(this.record, datagram, offset, -1) < 0) return false;
    const { type, epoch, start, end } = this.record;
    const body = start + FRAGMENT_HEADER_LENGTH;
    const isFirstHello =
      type === HANDSHAKE &&
      epoch === 0 &&
      end - body >= RANDOM_END &&
      u8(bytes, start) === CLIENT_HELLO &&
      u16(bytes, start + 4) === 0 &&
      u24(bytes, start + 6) === 0;
    if (!isFirstHello) return false;
    if (this.clientRandom !== null) return hex(bytes, body + RANDOM_START, body + RANDOM_END) !== this.clientRandom;
    // An association that began before the capture continues with data, not with a ClientHello.
    return this.directions.some(({ protectedRecords }) => protectedRecords > 0);
  }

  private readBody(of: Direction, bytes: Uint8Array, stamp: FrameStamp): void {
    const { type, epoch, start, end, length } = this.record;
    if (this.record.hasConnectionId) this.hasConnectionId = true;
    if (epoch === 0 && type !== 0) {
      this.recordProtection = PLAIN;
      this.readContent(of, { type, bytes, start, end, length }, stamp);
      return;
    }
    if (this.awaitsServerHello) {
      const { headerStart } = this.record;
      const record = shifted(this.record, headerStart);
      if (this.earlyRecords.length < MAX_WAITING) {
        this.earlyRecords.push({ direction: of, record, bytes: bytes.slice(headerStart, end), stamp: copyOf(stamp) });
        return;
      }
    }
    this.readRecord(of, bytes, stamp);
  }

  private readContent(of: Direction, content: RecordContent, stamp: FrameStamp): void {
    const { type, bytes, start, end, length } = content;
    const { protection } = this.recordProtection;
    if (type === HANDSHAKE) {
      this.readFragments(this.directions[of], content, stamp);
    } else if (type === CHANGE_CIPHER_SPEC) {
      const seen = { direction: of, frame: stamp.number, at: timestampOf(stamp) };
      this.add({ kind: 'change_cipher_spec', ...seen, protection });
    } else if (type === ALERT && end - start >= 2) {
      this.isOver ||= protection === 'none' && u8(bytes, start) === FATAL;
      this.add({
        kind: 'alert',
        direction: of,
        frame: stamp.number,
        at: timestampOf(stamp),
        protection,
        level: u8(bytes, start),
        description: u8(bytes, start + 1),
        recordVersion: this.record.version,
      });
    } else if (type === ACK) {
      this.acks++;
    } else if (type === HEARTBEAT) {
      this.hasEarlyHeartbeat ||= protection === 'none';
    } else {
      this.addProtected(of, type, length, stamp);
    }
  }

  /** Whether DTLS 1.3 was negotiated, or may have been in a ServerHello that the capture lacks. */
  private get mayBeTls13(): boolean {
    const { version } = this.negotiated;
    return version === 0 ? this.offersTls13 : isTls13(version);
  }

  /**
   * Whether protected records may become readable: there are secrets for the handshake, and its ServerHello is still to
   * come.
   */
  private get awaitsServerHello(): boolean {
    return this.negotiated.version === 0 && this.clientRandom !== null && this.secrets.has(this.clientRandom);
  }

  /** Reads the records that came before the ServerHello. */
  private readEarly(): void {
    const { record, recordProtection } = this;
    for (const { direction, record: early, bytes, stamp } of this.earlyRecords.splice(0)) {
      this.record = early;
      this.readRecord(direction, bytes, stamp);
    }
    this.record = record;
    this.recordProtection = recordProtection;
  }

  /** Reads the current protected record. */
  private readRecord(of: Direction, bytes: Uint8Array, stamp: FrameStamp): void {
    const opened = this.openRecord(of, bytes);
    if (typeof opened !== 'string') {
      this.readOpened(of, opened, stamp);
      return;
    }
    if (opened === 'altered') this.packetAltered({ direction: of, frame: stamp.number, at: timestampOf(stamp) });
    this.readProtected(of, stamp);
  }

  /** Opens the current protected record; returns `closed` also for records that hold nothing of the handshake. */
  private openRecord(of: Direction, bytes: Uint8Array): Opening {
    const { type, epoch, start, end, length } = this.record;
    const epochs = this.epochs.findLast(({ after }) => epoch > after || type === 0);
    if (epochs === undefined || end - start < length || type === APPLICATION_DATA) return 'closed';
    const isUntyped = type === CONNECTION_ID || (type === 0 && epoch !== 2);
    if (isUntyped && ++this.directions[of].untypedRecords > MAX_OPENED && length > MAX_ALERT_LENGTH) return 'closed';
    return epochs.keys.open(of === this.client ? 'client' : 'server', this.record, bytes);
  }

  private readOpened(of: Direction, { type, content, epoch }: OpenedRecord, stamp: FrameStamp): void {
    // A suite without encryption leaves its records in plaintext.
    const protection = recordCipher(this.negotiated.cipherSuite)?.kind === 'null' ? 'none' : 'decrypted';
    this.directions[of].protectedRecords++;
    this.recordProtection = { epoch, protection };
    if (protection === 'decrypted') this.packetOpened(of);
    const { length } = content;
    this.readContent(of, { type, bytes: content, start: 0, end: length, length }, stamp);
  }

  /** Notes a record of which only the header can be read. */
  private readProtected(of: Direction, stamp: FrameStamp): void {
    const direction = this.directions[of];
    const { type, epoch, sequence, length } = this.record;
    const before = direction.protectedRecords++;
    if (type === HEARTBEAT) return;
    // An epoch counts its records from 0 (RFC 6347 §4.1): the capture lacks what came before this alert, a Finished or data.
    const isBehindGap = type === ALERT && sequence > before;
    const isUntyped = type === 0 || type === CONNECTION_ID || type === ACK;
    // With a connection ID, the type is encrypted; the first such record is still the Finished (RFC 5246 §7.4.9).
    const isFinished = type === CONNECTION_ID && before === 0;
    this.recordProtection = { epoch, protection: 'encrypted' };
    this.addProtected(of, isFinished ? HANDSHAKE : isUntyped ? APPLICATION_DATA : type, length, stamp, isBehindGap);
  }

  private addProtected(
    direction: Direction,
    type: number,
    length: number,
    stamp: FrameStamp,
    isBehindGap = false,
  ): void {
    const { epoch, protection } = this.recordProtection;
    if (protection !== 'decrypted' && countsAlone(this.transcript, direction, type)) return;
    this.add({
      kind: 'encrypted_record',
      direction,
      frame: stamp.number,
      at: timestampOf(stamp),
      protection: protection === 'decrypted' ? protection : 'encrypted',
      type,
      length,
      recordVersion: this.record.version,
      isBehindGap,
      epoch,
    });
  }

  /** The fragments in a record, of one message or several (RFC 6347 §4.2.3). */
  private readFragments(direction: DtlsDirection, content: RecordContent, stamp: FrameStamp): void {
    const { bytes, start, end, length } = content;
    const recordEnd = start + length;
    for (let at = start; end - at >= FRAGMENT_HEADER_LENGTH;) {
      if (!isFragment(bytes, at, recordEnd - at)) {
        this.problem(direction.handshake, stamp, notice('malformed-message', 'fragment'));
        return;
      }
      const size = u24(bytes, at + 9);
      this.readFragment(direction, bytes, at, Math.min(end, at + FRAGMENT_HEADER_LENGTH + size), stamp);
      at += FRAGMENT_HEADER_LENGTH + size;
    }
  }

  private readFragment(direction: DtlsDirection, bytes: Uint8Array, at: number, end: number, stamp: FrameStamp): void {
    const { handshake } = direction;
    const complete = (direction.complete ??= new Map<number, CompleteMessage>());
    const partial = (direction.partial ??= new Map<number, PartialMessage>());
    const { version } = this.record;
    const type = u8(bytes, at);
    const length = u24(bytes, at + 1);
    // A renegotiation counts from 0 again, but in another epoch.
    const number = this.recordProtection.epoch * 65_536 + u16(bytes, at + 4);
    const offset = u24(bytes, at + 6);
    const start = at + FRAGMENT_HEADER_LENGTH;
    const done = complete.get(number);
    if (done?.type === type && done.length === length) {
      if (offset === 0 && stamp.number > done.frame) this.noteRetransmission(direction, done, stamp);
      return;
    }
    if (complete.size >= MAX_NUMBERED || partial.size >= MAX_NUMBERED) return;
    if (length > MAX_HANDSHAKE_LENGTH) {
      complete.set(number, completed(type, length, direction, stamp));
      this.tooLong(handshake, type, length, stamp);
      return;
    }
    if (type === CLIENT_HELLO && offset === 0 && end - start >= RANDOM_END) {
      this.clientRandom ??= hex(bytes, start + RANDOM_START, start + RANDOM_END);
    }
    if (offset === 0 && end - start === length) {
      this.dropPartial(direction, number);
      complete.set(number, completed(type, length, direction, stamp));
      this.readWhole(direction, {
        type,
        sequence: number,
        body: bytes.subarray(start, end),
        pieces: 1,
        version,
        stamp,
      });
      return;
    }
    const known = partial.get(number);
    const message = known?.type === type && known.length === length ? known : emptyMessage(type, length);
    if (message !== known) this.dropPartial(direction, number);
    const room = roomForFragments(direction.heldBytes, this.budget);
    const grown = addFragment(message, offset, bytes.subarray(start, end), room);
    if (grown === null) return;
    direction.heldBytes += grown.held - message.held;
    this.budget.held += grown.held - message.held;
    partial.set(number, grown);
    if (grown.held < length) {
      if (type === CLIENT_HELLO) this.helloStamp = copyOf(stamp);
      return;
    }
    this.dropPartial(direction, number);
    complete.set(number, completed(type, length, direction, stamp));
    const pieces = grown.pieces.length;
    this.readWhole(direction, { type, sequence: number, body: beginningOf(grown), pieces, version, stamp });
  }

  private noteRetransmission(direction: DtlsDirection, message: CompleteMessage, stamp: FrameStamp): void {
    direction.retransmissions++;
    const isSameTurn = message.turn === direction.turn;
    const now = toMilliseconds(stamp);
    if (isSameTurn && Math.abs(now - message.lastCopyAt) < ROUND_MS) return;
    message.copies = isSameTurn ? message.copies + 1 : 1;
    message.turn = direction.turn;
    message.lastCopyAt = now;
    const times = message.copies;
    if (times < (direction.mostResent?.times ?? 0)) return;
    direction.mostResent = { type: message.type, times, frame: stamp.number, at: timestampOf(stamp) };
  }

  /** Drops the state of a message. */
  private dropPartial(direction: DtlsDirection, number: number): void {
    const held = direction.partial?.get(number)?.held ?? 0;
    direction.partial?.delete(number);
    direction.heldBytes -= held;
    this.budget.held -= held;
  }

  /** Reads a message, or holds it while the ServerHello that its structure depends on is still missing. */
  private readWhole(direction: DtlsDirection, message: WholeMessage): void {
    const { type, body, stamp } = message;
    if (this.masterSecrets !== null) this.masterSecrets.sequence = message.sequence;
    const peer = this.directions[opposite(direction.handshake.direction)];
    peer.mostResent = null;
    peer.turn++;
    if (this.negotiated.version === 0 && (type === SERVER_KEY_EXCHANGE || type === CERTIFICATE_REQUEST)) {
      direction.waitingMessages = [
        ...direction.waitingMessages,
        { ...message, body: body.slice(), stamp: copyOf(stamp) },
      ];
      return;
    }
    this.readInOrder(direction, message);
    if (this.negotiated.version !== 0) this.readWaiting(direction);
  }

  private readWaiting(direction: DtlsDirection): void {
    const { waitingMessages: waiting } = direction;
    if (waiting.length === 0) return;
    direction.waitingMessages = [];
    const { recordProtection } = this;
    this.recordProtection = PLAIN;
    for (const message of waiting) {
      if (this.masterSecrets !== null) this.masterSecrets.sequence = message.sequence;
      this.readInOrder(direction, message);
    }
    this.recordProtection = recordProtection;
  }

  private readInOrder(
    { handshake }: DtlsDirection,
    { type, sequence, body, pieces, version, stamp }: WholeMessage,
  ): void {
    this.sequence = sequence;
    handshake.recordVersion = version;
    handshake.pieces = pieces;
    handshake.readMessage(type, body, 0, body.length, stamp);
  }

  // Callbacks of the message readers.

  message(
    { direction, recordVersion, pieces }: HandshakeReader,
    type: number,
    length: number,
    content: HandshakeContent,
    stamp: FrameStamp,
  ): void {
    const { epoch, protection } = this.recordProtection;
    this.add({
      kind: 'message',
      direction,
      frame: stamp.number,
      at: timestampOf(stamp),
      protection,
      type,
      length,
      content,
      recordVersion,
      pieces,
      isBehindGap: false,
      epoch,
      sequence: this.sequence,
    });
    const serverHello = this.masterSecrets?.serverHello ?? null;
    // Only now is it known whether there are secrets of RSA.
    if (type === CLIENT_KEY_EXCHANGE && serverHello !== null && this.epochs.length === 0) {
      this.learnKeys(serverHello, epoch);
    }
    if (content.kind !== 'client_hello' && content.kind !== 'server_hello') return;
    const { extensions } = content.hello;
    const [idLength] = CONNECTION_ID_EXTENSIONS.flatMap((decoder) => contentOf(extensions, decoder) ?? []);
    if (idLength !== undefined) this.directions[opposite(direction)].connectionIdLength = idLength;
    if (content.kind === 'server_hello') {
      const { version, cipherSuite } = content.hello;
      this.negotiated = { version, cipherSuite };
      if (!content.hello.isHelloRetryRequest) this.learnKeys(content.hello, epoch);
    } else {
      this.offersTls13 = contentOf(extensions, supportedVersions)?.some(isTls13) === true;
      this.lastRandom = content.hello.random;
      this.client = direction;
    }
  }

  /** Notes that the records after epoch `after` are protected as this ServerHello says. */
  private learnKeys(hello: ServerHelloMessage, after: number): void {
    const { secrets, lastRandom: clientRandom } = this;
    const cipher = recordCipher(hello.cipherSuite);
    const hasSecrets = secrets.has(clientRandom);
    // Without encryption there is nothing to open.
    if (hasSecrets && cipher?.kind !== 'null') this.keys ??= { opened: 0, altered: null, unreadable: null };
    if (cipher === null) {
      if (this.keys !== null) this.keys.unreadable = cipherSuiteName(hello.cipherSuite);
    } else if ((hasSecrets || cipher.kind === 'null') && this.epochs.length < MAX_HANDSHAKES) {
      const hellos = {
        clientRandom,
        serverRandom: hello.random,
        version: hello.version,
        encryptThenMac: hello.extensions.some(({ type }) => type === ENCRYPT_THEN_MAC),
        isDraftConnectionId: hello.extensions.every(({ type }) => type !== connectionId.type),
      };
      this.epochs.push({ after, keys: createDtlsKeys(secrets, hellos, cipher) });
    }
    this.readEarly();
  }

  /** Never called: messages come whole. */
  ciphertext(): void {
    return;
  }
}

const copyOf = ({ number, seconds, nanoseconds, digits }: FrameStamp): FrameStamp => ({
  number,
  seconds,
  nanoseconds,
  digits,
});

/** A record header with all offsets reduced by `by`. */
const shifted = (record: DtlsRecord, by: number): DtlsRecord => ({
  ...record,
  headerStart: record.headerStart - by,
  idEnd: record.idEnd - by,
  start: record.start - by,
  end: record.end - by,
});

/** DTLS on any port, recognised by its records, next to STUN, TURN and RTP on the same port (RFC 7983, RFC 9443). */
export function createDtlsProtocol(secrets: Secrets, shared: SharedContent): DatagramProtocol<DtlsSession> {
  const budget = newFragmentBudget();
  return { recognise: isDtlsDatagram, open: () => new DtlsSession(budget, secrets, shared) };
}
