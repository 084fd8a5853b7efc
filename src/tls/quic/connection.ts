import { BOUNDS } from '../../bounds.js';
import { latin1, u16, u8 } from '../../bytes.js';
import type { FrameStamp } from '../../capture/frame.js';
import { timestampOf } from '../../capture/timestamp.js';
import type { Datagram, DatagramReader, Direction, FrameRef } from '../../transport/flow.js';
import { opposite } from '../../transport/flow.js';
import { recordCipher } from '../decrypt/suites.js';
import type { Secrets } from '../decrypt/secrets.js';
import type { SharedContent } from '../wire/messages/shared.js';
import type { EncryptionLevel, Seen } from '../handshake/transcript.js';
import { cipherSuiteName } from '../wire/registry/names.js';
import type { CloseFrame, FrameSink } from './frames.js';
import { readFrames } from './frames.js';
import { QuicHandshake } from './handshake.js';
import type { LongHeader, LongPacket, Range } from './packet.js';
import { hasLongHeader, lengthOf, readLongHeader, readLongPacket } from './packet.js';
import type { InitialKeys, OpenedPacket, PacketKeys, ProtectedRange } from './protection.js';
import { initialKeys, isRetryIntact, keysOfSide, openLongPacket } from './protection.js';
import { SentCrypto } from './sent-crypto.js';
import type { SecretLevel, TrafficKeys } from './traffic-keys.js';
import { createTrafficKeys } from './traffic-keys.js';
import type { QuicVersion } from './versions.js';
import { isReservedVersion, listedVersions, quicVersion } from './versions.js';

export interface VersionNegotiation extends FrameRef {
  readonly versions: readonly number[];
}

export interface Retry extends FrameRef {
  /** It answers an Initial packet that already had the token of a Retry: the address is validated again. */
  readonly isAgain: boolean;
  /** Whether its integrity tag fits; null in versions without one. */
  readonly isIntact: boolean | null;
}

/** A CONNECTION_CLOSE that could be read. */
export interface Close extends Seen, Omit<CloseFrame, 'reason'> {
  /** Text, whatever bytes were sent. */
  readonly reason: string;
  /** That of the packet that it came in: all but Initial packets open with secrets of a key log. */
  readonly level: EncryptionLevel;
}

/** A packet that is encrypted with keys that are not public. */
export interface ProtectedPacket extends Seen {
  readonly level: '0rtt' | 'handshake' | '1rtt';
  /** Bytes of the packet. */
  readonly length: number;
}

/** What one end of a connection sent. */
export interface QuicEnd {
  /**
   * Packets at each level; `1rtt`: those to a connection ID that the handshake shows, `short`: others with a short header, be
   * it that their ID was announced in secret, or that they are of an older connection, or a stateless reset.
   */
  readonly packets: { initial: number; '0rtt': number; handshake: number; '1rtt': number; short: number };
  /** The first of the packets that cannot be read, in order; of those of `1rtt` the first one. */
  readonly protectedPackets: ProtectedPacket[];
  /** UDP payload of its longest datagram, in bytes. */
  longestDatagram: number;
}

/** One character a byte: of a few bytes, that is less than an array of them. */
type ConnectionId = string;

interface EndState extends QuicEnd {
  /** The connection IDs that its packets are known to be addressed to; those that it chose for itself in its long headers first. */
  readonly ids: ConnectionId[];
  /** The largest packet number of its Initial packets that is known; -1 before the first. */
  largest: number;
}

/** Keys of Initial packets follow from a connection ID and a version: those of one ID. */
interface InitialSecret {
  readonly id: ConnectionId;
  /** Of a version, rarely two. */
  readonly keys: InitialKeys[];
}

/** What is bounded over all connections of an analysis. */
export interface QuicContext {
  readonly secrets: Secrets;
  readonly shared: SharedContent;
  /** Keys that did not open a packet, beyond those that did: as many as `quicFailures` are tried. */
  failures: number;
}

/** An Initial packet behind the hellos, to be opened if the handshake fails. */
interface HeldPacket {
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  readonly stamp: FrameStamp;
}

/** A packet that came before the ServerHello, whose secrets open it. */
interface WaitingPacket extends HeldPacket {
  readonly level: SecretLevel;
  readonly range: ProtectedRange;
}

