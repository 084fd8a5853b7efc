import { BOUNDS } from '../../bounds.js';
import { u8 } from '../../bytes.js';
import type { FrameStamp } from '../../capture/frame.js';
import { timestampOf } from '../../capture/timestamp.js';
import type { Datagram, DatagramReader, Direction, FrameRef } from '../../transport/flow.js';
import { opposite } from '../../transport/flow.js';
import { recordCipher } from '../decrypt/suites.js';
import type { Secrets } from '../decrypt/secrets.js';
import type { SharedContent } from '../wire/messages/shared.js';
import type { EncryptionLevel, Seen } from '../handshake/transcript.js';
import { cipherSuiteName } from '../wire/registry/names.js';
import { beginsWithClientHello, canBeginWithUnknownVersion, LEAST_FIRST_ID } from './first-packet.js';
import type { ConnectionId } from './connection-id.js';
import { isIdAt, isSameId } from './connection-id.js';
import { QuicEnd } from './end.js';
import type { CloseFrame, FrameSink } from './frames.js';
import { readFrames } from './frames.js';
import type { CurrentPacket } from './handshake.js';
import { QuicHandshake } from './handshake.js';
import type { Failures } from './initial-secrets.js';
import { InitialSecrets } from './initial-secrets.js';
import type { LongHeader, LongPacket, Range } from './packet.js';
import { FIXED_BIT, hasLongHeader, lengthOf, readLongHeader, readLongPacket } from './packet.js';
import type { OpenedPacket, ProtectedRange } from './protection.js';
import { SentCrypto } from './sent-crypto.js';
import type { SecretLevel, TrafficKeys } from './traffic-keys.js';
import { createTrafficKeys } from './traffic-keys.js';
import { listedVersions, quicVersion } from './versions.js';

export interface VersionNegotiation extends FrameRef {
  readonly versions: readonly number[];
}

export interface Retry extends FrameRef {
  /** It answers an Initial packet that already carried the token of a Retry: the address is validated again. */
  readonly isAgain: boolean;
  /** Whether its integrity tag is valid; null in versions without one. */
  readonly isIntact: boolean | null;
}

/** A CONNECTION_CLOSE that could be read. */
export interface Close extends Seen, Omit<CloseFrame, 'reason'> {
  /** Text, whatever bytes were sent. */
  readonly reason: string;
  /** Level of the packet that it came in; packets above Initial open only with secrets of a key log. */
  readonly level: EncryptionLevel;
}

/** What the connections of an analysis share. */
export interface QuicContext extends Failures {
  readonly secrets: Secrets;
  readonly shared: SharedContent;
}

/** Who sent a datagram, or a packet held from one, and when. */
interface Received {
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  readonly stamp: FrameStamp;
}

/** A packet that came before the ServerHello, which says how to open it. */
interface WaitingPacket extends Received {
  readonly level: SecretLevel;
  readonly range: ProtectedRange;
}

const MAX_EVENTS = BOUNDS.quicEvents.value;
const MAX_VERSIONS = BOUNDS.quicVersions.value;
const MAX_INITIALS = BOUNDS.quicInitials.value;
const MAX_HELD = BOUNDS.quicHeldInitials.value;
/** Packets of a direction with application keys that are opened whatever their size, for tickets and refusals. */
const MAX_OPENED = BOUNDS.openedBehindHandshake.value;
/** Later packets longer than so many bytes hold application data: not an alert, nor a close without a long reason. */
const MAX_CLOSE_LENGTH = 256;
const MAX_REASON = BOUNDS.quicReasonBytes.value;
/** The shortest packet with a ServerHello, without the header: TLS 1.3 without extensions, and the tag. */
const LEAST_SERVER_HELLO = 64;
/** Bytes of a connection ID that random bytes do not match by chance: one in four billion does. */
const LEAST_SURE_ID = 4;
/** Nominal bytes of a connection. */
const QUIC_BYTES = 2048;
/** One shared empty list, for what most connections do not have. */
const NONE: readonly never[] = [];

