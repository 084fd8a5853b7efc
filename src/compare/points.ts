/** Tells captures from several points of one path, which have packets in common, from pieces of one recording. */
import { type BoundedMap, createBoundedMap } from '../bounded-map.js';
import { BOUNDS } from '../bounds.js';
import { u16, u8 } from '../bytes.js';
import type { FrameStamp } from '../capture/frame.js';
import { formatAddress } from '../packet/address.js';
import type { Packet } from '../packet/packet.js';
import { ACK, SYN } from '../packet/packet.js';
import { timestampValue } from '../packet/tcp-options.js';
import { hashOf } from './trace.js';

/** Some packets of a capture, identified by unique bytes: they show at which point it was made. */
export interface Sample {
  /** Whether it is full. */
  readonly isFull: () => boolean;
  add(packet: Packet, stamp: FrameStamp, isTcp: boolean): void;
  /** Adds an EAP packet; `ttl` is null if it is not in IP, as next to the client. */
  addEap(eap: SampledEap, stamp: FrameStamp, ttl: number | null): void;
  readonly packets: BoundedMap<string, SampledPacket>;
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

/** Packets that are sampled of each capture. */
const MOST = BOUNDS.pointPackets.value;
/**
 * Copies of a packet within so many microseconds, without a router between them, may come from two interfaces of one
 * host, and so from one recording.
 */
const LEAST_APART_US = 5000;
/** Linux, the lowest of the common systems, gives clients ports from this number on. */
const FIRST_CLIENT_PORT = 32768;
/** Higher than any TTL: closer to the client than any IP packet can show. */
const AT_CLIENT = 256;
/**
 * Bytes that identify an EAP packet: its length and, in a ClientHello, the random. Shorter packets, such as identities,
 * are the same in other conversations.
 */
const EAP_BYTES = 53;

export function createSample(): Sample {
  const packets = createBoundedMap<string, SampledPacket>({ size: MOST, whenFull: 'refuse' });
  /** The client, by addresses and ports in their numeric order. */
  const clients = new Map<string, string>();
  const isClients = (packet: Packet, isTcp: boolean): boolean => {
    const { addresses, ipVersion, sourcePort, destinationPort, flags } = packet;
    const source = `${formatAddress(addresses, 0, ipVersion)} ${sourcePort}`;
    const destination = `${formatAddress(addresses, 4, ipVersion)} ${destinationPort}`;
    const key = source < destination ? `${source} ${destination}` : `${destination} ${source}`;
    let client = clients.get(key);
    if (client === undefined) {
      const isOpening = isTcp && (flags & SYN) !== 0;
      // A capture that begins late may show an answer first: servers have the lower port, unless both ports are in the
      // range for clients.
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
      if (!isResponse || end - start < EAP_BYTES) return;
      const key = `e ${hashOf(bytes, start, start + EAP_BYTES)}`;
      packets.getOrAdd(key, () => ({ time: timeOf(stamp), ttl: ttl ?? AT_CLIENT, isFromClient: true }));
    },
    add(packet, stamp, isTcp) {
      const key = isTcp ? keyOfSegment(packet) : keyOfDatagram(packet);
      if (key === null) return;
      packets.getOrAdd(key, () => ({
        time: timeOf(stamp),
        ttl: packet.ttl,
        isFromClient: isClients(packet, isTcp),
      }));
    },
  };
}

/** Its timestamp, which differs when it is sent again, and its bytes; otherwise its IPv4 identification. */
function keyOfSegment(packet: Packet): string | null {
  const { bytes, offset, end, missing, flags, sequence, ipId } = packet;
  const length = end - offset + missing;
  if (length === 0 && (flags & SYN) === 0) return null;
  const timestamp = timestampValue(packet);
  if (timestamp !== null && timestamp !== 0) return `t ${flags} ${timestamp} ${length} ${hashOf(bytes, offset, end)}`;
  return ipId === 0 ? null : `i ${flags} ${sequence} ${ipId} ${length}`;
}

/**
 * Its bytes: packets of QUIC and records of DTLS have numbers, even if their content is sent again. For RADIUS packets,
 * whose fourth byte ends their length, also the IPv4 identification.
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
 * The places of captures in the order of the path, from the clients on: a client's packets have a higher TTL nearer to
 * it. Null if they are not points of one path: each has to share packets with another one, at another time or behind a
 * router.
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

/**
 * How many more packets show that the first point is nearer to the clients than show the opposite; null if they share
 * none.
 */
function nearerOf({ packets }: Sample, { packets: theirs }: Sample): number | null {
  let nearer: number | null = null;
  for (const [key, { time, ttl, isFromClient }] of packets) {
    const same = theirs.get(key);
    if (same === undefined || (same.ttl === ttl && Math.abs(same.time - time) < LEAST_APART_US)) continue;
    nearer = (nearer ?? 0) + Math.sign(ttl - same.ttl) * (isFromClient ? 1 : -1);
  }
  return nearer;
}