/** The packet whose frames are being read. */
interface PacketInHand {
  readonly direction: Direction;
  readonly level: EncryptionLevel;
  readonly number: number;
  /** Its version; 0 where the header has none. */
  readonly version: number;
  readonly stamp: FrameStamp;
}

const MAX_EVENTS = BOUNDS.quicEvents.value;
const MAX_VERSIONS = BOUNDS.quicVersions.value;
const MAX_INITIALS = BOUNDS.quicInitials.value;
const MAX_FAILURES = BOUNDS.quicFailures.value;
const MAX_HELD = BOUNDS.quicHeldInitials.value;
/** Packets kept of those that cannot be read, a direction; of those with the keys of the application, the first. */
const MAX_PROTECTED = BOUNDS.encryptedRecords.value;
/** Packets of a direction with the keys of the application that are opened whatever their size, for tickets and refusals. */
const MAX_OPENED = BOUNDS.openedBehindHandshake.value;
/** Longer ones behind them, in bytes, hold data of the application: no alert, and no close without a long reason. */
const MAX_CLOSE_LENGTH = 256;
const MAX_REASON = BOUNDS.quicReasonBytes.value;
/** The least length of the ID that a client makes up for its first packet (RFC 9000 §7.2). */
const LEAST_FIRST_ID = 8;
/** The least UDP payload of a client's datagram with an Initial packet (RFC 9000 §14.1). */
export const LEAST_DATAGRAM = 1200;
const FIXED_BIT = 0x40;
/** Behind the header, no packet is shorter that has a ServerHello: of TLS 1.3, without extensions, with the tag. */
const LEAST_SERVER_HELLO = 64;
/** Nominal bytes of a connection, and of the keys of one of its IDs. */
const QUIC_BYTES = 2048;
const KEYS_BYTES = 2560;

const newEnd = (): EndState => ({
  packets: { initial: 0, '0rtt': 0, handshake: 0, '1rtt': 0, short: 0 },
  protectedPackets: [],
  longestDatagram: 0,
  ids: [],
  largest: -1,
});

const NO_PACKET: PacketInHand = {
  direction: 0,
  level: 'initial',
  number: 0,
  version: 0,
  stamp: { number: 0, seconds: 0, nanoseconds: 0, digits: 0 },
};

const utf8 = new TextDecoder();

/**
 * One QUIC connection (RFC 9000, RFC 9369), or one attempt at it: a new beginning after Version Negotiation or Retry is the
 * same. Its Initial packets are opened, with keys that are public; of the others it knows their headers.
 */
export class QuicConnection extends QuicHandshake implements DatagramReader, FrameSink {
  readonly protocol = 'quic';
  /** The direction of the client's datagrams. */
  client: Direction = 0;
  /** Versions in the client's long headers, in order of appearance. */
  readonly offeredVersions: number[] = [];
  /** The version of the packet that the ServerHello came in; 0 before. */
  version = 0;
  readonly versionNegotiations: VersionNegotiation[] = [];
  readonly retries: Retry[] = [];
  readonly closes: Close[] = [];
  /** The first packet whose content can be told, though its tag does not fit: it was altered on its way. */
  altered: Seen | null = null;
  /** The server's HANDSHAKE_DONE, which opens with secrets of a key log. */
  handshakeDoneAt: FrameRef | null = null;
  /** The first Initial packet of the client with a token. */
  firstToken: FrameRef | null = null;
  readonly ends: readonly [EndState, EndState] = [newEnd(), newEnd()];
  private readonly secrets: InitialSecret[] = [];
  private readonly sentCrypto = new SentCrypto();
  /** Initial packets behind the hellos: where all goes well, they have nothing but acknowledgements. */
  private readonly held: HeldPacket[] = [];
  /** Packets that came before the keys that open them. */
  private readonly waiting: WaitingPacket[] = [];
  /** What opens packets behind the hellos; null if the cipher suite cannot be read, undefined before it was looked for. */
  private traffic: TrafficKeys | null | undefined = undefined;
  private opened = 0;
  /** The server's answer shows that what follows is a new attempt with another version. */
  private awaitsVersion = false;

  private readonly resent: [number, number] = [0, 0];
  private readonly hasAcknowledged: [boolean, boolean] = [false, false];

  // Of the packet that is being read.
  private hasCrypto = false;
  private hasNewCrypto = false;
  private hasAnswer = false;
  private inHand: PacketInHand = NO_PACKET;