const NO_PACKET: CurrentPacket = {
  direction: 0,
  level: 'initial',
  number: 0,
  version: 0,
  stamp: { number: 0, seconds: 0, nanoseconds: 0, digits: 0 },
};

const utf8 = new TextDecoder();

/**
 * One QUIC connection (RFC 9000, RFC 9369), or an attempt at one; after Version Negotiation or Retry it continues. It
 * opens the Initial packets, whose keys are public, and reads only the headers of the others.
 */
export class QuicConnection extends QuicHandshake implements DatagramReader, FrameSink {
  readonly protocol = 'quic';
  /** The direction of the client's datagrams. */
  client: Direction = 0;
  /** Versions in the client's long headers, in order of appearance. */
  offeredVersions: readonly number[] = NONE;
  /** The version of the packet that the ServerHello came in; 0 before. */
  version = 0;
  versionNegotiations: readonly VersionNegotiation[] = NONE;
  retries: readonly Retry[] = NONE;
  closes: readonly Close[] = NONE;
  /** The first packet whose tag is wrong although its content is known: it was altered on the way. */
  altered: Seen | null = null;
  /** The server's HANDSHAKE_DONE, if secrets of a key log open it. */
  handshakeDoneAt: FrameRef | null = null;
  /** The server's latest acknowledgement of a further part of the ClientHello, before the ServerHello. */
  helloPart: FrameRef | null = null;
  /**
   * Packets that the server protected with application keys before it can have had the client's Finished (0.5-RTT, RFC
   * 9001 §5.7): before the client's last Handshake packet that precedes its own first packet of that level.
   */
  halfRtt = 0;
  /** The first Initial packet of the client with a token. */
  firstToken: FrameRef | null = null;
  readonly ends: readonly [QuicEnd, QuicEnd] = [new QuicEnd(0), new QuicEnd(1)];
  private readonly secrets: InitialSecrets;
  /** null without handshake bytes, and once the handshake is done. */
  private sentCrypto: SentCrypto | null = null;
  /**
   * Initial packets after the hellos, to be opened if the handshake fails; in one that succeeds, they hold only
   * acknowledgements.
   */
  private held: readonly Received[] = NONE;
  /** Packets that came before the keys that open them. */
  private waiting: readonly WaitingPacket[] = NONE;
  /** Opens packets after the hellos; null if the cipher suite cannot be decrypted, undefined until it was looked up. */
  private traffic: TrafficKeys | null | undefined = undefined;
  private opened = 0;
  /** Bytes of the ClientHello that it acknowledges. */
  private helloBytes = 0;
  /** The server's answer shows that a new attempt with another version follows. */
  private awaitsVersion = false;

  // Whether the packet being read has a CRYPTO frame.
  private hasCrypto = false;
  private hasNewCrypto = false;
  private hasAnswer = false;
  private current: CurrentPacket = NO_PACKET;

  constructor(private readonly context: QuicContext) {
    super(context.shared);
    this.secrets = new InitialSecrets(context);
  }

  /** As `DatagramReader.bytes`: keys weigh the most. */
  get bytes(): number {
    let bytes = QUIC_BYTES + this.heldBytes + this.keptBytes + this.secrets.bytes + (this.sentCrypto?.bytes ?? 0);
    for (const { bytes: held } of this.held) bytes += held.length;
    return bytes;
  }

  /** Whether it is certainly QUIC: an Initial packet opened, or a server negotiated the version. */
  get isProven(): boolean {
    return this.opened > 0 || this.versionNegotiations.length > 0 || this.altered !== null;
  }

  /**
   * Whether its hellos and how far it came are all that there is to report; others must judge whether it came to its
   * end.
   */
  get isPlain(): boolean {
    const { offeredVersions, versionNegotiations, retries, closes, altered, firstToken, keys, problems } = this;
    return (
      offeredVersions.length === 1 &&
      offeredVersions[0] === this.version &&
      versionNegotiations.length + retries.length + closes.length + problems.length === 0 &&
      altered === null &&
      firstToken === null &&
      keys === null &&
      this.partialHello === null
    );
  }

