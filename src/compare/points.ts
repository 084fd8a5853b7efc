/** Tells captures of several points of one path from the pieces of one recording: the same packets are in each. */
import { BOUNDS } from '../bounds.js';
import { u16, u8 } from '../bytes.js';
import type { FrameStamp } from '../capture/frame.js';
import { formatAddress } from '../packet/address.js';
import type { Packet } from '../packet/packet.js';
import { ACK, SYN } from '../packet/packet.js';
import { timestampValue } from '../packet/tcp-options.js';
import { hashOf } from './trace.js';

/** Some packets of a capture, by bytes that no other packet shares: they tell at which point it was made. */
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
  readonly isFromClient: boolean;
}

/** Packets that are looked at of each capture. */
const MOST = BOUNDS.pointPackets.value;
/**
 * Copies of one packet closer than this, in microseconds, with no router between them, may come from two interfaces of one host:
 * these are one recording.
 */
const LEAST_APART_US = 5000;
/** Linux, the lowest of the usual systems, gives clients ports from here on. */
const FIRST_CLIENT_PORT = 32768;
/** More than any TTL: nearer to the client than what IP carries. */
const AT_CLIENT = 256;
/**
 * Bytes of an EAP packet that tell it: its length and, of a ClientHello, the random. Shorter packets, such as identities, are those of other conversations too.
 */
const EAP_BYTES = 53;

export function createSample(): Sample {
  const packets = new Map<string, SampledPacket>();
  /** By addresses and ports in the order of those numbers, who is the client. */
  const clients = new Map<string, string>();
  const isClients = (packet: Packet, isTcp: boolean): boolean => {
    const { addresses, ipVersion, sourcePort, destinationPort, flags } = packet;
    const source = `${formatAddress(addresses, 0, ipVersion)} ${sourcePort}`;
    const destination = `${formatAddress(addresses, 4, ipVersion)} ${destinationPort}`;
    const key = source < destination ? `${source} ${destination}` : `${destination} ${source}`;
    let client = clients.get(key);
    if (client === undefined) {
      const isOpening = isTcp && (flags & SYN) !== 0;
      // A capture that begins late may show an answer first: servers have the lower port, unless both are of the kind that clients get.
      const hasService = Math.min(sourcePort, destinationPort) < FIRST_CLIENT_PORT;
      const isSource = isOpening ? (flags & ACK) === 0 : hasService ? sourcePort > destinationPort : true;
      clients.set(key, (client = isSource ? source : destination));
    }
    return client === source;
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
      packets.set(key, { time: timeOf(stamp), ttl: packet.ttl, isFromClient: isClients(packet, isTcp) });
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
  for (const [index, sample] of samples.entries()) {
    let isShared = false;
    for (const other of samples) {
      const nearer = other === sample ? null : nearerOf(sample, other);
      if (nearer === null) continue;
      isShared = true;
      near[index] = (near[index] ?? 0) + Math.sign(nearer - (nearerOf(other, sample) ?? 0));
    }
    if (!isShared) return null;
  }
  return samples.map((_, index) => index).sort((a, b) => (near[b] ?? 0) - (near[a] ?? 0) || a - b);
}

/** How many more packets say that the first point is nearer to the clients than say the opposite; null if they share none. */
function nearerOf({ packets }: Sample, { packets: theirs }: Sample): number | null {
  let nearer: number | null = null;
  for (const [key, { time, ttl, isFromClient }] of packets) {
    const same = theirs.get(key);
    if (same === undefined || (same.ttl === ttl && Math.abs(same.time - time) < LEAST_APART_US)) continue;
    nearer = (nearer ?? 0) + Math.sign(ttl - same.ttl) * (isFromClient ? 1 : -1);
  }
  return nearer;
}
