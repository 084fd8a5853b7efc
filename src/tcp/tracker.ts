import type { FrameStamp } from '../capture/frame.js';
import type { Timestamp } from '../capture/timestamp.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import type { Packet } from '../packet/packet.js';
import { ACK, FIN, RST, SYN } from '../packet/packet.js';
import { createRecentPackets } from './copies.js';
import type { Queue, Queued } from './queue.js';
import { createQueue } from './queue.js';
import { advance, distance } from './sequence.js';
import type { StreamSink, TcpStream } from './stream.js';
import { acknowledge, begin, flush, hold, newStream, receive, settle, wait } from './stream.js';

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
  readonly sink: StreamSink;
  /** Its SYNs without ACK, the first few; duplicates of the capture itself left out. */
  readonly syns: TcpEvent[];
  synAck: TcpEvent | null;
  initialSequence: number;
  fin: TcpEvent | null;
  readonly resets: TcpEvent[];
  firstData: TcpEvent | null;
  /** Last segment with payload, number 0 before there was one; changed in place. */
  readonly lastData: FrameStamp;
  /** Segments whose bytes were seen before, duplicates of the capture itself left out. */
  retransmissions: number;
  /** TTL or hop limit of its last ordinary segment, -1 before one was seen. */
  ttl: number;
  /** Any segment of it is in the capture. */
  isSeen: boolean;
}

/** One TCP connection while it is followed, and at its end. */
export interface TcpConnection extends Queued<TcpConnection> {
  /** Counts from 1 in order of first frame. */
  readonly id: number;
  readonly ends: readonly [TcpEnd, TcpEnd];
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
  /** Whether its end was seen: a reset, or a FIN from both. */
  isClosed: boolean;
  /** Its beginning was not seen: the first segments of its streams are kept for a moment, to begin with the earliest. */
  readonly isLate: boolean;
  /** Bytes of them kept. */
  heldBytes: number;
  readonly hash: number;
  /** Next in the same bucket of the table. */
  chained: TcpConnection | null;
}

/** What the stage above does with connections. */
export interface TcpHandler {
  /** A connection begins: where its two streams go. */
  open(id: number): readonly [StreamSink, StreamSink];
  /** It is over, or given up; nothing more comes of it. `now` is the capture's time. */
  close(connection: TcpConnection, now: Timestamp): void;
}

export interface TcpTracker {
  /** Takes the TCP segment in `packet`, which came in frame `stamp`. */
  segment(packet: Packet, stamp: FrameStamp): void;
  /** Ends every connection: the capture is over. Returns the number that the next connection would have. */
  finish(): number;
  /** Ends up to `most` connections, as a part of `finish` that leaves time for something else; false when none is left. */
  finishSome(most: number): boolean;
  /** Packets taken for second copies of the same packet. */
  readonly duplicates: () => number;
  /** Connections given up because there were more than the bound. */
  readonly evicted: () => number;
}

/** How long a closed connection is kept for late segments, in seconds of capture time. */
const LINGER_SECONDS = 10;
const MAX_SYNS = 8;
const MAX_RESETS = 4;
/** Segments with which a stream that began before the capture begins, once as many are there: the earliest is the first. */
const HELD_SEGMENTS = 3;
/** Bytes by which data that overtook its SYN may lie behind it. */
const MAX_BEFORE_SYN = 65_536;
/** Bytes kept of all connections together for that: beyond it, they are taken to be in order. */
export const MAX_HELD_BYTES = 1 << 24;
/** Connections followed at once; beyond it the oldest are ended early. At some 2 KiB each, half a gigabyte. */
export const MAX_CONNECTIONS = 262_144;

function newEnd(sink: StreamSink): TcpEnd {
  return {
    stream: newStream(),
    sink,
    syns: [],
    synAck: null,
    initialSequence: 0,
    fin: null,
    resets: [],
    firstData: null,
    lastData: { number: 0, seconds: 0, nanoseconds: 0, digits: 0 },
    retransmissions: 0,
    ttl: -1,
    isSeen: false,
  };
}

function event(direction: Direction, packet: Packet, stamp: FrameStamp): TcpEvent {
  const { number, seconds, nanoseconds, digits } = stamp;
  return { direction, frame: number, at: { seconds, nanoseconds, digits }, ttl: packet.ttl, ipId: packet.ipId };
}

/** Whether the source comes first in the table's order of endpoints, so that both directions find one entry. */
function isSourceFirst(packet: Packet): boolean {
  const a = packet.addresses;
  for (let word = 0; word < 4; word++) {
    const difference = (a[word] as number) - (a[word + 4] as number);
    if (difference !== 0) return difference < 0;
  }
  return packet.sourcePort <= packet.destinationPort;
}