  /**
   * Whether the peer of a direction acknowledged all handshake bytes in its Initial packets; null if it acknowledged no
   * packet.
   */
  isAcknowledged(direction: Direction): boolean | null {
    if (!this.ends[opposite(direction)].hasAcknowledged) return null;
    return this.sentCrypto?.isAcknowledged(direction) ?? true;
  }

  /**
   * Packets by which a direction asks again: their handshake bytes were all sent before in the same attempt, or they
   * have only PING and PADDING (RFC 9002 §6.2.4).
   */
  retransmissions(direction: Direction): number {
    return this.ends[direction].resent;
  }

  datagram(direction: Direction, { bytes, offset, end, missing }: Datagram, stamp: FrameStamp): boolean {
    const received: Received = { direction, bytes, stamp };
    const isFirst = this.secrets.isEmpty;
    let isOurs = false;
    let destination: Range | null = null;
    for (let at = offset; at < end;) {
      if (!hasLongHeader(u8(bytes, at))) {
        if (isFirst && !isOurs) return false;
        // After other packets, bytes without the fixed bit are padding, unless they name the same destination (RFC
        // 9287).
        if (destination !== null && (u8(bytes, at) & FIXED_BIT) === 0) {
          const id = { start: at + 1, end: at + 1 + lengthOf(destination) };
          if (lengthOf(destination) === 0 || id.end > end || !isSameId(bytes, id, destination)) break;
        }
        isOurs = this.readShort(received, at, end) || isOurs;
        break;
      }
      const header = readLongHeader(bytes, at, end);
      if (header === null) break;
      // Packets of one datagram have the same destination (RFC 9000 §12.2).
      if (destination !== null && !isSameId(bytes, header.destinationId, destination)) break;
      destination = header.destinationId;
      if (header.version === 0) {
        isOurs = this.readVersionNegotiation(received, header, end);
        break;
      }
      const packet = readLongPacket(bytes, header, end);
      if (packet === null) {
        isOurs = this.readUnknownVersion(received, header, end + missing) || isOurs;
        break;
      }
      if (!this.readLong(received, packet)) break;
      isOurs = true;
      at = packet.end;
    }
    const mine = this.ends[direction];
    if (isOurs) mine.longestDatagram = Math.max(mine.longestDatagram, end - offset + missing);
    return isOurs;
  }

  strayAnswerOf({ bytes, offset, end }: Datagram): 'proven' | null {
    if (end <= offset || !hasLongHeader(u8(bytes, offset))) return null;
    const header = readLongHeader(bytes, offset, end);
    if (header === null || !this.ends[this.client].hasId(bytes, header.destinationId)) return null;
    const packet = readLongPacket(bytes, header, end);
    return packet?.type === 'initial' && this.secrets.opensAsAnswer(bytes, packet) ? 'proven' : null;
  }

  override end(): void {
    this.openHeld();
    this.traffic?.wipe();
    super.end();
  }

  /**
   * A long header of a version whose packets cannot be opened; the server may answer it with the versions it supports.
   */
  private readUnknownVersion({ direction, bytes }: Received, header: LongHeader, end: number): boolean {
    if (!this.secrets.isEmpty) {
      if (direction !== this.client || quicVersion(header.version) !== undefined) return false;
      if (!this.secrets.has(bytes, header.destinationId)) return false;
    } else if (canBeginWithUnknownVersion(bytes, header, end)) {
      this.secrets.add(bytes, header.destinationId);
      this.begin(direction, bytes, header);
    } else {
      return false;
    }
    this.offer(header.version);
    return true;
  }

  private begin(direction: Direction, bytes: Uint8Array, header: LongHeader): void {
    this.client = direction;
    this.ends[direction].learnId(bytes, header.sourceId);
  }

  private offer(version: number): void {
    const { offeredVersions } = this;
    if (offeredVersions.length < MAX_VERSIONS && !offeredVersions.includes(version)) {
      this.offeredVersions = offeredVersions.concat(version);
    }
  }

