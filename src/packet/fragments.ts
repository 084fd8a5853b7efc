import { BOUNDS } from '../bounds.js';
import type { FrameStamp } from '../capture/frame.js';
import type { MemoryHolder } from '../memory.js';
import { FRAGMENT, MALFORMED } from './layer.js';
import type { Packet } from './packet.js';

/**
 * Reassembles the fragments of IPv4 and IPv6 packets (RFC 791 section 3.2, RFC 8200 section 4.5). Where fragments
 * overlap, the first copy of a byte wins, as in TCP streams here. RFC 8200 would drop such packets, but the capture may
 * contain fragments that the receiver never got.
 */
export interface Fragments {
  /** Number of packets being reassembled or given up; while it is 0, `expire` and `takeGivenUp` need not be called. */
  readonly pending: () => number;
  /**
   * Adds the fragment in `packet`. Returns FRAGMENT while others are missing; with the last one, `packet` becomes the
   * whole packet, and the key of the next layer is returned. MALFORMED if no packet can be that long.
   */
  add(packet: Packet, stamp: FrameStamp): number;
  /** To be called for every frame: gives up packets that have waited too long. */
  expire(stamp: FrameStamp): void;
  /** Gives up all packets. */
  finish(): void;
  /**
   * Takes the beginning of a packet that was given up: fills `packet` with it, marks the rest missing, and returns the
   * stamp of its first fragment's frame; null if there is none left. `packet.fragment.next` is the next layer.
   */
  takeGivenUp(packet: Packet): FrameStamp | null;
  /** Fragments of packets that never became whole. */
  readonly incomplete: () => number;
  readonly holder: MemoryHolder;
}

/** The longest IP packet. */
const MAX_PACKET = 65_535;
/** Fragments kept of one packet: enough for the longest packet in pieces of 256 bytes, less than any link makes. */
export const MAX_FRAGMENTS = BOUNDS.fragmentsPerPacket.value;
/** Packets being reassembled at once; beyond it, the oldest is given up. */
export const MAX_PACKETS = BOUNDS.fragmentedPackets.value;
/** Bytes held at once; beyond it, the oldest packet is given up. */
export const MAX_BYTES = BOUNDS.fragmentBytes.value;
/**
 * Milliseconds of capture time after which a packet is given up. Receivers wait 15 to 60 seconds (RFC 791, RFC 8200);
 * here its beginning must still find its connection, which is kept for less time after it closes.
 */
export const MAX_WAIT_MS = BOUNDS.fragmentWait.value;
/**
 * A packet is also given up after SHORT_WAIT_MS milliseconds if more than SHORT_WAIT_FRAMES frames came since it began.
 * Fragments follow each other at once, and the first one's data must reach its TCP stream before it counts as lost
 * there, after 32 segments.
 */
export const SHORT_WAIT_MS = 50;
export const SHORT_WAIT_FRAMES = 24;

/** Nominal bytes of a packet besides its data. */
const PACKET_BYTES = 1024;

/** A run of bytes of a packet. */
interface Piece {
  readonly from: number;
  readonly to: number;
  /** The captured part: less than `to - from` if the snapshot length cut it. */
  readonly bytes: Uint8Array;
}

/** A packet being reassembled. */
interface PartialPacket {
  readonly key: string;
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Number of frames seen when it began. */
  readonly began: number;
  /** In order, without overlaps. */
  pieces: Piece[];
  /** Bytes in `pieces`. */
  bytes: number;
  fragments: number;
  /** Length on the wire, -1 before the last fragment was seen. */
  length: number;
  first: FirstFragment | null;
  /** It is complete or too long; it is kept for a while to recognise second copies of its fragments. */
  isOver: boolean;
}

/** What only the first fragment shows. */
interface FirstFragment {
  readonly next: number;
  readonly ipVersion: number;
  readonly addresses: Uint32Array;
  readonly ttl: number;
  readonly ipId: number;
  readonly stamp: FrameStamp;
}

