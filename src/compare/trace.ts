import { BOUNDS } from '../bounds.js';
import type { FrameStamp } from '../capture/frame.js';
import type { Timestamp } from '../capture/timestamp.js';
import { timestampOf } from '../capture/timestamp.js';
import type { Connection, Endpoint } from '../connection/connection.js';
import { formatAddress } from '../packet/address.js';
import type { Packet } from '../packet/packet.js';
import { SYN } from '../packet/packet.js';
import { maximumSegmentSize, timestampValue } from '../packet/tcp-options.js';

/** What is kept of a packet to find it again at another point. */
export interface TracedPacket {
  readonly frame: number;
  readonly at: Timestamp;
  /** Microseconds since 1970. */
  readonly time: number;
  /** Address and port that it comes from. */
  readonly source: string;
  readonly ttl: number;
  /** IPv4 identification; 0 of IPv6. */
  readonly ipId: number;
  /** TCP's; 0 over UDP. */
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  /** TCP's TSval and maximum segment size; null where the segment has none. */
  readonly timestamp: number | null;
  readonly mss: number | null;
  /** Bytes of payload on the wire, those that were not captured too. */
  readonly length: number;
  /** Whether all of them were captured. */
  readonly isWhole: boolean;
  /** Of the payload that was captured. */
  readonly hash: number;
  /** The payload that was captured; empty where no room is left for it. */
  readonly bytes: Uint8Array;
}

/** The packets of one connection at one point, in the order of the capture. */
export interface Trace {
  readonly packets: readonly TracedPacket[];
  /** Whether these are all that the capture has of it. */
  readonly isWhole: boolean;
}

/** Gathers the packets of one point by connection. */
export interface Traces {
  add(packet: Packet, stamp: FrameStamp, isTcp: boolean): void;
  /** The packets of a connection that is over; of one that worked, if room is scarce, those that tell how the clocks compare. */
  take(connection: Connection): Trace;
  /** Packets that were not kept, for lack of room. */
  readonly left: () => number;
}

/** Packets at the end of a connection that are kept besides the first ones. */
const LAST = 32;
/** Packets that are kept of a connection that worked, first and last: they tell how the clocks compare. */
const FIRST_OF_OTHERS = 24;
const LAST_OF_OTHERS = 8;
/** Payload that is kept of a connection, in bytes. */
const BYTES_OF_CONNECTION = 1 << 16;
const NO_BYTES = new Uint8Array(0);

interface OpenTrace {
  packets: TracedPacket[];
  /** A ring of the latest packets behind the first ones: `next` is the place of its oldest. */
  last: TracedPacket[];
  next: number;
  bytes: number;
  isWhole: boolean;
}

/** The key of two endpoints, the same for both directions. */
function keyOf(one: string, other: string, isTcp: boolean): string {
  return one < other ? `${isTcp ? 't' : 'u'}${one} ${other}` : `${isTcp ? 't' : 'u'}${other} ${one}`;
}

/** As `TracedPacket.source`. */
export const sourceOf = ({ address, port }: Endpoint): string => `${address} ${port}`;

/** FNV-1a, 32 bits. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash;
}

/** @param before frames of other points, which those of this one are numbered behind */
export function createTraces(before = 0): Traces {
  const open = new Map<string, OpenTrace>();
  const most = BOUNDS.tracedPacketsOfConnection.value;
  let packets = 0;
  let bytes = 0;
  let left = 0;

  const traced = (packet: Packet, stamp: FrameStamp, isTcp: boolean, source: string, room: boolean): TracedPacket => {
    const { bytes: of, offset, end, missing } = packet;
    return {
      frame: stamp.number + before,
      at: timestampOf(stamp),
      time: stamp.seconds * 1e6 + stamp.nanoseconds / 1e3,
      source,
      ttl: packet.ttl,
      ipId: packet.ipId,
      sequence: isTcp ? packet.sequence : 0,
      acknowledgment: isTcp ? packet.acknowledgment : 0,
      flags: isTcp ? packet.flags : 0,
      timestamp: isTcp ? timestampValue(packet) : null,
      mss: isTcp && (packet.flags & SYN) !== 0 ? maximumSegmentSize(packet) : null,
      length: end - offset + missing,
      isWhole: missing === 0,
      hash: hashOf(of, offset, end),
      bytes: room ? of.slice(offset, end) : NO_BYTES,
    };
  };

  return {
    add(packet, stamp, isTcp) {
      const { addresses, ipVersion, sourcePort, destinationPort } = packet;
      const source = `${formatAddress(addresses, 0, ipVersion)} ${sourcePort}`;
      const key = keyOf(source, `${formatAddress(addresses, 4, ipVersion)} ${destinationPort}`, isTcp);
      let trace = open.get(key);
      if (packets >= BOUNDS.tracedPackets.value) {
        left++;
        if (trace !== undefined) trace.isWhole = false;
        return;
      }
      if (trace === undefined) open.set(key, (trace = { packets: [], last: [], next: 0, bytes: 0, isWhole: true }));
      const size = packet.end - packet.offset;
      if (trace.packets.length < most) {
        const hasRoom = trace.bytes + size <= BYTES_OF_CONNECTION && bytes + size <= BOUNDS.tracedBytes.value;
        if (hasRoom) {
          trace.bytes += size;
          bytes += size;
        }
        packets++;
        trace.packets.push(traced(packet, stamp, isTcp, source, hasRoom));
        return;
      }
      if (trace.last.length < LAST) packets++;
      else trace.isWhole = false;
      trace.last[trace.next] = traced(packet, stamp, isTcp, source, false);
      trace.next = (trace.next + 1) % LAST;
    },
    take({ client, server, transport, firstFrame, lastFrame, outcome }) {
      const key = keyOf(sourceOf(client), sourceOf(server), transport.kind === 'tcp');
      const trace = open.get(key);
      if (trace === undefined) return { packets: [], isWhole: packets < BOUNDS.tracedPackets.value };
      const all = [...trace.packets, ...trace.last.slice(trace.next), ...trace.last.slice(0, trace.next)];
      // A datagram that lacks fragments is known late.
      const own = all
        .filter(({ frame }) => frame - before >= firstFrame && frame - before <= lastFrame)
        .sort((a, b) => a.frame - b.frame);
      const later = all.filter(({ frame }) => frame - before > lastFrame);
      const isScarce = packets > BOUNDS.tracedPackets.value / 2;
      const isCut = isScarce && outcome !== 'failed' && own.length > FIRST_OF_OTHERS + LAST_OF_OTHERS;
      const kept = isCut ? [...own.slice(0, FIRST_OF_OTHERS), ...own.slice(-LAST_OF_OTHERS)] : own;
      packets -= all.length - kept.length - later.length;
      const bytesOf = (some: readonly TracedPacket[]): number => some.reduce((sum, one) => sum + one.bytes.length, 0);
      bytes -= bytesOf(all) - bytesOf(kept) - bytesOf(later);
      if (later.length === 0) open.delete(key);
      else open.set(key, { packets: later, last: [], next: 0, bytes: bytesOf(later), isWhole: trace.isWhole });
      return { packets: kept, isWhole: trace.isWhole && !isCut };
    },
    left: () => left,
  };
}
