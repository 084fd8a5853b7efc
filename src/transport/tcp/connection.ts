import type { FrameStamp } from '../../capture/frame.js';
import type { Timestamp } from '../../capture/timestamp.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Queued } from './queue.js';
import type { StreamSink, TcpStream } from './stream.js';

/** An end of a connection, and the stream it sends: 0 or 1, in no order that means anything. */
export type Direction = 0 | 1;

/** A segment that is evidence by itself. */
export interface TcpEvent {
  readonly direction: Direction;
  readonly frame: number;
  readonly at: Timestamp;
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

/** What the stage above does with connections. */
export interface TcpHandler<Content> {
  /** A connection has its first byte, or lacks it: what its streams are to become. */
  open(id: number): Content;
  /** Where the two streams of the connection with this content go, until the next call: none has sinks of its own. */
  sinks(content: Content): readonly [StreamSink, StreamSink];
  /** How many of the next bytes of a direction it would pass over without a look: of these `pass` may be told instead. */
  passing(content: Content, direction: Direction): number;
  /** The next `length` bytes of a direction, up to `passing`, are there. */
  pass(content: Content, direction: Direction, length: number): void;
  /** It is over; nothing more comes of it. `now` is the capture's time. */
  close(connection: TcpConnection<Content>, now: Timestamp): void;
}

/** Milliseconds between a connection's last segment and `now`. */
export function idleMilliseconds(connection: TcpConnection, now: Timestamp): number {
  return millisecondsBetween(
    { seconds: connection.lastSeconds, nanoseconds: connection.lastNanoseconds, digits: connection.digits },
    now,
  );
}