  constructor(private readonly context: QuicContext) {
    super(context.shared);
  }

  /** As `DatagramReader.bytes`: keys weigh the most. */
  get bytes(): number {
    let bytes = QUIC_BYTES + this.heldBytes + this.keptBytes + this.sentCrypto.bytes;
    for (const { keys } of this.secrets) bytes += keys.length * KEYS_BYTES;
    for (const { bytes: held } of this.held) bytes += held.length;
    return bytes;
  }

  /** Whether it is seen to be QUIC: an Initial packet opened, or a server negotiated the version. */
  get isProven(): boolean {
    return this.opened > 0 || this.versionNegotiations.length > 0 || this.altered !== null;
  }

  /**
   * Whether the peer of a direction has said that all the handshake bytes in its Initial packets arrived; null where it has
   * acknowledged none of its packets.
   */
  isAcknowledged(direction: Direction): boolean | null {
    if (!this.hasAcknowledged[opposite(direction)]) return null;
    return this.sentCrypto.isAcknowledged(direction);
  }

  /**
   * Packets by which a direction asks again: whose handshake bytes had all been sent before, in the same attempt, or that have
   * nothing but PING and PADDING (RFC 9002 §6.2.4).
   */
  retransmissions(direction: Direction): number {
    return this.resent[direction];
  }

  datagram(direction: Direction, { bytes, offset, end, missing }: Datagram, stamp: FrameStamp): boolean {
    const isFirst = this.secrets.length === 0;
    let isOurs = false;
    let destination: Range | null = null;
    for (let at = offset; at < end;) {
      if (!hasLongHeader(u8(bytes, at))) {
        if (isFirst && !isOurs) return false;
        // Behind other packets, what has no fixed bit is padding, unless it names the same destination (RFC 9287).
        if (destination !== null && (u8(bytes, at) & FIXED_BIT) === 0) {
          const id = { start: at + 1, end: at + 1 + lengthOf(destination) };
          if (lengthOf(destination) === 0 || id.end > end || !isRepeated(bytes, id, destination)) break;
        }
        isOurs = this.readShort(direction, bytes, at, end, stamp) || isOurs;
        break;
      }
      const header = readLongHeader(bytes, at, end);
      if (header === null) break;
      // Packets of one datagram have the same destination (RFC 9000 §12.2).
      if (destination !== null && !isRepeated(bytes, header.destinationId, destination)) break;
      destination = header.destinationId;
      if (header.version === 0) {
        isOurs = this.readVersionNegotiation(direction, bytes, header, end, stamp);
        break;
      }
      const packet = readLongPacket(bytes, header, end);
      if (packet === null) {
        isOurs = this.readUnknownVersion(direction, bytes, header, end + missing) || isOurs;
        break;
      }
      if (!this.readLong(direction, bytes, packet, stamp)) break;
      isOurs = true;
      at = packet.end;
    }
    const mine = this.ends[direction];
    if (isOurs) mine.longestDatagram = Math.max(mine.longestDatagram, end - offset + missing);
    return isOurs;
  }

  answer({ bytes, offset, end }: Datagram): 'proven' | null {
    if (end <= offset || !hasLongHeader(u8(bytes, offset))) return null;
    const header = readLongHeader(bytes, offset, end);
    if (header === null || !this.hasId(this.client, bytes, header.destinationId)) return null;
    const packet = readLongPacket(bytes, header, end);
    const secret = this.secrets.at(-1);
    if (packet?.type !== 'initial' || secret === undefined || this.context.failures >= MAX_FAILURES) return null;
    const opened = openLongPacket(bytes, packet, keysOf(secret, packet.version, 'server'), -1);
    this.count(opened);
    return opened?.isAuthentic === true ? 'proven' : null;
  }

  override end(): void {
    this.openHeld();
    this.traffic?.wipe();
    super.end();
  }

  /** A long header of a version whose packets cannot be opened: it may be a client's that the server answers with others. */
  private readUnknownVersion(direction: Direction, bytes: Uint8Array, header: LongHeader, end: number): boolean {
    if (this.secrets.length > 0) {
      if (direction !== this.client || quicVersion(header.version) !== undefined) return false;
      if (!this.hasSecret(bytes, header.destinationId)) return false;
    } else if (canBeginWithUnknownVersion(bytes, header, end)) {
      this.begin(direction, bytes, header);
    } else {
      return false;
    }
    this.offer(header.version);
    return true;
  }