/** A hash that is the same for both directions. */
function hashOf(packet: Packet): number {
  const a = packet.addresses;
  let hash =
    Math.imul(packet.sourcePort ^ packet.destinationPort, 0x9e3779b1) ^ (packet.sourcePort + packet.destinationPort);
  for (let word = 0; word < 4; word++) {
    const one = a[word] as number;
    const other = a[word + 4] as number;
    hash = Math.imul(hash ^ (one ^ other), 0x85ebca6b) + ((one + other) | 0);
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}

function isSame(connection: TcpConnection, packet: Packet, first: number): boolean {
  const a = connection.addresses;
  const b = packet.addresses;
  const second = first ^ 4;
  const [lowPort, highPort] = connection.ports;
  return (
    (first === 0
      ? lowPort === packet.sourcePort && highPort === packet.destinationPort
      : lowPort === packet.destinationPort && highPort === packet.sourcePort) &&
    a[3] === b[first + 3] &&
    a[7] === b[second + 3] &&
    a[2] === b[first + 2] &&
    a[6] === b[second + 2] &&
    a[1] === b[first + 1] &&
    a[5] === b[second + 1] &&
    a[0] === b[first] &&
    a[4] === b[second]
  );
}

/** Bounds of what a tracker keeps. */
export interface TcpLimits {
  /** Connections followed at once. */
  readonly connections: number;
}

const LIMITS: TcpLimits = { connections: MAX_CONNECTIONS };

/** Follows all TCP connections of a capture, numbered from `firstId`. Knows nothing of what they carry. */
export function createTcpTracker(handler: TcpHandler, firstId = 1, limits = LIMITS): TcpTracker {
  let buckets: (TcpConnection | null)[] = new Array<TcpConnection | null>(1024).fill(null);
  let count = 0;
  let nextId = firstId;
  const recent = createRecentPackets();
  let duplicates = 0;
  let evicted = 0;
  let heldBytes = 0;
  const open: Queue<TcpConnection> = createQueue();
  /** Closed ones, which linger for late segments. */
  const closed: Queue<TcpConnection> = createQueue();
  const clock = { seconds: 0, nanoseconds: 0, digits: 0 };
  let sweptAt = -Infinity;

  const grow = (): void => {
    const grown = new Array<TcpConnection | null>(buckets.length * 2).fill(null);
    for (const bucket of buckets) {
      for (let at = bucket; at !== null;) {
        const following: TcpConnection | null = at.chained;
        const index = at.hash & (grown.length - 1);
        at.chained = grown[index] ?? null;
        grown[index] = at;
        at = following;
      }
    }
    buckets = grown;
  };

  const remove = (connection: TcpConnection): void => {
    const index = connection.hash & (buckets.length - 1);
    let at = buckets[index] ?? null;
    if (at === connection) {
      buckets[index] = connection.chained;
    } else {
      while (at !== null && at.chained !== connection) at = at.chained;
      if (at !== null) at.chained = connection.chained;
    }
    connection.chained = null;
    (connection.isClosed ? closed : open).remove(connection);
    count--;
  };

  /** Begins the streams of a connection with what is kept of them. */
  const letGo = (connection: TcpConnection): void => {
    if (connection.heldBytes === 0) return;
    heldBytes -= connection.heldBytes;
    connection.heldBytes = 0;
    const [a, b] = connection.ends;
    settle([a.stream, b.stream], [a.sink, b.sink]);
  };

  const end = (connection: TcpConnection): void => {
    remove(connection);
    const stamp: FrameStamp = {
      number: connection.lastFrame,
      seconds: connection.lastSeconds,
      nanoseconds: connection.lastNanoseconds,
      digits: connection.digits,
    };
    letGo(connection);
    for (const { stream, sink } of connection.ends) flush(stream, stamp, sink);
    handler.close(connection, { ...clock });
  };

  /** Ends the oldest connection that only lingers, or else the oldest of all. */
  const makeRoom = (): void => {
    const oldest = closed.first ?? open.first;
    if (oldest === null) return;
    if (!oldest.isClosed) evicted++;
    end(oldest);
  };

  const add = (packet: Packet, stamp: FrameStamp, hash: number, first: number): TcpConnection => {
    if (count >= limits.connections) makeRoom();
    if (count >= buckets.length) grow();
    const sinks = handler.open(nextId);
    const addresses = new Uint32Array(8);
    addresses.set(packet.addresses.subarray(first, first + 4), 0);
    addresses.set(packet.addresses.subarray(first ^ 4, (first ^ 4) + 4), 4);
    const index = hash & (buckets.length - 1);
    const connection: TcpConnection = {
      id: nextId++,
      ends: [newEnd(sinks[0]), newEnd(sinks[1])],
      addresses,
      ipVersion: packet.ipVersion,
      ports: first === 0 ? [packet.sourcePort, packet.destinationPort] : [packet.destinationPort, packet.sourcePort],
      firstFrame: stamp.number,
      startedAt: { seconds: stamp.seconds, nanoseconds: stamp.nanoseconds, digits: stamp.digits },
      lastFrame: stamp.number,
      lastSeconds: stamp.seconds,
      lastNanoseconds: stamp.nanoseconds,
      digits: stamp.digits,
      isClosed: false,
      isLate: (packet.flags & SYN) === 0,
      heldBytes: 0,
      hash,
      chained: buckets[index] ?? null,
      before: null,
      after: null,
    };
    buckets[index] = connection;
    open.add(connection);
    count++;
    return connection;
  };

  const sweep = (stamp: FrameStamp): void => {
    sweptAt = stamp.seconds;
    for (let at = closed.first; at !== null; at = closed.first) {
      if (stamp.seconds - at.lastSeconds < LINGER_SECONDS) break;
      end(at);
    }
  };

  /** A SYN that cannot belong to the connection that its ports name: they are used again (RFC 9293 §3.6.1). */
  const isReuse = (connection: TcpConnection, direction: Direction, packet: Packet): boolean => {
    const mine = connection.ends[direction];
    const other = connection.ends[direction ^ 1] as TcpEnd;
    if (mine.syns.length > 0) return packet.sequence !== mine.initialSequence;
    // Without one so far, this is a late first SYN by reordering, unless bytes of another numbering were seen.
    if (connection.isClosed) return true;
    const { stream } = mine;
    const begin = advance(packet.sequence, 1);
    const held = stream.isStarted ? undefined : stream.early?.[0];
    const isBefore =
      held === undefined
        ? !stream.isStarted || stream.next === advance(begin, stream.delivered + stream.missing)
        : distance(held.sequence, begin) >= 0 && distance(held.sequence, begin) < MAX_BEFORE_SYN;
    const hasSpoken = other.stream.delivered > 0 || other.stream.earlyBytes > 0;
    return !isBefore || (hasSpoken && other.synAck === null);
  };

  /**
   * A reset by which an end that has only sent its SYN refuses an acknowledgment of something else, of an older connection
   * that the peer still holds: it then sends its SYN again (RFC 9293 §3.10.7.3).
   */
  const isRefusalOfOld = (mine: TcpEnd, other: TcpEnd, packet: Packet): boolean =>
    mine.syns.length > 0 &&
    other.synAck === null &&
    mine.stream.delivered === 0 &&
    packet.sequence !== mine.initialSequence &&
    packet.sequence !== mine.stream.next;

  const synchronise = (connection: TcpConnection, direction: Direction, packet: Packet, stamp: FrameStamp): void => {
    const mine = connection.ends[direction];
    mine.initialSequence = packet.sequence;
    if ((packet.flags & ACK) !== 0) {
      mine.synAck ??= event(direction, packet, stamp);
      // Resets before it were for what one side remembered of an older connection, or refused a SYN sent too early
      // (half-open recovery, RFC 9293 §3.5.1): this one lives.
      for (const end of connection.ends) end.resets.length = 0;
    } else if (mine.syns.length < MAX_SYNS) mine.syns.push(event(direction, packet, stamp));
    begin(mine.stream, advance(packet.sequence, 1), stamp, mine.sink);
  };

  const close = (connection: TcpConnection): void => {
    if (connection.isClosed) return;
    open.remove(connection);
    connection.isClosed = true;
    closed.add(connection);
  };

  const takePayload = (connection: TcpConnection, direction: Direction, packet: Packet, stamp: FrameStamp): void => {
    const mine = connection.ends[direction];
    const { stream } = mine;
    const sequence = (packet.flags & SYN) !== 0 ? advance(packet.sequence, 1) : packet.sequence;
    const length = packet.end - packet.offset + packet.missing;
    if (!stream.isStarted && stream.isAcknowledging) {
      // The peer's acknowledgment of a SYN that the capture lacks tells where the stream begins.
      const other = connection.ends[direction ^ 1] as TcpEnd;
      if (other.syns.length + (other.synAck === null ? 0 : 1) > 0 && distance(sequence, stream.acknowledged) > 0) {
        begin(stream, stream.acknowledged, stamp, mine.sink);
      }
    }
    // A keep-alive probe repeats one old byte (RFC 1122 §4.2.3.6).
    const isKeepAlive = length === 1 && stream.isStarted && distance(stream.next, sequence) === 1;
    const { bytes, offset, end: stop, missing } = packet;
    let repeated: number;
    if (connection.isLate && !stream.isStarted && heldBytes <= MAX_HELD_BYTES && stop > offset) {
      repeated = hold(stream, sequence, bytes, offset, stop, missing, stamp);
      heldBytes += stop - offset - repeated;
      connection.heldBytes += stop - offset - repeated;
      if ((stream.early?.length ?? 0) >= HELD_SEGMENTS) letGo(connection);
    } else {
      // What the other side has said comes first.
      letGo(connection);
      repeated = receive(stream, sequence, bytes, offset, stop, missing, stamp, mine.sink);
    }
    if (repeated > 0 && !isKeepAlive) mine.retransmissions++;
    mine.firstData ??= event(direction, packet, stamp);
    mine.lastData.number = stamp.number;
    mine.lastData.seconds = stamp.seconds;
    mine.lastData.nanoseconds = stamp.nanoseconds;
    mine.lastData.digits = stamp.digits;
  };

  const segment = (packet: Packet, stamp: FrameStamp): void => {
    clock.seconds = stamp.seconds;
    clock.nanoseconds = stamp.nanoseconds;
    clock.digits = stamp.digits;
    if (stamp.seconds !== sweptAt) sweep(stamp);
    const { flags } = packet;
    const first = isSourceFirst(packet) ? 0 : 4;
    const direction: Direction = first === 0 ? 0 : 1;
    const hash = hashOf(packet);
    let connection = buckets[hash & (buckets.length - 1)] ?? null;
    while (connection !== null && !(connection.hash === hash && isSame(connection, packet, first))) {
      connection = connection.chained;
    }
    if (connection !== null && (flags & (SYN | ACK)) === SYN && isReuse(connection, direction, packet)) {
      end(connection);
      connection = null;
    }
    connection ??= add(packet, stamp, hash, first);
    if (recent.isCopy(connection.id, direction, packet, stamp)) {
      duplicates++;
      return;
    }

    connection.lastFrame = stamp.number;
    connection.lastSeconds = stamp.seconds;
    connection.lastNanoseconds = stamp.nanoseconds;
    connection.digits = stamp.digits;
    const mine = connection.ends[direction];
    const other = connection.ends[direction ^ 1] as TcpEnd;

    if ((flags & SYN) !== 0) synchronise(connection, direction, packet, stamp);
    if (packet.end > packet.offset || packet.missing > 0) {
      if ((flags & RST) === 0) takePayload(connection, direction, packet, stamp);
    }
    if ((flags & FIN) !== 0) {
      mine.fin ??= event(direction, packet, stamp);
      if (!mine.stream.isFinished) {
        mine.stream.isFinished = true;
        mine.stream.finish = advance(packet.sequence, packet.end - packet.offset + packet.missing);
      }
      if (other.fin !== null) close(connection);
    }
    if ((flags & RST) !== 0) {
      if (!isRefusalOfOld(mine, other, packet)) {
        if (mine.resets.length < MAX_RESETS) mine.resets.push(event(direction, packet, stamp));
        close(connection);
      }
    } else {
      mine.ttl = packet.ttl;
      if ((flags & ACK) !== 0) {
        acknowledge(other.stream, packet.acknowledgment, (flags & SYN) !== 0);
        wait(other.stream, stamp, other.sink);
      }
    }
    mine.isSeen = true;
  };

  return {
    segment,
    finish() {
      const rest: TcpConnection[] = [];
      for (const { first } of [open, closed]) for (let at = first; at !== null; at = at.after) rest.push(at);
      for (const connection of rest.sort((a, b) => a.id - b.id)) end(connection);
      return nextId;
    },
    finishSome(most) {
      for (let ended = 0; ended < most; ended++) {
        const next = closed.first ?? open.first;
        if (next === null) return false;
        end(next);
      }
      return true;
    },
    duplicates: () => duplicates,
    evicted: () => evicted,
  };
}

/** Milliseconds between a connection's last segment and `now`. */
export function idleMilliseconds(connection: TcpConnection, now: Timestamp): number {
  return millisecondsBetween(
    { seconds: connection.lastSeconds, nanoseconds: connection.lastNanoseconds, digits: connection.digits },
    now,
  );
}
