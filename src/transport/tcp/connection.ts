import type { FrameStamp } from '../../capture/frame.js';
import type { Timestamp } from '../../capture/timestamp.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Chained } from '../flow-table.js';
import type { Direction, Ending, FrameRef } from '../flow.js';
import { SILENCE_MS } from '../flow.js';
import type { IcmpEvent } from '../icmp.js';
import type { Queued } from '../queue.js';
import type { SegmentLog } from './fast-path/segment-log.js';
import type { TcpStream } from './stream.js';

/** A segment that is evidence by itself. */
export interface TcpEvent extends FrameRef {
  readonly direction: Direction;
  readonly ttl: number;
  readonly ipId: number;
}

/** A FIN: it is sent after all that it acknowledges, also after what the capture has later. */
export interface TcpFinEvent extends TcpEvent {
  /** The sequence number that it acknowledges; null if none. */
  readonly acknowledges: number | null;
  /** The last frame behind it that brings new bytes, or the FIN, of the peer which it acknowledges; null if there is none. */
  readonly follows: number | null;
}

/** A reset, with what tells one that its end has sent from one that something between has sent in its name. */
export interface TcpResetEvent extends TcpEvent {
  readonly sequence: number;
  /** The sequence number that it acknowledges; null if none. */
  readonly acknowledges: number | null;
  /** Whether its sequence number is the next one of its end, as far as it is captured; null if that is not known. */
  readonly isInSequence: boolean | null;
}

/** What is known of one end. */
export interface TcpEnd {
  readonly stream: TcpStream;
  /** Its SYNs without ACK, the first few; duplicates of the capture itself left out. */
  syns: readonly TcpEvent[];
  /** Its SYN-ACKs, likewise. */
  synAcks: readonly TcpEvent[];
  /** What its last SYN, or SYN-ACK, announces: the window, and the maximum segment size, null if it announces none. */
  announced: { readonly window: number; readonly mss: number | null } | null;
  initialSequence: number;
  fin: TcpFinEvent | null;
  resets: readonly TcpResetEvent[];
  /** Its first data that goes beyond the sequence number of a reset which came before: that reset was not its own. */
  dataAfterReset: TcpEvent | null;
  /** Its first other segment after a reset. */
  ackAfterReset: TcpEvent | null;
  firstData: TcpEvent | null;
  /** Last segment with payload, changed in place; null before there was one. */
  lastData: FrameStamp | null;
  /** Segments whose bytes were seen before, duplicates of the capture itself left out. */
  retransmissions: number;
  /** The first segment that the peer had not acknowledged when it was sent again: where it begins, its payload, how often. */
  resent: { readonly sequence: number; readonly length: number; readonly times: number } | null;
  /**
   * The last segment without payload whose sequence number lies beyond the bytes that were seen: these were sent. Its number,
   * and where it is.
   */
  ahead: (FrameRef & { readonly sequence: number }) | null;
  /** Its first new data that the peer had acknowledged before: the capture has its frames out of order. */
  late: TcpEvent | null;
  /** The most payload in one segment. */
  largest: number;
  /** TTL or hop limit of its last segment that is no reset, and the least and the greatest of all; -1 before there is one. */
  ttl: number;
  leastTtl: number;
  greatestTtl: number;
  /** Any segment of it is in the capture. */
  isSeen: boolean;
}

/** What connections that are alike have in common. */
export interface Kind {
  readonly hash: number;
  readonly key: Uint8Array;
}

/** What the log of a connection showed it to be. */
export interface Recognised {
  readonly kind: Kind;
  /** Hands it on when it is over, where it is like one that is known; null where it is the first, and must be followed. */
  readonly handOn: (() => void) | null;
}

/** What becomes of the ends and the content of a connection that is packed (packed.ts). */
export interface PackedConnection {
  readonly numbers: string;
  /** What the stage above has besides; null where there is no content. */
  readonly rest: unknown;
}

/** One TCP connection while it is followed, and at its end. */
export interface TcpConnection<Content = unknown>
  extends Queued<TcpConnection<Content>>, Chained<TcpConnection<Content>> {
  /** Counts from 1 in order of first frame. */
  readonly id: number;
  /** Of one that is packed, of no account. */
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
   * Its slot in the fast path (fast-path/in-order.ts), which has the current numbers of the connection while these here stand
   * still; -1 while it has none.
   */
  slot: number;
  /** Its segments since the SYN-ACK, which nothing was done with yet; null while each is followed as it comes. */
  log: SegmentLog | null;
  /** Its ends and its content, which are to be unpacked before anything is done with them; null of nearly all. */
  packed: PackedConnection | null;
  /** Null until its log has shown it, once it is closed. */
  recognised: Recognised | null;
  /** `opening`: nothing but a SYN was seen. `closed`: its end was seen, a reset, or a FIN from both. */
  state: 'opening' | 'open' | 'closed';
  /** Its beginning was not seen: the first segments of its streams are kept for a moment, to begin with the earliest. */
  readonly isLate: boolean;
  /** How many connections had closed when it did, itself included; 0 while it is open. */
  closing: number;
  /** Bytes of those segments that are kept. */
  heldBytes: number;
  /** What its early segments count for in the memory budget. */
  earlyWeight: number;
}

/** Milliseconds between a connection's last segment and `now`. */
function idleMilliseconds({ lastSeconds, lastNanoseconds, digits }: TcpConnection, now: Timestamp): number {
  return millisecondsBetween({ seconds: lastSeconds, nanoseconds: lastNanoseconds, digits }, now);
}

/** The first of two FINs, by what they acknowledge rather than by the order in the capture, which may be another one. */
function firstFin(one: TcpFinEvent | null, other: TcpFinEvent | null): TcpFinEvent | null {
  if (one === null || other === null) return one ?? other;
  if (one.follows !== null && one.follows >= other.frame) return other;
  if (other.follows !== null && other.follows >= one.frame) return one;
  return one.frame < other.frame ? one : other;
}

/** How a connection ended, `now` being the capture's time when it was over. The first FIN or reset counts. */
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
  if (idleMilliseconds(connection, now) < SILENCE_MS) return { by: 'none', how: 'none', frame: null, at: null };
  return { by: 'none', how: 'timeout', frame: connection.lastFrame, at: lastSeen(connection) };
}

/** The time of a connection's last segment. */
export function lastSeen({ lastSeconds, lastNanoseconds, digits }: TcpConnection): Timestamp {
  return { seconds: lastSeconds, nanoseconds: lastNanoseconds, digits };
}