  private begin(direction: Direction, bytes: Uint8Array, header: LongHeader): void {
    this.client = direction;
    this.learn(direction, bytes, header.sourceId);
    this.secrets.push({ id: idAt(bytes, header.destinationId), keys: [] });
  }

  private offer(version: number): void {
    const { offeredVersions } = this;
    if (offeredVersions.length < MAX_VERSIONS && !offeredVersions.includes(version)) offeredVersions.push(version);
  }

  /** Version Negotiation (RFC 9000 §17.2.1): the IDs of the client's packet, exchanged. */
  private readVersionNegotiation(
    direction: Direction,
    bytes: Uint8Array,
    { destinationId, sourceId, bodyStart }: LongHeader,
    end: number,
    stamp: FrameStamp,
  ): boolean {
    if (direction === this.client || !this.hasId(this.client, bytes, destinationId)) return false;
    if (!this.hasSecret(bytes, sourceId)) return false;
    if (this.versionNegotiations.length < MAX_EVENTS) {
      const versions = listedVersions(bytes, bodyStart, end);
      this.versionNegotiations.push({ frame: stamp.number, at: timestampOf(stamp), versions });
    }
    // A client that has an answer to its Initial ignores it (RFC 9000 §6.2).
    this.awaitsVersion ||= this.ends[direction].ids.length === 0;
    return true;
  }

  /** Reads a packet of a known version. Whether it is of this connection. */
  private readLong(direction: Direction, bytes: Uint8Array, packet: LongPacket, stamp: FrameStamp): boolean {
    const { type } = packet;
    if (type === 'initial') return this.readInitial(direction, bytes, packet, stamp);
    const { header } = packet;
    if (!this.isAddressed(direction, bytes, header) && !this.isFromKnown(direction, bytes, header)) return false;
    if (direction === this.client) this.offer(packet.version.code);
    this.learnDestination(direction, bytes, header);
    if (type === 'retry') return this.readRetry(direction, bytes, packet, stamp);
    this.noteProtected(direction, type, packet.end - packet.header.start, stamp);
    if (type === 'handshake') {
      const { numberStart, end } = packet;
      this.readProtected(direction, type, bytes, { start: header.start, numberStart, end }, stamp);
    }
    return true;
  }

  /** Whether a packet is to a connection ID of this connection. */
  private isAddressed(direction: Direction, bytes: Uint8Array, { destinationId }: LongHeader): boolean {
    return (
      this.hasId(opposite(direction), bytes, destinationId) ||
      (direction === this.client && this.hasSecret(bytes, destinationId))
    );
  }

  /** Whether a packet may be to a connection ID that was announced in secret: it is from one that is known. */
  private isFromKnown(direction: Direction, bytes: Uint8Array, { sourceId }: LongHeader): boolean {
    return this.ends[opposite(direction)].ids.length > 0 && this.hasId(direction, bytes, sourceId);
  }

  /** Learns the ID that a packet of this connection is to, if it is none that the client made up. */
  private learnDestination(direction: Direction, bytes: Uint8Array, { destinationId }: LongHeader): void {
    const peer = opposite(direction);
    if (this.ends[peer].ids.length === 0) return;
    if (!this.hasSecret(bytes, destinationId)) this.learn(peer, bytes, destinationId);
  }

  /** Whether Initial keys follow from an ID: the client made it up, or a Retry gave it. */
  private hasSecret(bytes: Uint8Array, range: Range): boolean {
    for (const { id } of this.secrets) if (isEqual(bytes, range, id)) return true;
    return false;
  }

  private hasId(end: Direction, bytes: Uint8Array, range: Range): boolean {
    for (const id of this.ends[end].ids) if (isEqual(bytes, range, id)) return true;
    return false;
  }

  private learn(end: Direction, bytes: Uint8Array, range: Range): void {
    const { ids } = this.ends[end];
    if (ids.length < MAX_EVENTS && !this.hasId(end, bytes, range)) ids.push(idAt(bytes, range));
  }

