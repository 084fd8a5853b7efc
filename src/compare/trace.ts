import { BOUNDS } from '../bounds.js';
import type { FrameStamp } from '../capture/frame.js';
import type { Timestamp } from '../capture/timestamp.js';
import { timestampOf } from '../capture/timestamp.js';
import type { Connection, Endpoint } from '../connection/connection.js';
import { formatAddress } from '../packet/address.js';
import type { Packet } from '../packet/packet.js';
import { SYN } from '../packet/packet.js';
import { maximumSegmentSize, timestampValue } from '../packet/tcp-options.js';

/** What is kept of a packet to find it at another point. */
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
  /** Bytes of payload on the wire, captured or not. */
  readonly length: number;
  /** Whether all of them were captured. */
  readonly isWhole: boolean;
  /** Hash of the captured payload. */
  readonly hash: number;
  /** The captured payload; empty if there was no room for it. */
  readonly bytes: Uint8Array;
}

/** The packets of one connection at one point, in the order of the capture. */
export interface Trace {
  readonly packets: readonly TracedPacket[];
  /** Whether these are all that the capture has of it. */
  readonly isWhole: boolean;
}

/** Datagrams by the length of their payload on the wire. */
export type DatagramsByLength = ReadonlyMap<number, readonly TracedPacket[]>;

/** Gathers the packets of one point by connection. */
export interface Traces {
  add(packet: Packet, stamp: FrameStamp, isTcp: boolean): void;
  /** Adds a datagram of an unknown protocol, if it is one of the first of its flow. */
  addUnread(packet: Packet, stamp: FrameStamp): void;
  /**
   * The packets of a connection that is over; if memory is scarce, for one that worked only those that help to compare
   * clocks.
   */
  take(connection: Connection, isScarce: boolean): Trace;
  /** The first datagrams of unread flows; null if some were dropped for lack of room. */
  readonly datagrams: () => DatagramsByLength | null;
  /** Packets that were dropped for lack of room. */
  readonly dropped: () => number;
  /** Nominal bytes of the packets of open connections. */
  readonly bytes: () => number;
}

/** Packets kept at the end of a connection, in addition to the first ones. */
const LAST = 32;
/** Packets kept of a connection that worked, first and last: they help to compare clocks. */
const FIRST_OF_OTHERS = 24;
const LAST_OF_OTHERS = 8;
/** Bytes of payload kept of a connection. */
const BYTES_OF_CONNECTION = 1 << 16;
/** Datagrams kept of an unread flow: a connection begins with its hello, sent several times. */
const FIRST_OF_UNREAD = 8;
const NO_BYTES = new Uint8Array(0);
const NO_PACKETS: TracedPacket[] = [];
/** Bytes of an open trace, of a packet in it, and of the array around its payload. */
const TRACE_BYTES = 512;
const PACKET_BYTES = 256;
const PAYLOAD_BYTES = 256;

interface OpenTrace {
  packets: TracedPacket[];
  /** A ring of the latest packets after the first ones; `next` is the index of its oldest. */
  last: TracedPacket[];
  next: number;
  /** The endpoints, shared by the packets. */
  readonly ends: readonly [string, string];
  /** Of the payload. */
  bytes: number;
  isWhole: boolean;
}

/** The key of two endpoints, the same for both directions. */
function keyOf(one: string, other: string, isTcp: boolean): string {
  return one < other ? `${isTcp ? 't' : 'u'}${one} ${other}` : `${isTcp ? 't' : 'u'}${other} ${one}`;
}

/** Bytes that kept packets take. */
export function tracedBytes(packets: readonly TracedPacket[]): number {
  return packets.reduce((sum, packet) => sum + bytesOf(packet), 0);
}

const bytesOf = ({ bytes: { length } }: TracedPacket): number =>
  PACKET_BYTES + (length === 0 ? 0 : PAYLOAD_BYTES + length);

/** As `TracedPacket.source`. */
export const sourceOf = ({ address, port }: Endpoint): string => `${address} ${port}`;

/** FNV-1a, 32 bits. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash;
}

/** @param keepsBytes whether to keep the captured payload, and not only its hash */
function tracedPacket(
  packet: Packet,
  stamp: FrameStamp,
  isTcp: boolean,
  source: string,
  keepsBytes: boolean,
): TracedPacket {
  const { bytes, offset, end, missing } = packet;
  return {
    frame: stamp.number,
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
    hash: hashOf(bytes, offset, end),
    bytes: keepsBytes && end > offset ? bytes.slice(offset, end) : NO_BYTES,
  };
}