  /** Version Negotiation (RFC 9000 §17.2.1): it has the IDs of the client's packet, swapped. */
  private readVersionNegotiation(
    { direction, bytes, stamp }: Received,
    { destinationId, sourceId, bodyStart }: LongHeader,
    end: number,
  ): boolean {
    if (direction === this.client || !this.ends[this.client].hasId(bytes, destinationId)) return false;
    if (!this.secrets.has(bytes, sourceId)) return false;
    if (this.versionNegotiations.length < MAX_EVENTS) {
      const versions = listedVersions(bytes, bodyStart, end);
      this.versionNegotiations = this.versionNegotiations.concat({ ...refOf(stamp), versions });
    }
    // A client that already has an answer to its Initial ignores it (RFC 9000 §6.2).
    this.awaitsVersion ||= this.ends[direction].ids.length === 0;
    return true;
  }

  /** Reads a packet of a known version. Returns whether it belongs to this connection. */
  private readLong(received: Received, packet: LongPacket): boolean {
    const { type, header } = packet;
    if (type === 'initial') return this.readInitial(received, packet);
    if (!this.isAddressed(received, header) && !this.isFromKnown(received, header)) return false;
    const { direction, stamp } = received;
    if (direction === this.client) this.offer(packet.version.code);
    this.learnDestination(received, header);
    if (type === 'retry') return this.readRetry(received, packet);
    const mine = this.ends[direction];
    mine.noteProtected(type, packet.end - header.start, stamp);
    if (type === 'handshake' && direction === this.client && mine.packets['1rtt'] === 0) {
      this.halfRtt = dataPackets(this.ends[opposite(direction)]);
    }
    if (type === 'handshake') this.readProtected(received, type, rangeOf(packet));
    return true;
  }

  /** Whether a packet is addressed to a connection ID of this connection. */
  private isAddressed({ direction, bytes }: Received, { destinationId }: LongHeader): boolean {
    return (
      this.ends[opposite(direction)].hasId(bytes, destinationId) ||
      (direction === this.client && this.secrets.has(bytes, destinationId))
    );
  }

  /** Whether a packet may be addressed to a connection ID that was announced encrypted: its source is known. */
  private isFromKnown({ direction, bytes }: Received, { sourceId }: LongHeader): boolean {
    return this.ends[opposite(direction)].ids.length > 0 && this.ends[direction].hasId(bytes, sourceId);
  }

  /** Learns the ID to which a packet of this connection is addressed, unless the client made it up. */
  private learnDestination({ direction, bytes }: Received, { destinationId }: LongHeader): void {
    const peer = this.ends[opposite(direction)];
    if (peer.ids.length > 0 && !this.secrets.has(bytes, destinationId)) peer.learnId(bytes, destinationId);
  }

  /** Retry (RFC 9000 §17.2.5): the client starts again, with a token and the ID that it was given. */
  private readRetry({ direction, bytes, stamp }: Received, packet: LongPacket): boolean {
    if (direction === this.client) return false;
    // The client accepts only one, and only if intact (§17.2.5.2); some accept more.
    const { isIntact, isAgain, isNew } = this.secrets.retry(bytes, packet);
    if (this.retries.length < MAX_EVENTS) this.retries = this.retries.concat({ ...refOf(stamp), isAgain, isIntact });
    if (isNew) this.sentCrypto = null;
    return true;
  }

  private readInitial(received: Received, packet: LongPacket): boolean {
    const { direction, bytes } = received;
    const mine = this.ends[direction];
    const isFull = this.opened >= MAX_INITIALS || this.secrets.isExhausted;
    // Some servers acknowledge half a ClientHello at once, which means nothing if the handshake goes on.
    const isShort =
      direction !== this.client && mine.largest < 0 && packet.end - packet.numberStart < LEAST_SERVER_HELLO;
    const canWait = (this.hasServerHello || isShort) && this.held.length < MAX_HELD;
    if ((isFull || canWait) && this.isAddressed(received, packet.header)) {
      mine.packets.initial++;
      if (direction === this.client) this.offer(packet.version.code);
      else mine.learnId(bytes, packet.header.sourceId);
      if (!isFull) this.hold(received, packet);
      return true;
    }
    const opened = isFull ? null : this.open(received, packet);
    if (opened === null) return false;
    mine.packets.initial++;
    this.readOpened(received, packet, opened);
    return true;
  }