  /** Retry (RFC 9000 §17.2.5): the client begins again, with a token, and with the ID that it is given. */
  private readRetry(direction: Direction, bytes: Uint8Array, packet: LongPacket, stamp: FrameStamp): boolean {
    if (direction === this.client) return false;
    // It names the ID that it answers in nothing but its integrity tag.
    const answered = this.secrets.findLast(({ id }) => {
      if (this.context.failures >= MAX_FAILURES) return false;
      const isIntact = isRetryIntact(bytes, packet, bytesOf(id)) !== false;
      if (!isIntact) this.context.failures++;
      return isIntact;
    });
    const isIntact = packet.version.retry === null ? null : answered !== undefined;
    const isAgain = answered !== undefined && answered !== this.secrets[0];
    if (this.retries.length < MAX_EVENTS) {
      this.retries.push({ frame: stamp.number, at: timestampOf(stamp), isAgain, isIntact });
    }
    // The client takes one only, and none that was altered (§17.2.5.2); some take more.
    const isKnown = this.hasSecret(bytes, packet.header.sourceId);
    if (this.secrets.length < MAX_EVENTS && answered !== undefined && !isKnown) {
      this.secrets.push({ id: idAt(bytes, packet.header.sourceId), keys: [] });
      this.sentCrypto.clear();
    }
    return true;
  }

  private readInitial(direction: Direction, bytes: Uint8Array, packet: LongPacket, stamp: FrameStamp): boolean {
    const mine = this.ends[direction];
    const isFull = this.opened >= MAX_INITIALS || this.context.failures >= MAX_FAILURES;
    // Some servers acknowledge half a ClientHello at once, which says nothing if the handshake goes on.
    const isShort =
      direction !== this.client && mine.largest < 0 && packet.end - packet.numberStart < LEAST_SERVER_HELLO;
    const canWait = (this.hasServerHello || isShort) && this.held.length < MAX_HELD;
    if ((isFull || canWait) && this.isAddressed(direction, bytes, packet.header)) {
      mine.packets.initial++;
      if (direction === this.client) this.offer(packet.version.code);
      else this.learn(direction, bytes, packet.header.sourceId);
      if (!isFull) this.hold(direction, bytes, packet, stamp);
      return true;
    }
    const opened = isFull ? null : this.open(direction, bytes, packet, stamp);
    if (opened === null) return false;
    mine.packets.initial++;
    this.readOpened(direction, bytes, packet, opened, stamp);
    return true;
  }

  private hold(direction: Direction, bytes: Uint8Array, packet: LongPacket, stamp: FrameStamp): void {
    // Most are dropped soon: memory that Node.js shares out costs less.
    const copied = Buffer.from(bytes.subarray(packet.header.start, packet.end));
    this.held.push({ direction, bytes: copied, stamp: copyOf(stamp) });
  }

  private openHeld(): void {
    for (const { direction, bytes, stamp } of this.held) {
      const header = readLongHeader(bytes, 0, bytes.length);
      const packet = header && readLongPacket(bytes, header, bytes.length);
      const opened = packet && this.openKnown(direction, bytes, packet);
      if (opened) this.readOpened(direction, bytes, packet, opened, stamp);
    }
    this.held.length = 0;
  }

  /** Reads the frames of a packet. */
  private readOpened(
    direction: Direction,
    bytes: Uint8Array,
    { header, token, version }: LongPacket,
    opened: OpenedPacket,
    stamp: FrameStamp,
  ): void {
    const mine = this.ends[direction];
    this.learnDestination(direction, bytes, header);
    if (direction === this.client) {
      this.offer(version.code);
      if (lengthOf(token) > 0) this.firstToken ??= { frame: stamp.number, at: timestampOf(stamp) };
    } else {
      this.learn(direction, bytes, header.sourceId);
      this.awaitsVersion = false;
    }
    mine.largest = Math.max(mine.largest, opened.number);
    this.inHand = { direction, level: 'initial', number: opened.number, version: version.code, stamp };
    this.beginPacket();
    if (!readFrames(opened.payload, this) && opened.isAuthentic) this.badFrame(direction, stamp);
    if (!this.hasNewCrypto && (this.hasCrypto || !this.hasAnswer)) this.resent[direction]++;
    if (this.hasServerHello && this.waiting.length > 0) this.openWaiting();
  }