function flowOf({ addresses, ipVersion, sourcePort, destinationPort }: Packet, isTcp: boolean) {
  const source = `${formatAddress(addresses, 0, ipVersion)} ${sourcePort}`;
  const destination = `${formatAddress(addresses, 4, ipVersion)} ${destinationPort}`;
  return { source, destination, key: keyOf(source, destination, isTcp) };
}

/** The packets of a trace in the order of the capture. */
function packetsOf({ packets, last, next }: OpenTrace): TracedPacket[] {
  return last.length === 0 ? packets : [...packets, ...last.slice(next), ...last.slice(0, next)];
}

/** @param most nominal bytes that packets of open connections may take */
export function createTraces(most: number): Traces {
  const open = new Map<string, OpenTrace>();
  const mostPackets = BOUNDS.tracedPacketsOfConnection.value;
  let bytes = 0;
  let dropped = 0;
  let areAllUnreadKept = true;

  const traces: Traces = {
    add(packet, stamp, isTcp) {
      const { source, destination, key } = flowOf(packet, isTcp);
      let trace = open.get(key);
      if (bytes >= most) {
        dropped++;
        if (trace !== undefined) trace.isWhole = false;
        return;
      }
      if (trace === undefined) {
        trace = { packets: [], last: [], next: 0, ends: [source, destination], bytes: 0, isWhole: true };
        open.set(key, trace);
        bytes += TRACE_BYTES;
      }
      const from = source === trace.ends[0] ? trace.ends[0] : trace.ends[1];
      const size = packet.end - packet.offset;
      if (trace.packets.length < mostPackets) {
        const hasRoom = trace.bytes + size <= BYTES_OF_CONNECTION;
        if (hasRoom) trace.bytes += size;
        const one = tracedPacket(packet, stamp, isTcp, from, hasRoom);
        bytes += bytesOf(one);
        trace.packets.push(one);
        return;
      }
      if (trace.last.length < LAST) bytes += PACKET_BYTES;
      else trace.isWhole = false;
      trace.last[trace.next] = tracedPacket(packet, stamp, isTcp, from, false);
      trace.next = (trace.next + 1) % LAST;
    },
    addUnread(packet, stamp) {
      const { key } = flowOf(packet, false);
      if ((open.get(key)?.packets.length ?? 0) >= FIRST_OF_UNREAD) return;
      // Half of the room is reserved for connections.
      if (bytes < most / 2) traces.add(packet, stamp, false);
      else areAllUnreadKept = false;
    },
    take({ client, server, transport, firstFrame, lastFrame, outcome }, isScarce) {
      const key = keyOf(sourceOf(client), sourceOf(server), transport.kind === 'tcp');
      const trace = open.get(key);
      if (trace === undefined) return { packets: [], isWhole: dropped === 0 };
      const all = packetsOf(trace);
      const isOwn = ({ frame }: TracedPacket): boolean => frame >= firstFrame && frame <= lastFrame;
      // A datagram with missing fragments is reported late.
      const own = (all.every(isOwn) ? all : all.filter(isOwn)).sort((a, b) => a.frame - b.frame);
      const later = own === all ? NO_PACKETS : all.filter(({ frame }) => frame > lastFrame);
      const isCut = isScarce && outcome !== 'failed' && own.length > FIRST_OF_OTHERS + LAST_OF_OTHERS;
      bytes -= tracedBytes(all) - tracedBytes(later);
      if (later.length === 0) {
        open.delete(key);
        bytes -= TRACE_BYTES;
      } else {
        const payload = later.reduce((sum, one) => sum + one.bytes.length, 0);
        open.set(key, { ...trace, packets: later, last: [], next: 0, bytes: payload });
      }
      return {
        packets: isCut ? [...own.slice(0, FIRST_OF_OTHERS), ...own.slice(-LAST_OF_OTHERS)] : own,
        isWhole: trace.isWhole && !isCut,
      };
    },
    datagrams() {
      if (!areAllUnreadKept) return null;
      const byLength = new Map<number, TracedPacket[]>();
      for (const [key, { packets, last }] of open) {
        if (!key.startsWith('u')) continue;
        for (const packet of [...packets, ...last]) {
          const same = byLength.get(packet.length);
          if (same === undefined) byLength.set(packet.length, [packet]);
          else same.push(packet);
        }
      }
      return byLength;
    },
    dropped: () => dropped,
    bytes: () => bytes,
  };
  return traces;
}
