import { BOUNDS } from '../../bounds.js';
import { u8 } from '../../bytes.js';
import type { FrameStamp } from '../../capture/frame.js';
import { timestampOf } from '../../capture/timestamp.js';
import type { ByteSink, Direction, FrameRef } from '../flow.js';
import { opposite } from '../flow.js';
import type { EapPacket, TlsFragment } from './packet.js';
import {
  carriesTls,
  FAILURE,
  IDENTITY,
  identityOf,
  methodsWanted,
  NOTIFICATION,
  readTlsFragment,
  REQUEST,
  RESPONSE,
  SUCCESS,
} from './packet.js';

/** The directions of a conversation: the peer (supplicant) is the client of TLS, the EAP server its server. */
export const PEER: Direction = 0;
export const SERVER: Direction = 1;

const MAX_KEPT = BOUNDS.eapMethods.value;
const MAX_PACKETS = BOUNDS.eapPackets.value;
const MAX_HELD = BOUNDS.eapHeldBytes.value;
/** Longer than any record: the record reader skips the rest of this one, and starts again with the next message. */
const UNKNOWN_LENGTH = 1 << 16;

/** A method that a side names, and where. */
export interface NamedMethod extends FrameRef {
  readonly type: number;
}

/**
 * An EAP packet other than success or failure, and what its TLS method says in it. `data` ends a TLS message,
 * `fragment` does not.
 */
export interface EapPacketEvent extends FrameRef {
  readonly direction: Direction;
  readonly type: number;
  readonly tls: 'start' | 'fragment' | 'data' | 'acknowledgment' | null;
  /** In bytes: those of TLS, if it carries any; else of the whole packet. */
  readonly length: number;
}

/** What is known of one end. */
export interface EapEnd {
  /** EAP packets, without repeats, and the repeats. */
  packets: number;
  retransmissions: number;
  /** Bytes of TLS, without repeats, and those known to be missing. */
  bytes: number;
  missing: number;
  /** Whether the capture has all of its packets, as far as the other end's packets show. */
  isWhole: boolean;
  /** The first packet with bytes of TLS, and the last one. */
  firstData: FrameRef | null;
  lastData: FrameRef | null;
  /** The last new packet of any kind, changed in place; its length in bytes; whether fragments follow it. */
  last: FrameStamp | null;
  lastLength: number;
  hasMore: boolean;
}

/**
 * A TLS message that comes in several EAP packets. If packets may be missing, the later fragments are `held` until the
 * message ends: only then is it known how many bytes are missing.
 */
interface Assembly {
  isOpen: boolean;
  total: number | null;
  received: number;
  hasHole: boolean;
  isHolding: boolean;
  held: { readonly bytes: Uint8Array; readonly stamp: FrameStamp }[];
}

/** A packet, kept to recognise another copy of it. */
interface KnownPacket {
  readonly identifier: number;
  readonly length: number;
  readonly digest: number;
}

const newEnd = (): EapEnd => ({
  packets: 0,
  retransmissions: 0,
  bytes: 0,
  missing: 0,
  isWhole: true,
  firstData: null,
  lastData: null,
  last: null,
  lastLength: 0,
  hasMore: false,
});

const newAssembly = (): Assembly => ({
  isOpen: false,
  total: null,
  received: 0,
  hasHole: false,
  isHolding: false,
  held: [],
});

/** The bytes that all conversations of a tracker hold. */
export interface HeldBytes {
  bytes: number;
}

/**
 * One EAP conversation (RFC 3748): a request, its response, the next request, until success or failure. It
 * distinguishes repeats from new packets, and passes TLS bytes to a `ByteSink`, each direction in order.
 */
export class EapConversation<Content> {
  readonly ends: readonly [EapEnd, EapEnd] = [newEnd(), newEnd()];
  /** What the stage above makes of the bytes of TLS; null while there are none. */
  content: Content | null = null;
  /** The peer's last identity. */
  identity: string | null = null;
  /** TLS methods that the server started, and those that Naks ask for, in order. Bounded. */
  readonly started: NamedMethod[] = [];
  readonly wanted: NamedMethod[] = [];
  /** Packets in order, each once. Bounded. */
  readonly packets: EapPacketEvent[] = [];
  /** It began before the capture did. */
  hasLateStart = false;
  /** A method was requested, whether or not it carries TLS. */
  hasMethod = false;
  /** EAP packets that fragments follow, repeats too. */
  fragments = 0;
  result: (FrameRef & { readonly isSuccess: boolean }) | null = null;
  /** The end that sent the last new packet: it is the other end's turn. */
  lastFrom: Direction | null = null;
  private readonly known: [KnownPacket | null, KnownPacket | null] = [null, null];
  private readonly assemblies: readonly [Assembly, Assembly] = [newAssembly(), newAssembly()];

  constructor(
    private readonly sink: ByteSink<Content>,
    private readonly held: HeldBytes,
  ) {}

