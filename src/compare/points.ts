/** Tells captures of several points of one path from the pieces of one recording: the same packets are in each. */
import { BOUNDS } from '../bounds.js';
import { u16, u8 } from '../bytes.js';
import type { FrameStamp } from '../capture/frame.js';
import { formatAddress } from '../packet/address.js';
import type { Packet } from '../packet/packet.js';
import { ACK, SYN } from '../packet/packet.js';
import { timestampValue } from '../packet/tcp-options.js';
import { hashOf } from './trace.js';

/** What tells a capture's point: some of its packets, by what no other packet shares. */
export interface Sample {
  /** Whether there is room for no more. */
  readonly isFull: () => boolean;
  add(packet: Packet, stamp: FrameStamp, isTcp: boolean): void;
  /** Adds an EAP packet; `ttl` is null of one that no IP carries, which is at the client. */
  addEap(eap: SampledEap, stamp: FrameStamp, ttl: number | null): void;
  readonly packets: ReadonlyMap<string, SampledPacket>;
}

/** An EAP packet (RFC 3748 section 4): the same over IEEE 802.1X as over RADIUS. */
export interface SampledEap {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** From the client. */
  readonly isResponse: boolean;
}

interface SampledPacket {
  /** Microseconds since 1970. */
  readonly time: number;
  readonly ttl: number;
  /** Whether its sender was the first to be seen between the two. */
  readonly isFromClient: boolean;
}

/** Packets that are looked at of each capture. */
const MOST = BOUNDS.pointPackets.value;
/**
 * Copies of one packet closer than this, in microseconds, with no router between them, may come from two interfaces of one host:
 * these are one recording.
 */
const LEAST_APART_US = 5000;
/** More than any TTL: nearer to the client than what IP carries. */
const AT_CLIENT = 256;
/**
 * Bytes of an EAP packet that tell it: its length and, of a ClientHello, the random. Shorter packets, such as identities, are those of other conversations too.
 */
const EAP_BYTES = 53;

export function createSample(): Sample {
  const packets = new Map<string, SampledPacket>();
  /** By addresses and ports in the order of those numbers, who was seen first. */
  const first = new Map<string, string>();
  /** Whether the sender of a packet was seen first between its endpoints. */
  const firstOf = ({ addresses, ipVersion, sourcePort, destinationPort }: Packet): boolean => {
    const source = `${formatAddress(addresses, 0, ipVersion)} ${sourcePort}`;
    const destination = `${formatAddress(addresses, 4, ipVersion)} ${destinationPort}`;
    const key = source < destination ? `${source} ${destination}` : `${destination} ${source}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, source);
    return known === undefined || known === source;
  };
  const timeOf = ({ seconds, nanoseconds }: FrameStamp): number => seconds * 1e6 + nanoseconds / 1e3;
  return {
    isFull: () => packets.size >= MOST,
    packets,
    addEap({ bytes, start, end, isResponse }, stamp, ttl) {
      if (!isResponse || end - start < EAP_BYTES || packets.size >= MOST) return;
      const key = `e ${hashOf(bytes, start, start + EAP_BYTES)}`;
      if (packets.has(key)) return;
      packets.set(key, { time: timeOf(stamp), ttl: ttl ?? AT_CLIENT, isFromClient: true });
    },
    add(packet, stamp, isTcp) {
      const key = isTcp ? keyOfSegment(packet) : keyOfDatagram(packet);
      if (key === null || packets.size >= MOST || packets.has(key)) return;
      const isAnswer = isTcp && (packet.flags & (SYN | ACK)) === (SYN | ACK);
      packets.set(key, { time: timeOf(stamp), ttl: packet.ttl, isFromClient: firstOf(packet) && !isAnswer });
    },
  };
}

/** By its timestamp, which differs when it is sent again, and its bytes; else by its IPv4 identification. */
function keyOfSegment(packet: Packet): string | null {
  const { bytes, offset, end, missing, flags, sequence, ipId } = packet;
  const length = end - offset + missing;
  if (length === 0 && (flags & SYN) === 0) return null;
  const timestamp = timestampValue(packet);
  if (timestamp !== null && timestamp !== 0) return `t ${flags} ${timestamp} ${length} ${hashOf(bytes, offset, end)}`;
  return ipId === 0 ? null : `i ${flags} ${sequence} ${ipId} ${length}`;
}

/**
 * By its bytes: packets of QUIC and records of DTLS have a number of their own, also when their content is sent again. RADIUS
 * packets, whose fourth byte ends their length, by their IPv4 identification too.
 */
function keyOfDatagram({ bytes, offset, end, missing, ipId }: Packet): string | null {
  if (end - offset < 20) return null;
  if (u8(bytes, offset) <= 11 && u16(bytes, offset + 2) === end - offset + missing && ipId !== 0) {
    return `r ${ipId} ${end - offset + missing} ${hashOf(bytes, offset, end)}`;
  }
  const first = u8(bytes, offset);
  const isQuic = (first & 0xc0) === 0xc0;
  const isDtls = first >= 20 && first <= 25 && u8(bytes, offset + 1) === 0xfe;
  return isQuic || isDtls ? `u ${end - offset + missing} ${hashOf(bytes, offset, end)}` : null;
}

/**
 * The places of captures in the order of the path, from the clients on: what a client sent has the larger TTL, the nearer to it.
 * Null if they are no points of one path: each shares packets with another one, at another time or behind a router.
 */
export function orderOfPoints(samples: readonly Sample[]): readonly number[] | null {
  const near = samples.map(() => 0);
  for (const [index, { packets }] of samples.entries()) {
    let isShared = false;
    for (const [other, { packets: theirs }] of samples.entries()) {
      if (other === index) continue;
      for (const [key, { time, ttl, isFromClient }] of packets) {
        const same = theirs.get(key);
        if (same === undefined || (same.ttl === ttl && Math.abs(same.time - time) < LEAST_APART_US)) continue;
        isShared = true;
        near[index] = (near[index] ?? 0) + Math.sign(ttl - same.ttl) * (isFromClient ? 1 : -1);
      }
    }
    if (!isShared) return null;
  }
  return samples.map((_, index) => index).sort((a, b) => (near[b] ?? 0) - (near[a] ?? 0) || a - b);
}
