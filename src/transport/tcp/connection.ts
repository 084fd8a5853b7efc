import type { FrameStamp } from '../../capture/frame.js';
import type { Timestamp } from '../../capture/timestamp.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Direction, Ending, FrameRef } from '../flow.js';
import { SILENCE_MS } from '../flow.js';
import type { Queued } from './queue.js';
import type { StreamOutput, TcpStream } from './stream.js';

/** A segment that is evidence by itself. */
export interface TcpEvent extends FrameRef {
  readonly direction: Direction;
  readonly ttl: number;
  readonly ipId: number;
}

/** What is known of one end. */
export interface TcpEnd {
  readonly stream: TcpStream;
  /** Its SYNs without ACK, the first few; duplicates of the capture itself left out. */
  syns: readonly TcpEvent[];
  synAck: TcpEvent | null;
  initialSequence: number;
  fin: TcpEvent | null;
  resets: readonly TcpEvent[];
  firstData: TcpEvent | null;
  /** Last segment with payload, changed in place; null before there was one. */
  lastData: FrameStamp | null;
  /** Segments whose bytes were seen before, duplicates of the capture itself left out. */
  retransmissions: number;
  /** The first segment that the peer had not acknowledged when it was sent again: where it begins, its payload, how often. */
  resent: { readonly sequence: number; readonly length: number; readonly times: number } | null;
  /** TTL or hop limit of its last ordinary segment, -1 before one was seen. */
  ttl: number;
  /** Any segment of it is in the capture. */
  isSeen: boolean;
}

/** One TCP connection while it is followed, and at its end. */
export interface TcpConnection<Content = unknown> extends Queued<TcpConnection<Content>> {
  /** Counts from 1 in order of first frame. */
  readonly id: number;
  readonly ends: readonly [TcpEnd, TcpEnd];
  /** What the stage above makes of its two streams; null while they are empty. */
  content: Content | null;
  /** Where its two streams go; null while they are empty. */
  outputs: readonly [StreamOutput<Content>, StreamOutput<Content>] | null;
  /** Eight words: the address of end 0, of end 1 (as Packet.addresses has them). */
  readonly addresses: Uint32Array;
  readonly ipVersion: number;
  /** Ports of the two ends. */
  readonly ports: readonly [number, number];
  readonly firstFrame: number;
  readonly startedAt: Timestamp;
  lastFrame: number;
  lastSeconds: number;
  lastNanoseconds: number;
  digits: number;
  /** Where lanes.ts has its numbers, which stand still here meanwhile; -1 while it has not. */
  lane: number;
  /** `opening`: nothing but a SYN was seen. `closed`: its end was seen, a reset, or a FIN from both. */
  state: 'opening' | 'open' | 'closed';
  /** Its beginning was not seen: the first segments of its streams are kept for a moment, to begin with the earliest. */
  readonly isLate: boolean;
  /** How many connections had closed when it did, itself included; 0 while it is open. */
  closing: number;
  /** Bytes of them kept. */
  heldBytes: number;
  readonly hash: number;
  /** Next in the same bucket of the table. */
  chained: TcpConnection<Content> | null;
}

/** Milliseconds between a connection's last segment and `now`. */
function idleMilliseconds({ lastSeconds, lastNanoseconds, digits }: TcpConnection, now: Timestamp): number {
  return millisecondsBetween({ seconds: lastSeconds, nanoseconds: lastNanoseconds, digits }, now);
}

/** How a connection ended, `now` being the capture's time when it was over. The first FIN or reset counts. */
export function endingOf(connection: TcpConnection, now: Timestamp): Ending {
  const events = connection.ends.flatMap(({ fin, resets }) => (fin === null ? resets : [fin, ...resets]));
  if (events.length > 0) {
    const { direction: by, frame, at } = events.reduce((one, other) => (other.frame < one.frame ? other : one));
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