  /** Whether a TLS method was started, asked for, or carried any data. */
  get isAboutTls(): boolean {
    return this.content !== null || this.started.length > 0 || this.wanted.some(({ type }) => carriesTls(type));
  }

  /** Whether the peer has sent its identity and the server has not answered. */
  get isUnanswered(): boolean {
    return this.identity !== null && !this.hasMethod && this.result === null && this.lastFrom === PEER;
  }

  /** Whether a packet is the next request, by its identifier. */
  isNext({ code, identifier }: EapPacket): boolean {
    const last = this.known[SERVER];
    return code === REQUEST && this.result === null && last !== null && identifier === ((last.identifier + 1) & 0xff);
  }

  /** Whether a packet begins another conversation than this one. */
  isOther(packet: EapPacket): boolean {
    if (packet.code > RESPONSE) return false;
    if (packet.type === IDENTITY) return (this.hasMethod || this.result !== null) && !this.isRepeat(packet);
    if (this.result !== null) return !this.isRepeat(packet);
    return this.content !== null && packet.code === REQUEST && carriesTls(packet.type)
      ? readTlsFragment(packet).isStart && !this.isRepeat(packet)
      : false;
  }

  /** Takes the next packet. */
  take(packet: EapPacket, stamp: FrameStamp): void {
    const direction = packet.code === RESPONSE ? PEER : SERVER;
    const mine = this.ends[direction];
    const fragment = carriesTls(packet.type) ? readTlsFragment(packet) : null;
    if (fragment?.hasMore === true) this.fragments++;
    if (this.isRepeat(packet)) {
      mine.retransmissions++;
      return;
    }
    this.noteMissingPackets(packet, direction);
    this.known[direction] = { identifier: packet.identifier, length: lengthOf(packet), digest: digestOf(packet) };
    this.lastFrom = direction;
    mine.packets++;
    mine.lastLength = lengthOf(packet);
    mine.hasMore = fragment?.hasMore === true;
    mine.last = { number: stamp.number, seconds: stamp.seconds, nanoseconds: stamp.nanoseconds, digits: stamp.digits };
    if (packet.code === SUCCESS || packet.code === FAILURE) {
      this.takeResult(packet.code === SUCCESS, stamp);
      return;
    }
    this.notePacket(packet, direction, fragment, stamp);
    if (packet.type > NOTIFICATION) this.hasMethod = true;
    this.identity = identityOf(packet) ?? this.identity;
    for (const type of methodsWanted(packet) ?? []) note(this.wanted, type, stamp);
    if (fragment === null) return;
    if (!fragment.isStart) this.takeFragment(direction, packet, fragment, stamp);
    else if (packet.code === REQUEST) note(this.started, packet.type, stamp);
  }

  /** The conversation is over. */
  end(): void {
    for (const direction of [PEER, SERVER]) {
      const { last } = this.ends[direction];
      if (last === null) continue;
      this.deliverHeld(direction);
      if (this.content !== null) this.sink.end(this.content, direction, last);
    }
  }

  private notePacket(packet: EapPacket, direction: Direction, fragment: TlsFragment | null, stamp: FrameStamp): void {
    if (this.packets.length >= MAX_PACKETS) return;
    const length = fragment === null ? 0 : fragment.end - fragment.start + packet.missing;
    const tls =
      fragment === null
        ? null
        : fragment.isStart
          ? 'start'
          : length === 0
            ? 'acknowledgment'
            : fragment.hasMore
              ? 'fragment'
              : 'data';
    const { type } = packet;
    const bytes = length > 0 ? length : lengthOf(packet);
    this.packets.push({ frame: stamp.number, at: timestampOf(stamp), direction, type, tls, length: bytes });
  }

  private isRepeat(packet: EapPacket): boolean {
    const known = this.known[packet.code === RESPONSE ? PEER : SERVER];
    return (
      known !== null &&
      known.identifier === packet.identifier &&
      known.length === lengthOf(packet) &&
      known.digest === digestOf(packet)
    );
  }

  /** Notes the result; also called if RADIUS accepts or rejects without an EAP packet. */
  takeResult(isSuccess: boolean, stamp: FrameStamp): void {
    this.lastFrom = SERVER;
    this.result ??= { frame: stamp.number, at: timestampOf(stamp), isSuccess };
  }

  /** Notes a repeat of a packet before the last one of its end. */
  noteRepeat(packet: EapPacket): void {
    if (carriesTls(packet.type) && readTlsFragment(packet).hasMore) this.fragments++;
    this.ends[packet.code === RESPONSE ? PEER : SERVER].retransmissions++;
  }

