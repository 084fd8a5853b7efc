import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import type { Packet } from '../../packet/packet.js';
import { ACK } from '../../packet/packet.js';

/**
 * The last packets, to tell a packet that was captured twice (on two interfaces, with and without a VLAN tag, on both
 * sides of a router) from one that was sent twice. What a router changes is ignored: TTL, link addresses and checksum.
 */
export interface RecentPackets {
  /** Whether this is a second copy of a recent packet. */
  isCopy(connection: number, direction: number, packet: Packet, stamp: FrameStamp): boolean;
  /** Remembers a packet unless it is a copy; returns whether it was remembered. */
  addIfNew(connection: number, direction: number, packet: Packet, stamp: FrameStamp): boolean;
  /** Remembers a packet that is not a copy. */
  add(connection: number, direction: number, packet: Packet, stamp: FrameStamp): void;
}

/**
 * Equal segments within so many milliseconds are one packet captured twice. Without an IPv4 identification nothing else
 * shows that, and no stack resends so soon (RFC 6298 §2.4).
 */
const COPY_MS = 5;
/**
 * As COPY_MS, for packets with the same IPv4 identification, which a resent packet does not have (RFC 6864 §4): for
 * slow mirror ports.
 */
const SAME_ID_COPY_MS = 100;
/** Packets in the ring, a power of two. 576 KiB. */
export const MAX_REMEMBERED = BOUNDS.rememberedPackets.value;
const WORDS = 8;

/** Empty acknowledgments may repeat on purpose (RFC 5681 §2); without an identification, copies look the same. */
function isIndistinguishable({ flags, ipId, offset, end, missing }: Packet): boolean {
  return flags === ACK && ipId === 0 && end === offset && missing === 0;
}

const lengthOf = ({ offset, end, missing }: Packet): number => end - offset + missing;

function hashOf(who: number, { sequence, acknowledgment, flags, ipId }: Packet, length: number): number {
  const mark = (ipId << 12) | (flags << 4);
  const hash = Math.imul(who ^ sequence, 0x9e3779b1) ^ Math.imul(acknowledgment ^ mark ^ length, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}

/** The low bits of a hash: its index in the table. The low bits of a table entry: an index in the ring. */
const SLOT_MASK = MAX_REMEMBERED - 1;

/**
 * Allocates nothing per packet. The packets are in a ring, in the order in which they came; a small table, which fits
 * the processor's cache, finds them by hash. It also has the high bits of each hash, so that the ring is read only for
 * a likely match.
 */
export function createRecentPackets(): RecentPackets {
  const ring = new Int32Array(MAX_REMEMBERED * WORDS);
  let next = 0;
  /** By the low bits of a hash: its high bits, and the index in the ring of the last packet with that hash. */
  const places = new Int32Array(MAX_REMEMBERED);

  const isCopy = (who: number, hash: number, length: number, packet: Packet, stamp: FrameStamp): boolean => {
    const { ipId, missing } = packet;
    const place = places[hash & SLOT_MASK] as number;
    if (((place ^ hash) & ~SLOT_MASK) !== 0) return false;
    const at = (place & SLOT_MASK) * WORDS;
    if (
      ring[at] === (who | 0) &&
      ring[at + 1] === packet.sequence &&
      ring[at + 2] === packet.acknowledgment &&
      ring[at + 3] === ((ipId << 8) | packet.flags) &&
      ring[at + 4] === length &&
      // Compares only as much as was captured of it.
      (ring[at + 5] as number) <= missing
    ) {
      const apart =
        ((stamp.seconds - (ring[at + 6] as number)) | 0) * 1000 + (stamp.nanoseconds - (ring[at + 7] as number)) / 1e6;
      return Math.abs(apart) < (ipId === 0 ? COPY_MS : SAME_ID_COPY_MS);
    }
    return false;
  };

  const add = (who: number, hash: number, length: number, packet: Packet, stamp: FrameStamp): void => {
    places[hash & SLOT_MASK] = (hash & ~SLOT_MASK) | next;
    const at = next * WORDS;
    ring[at] = who;
    ring[at + 1] = packet.sequence;
    ring[at + 2] = packet.acknowledgment;
    ring[at + 3] = (packet.ipId << 8) | packet.flags;
    ring[at + 4] = length;
    ring[at + 5] = packet.missing;
    ring[at + 6] = stamp.seconds;
    ring[at + 7] = stamp.nanoseconds;
    next = (next + 1) & SLOT_MASK;
  };

  return {
    isCopy(connection, direction, packet, stamp) {
      if (isIndistinguishable(packet)) return false;
      const length = lengthOf(packet);
      const who = connection * 2 + direction;
      return isCopy(who, hashOf(who, packet, length), length, packet, stamp);
    },
    addIfNew(connection, direction, packet, stamp) {
      if (isIndistinguishable(packet)) return true;
      const length = lengthOf(packet);
      const who = connection * 2 + direction;
      const hash = hashOf(who, packet, length);
      if (isCopy(who, hash, length, packet, stamp)) return false;
      add(who, hash, length, packet, stamp);
      return true;
    },
    add(connection, direction, packet, stamp) {
      if (isIndistinguishable(packet)) return;
      const length = lengthOf(packet);
      const who = connection * 2 + direction;
      add(who, hashOf(who, packet, length), length, packet, stamp);
    },
  };
}
