import type { FrameStamp } from '../capture/frame.js';
import type { Packet } from '../packet/packet.js';
import { ACK } from '../packet/packet.js';

/**
 * The packets seen last, to tell one captured twice (on two interfaces, with a VLAN tag and without, on both sides of a
 * router) from one sent twice. What a router changes, TTL, addresses of the link and checksum, does not count.
 */
export interface RecentPackets {
  /** Whether this is a copy of a packet seen shortly before; remembers it if it is not. */
  isCopy(connection: number, direction: number, packet: Packet, stamp: FrameStamp): boolean;
}

/**
 * Equal segments closer than this, in milliseconds, are one packet captured twice: without an IPv4 identification nothing
 * else tells, and no stack resends so soon (RFC 6298 §2.4).
 */
const COPY_MS = 5;
/** The same with equal IPv4 identification, which a packet sent again does not have (RFC 6864 §4): on a slow mirror. */
const SAME_ID_COPY_MS = 100;
/** Packets remembered, a power of two: each takes the place of another that hashes alike. 512 KiB. */
const SLOTS = 16_384;
const WORDS = 8;

/** Remembers in place: no packet costs an object. */
export function createRecentPackets(): RecentPackets {
  const seen = new Int32Array(SLOTS * WORDS);
  return {
    isCopy(connection, direction, packet, stamp) {
      const { sequence, acknowledgment, flags, ipId } = packet;
      const captured = packet.end - packet.offset;
      const length = captured + packet.missing;
      // Acknowledgments without data repeat each other by intent (RFC 5681 §2); only an identification tells them apart.
      if (length === 0 && ipId === 0 && flags === ACK) return false;
      const who = connection * 2 + direction;
      const mark = (ipId << 8) | flags;
      let hash = Math.imul(who ^ sequence, 0x9e3779b1) ^ Math.imul(acknowledgment ^ (mark << 4) ^ length, 0x85ebca6b);
      hash ^= hash >>> 15;
      const at = (hash & (SLOTS - 1)) * WORDS;
      if (
        seen[at] === (who | 0) &&
        seen[at + 1] === sequence &&
        seen[at + 2] === acknowledgment &&
        seen[at + 3] === mark &&
        seen[at + 4] === length &&
        (seen[at + 5] as number) >= captured
      ) {
        const apart =
          ((stamp.seconds - (seen[at + 6] as number)) | 0) * 1000 +
          (stamp.nanoseconds - (seen[at + 7] as number)) / 1e6;
        if (Math.abs(apart) < (ipId === 0 ? COPY_MS : SAME_ID_COPY_MS)) return true;
      }
      seen[at] = who;
      seen[at + 1] = sequence;
      seen[at + 2] = acknowledgment;
      seen[at + 3] = mark;
      seen[at + 4] = length;
      seen[at + 5] = captured;
      seen[at + 6] = stamp.seconds;
      seen[at + 7] = stamp.nanoseconds;
      return false;
    },
  };
}
