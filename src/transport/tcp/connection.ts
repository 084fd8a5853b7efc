import type { FrameStamp } from '../../capture/frame.js';
import type { Timestamp } from '../../capture/timestamp.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Chained } from '../flow-table.js';
import type { Direction, Ending, FrameRef } from '../flow.js';
import { isSilence } from '../flow.js';
import type { IcmpEvent } from '../icmp.js';
import type { Queued } from '../queue.js';
import type { SegmentLog } from './fast-path/segment-log.js';
import type { TcpStream } from './stream.js';

/** A segment that can be evidence by itself. */
export interface TcpEvent extends FrameRef {
  readonly direction: Direction;
  readonly ttl: number;
  readonly ipId: number;
}

/** A FIN. It was sent after everything that it acknowledges, even if the capture has that later. */
export interface TcpFinEvent extends TcpEvent {
  /** The sequence number that it acknowledges; null if none. */
  readonly acknowledges: number | null;
  /** The last later frame of the peer with new bytes, or its FIN, that it acknowledges; null if there is none. */
  readonly follows: number | null;
}

/** A reset, with what tells a genuine one from one that a device on the path forged. */
export interface TcpResetEvent extends TcpEvent {
  readonly sequence: number;
  /** The sequence number that it acknowledges; null if none. */
  readonly acknowledges: number | null;
  /** Whether its sequence number is the next one of its end, as far as captured; null if unknown. */
  readonly isInSequence: boolean | null;
}

/** What is known of one end. */
export interface TcpEnd {
  readonly stream: TcpStream;
  /** Its SYNs without ACK, the first few; packets captured twice count once. */
  syns: readonly TcpEvent[];
  /** Its SYN-ACKs, likewise. */
  synAcks: readonly TcpEvent[];
  /** What its last SYN or SYN-ACK announces: window, and maximum segment size (null if absent). */
  announced: { readonly window: number; readonly mss: number | null } | null;
  initialSequence: number;
  /**
   * The sequence number of a later SYN-ACK, which came after the peer acknowledged the first one; null if none came.
   */
  laterSynAckSequence: number | null;
  fin: TcpFinEvent | null;
  resets: readonly TcpResetEvent[];
  /** Its first data beyond the sequence number of an earlier reset: that reset was forged. */
  dataAfterReset: TcpEvent | null;
  /** Its first other segment after a reset. */
  ackAfterReset: TcpEvent | null;
  firstData: TcpEvent | null;
  /** Last segment with payload, changed in place; null before there was one. */
  lastData: FrameStamp | null;
  /** Segments whose bytes were seen before; packets captured twice do not count. */
  retransmissions: number;
  /**
   * The first segment that was sent again before the peer acknowledged it: its sequence number, payload, and repeats.
   */
  resent: { readonly sequence: number; readonly length: number; readonly times: number } | null;
  /**
   * The sequence number that the peer's duplicate acknowledgments asked for while later bytes were outstanding (RFC 5681
   * §3.2); null if there were none.
   */
  requestedAgain: number | null;
  /**
   * The last empty segment whose sequence number lies beyond the bytes seen, so that the bytes between were sent but
   * not captured.
   */
  ahead: (FrameRef & { readonly sequence: number }) | null;
  /** Its first new data that the peer had already acknowledged: the frames in the capture are out of order. */
  outOfOrder: TcpEvent | null;
  /** Bytes of its largest payload. */
  largestPayload: number;
  /**
   * TTL or hop limit of its last segment other than resets, and the lowest and highest of all these; -1 before the
   * first.
   */
  ttl: number;
  leastTtl: number;
  greatestTtl: number;
  /** The capture has a segment of it. */
  isSeen: boolean;
}

/** Identifies connections with the same handshake (tls/fast-path/pattern/, connection/fast-path/repeated.ts). */
export interface ConnectionPattern {
  readonly hash: number;
  readonly key: Uint8Array;
}

/** What was recognised from the log of a connection. */
export interface Recognised {
  readonly pattern: ConnectionPattern;
  /**
   * Called when the connection is over, if it repeats a known one; null if it is the first of its pattern, and has to
   * be read.
   */
  readonly handOn: (() => void) | null;
}

/** Where the ends and the content of a packed connection are (fast-path/packed.ts). */
export interface PackedConnection {
  readonly numbers: string;
  /** What the stage above keeps outside of `numbers`; null without content. */
  readonly rest: unknown;
}