  private hold({ direction, bytes, stamp }: Received, packet: LongPacket): void {
    // Most are dropped soon: a slice of Node.js's pool costs less.
    const copied = Buffer.from(bytes.subarray(packet.header.start, packet.end));
    this.held = this.held.concat({ direction, bytes: copied, stamp: copyOf(stamp) });
  }

  private openHeld(): void {
    for (const received of this.held) {
      const { bytes } = received;
      const header = readLongHeader(bytes, 0, bytes.length);
      const packet = header && readLongPacket(bytes, header, bytes.length);
      const opened = packet && this.openKnown(received, packet);
      if (opened) this.readOpened(received, packet, opened);
    }
    this.held = NONE;
  }

  /** Reads the frames of a packet. */
  private readOpened(received: Received, { header, token, version }: LongPacket, opened: OpenedPacket): void {
    const { direction, bytes, stamp } = received;
    const mine = this.ends[direction];
    this.learnDestination(received, header);
    if (direction === this.client) {
      this.offer(version.code);
      if (lengthOf(token) > 0) this.firstToken ??= refOf(stamp);
    } else {
      mine.learnId(bytes, header.sourceId);
      this.awaitsVersion = false;
    }
    mine.largest = Math.max(mine.largest, opened.number);
    this.beginPacket({ direction, level: 'initial', number: opened.number, version: version.code, stamp });
    if (!readFrames(opened.payload, this) && opened.isAuthentic) this.badFrame(direction, stamp);
    if (!this.hasNewCrypto && (this.hasCrypto || !this.hasAnswer)) mine.resent++;
    if (this.hasAnswer && !this.hasServerHello && direction !== this.client) this.noteHelloPart(stamp);
    this.current = NO_PACKET;
    if (this.hasServerHello && this.waiting.length > 0) this.openWaiting();
  }

  /** Reads a packet that opens only with secrets of a key log. Returns whether it opened. */
  private readProtected(received: Received, level: SecretLevel, range: ProtectedRange, isOurs = false): boolean {
    if (this.context.secrets.isEmpty) return false;
    if (!this.hasServerHello) {
      this.wait(received, level, range);
      return false;
    }
    const { direction, bytes, stamp } = received;
    const side = this.sideOf(direction);
    const { packets, largest } = this.ends[direction];
    const isWanted = packets['1rtt'] < MAX_OPENED || range.end - range.start <= MAX_CLOSE_LENGTH;
    const frames = this.trafficKeys()?.open({ level, side, bytes, range, isOurs }, largest, isWanted) ?? null;
    if (frames === 'altered') this.packetAltered({ direction, ...refOf(stamp) });
    if (frames === null || frames === 'altered') return false;
    this.packetOpened(direction);
    this.beginPacket({ direction, level, number: -1, version: 0, stamp });
    // Application data in it is skipped, by the headers of its frames.
    readFrames(frames, this);
    this.current = NO_PACKET;
    return true;
  }

  private trafficKeys(): TrafficKeys | null {
    if (this.traffic !== undefined) return this.traffic;
    const cipher = recordCipher(this.negotiated.cipherSuite);
    const version = quicVersion(this.version);
    const { secrets } = this.context;
    this.traffic = null;
    if (version === undefined || !secrets.has(this.clientRandom)) return null;
    this.keys = { opened: 0, altered: null, unreadable: null };
    if (cipher?.kind === 'aead') this.traffic = createTrafficKeys(secrets, this.clientRandom, cipher, version.label);
    else this.keys.unreadable = cipherSuiteName(this.negotiated.cipherSuite);
    return this.traffic;
  }