export function createFragments(): Fragments {
  // Oldest first: a Map keeps insertion order.
  const packets = new Map<string, PartialPacket>();
  const abandoned: PartialPacket[] = [];
  // Where packets are reassembled, one at a time: each is processed before the next.
  const whole = new Uint8Array(MAX_PACKET);
  let bytes = 0;
  let frames = 0;
  let incomplete = 0;

  const begin = (key: string, { seconds, nanoseconds }: FrameStamp): PartialPacket => {
    const datagram: PartialPacket = {
      key,
      seconds,
      nanoseconds,
      began: frames,
      pieces: [],
      bytes: 0,
      fragments: 0,
      length: -1,
      first: null,
      isOver: false,
    };
    packets.set(key, datagram);
    return datagram;
  };

  const close = (datagram: PartialPacket): void => {
    datagram.isOver = true;
    bytes -= datagram.bytes;
    datagram.bytes = 0;
    datagram.pieces = [];
  };

  /** Gives up a packet: its beginning is kept for `takeGivenUp`. */
  const giveUp = (datagram: PartialPacket): void => {
    if (datagram.isOver) return;
    incomplete += datagram.fragments;
    if (datagram.first !== null) abandoned.push({ ...datagram });
    close(datagram);
  };

  const remove = (datagram: PartialPacket): void => {
    giveUp(datagram);
    packets.delete(datagram.key);
  };

  const makeRoom = (): void => {
    for (const oldest of packets.values()) {
      if (packets.size <= MAX_PACKETS && bytes <= MAX_BYTES) break;
      remove(oldest);
    }
  };

  const isTooOld = (datagram: PartialPacket, { seconds, nanoseconds }: FrameStamp): boolean => {
    // In captures of several interfaces, time may step back.
    const age = Math.abs((seconds - datagram.seconds) * 1000 + (nanoseconds - datagram.nanoseconds) / 1e6);
    return age > MAX_WAIT_MS || (age > SHORT_WAIT_MS && frames - datagram.began > SHORT_WAIT_FRAMES);
  };

  const take = (packet: Packet, stamp: FrameStamp): number => {
    const { fragment } = packet;
    const from = fragment.offset;
    const to = from + packet.end - packet.offset + packet.missing;
    if (to > MAX_PACKET) return MALFORMED;
    const key = keyOf(packet);
    const datagram = packets.get(key) ?? begin(key, stamp);
    if (datagram.isOver) return FRAGMENT;

    datagram.fragments++;
    if (from === 0) datagram.first ??= firstFragment(packet, stamp);
    if (fragment.isLast && datagram.length < 0) datagram.length = to;
    const added = insert(datagram.pieces, packet, from, to);
    datagram.bytes += added;
    bytes += added;
    if (datagram.first !== null && isWhole(datagram)) {
      fill(packet, datagram, datagram.first, whole);
      close(datagram);
      return datagram.first.next;
    }
    if (datagram.pieces.length > MAX_FRAGMENTS) giveUp(datagram);
    if (packets.size > MAX_PACKETS || bytes > MAX_BYTES) makeRoom();
    return FRAGMENT;
  };

  return {
    holder: {
      what: 'fragments',
      bytes: () => bytes + packets.size * PACKET_BYTES,
      giveUp() {
        for (const oldest of packets.values()) {
          const isWaiting = !oldest.isOver;
          remove(oldest);
          if (isWaiting) return 1;
        }
        return 0;
      },
    },
    pending: () => packets.size + abandoned.length,
    add: take,
    expire(stamp) {
      frames++;
      for (const oldest of packets.values()) {
        if (!isTooOld(oldest, stamp)) break;
        remove(oldest);
      }
    },
    finish() {
      for (const datagram of packets.values()) remove(datagram);
    },
    takeGivenUp(packet) {
      const datagram = abandoned.shift();
      const first = datagram?.first ?? null;
      if (datagram === undefined || first === null) return null;
      fill(packet, datagram, first, whole);
      return first.stamp;
    },
    incomplete: () => incomplete,
  };
}

/** What the fragments of one packet have in common; the protocol only in IPv4 (RFC 8200 section 4.5). */
function keyOf({ ipVersion, addresses, fragment }: Packet): string {
  return ipVersion === 4
    ? `${fragment.id} ${fragment.next} ${addresses[3]} ${addresses[7]}`
    : `${fragment.id} ${addresses.join()}`;
}

function firstFragment(packet: Packet, stamp: FrameStamp): FirstFragment {
  const { number, seconds, nanoseconds, digits } = stamp;
  return {
    next: packet.fragment.next,
    ipVersion: packet.ipVersion,
    addresses: packet.addresses.slice(),
    ttl: packet.ttl,
    ipId: packet.ipId,
    stamp: { number, seconds, nanoseconds, digits },
  };
}

/** Copies those bytes `from` to `to` of `packet` that `pieces` lack. Returns the number of bytes copied. */
function insert(pieces: Piece[], packet: Packet, from: number, to: number): number {
  const { bytes, offset, end } = packet;
  let kept = 0;
  let at = from;
  const add = (index: number, until: number): void => {
    const start = Math.min(offset + at - from, end);
    const copy = bytes.slice(start, Math.min(offset + until - from, end));
    pieces.splice(index, 0, { from: at, to: until, bytes: copy });
    kept += copy.length;
  };
  let index = 0;
  for (; index < pieces.length && at < to; index++) {
    const piece = pieces[index] as Piece;
    if (piece.from > at) add(index++, Math.min(piece.from, to));
    at = Math.max(at, piece.to);
  }
  if (at < to) add(index, to);
  return kept;
}

function isWhole({ pieces, length }: PartialPacket): boolean {
  return length >= 0 && contiguous(pieces) >= length;
}

/** Number of bytes from the beginning without a gap on the wire. */
function contiguous(pieces: readonly Piece[]): number {
  let at = 0;
  for (const { from, to } of pieces) {
    if (from > at) break;
    at = to;
  }
  return at;
}

/** Fills `packet` with the beginning of the datagram, in `whole`. */
function fill(packet: Packet, { pieces, length }: PartialPacket, first: FirstFragment, whole: Uint8Array): void {
  // If the last fragment is missing, at least the bytes before the other fragments were on the wire.
  const onWire = length >= 0 ? length : (pieces.at(-1)?.to ?? 0);
  let end = 0;
  for (const { from, bytes } of pieces) {
    if (from !== end || from >= onWire) break;
    const known = bytes.subarray(0, onWire - from);
    whole.set(known, from);
    end = from + known.length;
  }
  packet.bytes = whole;
  packet.offset = 0;
  packet.end = end;
  packet.missing = onWire - end;
  packet.ipVersion = first.ipVersion;
  packet.addresses.set(first.addresses);
  packet.ttl = first.ttl;
  packet.ipId = first.ipId;
  packet.fragment.next = first.next;
}