/** The place of a connection among those that may be packed. */
export interface UnpackedPlace<Content> extends Queued<UnpackedPlace<Content>> {
  readonly connection: TcpConnection<Content>;
}

/** One TCP connection while it is followed, and when it is over. */
export interface TcpConnection<Content = unknown>
  extends Queued<TcpConnection<Content>>, Chained<TcpConnection<Content>> {
  /** Counts from 1 in order of first frame. */
  readonly id: number;
  /** Not used while it is packed. */
  ends: readonly [TcpEnd, TcpEnd];
  /** ICMP errors about its segments, the first few. */
  icmp: readonly IcmpEvent[];
  /** What the stage above makes of its two streams; null while they are empty, or it is packed. */
  content: Content | null;
  readonly firstFrame: number;
  readonly startedAt: Timestamp;
  lastFrame: number;
  lastSeconds: number;
  lastNanoseconds: number;
  digits: number;
  /**
   * Its slot in the fast path (fast-path/in-order.ts); -1 if it has none. While it has one, the slot has the current
   * numbers, and the fields here are out of date.
   */
  slot: number;
  /** Its segments since the SYN-ACK, not processed yet; null if each is processed as it comes. */
  log: SegmentLog | null;
  /** Its packed ends and content, to be unpacked before use; null unless the connection is packed. */
  packed: PackedConnection | null;
  /** Null unless it may be packed. */
  unpackedPlace: UnpackedPlace<Content> | null;
  /** Null until it is closed and its log has been examined. */
  recognised: Recognised | null;
  /** `opening`: only a SYN was seen. `closed`: its end was seen, a reset or both FINs. */
  state: 'opening' | 'open' | 'closed';
  /**
   * The capture lacks its SYN: the first segments of its streams are held until it is likely which is the earliest.
   */
  readonly startsMidStream: boolean;
  /** Its number in the order in which connections closed, from 1; 0 while it is open. */
  closeOrder: number;
  /** Bytes of the held segments. */
  heldBytes: number;
  /** Bytes that its early segments count for in the memory budget. */
  earlyWeight: number;
}

/** Milliseconds between a connection's last segment and `now`. */
function idleMilliseconds({ lastSeconds, lastNanoseconds, digits }: TcpConnection, now: Timestamp): number {
  return millisecondsBetween({ seconds: lastSeconds, nanoseconds: lastNanoseconds, digits }, now);
}

/** The earlier of two FINs, by what they acknowledge; their order in the capture may be wrong. */
function firstFin(one: TcpFinEvent | null, other: TcpFinEvent | null): TcpFinEvent | null {
  if (one === null || other === null) return one ?? other;
  if (one.follows !== null && one.follows >= other.frame) return other;
  if (other.follows !== null && other.follows >= one.frame) return one;
  return one.frame < other.frame ? one : other;
}

/** How a connection ended; `now` is the capture's time when it was over. The first FIN or reset counts. */
export function endingOf(connection: TcpConnection, now: Timestamp): Ending {
  const [one, other] = connection.ends;
  let first: TcpEvent | null = firstFin(one.fin, other.fin);
  for (const { resets } of connection.ends) {
    for (const reset of resets) if (first === null || reset.frame < first.frame) first = reset;
  }
  if (first !== null) {
    const { direction: by, frame, at } = first;
    const isClose = connection.ends[by].fin?.frame === frame;
    return { by, how: isClose ? 'close' : 'reset', frame, at };
  }
  if (!isSilence(idleMilliseconds(connection, now))) return { by: 'none', how: 'none', frame: null, at: null };
  return { by: 'none', how: 'timeout', frame: connection.lastFrame, at: lastSeen(connection) };
}

/** The time of a connection's last segment. */
export function lastSeen({ lastSeconds, lastNanoseconds, digits }: TcpConnection): Timestamp {
  return { seconds: lastSeconds, nanoseconds: lastNanoseconds, digits };
}

/** The last segment of a connection. */
export const lastStamp = (connection: TcpConnection): FrameStamp => ({
  number: connection.lastFrame,
  seconds: connection.lastSeconds,
  nanoseconds: connection.lastNanoseconds,
  digits: connection.digits,
});

/** Notes the last segment of a connection. */
export function setLast(connection: TcpConnection, stamp: FrameStamp): void {
  connection.lastFrame = stamp.number;
  connection.lastSeconds = stamp.seconds;
  connection.lastNanoseconds = stamp.nanoseconds;
  connection.digits = stamp.digits;
}