  private wait({ direction, bytes, stamp }: Received, level: SecretLevel, range: ProtectedRange): void {
    if (this.waiting.length >= MAX_HELD) return;
    const { start, numberStart, end } = range;
    const copied = { start: 0, numberStart: numberStart - start, end: end - start };
    const packet = { direction, level, bytes: bytes.slice(start, end), range: copied, stamp: copyOf(stamp) };
    this.waiting = this.waiting.concat(packet);
  }

  private openWaiting(): void {
    const { waiting } = this;
    this.waiting = NONE;
    for (const packet of waiting) this.readProtected(packet, packet.level, packet.range);
  }

  /** Opens an Initial packet; null if it does not belong to this connection. */
  private open(received: Received, packet: LongPacket): OpenedPacket | null {
    const { direction, bytes, stamp } = received;
    const isAgain = !this.secrets.isEmpty;
    if (isAgain) {
      const known = this.openKnown(received, packet);
      if (known !== null || !this.isNewAttempt(received, packet)) return known;
    } else if (lengthOf(packet.header.destinationId) < LEAST_FIRST_ID) {
      return null;
    }
    const opened = this.secrets.openFirst(
      bytes,
      packet,
      ({ isAuthentic, payload }) => isAuthentic || beginsWithClientHello(payload),
    );
    if (opened === null) return null;
    if (opened.isAuthentic) this.opened++;
    else this.altered ??= { direction, ...refOf(stamp) };
    if (isAgain) {
      this.ends[direction].largest = this.ends[opposite(direction)].largest = -1;
      this.restart();
      this.sentCrypto = null;
      this.awaitsVersion = false;
      this.waiting = NONE;
    }
    this.begin(direction, bytes, packet.header);
    return opened;
  }

  private openKnown({ direction, bytes }: Received, packet: LongPacket): OpenedPacket | null {
    const { largest } = this.ends[direction];
    const how = { largest, takesAltered: this.altered !== null };
    const opened = this.secrets.open(bytes, packet, this.sideOf(direction), how);
    if (opened?.isAuthentic === true) this.opened++;
    return opened;
  }

  /** Whether an Initial packet with a new ID may be the client's next attempt at this connection. */
  private isNewAttempt({ direction, bytes }: Received, { header, token }: LongPacket): boolean {
    if (direction !== this.client || this.ends[opposite(direction)].ids.length > 0) return false;
    if (this.awaitsVersion) return true;
    // The capture lacks the Retry.
    return lengthOf(token) > 0 && this.ends[direction].hasId(bytes, header.sourceId);
  }

  private sideOf(direction: Direction): 'client' | 'server' {
    return direction === this.client ? 'client' : 'server';
  }

  /** A packet with a short header, which names only its destination (RFC 9000 §17.3.1). */
  private readShort(received: Received, start: number, end: number): boolean {
    const { direction, bytes, stamp } = received;
    const mine = this.ends[direction];
    const peer = this.ends[opposite(direction)];
    let known: ConnectionId | undefined = undefined;
    for (const id of peer.ids) {
      if (start + 1 + id.length > end || !isIdAt(bytes, start + 1, id)) continue;
      known = id;
      break;
    }
    const hasFixedBit = (u8(bytes, start) & FIXED_BIT) !== 0;
    // The fixed bit may be greased (RFC 9287); then only the ID identifies the packet.
    if (!hasFixedBit && (known?.length ?? 0) === 0) return false;
    const idLength = known?.length ?? peer.ids[0]?.length ?? 0;
    const numberStart = start + 1 + idLength;
    const hasOpened =
      !this.context.secrets.isEmpty &&
      this.readProtected(received, '1rtt', { start, numberStart, end }, (known?.length ?? 0) >= LEAST_SURE_ID);
    if (known === undefined && !hasOpened) {
      mine.packets.short++;
      return true;
    }
    if (known === undefined) peer.learnId(bytes, { start: start + 1, end: numberStart });
    mine.noteProtected('1rtt', end - start, stamp);
    if (direction === this.client && mine.packets['1rtt'] === 1) {
      if (mine.packets.handshake === 0) this.halfRtt = dataPackets(peer);
      this.release();
    }
    return true;
  }