  /**
   * Notes whether packets are missing before this one: a response answers the request with its identifier, and no
   * request directly follows another.
   */
  private noteMissingPackets(packet: EapPacket, direction: Direction): void {
    const request = this.known[SERVER];
    if (packet.code > RESPONSE || packet.type === IDENTITY) return;
    if (this.lastFrom === null) {
      // The beginning of the conversation is missing, unless this is a request that a switch makes by itself.
      this.hasLateStart = carriesTls(packet.type) && !readTlsFragment(packet).isStart;
      if (this.hasLateStart) for (const end of this.ends) end.isWhole = false;
      return;
    }
    if (direction === SERVER && this.lastFrom === SERVER && this.hasMethod) this.noteMissingPacket(PEER);
    if (direction === PEER && request !== null && request.identifier !== packet.identifier)
      this.noteMissingPacket(SERVER);
    // Most servers count up: a skipped number may be that of a missing request and its response.
    const isNext = request === null || packet.identifier === ((request.identifier + 1) & 0xff);
    if (direction === SERVER && !isNext) {
      for (const assembly of this.assemblies) assembly.isHolding ||= assembly.isOpen;
    }
  }

  /** Notes that a packet of an end is missing. While that end only acknowledges fragments, no TLS bytes are. */
  private noteMissingPacket(direction: Direction): void {
    if (this.assemblies[opposite(direction)].isOpen) return;
    const assembly = this.assemblies[direction];
    this.ends[direction].isWhole = false;
    if (assembly.isOpen) assembly.hasHole = assembly.isHolding = true;
    else this.gap(direction, UNKNOWN_LENGTH, this.ends[direction].last);
  }

  private gap(direction: Direction, length: number, stamp: FrameStamp | null): void {
    if (this.content !== null && stamp !== null) this.sink.gap(this.content, direction, length, stamp);
  }

  /** The content, which begins with a gap if packets before the first bytes are missing. */
  private openContent(stamp: FrameStamp): Content {
    if (this.content !== null) return this.content;
    this.content = this.sink.open();
    for (const direction of [PEER, SERVER])
      if (!this.ends[direction].isWhole) this.gap(direction, UNKNOWN_LENGTH, stamp);
    return this.content;
  }

  private takeFragment(direction: Direction, packet: EapPacket, fragment: TlsFragment, stamp: FrameStamp): void {
    const assembly = this.assemblies[direction];
    const { start, end, hasMore, total } = fragment;
    if (!assembly.isOpen) {
      assembly.total = total;
      assembly.received = 0;
      // A fragment of a message whose beginning is missing: the first fragment would say how long the message is.
      assembly.isHolding = !hasMore && total !== null && total > end - start + packet.missing;
    }
    assembly.isOpen = hasMore;
    assembly.received += end - start;
    this.noteData(direction, end - start, stamp);
    if (assembly.isHolding && this.held.bytes + end - start <= MAX_HELD) {
      const { number, seconds, nanoseconds, digits } = stamp;
      const kept = { number, seconds, nanoseconds, digits };
      assembly.held.push({ bytes: packet.bytes.slice(start, end), stamp: kept });
      this.held.bytes += end - start;
    } else if (end > start) {
      this.sink.data(this.openContent(stamp), direction, { bytes: packet.bytes, offset: start, end }, stamp);
    }
    if (packet.missing > 0) {
      assembly.received += packet.missing;
      this.ends[direction].missing += packet.missing;
      this.ends[direction].isWhole = false;
      this.deliverHeld(direction);
      this.gap(direction, packet.missing, stamp);
    }
    if (!hasMore) this.deliverHeld(direction);
  }

  /** Delivers the fragments held after a hole, which is as long as the rest of the message. */
  private deliverHeld(direction: Direction): void {
    const assembly = this.assemblies[direction];
    const { held, isOpen, total, received, hasHole } = assembly;
    assembly.hasHole = assembly.isHolding = false;
    assembly.held = [];
    const [first] = held;
    if (first === undefined) return;
    const content = this.openContent(first.stamp);
    const isKnown = !isOpen && total !== null;
    const lacking = isKnown ? Math.max(0, total - received) : 0;
    if (lacking > 0 || (hasHole && !isKnown)) {
      this.ends[direction].isWhole = false;
      this.ends[direction].missing += lacking;
      this.sink.gap(content, direction, isKnown ? Math.min(lacking, UNKNOWN_LENGTH) : UNKNOWN_LENGTH, first.stamp);
    }
    for (const { bytes, stamp } of held) {
      this.held.bytes -= bytes.length;
      this.sink.data(content, direction, { bytes, offset: 0, end: bytes.length }, stamp);
    }
  }

  private noteData(direction: Direction, length: number, stamp: FrameStamp): void {
    const mine = this.ends[direction];
    mine.bytes += length;
    if (length === 0) return;
    mine.lastData = { frame: stamp.number, at: timestampOf(stamp) };
    mine.firstData ??= mine.lastData;
  }
}

function note(methods: NamedMethod[], type: number, stamp: FrameStamp): void {
  if (methods.length < MAX_KEPT) methods.push({ type, frame: stamp.number, at: timestampOf(stamp) });
}

const lengthOf = ({ start, end, missing }: EapPacket): number => end - start + missing;

/** FNV-1a of the captured bytes. */
function digestOf({ bytes, start, end }: EapPacket): number {
  let digest = 0x811c9dc5;
  for (let at = start; at < end; at++) digest = Math.imul(digest ^ u8(bytes, at), 0x01000193);
  return digest;
}