  /** Reads a packet that opens with secrets of a key log, if there are any. Whether it opened. */
  private readProtected(
    direction: Direction,
    level: SecretLevel,
    bytes: Uint8Array,
    range: ProtectedRange,
    stamp: FrameStamp,
  ): boolean {
    if (this.context.secrets.isEmpty) return false;
    if (!this.hasServerHello) {
      this.wait(direction, level, bytes, range, stamp);
      return false;
    }
    const side = direction === this.client ? 'client' : 'server';
    const { packets, largest } = this.ends[direction];
    const isWanted = packets['1rtt'] < MAX_OPENED || range.end - range.start <= MAX_CLOSE_LENGTH;
    const frames = this.trafficKeys()?.open(level, side, bytes, range, largest, isWanted) ?? null;
    if (frames === 'altered') this.packetAltered({ direction, frame: stamp.number, at: timestampOf(stamp) });
    if (frames === null || frames === 'altered') return false;
    this.packetOpened(direction);
    this.inHand = { direction, level, number: -1, version: 0, stamp };
    // What it holds of the application is passed over, by the headers of its frames.
    readFrames(frames, this);
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

  private wait(
    direction: Direction,
    level: SecretLevel,
    bytes: Uint8Array,
    { start, numberStart, end }: ProtectedRange,
    stamp: FrameStamp,
  ): void {
    if (this.waiting.length >= MAX_HELD) return;
    const range = { start: 0, numberStart: numberStart - start, end: end - start };
    this.waiting.push({ direction, level, bytes: bytes.slice(start, end), range, stamp: copyOf(stamp) });
  }

  private openWaiting(): void {
    for (const { direction, level, bytes, range, stamp } of this.waiting.splice(0)) {
      this.readProtected(direction, level, bytes, range, stamp);
    }
  }

  /** Opens an Initial packet; null if it is not of this connection. */
  private open(direction: Direction, bytes: Uint8Array, packet: LongPacket, stamp: FrameStamp): OpenedPacket | null {
    if (this.secrets.length > 0) {
      const known = this.openKnown(direction, bytes, packet);
      if (known !== null || !this.isNewAttempt(direction, bytes, packet)) return known;
    } else if (lengthOf(packet.header.destinationId) < LEAST_FIRST_ID) {
      return null;
    }
    const secret: InitialSecret = { id: idAt(bytes, packet.header.destinationId), keys: [] };
    const opened = openLongPacket(bytes, packet, keysOf(secret, packet.version, 'client'), -1);
    this.count(opened);
    if (opened === null) return null;
    if (!opened.isAuthentic) {
      if (!beginsWithClientHello(opened.payload)) return null;
      this.altered ??= { direction, frame: stamp.number, at: timestampOf(stamp) };
    }
    if (this.secrets.length > 0) {
      this.ends[direction].largest = this.ends[opposite(direction)].largest = -1;
      this.restart();
      this.sentCrypto.clear();
      this.awaitsVersion = false;
      this.waiting.length = 0;
    }
    this.begin(direction, bytes, packet.header);
    if (opened.isAuthentic) this.opened++;
    return opened;
  }

  /** Takes note of what keys made of a packet. */
  private count(opened: OpenedPacket | null): void {
    const { context } = this;
    if (opened?.isAuthentic !== true) context.failures++;
    else if (context.failures > 0) context.failures--;
  }

  /** With the keys of an ID that is known: the one that the packet names, or else the last one. */
  private openKnown(direction: Direction, bytes: Uint8Array, packet: LongPacket): OpenedPacket | null {
    const { secrets } = this;
    const named = secrets.find(({ id }) => isEqual(bytes, packet.header.destinationId, id)) ?? secrets.at(-1);
    const { largest } = this.ends[direction];
    const side = direction === this.client ? 'client' : 'server';
    for (let at = secrets.length; at >= 0; at--) {
      const secret = at === secrets.length ? named : secrets[at];
      if (secret === undefined || (secret === named && at < secrets.length)) continue;
      const opened = openLongPacket(bytes, packet, keysOf(secret, packet.version, side), largest);
      this.count(opened);
      if (opened?.isAuthentic === true) {
        this.opened++;
        return opened;
      }
      if (this.altered !== null && opened !== null && secret === named) return opened;
    }
    return null;
  }

  /** Whether an Initial packet may be the client's next attempt at this connection, though its ID is new. */
  private isNewAttempt(direction: Direction, bytes: Uint8Array, { header, token }: LongPacket): boolean {
    if (direction !== this.client || this.ends[opposite(direction)].ids.length > 0) return false;
    if (this.awaitsVersion) return true;
    // The Retry is not in the capture.
    return lengthOf(token) > 0 && this.hasId(direction, bytes, header.sourceId);
  }

  /** A packet with a short header, which names its destination only (RFC 9000 §17.3.1). */
  private readShort(direction: Direction, bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): boolean {
    const { ids } = this.ends[opposite(direction)];
    let known: ConnectionId | undefined = undefined;
    for (const id of ids) {
      if (start + 1 + id.length > end || !isAt(bytes, start + 1, id)) continue;
      known = id;
      break;
    }
    const hasFixedBit = (u8(bytes, start) & FIXED_BIT) !== 0;
    // The fixed bit may be greased (RFC 9287), which nothing but the ID shows.
    if (!hasFixedBit && (known?.length ?? 0) === 0) return false;
    const idLength = known?.length ?? ids[0]?.length ?? 0;
    const numberStart = start + 1 + idLength;
    const hasOpened =
      !this.context.secrets.isEmpty && this.readProtected(direction, '1rtt', bytes, { start, numberStart, end }, stamp);
    if (known === undefined && !hasOpened) {
      this.ends[direction].packets.short++;
      return true;
    }
    if (known === undefined) this.learn(opposite(direction), bytes, { start: start + 1, end: numberStart });
    this.noteProtected(direction, '1rtt', end - start, stamp);
    if (direction === this.client && this.ends[direction].packets['1rtt'] === 1) this.release();
    return true;
  }

  /** The handshake is done: keys weigh the most of what is kept, and can be made again. */
  private release(): void {
    if (!this.hasServerHello) this.openHeld();
    this.held.length = 0;
    for (const { keys } of this.secrets) keys.length = 0;
    this.sentCrypto.clear();
    if (this.hasServerHello) this.releaseInitial();
  }

  private noteProtected(
    direction: Direction,
    level: ProtectedPacket['level'],
    length: number,
    stamp: FrameStamp,
  ): void {
    const { packets, protectedPackets } = this.ends[direction];
    packets[level]++;
    if (protectedPackets.length >= MAX_PROTECTED || (level === '1rtt' && packets['1rtt'] > 1)) return;
    protectedPackets.push({ direction, frame: stamp.number, at: timestampOf(stamp), level, length });
  }

  private beginPacket(): void {
    this.hasCrypto = this.hasNewCrypto = this.hasAnswer = false;
  }

  // What the frames of an Initial packet say.

  crypto(offset: number, bytes: Uint8Array, start: number, end: number): void {
    const { sentCrypto } = this;
    const { direction, level, number, version, stamp } = this.inHand;
    if (level !== 'initial') {
      this.handshakeBytes(direction, level, offset, bytes, start, end, stamp);
      return;
    }
    const last = offset + end - start;
    this.hasCrypto = true;
    this.hasNewCrypto ||= !sentCrypto.isRepeated(direction, number, offset, last);
    sentCrypto.add(direction, number, offset, last);
    const { hasServerHello } = this;
    this.handshakeBytes(direction, level, offset, bytes, start, end, stamp);
    if (!hasServerHello && this.hasServerHello) this.version = version;
  }

  close(frame: CloseFrame): void {
    const { inHand } = this;
    this.hasAnswer = true;
    // Initial packets say it without keys, if they say it.
    if (inHand.level !== 'initial') this.openHeld();
    this.inHand = inHand;
    this.noteClose(frame, inHand);
  }

  private noteClose(
    { application, code, frameType, reason }: CloseFrame,
    { direction, level, stamp }: PacketInHand,
  ): void {
    const { closes } = this;
    // It is sent again, and at several levels, until the peer has it (RFC 9000 §10.2.3).
    const isKnown = closes.some(
      (close) => close.direction === direction && close.code === code && close.application === application,
    );
    if (isKnown || closes.length >= MAX_EVENTS) return;
    const text = utf8.decode(reason.subarray(0, MAX_REASON));
    const seen = { direction, frame: stamp.number, at: timestampOf(stamp) };
    // Packets that were held are read late.
    const at = closes.findLastIndex(({ frame }) => frame <= stamp.number) + 1;
    closes.splice(at, 0, { ...seen, application, code, frameType, reason: text, level });
    if (!application) this.closed(direction, level, code, stamp);
  }

  acknowledged(smallest: number, largest: number): void {
    const { direction, level } = this.inHand;
    if (level !== 'initial') return;
    this.hasAnswer = true;
    this.hasAcknowledged[direction] = true;
    this.sentCrypto.acknowledge(opposite(direction), smallest, largest);
  }

  connectionId(bytes: Uint8Array, start: number, end: number): void {
    const { direction, level } = this.inHand;
    if (level === '1rtt') this.learn(direction, bytes, { start, end });
  }

  handshakeDone(): void {
    const { direction, level, stamp } = this.inHand;
    if (level !== '1rtt' || direction === this.client) return;
    this.handshakeDoneAt ??= { frame: stamp.number, at: timestampOf(stamp) };
  }
}

const copyOf = ({ number, seconds, nanoseconds, digits }: FrameStamp): FrameStamp => ({
  number,
  seconds,
  nanoseconds,
  digits,
});

function keysOf({ id, keys }: InitialSecret, version: QuicVersion, side: 'client' | 'server'): PacketKeys {
  for (const known of keys) if (known.version === version) return keysOfSide(known, side);
  const made = initialKeys(version, bytesOf(id));
  keys.push(made);
  return keysOfSide(made, side);
}

const idAt = (bytes: Uint8Array, { start, end }: Range): ConnectionId => latin1(bytes, start, end);
const bytesOf = (id: ConnectionId): Buffer => Buffer.from(id, 'latin1');

function isEqual(bytes: Uint8Array, range: Range, id: ConnectionId): boolean {
  return lengthOf(range) === id.length && isAt(bytes, range.start, id);
}

/** Whether the bytes from `start` on are those of an ID. */
function isAt(bytes: Uint8Array, start: number, id: ConnectionId): boolean {
  for (let index = 0; index < id.length; index++) {
    if (u8(bytes, start + index) !== id.charCodeAt(index)) return false;
  }
  return true;
}

/** Whether two ranges of a datagram have the same bytes. */
function isRepeated(bytes: Uint8Array, range: Range, other: Range): boolean {
  if (lengthOf(range) !== lengthOf(other)) return false;
  for (let index = 0; index < lengthOf(range); index++) {
    if (u8(bytes, range.start + index) !== u8(bytes, other.start + index)) return false;
  }
  return true;
}

/**
 * Whether a long header of a version that is not known may be a client's first. Nothing in the packet proves it, so that it
 * has to look like QUIC in every way, and to have a version that is reserved, or that somebody has used.
 */
function canBeginWithUnknownVersion(bytes: Uint8Array, header: LongHeader, end: number): boolean {
  const { start, version, destinationId, sourceId } = header;
  return (
    quicVersion(version) === undefined &&
    (isReservedVersion(version) || version >>> 8 === 0xff0000 || version >>> 8 === 0xfaceb0) &&
    (u8(bytes, start) & FIXED_BIT) !== 0 &&
    end - start >= LEAST_DATAGRAM &&
    lengthOf(destinationId) >= LEAST_FIRST_ID &&
    lengthOf(destinationId) <= 20 &&
    lengthOf(sourceId) <= 20
  );
}

/** Whether frames that may have been altered begin with a CRYPTO frame of a ClientHello: by chance no bytes do. */
function beginsWithClientHello(payload: Uint8Array): boolean {
  let found = false;
  readFrames(payload, {
    crypto(offset, bytes, start, end) {
      // Type 1, three bytes of length, legacy_version 0x0303 (RFC 8446 §4.1.2).
      found ||= offset === 0 && end - start > 6 && u16(bytes, start) === 0x0100 && u16(bytes, start + 4) === 0x0303;
    },
    close: () => undefined,
    acknowledged: () => undefined,
    connectionId: () => undefined,
    handshakeDone: () => undefined,
  });
  return found;
}

/** Whether a datagram may begin a QUIC connection: an Initial packet, or a long header of a version that servers refuse. */
export function canBeginQuic({ bytes, offset, end, missing }: Datagram): boolean {
  if (end <= offset || !hasLongHeader(u8(bytes, offset))) return false;
  const header = readLongHeader(bytes, offset, end);
  if (header === null || header.version === 0) return false;
  const packet = readLongPacket(bytes, header, end);
  return packet === null
    ? canBeginWithUnknownVersion(bytes, header, end + missing)
    : packet.type === 'initial' && lengthOf(header.destinationId) >= LEAST_FIRST_ID;
}