  /** The handshake is done: drops the keys, which take the most memory, and can be derived again. */
  private release(): void {
    if (!this.hasServerHello) this.openHeld();
    this.held = NONE;
    this.secrets.release();
    this.sentCrypto = null;
    if (this.hasServerHello) this.releaseInitial();
  }

  private beginPacket(packet: CurrentPacket): void {
    this.current = packet;
    this.hasCrypto = this.hasNewCrypto = this.hasAnswer = false;
  }

  // Callbacks for the frames of a packet.

  crypto(offset: number, bytes: Uint8Array, start: number, end: number): void {
    const { current: inHand, hasServerHello } = this;
    if (inHand.level === 'initial') this.noteCrypto(inHand, offset, offset + end - start);
    this.handshakeBytes(inHand, offset, bytes, start, end);
    if (!hasServerHello && this.hasServerHello) this.version = inHand.version;
  }

  /** Notes where handshake bytes lie in Initial packets. */
  private noteCrypto({ direction, number }: CurrentPacket, start: number, end: number): void {
    const sent = (this.sentCrypto ??= new SentCrypto());
    this.hasCrypto = true;
    this.hasNewCrypto ||= !sent.isRepeated(direction, number, start, end);
    sent.add(direction, number, start, end);
  }

  close(frame: CloseFrame): void {
    const { current: inHand } = this;
    this.hasAnswer = true;
    // If Initial packets show it, they do so without keys.
    if (inHand.level !== 'initial') this.openHeld();
    this.current = inHand;
    this.noteClose(frame, inHand);
  }

  private noteClose(
    { application, code, frameType, reason }: CloseFrame,
    { direction, level, stamp }: CurrentPacket,
  ): void {
    const { closes } = this;
    // It is repeated, at several levels, until the peer has it (RFC 9000 §10.2.3).
    const isKnown = closes.some(
      (close) => close.direction === direction && close.code === code && close.application === application,
    );
    if (isKnown || closes.length >= MAX_EVENTS) return;
    const text = utf8.decode(reason.subarray(0, MAX_REASON));
    const close = { direction, ...refOf(stamp), application, code, frameType, reason: text, level };
    // Held packets are read late.
    const at = closes.findLastIndex(({ frame }) => frame <= stamp.number) + 1;
    this.closes = closes.toSpliced(at, 0, close);
    if (!application) this.closed(direction, level, code, stamp);
  }

  acknowledged(smallest: number, largest: number): void {
    const { direction, level } = this.current;
    if (level !== 'initial') return;
    this.hasAnswer = true;
    this.ends[direction].hasAcknowledged = true;
    this.sentCrypto?.acknowledge(opposite(direction), smallest, largest);
  }

  private noteHelloPart(stamp: FrameStamp): void {
    const bytes = this.sentCrypto?.acknowledgedBytes(this.client) ?? 0;
    if (bytes <= this.helloBytes) return;
    this.helloBytes = bytes;
    this.helloPart = refOf(stamp);
  }

  connectionId(bytes: Uint8Array, start: number, end: number): void {
    const { direction, level } = this.current;
    if (level === '1rtt') this.ends[direction].learnId(bytes, { start, end });
  }

  handshakeDone(): void {
    const { direction, level, stamp } = this.current;
    if (level !== '1rtt' || direction === this.client) return;
    this.handshakeDoneAt ??= refOf(stamp);
  }
}

/** Packets of an end that may be protected with application keys. */
export const dataPackets = ({ packets }: QuicEnd): number => packets['1rtt'] + packets.short;

const refOf = (stamp: FrameStamp): FrameRef => ({ frame: stamp.number, at: timestampOf(stamp) });

const copyOf = ({ number, seconds, nanoseconds, digits }: FrameStamp): FrameStamp => ({
  number,
  seconds,
  nanoseconds,
  digits,
});

const rangeOf = ({ header: { start }, numberStart, end }: LongPacket): ProtectedRange => ({ start, numberStart, end });
