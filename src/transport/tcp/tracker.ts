import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import { type Timestamp, timestampOf } from '../../capture/timestamp.js';
import type { MemoryHolder } from '../../memory.js';
import { ACK, FIN, type Packet, RST, SYN, newPacket } from '../../packet/packet.js';
import { maximumSegmentSize } from '../../packet/tcp-options.js';
import { flowEndpoints, hashOf, isSourceFirst } from '../endpoints.js';
import { createFlowTable } from '../flow-table.js';
import { type ByteSink, type Direction, createIds, opposite } from '../flow.js';
import { type IcmpEvent, noteIcmp } from '../icmp.js';
import { type Queue, createQueue } from '../queue.js';
import { createCaptureClock } from './capture-clock.js';
import { lastStamp, type Recognised, setLast, type TcpConnection } from './connection.js';
import { createRecentPackets } from './duplicates.js';
import {
  NO_RESETS,
  earlyWeight,
  event,
  finEvent,
  freshClient,
  isComplete,
  newEnd,
  noteAfterReset,
  noteAhead,
  noteBeforeFin,
  noteResent,
  noteTtl,
  resetEvent,
} from './end.js';
import { MAX_IN_ORDER, createInOrderPath } from './fast-path/in-order.js';
import { createLogPool } from './fast-path/log-pool.js';
import { type SegmentLog, beginLog, isLogComplete, logSegment, readSegment } from './fast-path/segment-log.js';
import { type ContentPacker, createOpenConnections } from './packed.js';
import { LINGER_SECONDS, createRecentlyClosed } from './recently-closed.js';
import { isRefusalOfOld, isReuse } from './reuse.js';
import { advance, distance } from './sequence.js';
import {
  type StreamOutput,
  acknowledge,
  begin,
  flush,
  giveUpHoles,
  hold,
  isDelivered,
  isOverdue,
  receive,
  recover,
  release,
  settle,
} from './stream.js';

export interface TcpTracker {
  /** Processes the TCP segment in `packet`, which came in frame `stamp`. */
  segment(packet: Packet, stamp: FrameStamp): void;
  /** Processes an ICMP message; false if it is not about a segment of a followed connection. */
  icmp(packet: Packet, stamp: FrameStamp): boolean;
  /**
   * Ends closed connections that have been silent for so many seconds at `now`, when nobody will wait for late
   * segments.
   */
  endQuiet(now: number, seconds: number): void;
  /** Ends every connection: the capture is over. */
  finish(): void;
  /** Ends up to `most` connections, to let `finish` be done in steps; false when none is left. */
  finishSome(most: number): boolean;
  /**
   * Memory of early segments, and of open connections: to be given up in this order. `contents`: bytes of the
   * connections' contents.
   */
  holders(contents: () => number): readonly [early: MemoryHolder, open: MemoryHolder];
  /** Packets that were second copies. */
  readonly duplicates: () => number;
  /** Connections ended early because there were more than the bound. */
  readonly evicted: () => number;
  /** Connections with nothing but a SYN, dropped silently because there were more than the bound. */
  readonly forgotten: () => number;
}

/**
 * A closed connection that lacks a byte or an acknowledgment is kept until so many have closed, itself included; then
 * late segments are ignored.
 */
export const MAX_LINGERING = BOUNDS.lingeringConnections.value;
const MAX_SYNS = BOUNDS.syns.value;
/** TCP's IP protocol number. */
const TCP = 6;
const MAX_RESETS = BOUNDS.resets.value;
/** A stream that began before the capture starts once so many segments are held: the earliest is the first. */
const HELD_SEGMENTS = 3;
/** Bytes held of streams whose beginning is not known, of all connections together; beyond it, segments are assumed to be in order. */
export const MAX_HELD_BYTES = BOUNDS.lateStartBytes.value;
/** Connections followed at once; beyond it, the oldest are ended early. */
export const MAX_CONNECTIONS = BOUNDS.connections.value;
/**
 * Of these, connections with nothing but a SYN, at 1.3 KiB each; beyond it, the oldest are forgotten. Clients send a
 * SYN again after one second (RFC 6298 §2.1), so more than 4000 in a second without repeats are a flood or a scan. With
 * four times as many, a flood takes twice the time.
 */
export const MAX_OPENING = BOUNDS.openingConnections.value;
/** After so many seconds without an answer, no SYN is sent again (Linux: 127). */
const OPENING_SECONDS = 150;
/** A SYN that was sent again, or is this many seconds old, is a failed connection, and is reported. */
const PATIENT_SECONDS = 3;

/**
 * Bytes of a connection with nothing but a SYN, and of any other, without its content; 100,000 open ones take 5.1 KB
 * each on the heap.
 */
const OPENING_BYTES = 1536;
const OPEN_BYTES = 5120;
/** Bytes of an open connection that is packed, with its content: 1.2 to 1.3 KiB. */
const PACKED_BYTES = 1280;
/** Connections given up in one step. */
const GIVEN_UP_AT_ONCE = 64;
const NO_ICMP: readonly IcmpEvent[] = [];

const handOnOf = ({ recognised }: TcpConnection): (() => void) | null => recognised?.handOn ?? null;

function isBareSyn({ flags, offset, end, missing }: Packet): boolean {
  return (flags & (SYN | ACK | RST | FIN)) === SYN && end === offset && missing === 0;
}

/** Bounds of a tracker. */
export interface TcpLimits {
  /** Connections followed at once. */
  readonly connections: number;
  /** Those of them with nothing but a SYN. */
  readonly opening: number;
  /** Connections with a slot of the fast path at once, a power of two; 0 for none. */
  readonly slots: number;
  /** Connections whose segments may wait in a log at once. */
  readonly logs: number;
  /** Open connections that are not packed. */
  readonly unpacked: number;
}

/** Tells by the segments of a connection whether it repeats a known one. */
export interface SegmentRecogniser<Content> {
  /** Whether segments are to wait now. */
  readonly isWanted: () => boolean;
  /** What the log of a closed connection shows; null if it has something that no kind has. */
  recognise(connection: TcpConnection<Content>, log: SegmentLog): Recognised | null;
  /**
   * Whether to wait even for connections that are not recognised: processing a whole connection at once leaves
   * short-lived garbage.
   */
  readonly isPatient: () => boolean;
}

export interface TcpTrackerOptions<Content, Rest> {
  readonly limits?: Partial<TcpLimits>;
  /** Without it, no connection is packed. */
  readonly packer?: ContentPacker<Content, Rest> | null;
  /** Without it, no segments wait. */
  readonly recogniser?: SegmentRecogniser<Content> | null;
}

/** As `StreamOutput`, reused for one connection after another. */
type Output<Content> = Omit<StreamOutput<Content>, 'content'> & { content: Content | null };

const LIMITS: TcpLimits = {
  connections: MAX_CONNECTIONS,
  opening: MAX_OPENING,
  slots: MAX_IN_ORDER,
  logs: BOUNDS.segmentLogs.value,
  unpacked: BOUNDS.unpackedConnections.value,
};

/**
 * Follows all TCP connections of a capture, numbered by `nextId`, and hands what they carry to `sink`.
 * @param ended called with each connection when it is over, at the capture's time `now`; nothing more comes of it
 */
export function createTcpTracker<Content, Rest = unknown>(
  sink: ByteSink<Content>,
  ended: (connection: TcpConnection<Content>, now: Timestamp) => void,
  nextId = createIds(),
  { limits: givenLimits, packer = null, recogniser = null }: TcpTrackerOptions<Content, Rest> = {},
): TcpTracker {
  const limits = { ...LIMITS, ...givenLimits };
  type Connection = TcpConnection<Content>;
  const table = createFlowTable<Connection>();
  const outputs: readonly [Output<Content>, Output<Content>] = [
    { sink, content: null, direction: 0 },
    { sink, content: null, direction: 1 },
  ];
  const recent = createRecentPackets();
  const recentlyClosed = createRecentlyClosed();
  const inOrderPath =
    limits.slots === 0
      ? null
      : createInOrderPath(sink, recent, limits.slots, (connection: Connection) => {
          opened.unpack(connection);
          opened.touch(connection);
        });
  const logs = createLogPool(limits.logs);
  const logged = { packet: newPacket(), stamp: { number: 0, seconds: 0, nanoseconds: 0, digits: 0 } };
  let duplicates = 0;
  let evicted = 0;
  let closings = 0;
  let forgotten = 0;
  let heldBytes = 0;
  let earlyTotal = 0;
  const withEarly = new Set<Connection>();
  const queues: Readonly<Record<Connection['state'], Queue<Connection>>> = {
    opening: createQueue(),
    open: createQueue(),
    closed: createQueue(),
  };
  /** With more open connections, two want the same slot too often, and to take it from a packed one unpacks that. */
  const mostWithSlots = limits.slots >> 2;
  const opened = createOpenConnections<Content, Rest>(packer, limits.unpacked, (connection) => {
    // In its slot, a packed connection goes on as if it were not.
    if (queues.open.length > mostWithSlots) inOrderPath?.leave(connection);
  });
  const clock = createCaptureClock();

  const remove = (connection: Connection): void => {
    table.remove(connection);
    queues[connection.state].remove(connection);
    opened.forget(connection);
  };

  const move = (connection: Connection, state: Connection['state']): void => {
    queues[connection.state].remove(connection);
    connection.state = state;
    queues[state].add(connection);
    if (state === 'open') opened.touch(connection);
    else opened.forget(connection);
  };

  /** The outputs of a connection's two streams; valid until those of another one are requested. */
  const outputsOf = (connection: Connection): readonly [StreamOutput, StreamOutput] => {
    connection.content ??= sink.open();
    outputs[0].content = outputs[1].content = connection.content;
    return outputs;
  };

  /** Begins the streams of a connection, with the segments held until it was clear which is the first. */
  const letGo = (connection: Connection): void => {
    if (connection.heldBytes === 0) return;
    heldBytes -= connection.heldBytes;
    connection.heldBytes = 0;
    const [a, b] = connection.ends;
    settle([a.stream, b.stream], outputsOf(connection));
  };

  /** Updates the count of a connection's early segments. */
  const countEarly = (connection: Connection): void => {
    const [a, b] = connection.ends;
    if (a.stream.early === null && b.stream.early === null && connection.earlyWeight === 0) return;
    const weight = earlyWeight(a.stream) + earlyWeight(b.stream);
    earlyTotal += weight - connection.earlyWeight;
    if (weight === 0) withEarly.delete(connection);
    else if (connection.earlyWeight === 0) withEarly.add(connection);
    connection.earlyWeight = weight;
  };

  /** Gives up what the oldest connections wait for. */
  const giveUpEarly = (): number => {
    let given = 0;
    for (const connection of withEarly) {
      if (given++ >= GIVEN_UP_AT_ONCE) break;
      inOrderPath?.leave(connection);
      letGo(connection);
      const stamp = lastStamp(connection);
      for (const direction of [0, 1] as const) {
        const { stream } = connection.ends[direction];
        if (stream.early !== null) giveUpHoles(stream, stamp, outputsOf(connection)[direction]);
      }
      countEarly(connection);
      if (connection.state === 'open') opened.touch(connection);
    }
    return Math.min(given, GIVEN_UP_AT_ONCE);
  };

  const giveUpOpen = (): number => {
    let given = 0;
    while (given < GIVEN_UP_AT_ONCE && queues.open.first !== null) {
      end(queues.open.first);
      given++;
    }
    return given;
  };

  /** Starts a log for a connection, if it qualifies and there is room. */
  const startLog = (connection: Connection): void => {
    if (recogniser?.isWanted() !== true) return;
    const client = freshClient(connection);
    const log = client === null ? null : logs.take();
    if (client === null || log === null) return;
    beginLog(log, client, connection.digits);
    for (const direction of [0, 1] as const) {
      const { next, acknowledged } = connection.ends[direction].stream;
      log.next[direction] = next;
      // The SYN-ACK has acknowledged the SYN, but is not acknowledged itself.
      log.acknowledged[direction] = direction === client ? acknowledged : advance(next, -1);
    }
    connection.log = log;
  };

  /** Processes the segments of a connection that waited. */
  const resume = (connection: Connection, isUseful = false): void => {
    const { log } = connection;
    if (log === null) return;
    connection.log = null;
    logs.give(log, isUseful);
    const { packet, stamp } = logged;
    for (let index = 0; index < log.count; index++) {
      const direction = readSegment(log, index, packet, stamp);
      process(connection, direction, packet, stamp);
    }
  };

  /** Whether the log of a closed connection shows that it repeats a known one: then there is nothing more to read. */
  const isRecognised = (connection: Connection, log: SegmentLog): boolean => {
    connection.recognised = recogniser?.recognise(connection, log) ?? null;
    if (handOnOf(connection) === null) return false;
    connection.log = null;
    logs.give(log, true);
    if (log.isReset) close(connection);
    else retire(connection);
    return true;
  };

  const end = (connection: Connection): void => {
    opened.unpack(connection);
    resume(connection);
    inOrderPath?.leave(connection);
    remove(connection);
    const handOn = handOnOf(connection);
    if (handOn !== null) {
      handOn();
      return;
    }
    const stamp = lastStamp(connection);
    letGo(connection);
    for (const direction of [0, 1] as const) {
      const { stream } = connection.ends[direction];
      if (!isDelivered(stream)) flush(stream, stamp, outputsOf(connection)[direction]);
    }
    for (const direction of [0, 1] as const) {
      const { lastData } = connection.ends[direction];
      if (connection.content !== null && lastData !== null) sink.end(connection.content, direction, lastData);
    }
    countEarly(connection);
    ended(connection, clock.now());
  };

  /** Ends a closed connection, but remembers it, so that late segments do not look like a new one. */
  const retire = (connection: Connection): void => {
    end(connection);
    recentlyClosed.add(connection);
  };

  /** Ends the least important connection: a closed one, else one with nothing but a SYN, else the oldest. */
  const makeRoom = (): void => {
    if (queues.closed.first !== null) {
      end(queues.closed.first);
    } else if (queues.opening.first !== null) {
      forget(queues.opening.first);
    } else if (queues.open.first !== null) {
      evicted++;
      end(queues.open.first);
    }
  };

  const forget = (connection: Connection): void => {
    const isWaiting = clock.seconds() - connection.lastSeconds >= PATIENT_SECONDS;
    if (isWaiting || connection.ends.some(({ syns }) => syns.length > 1)) {
      end(connection);
    } else {
      forgotten++;
      remove(connection);
    }
  };

  const add = (packet: Packet, stamp: FrameStamp, hash: number, first: number): Connection => {
    if (table.size() >= limits.connections) makeRoom();
    const { opening } = queues;
    if (opening.length >= limits.opening && opening.first !== null) forget(opening.first);
    const { addresses, ipVersion, ports } = flowEndpoints(packet, first);
    const connection: Connection = {
      id: nextId(),
      ends: [newEnd(), newEnd()],
      icmp: NO_ICMP,
      content: null,
      addresses,
      ipVersion,
      ports,
      firstFrame: stamp.number,
      startedAt: timestampOf(stamp),
      lastFrame: stamp.number,
      lastSeconds: stamp.seconds,
      lastNanoseconds: stamp.nanoseconds,
      digits: stamp.digits,
      slot: -1,
      log: null,
      packed: null,
      recognised: null,
      state: isBareSyn(packet) ? 'opening' : 'open',
      isLate: (packet.flags & SYN) === 0,
      closing: 0,
      heldBytes: 0,
      earlyWeight: 0,
      hash,
      chained: null,
      before: null,
      after: null,
    };
    table.add(connection);
    queues[connection.state].add(connection);
    if (connection.state === 'open') opened.touch(connection);
    return connection;
  };

  const sweep = (stamp: FrameStamp): void => {
    const { closed, opening: waiting } = queues;
    for (let at = closed.first; at !== null; at = closed.first) {
      if (stamp.seconds - at.lastSeconds < LINGER_SECONDS) break;
      end(at);
    }
    for (let at = waiting.first; at !== null; at = waiting.first) {
      if (stamp.seconds - at.lastSeconds < OPENING_SECONDS) break;
      end(at);
    }
  };

  const synchronise = (connection: Connection, direction: Direction, packet: Packet, stamp: FrameStamp): void => {
    const mine = connection.ends[direction];
    mine.initialSequence = packet.sequence;
    mine.announced = { window: packet.window, mss: maximumSegmentSize(packet) };
    if ((packet.flags & ACK) !== 0) {
      if (mine.synAcks.length < MAX_SYNS) mine.synAcks = [...mine.synAcks, event(direction, packet, stamp)];
      // Earlier resets were for an older connection that one side still had, or refused a SYN sent too early (half-open
      // recovery, RFC 9293 §3.5.1): this connection lives.
      for (const end of connection.ends) {
        end.resets = NO_RESETS;
        end.dataAfterReset = end.ackAfterReset = null;
      }
      // What it acknowledges is a SYN, even if the capture lacks that.
      const peer = opposite(direction);
      if (!connection.ends[peer].stream.isStarted) start(connection, peer, packet.acknowledgment, stamp);
    } else if (mine.syns.length < MAX_SYNS) {
      mine.syns = [...mine.syns, event(direction, packet, stamp)];
    }
    start(connection, direction, advance(packet.sequence, 1), stamp);
  };

  /** Begins a stream, and delivers what was held back of it. */
  const start = (connection: Connection, direction: Direction, sequence: number, stamp: FrameStamp): void => {
    const { stream } = connection.ends[direction];
    begin(stream, sequence);
    if (stream.early !== null) release(stream, stamp, outputsOf(connection)[direction]);
  };

  const close = (connection: Connection): void => {
    if (connection.state === 'closed') return;
    connection.closing = ++closings;
    move(connection, 'closed');
    const { first } = queues.closed;
    if (first !== null && closings - first.closing >= MAX_LINGERING) retire(first);
  };

  const takePayload = (connection: Connection, direction: Direction, packet: Packet, stamp: FrameStamp): void => {
    const mine = connection.ends[direction];
    const { stream } = mine;
    const sequence = (packet.flags & SYN) !== 0 ? advance(packet.sequence, 1) : packet.sequence;
    const length = packet.end - packet.offset + packet.missing;
    if (!stream.isStarted && stream.isAcknowledging) {
      // The peer's acknowledgment of a SYN that the capture lacks shows where the stream begins.
      const other = connection.ends[opposite(direction)];
      if (other.syns.length + other.synAcks.length > 0 && distance(sequence, stream.acknowledged) > 0) {
        start(connection, direction, stream.acknowledged, stamp);
      }
    }
    // A keep-alive probe repeats one old byte (RFC 1122 §4.2.3.6).
    const isKeepAlive = length === 1 && stream.isStarted && distance(stream.next, sequence) === 1;
    const captured = packet.end - packet.offset;
    let repeated: number;
    // Nothing shows yet where the stream begins: the SYN is missing, or comes later.
    const isUnplaced = !stream.isStarted && (connection.isLate || !stream.isAcknowledging);
    if (isUnplaced && heldBytes <= MAX_HELD_BYTES && captured > 0) {
      repeated = hold(stream, sequence, packet, stamp);
      heldBytes += captured - repeated;
      connection.heldBytes += captured - repeated;
      if ((stream.early?.length ?? 0) >= HELD_SEGMENTS) letGo(connection);
    } else {
      // The other side's held data comes first.
      letGo(connection);
      repeated = receive(stream, sequence, packet, stamp, outputsOf(connection)[direction]);
    }
    if (repeated > 0 && !isKeepAlive) {
      mine.retransmissions++;
      if (stream.isAcknowledging && sequence === stream.acknowledged) noteResent(mine, sequence, length);
    }
    if (repeated === 0 && stream.isAcknowledging && distance(stream.acknowledged, sequence) > 0) {
      mine.late ??= event(direction, packet, stamp);
    }
    if (length > mine.largest) mine.largest = length;
    mine.firstData ??= event(direction, packet, stamp);
    const last = (mine.lastData ??= { number: 0, seconds: 0, nanoseconds: 0, digits: 0 });
    last.number = stamp.number;
    last.seconds = stamp.seconds;
    last.nanoseconds = stamp.nanoseconds;
    last.digits = stamp.digits;
  };

  const segment = (packet: Packet, stamp: FrameStamp): void => {
    if (clock.tick(stamp)) sweep(stamp);
    if (inOrderPath?.take(packet, stamp) !== true) follow(packet, stamp);
    opened.packIdle();
  };

  const follow = (packet: Packet, stamp: FrameStamp): void => {
    const { flags } = packet;
    const first = isSourceFirst(packet) ? 0 : 4;
    const direction: Direction = first === 0 ? 0 : 1;
    const hash = hashOf(packet, first);
    let connection = table.find(packet, hash, first);
    const id = connection?.id ?? recentlyClosed.find(packet, hash, first === 0, stamp.seconds);
    if (id > 0 && recent.isCopy(id, direction, packet, stamp)) {
      duplicates++;
      return;
    }
    if (connection === null && id > 0 && (flags & (SYN | ACK)) !== SYN) {
      // A late segment of a finished connection.
      recent.add(id, direction, packet, stamp);
      return;
    }
    if (connection !== null) {
      opened.unpack(connection);
      inOrderPath?.leave(connection);
    }
    if (connection !== null && (flags & (SYN | ACK)) === SYN && isReuse(connection, direction, packet)) {
      end(connection);
      connection = null;
    }
    connection ??= add(packet, stamp, hash, first);
    recent.add(connection.id, direction, packet, stamp);
    const { log } = connection;
    if (log !== null) {
      if (logSegment(log, direction, packet, stamp)) {
        setLast(connection, stamp);
        if ((log.isReset || isLogComplete(log)) && !isRecognised(connection, log)) {
          resume(connection, recogniser?.isPatient() === true);
        }
        return;
      }
      resume(connection);
    } else if (handOnOf(connection) !== null) {
      // The connection was recognised, and then reset: late segments add nothing.
      setLast(connection, stamp);
      return;
    }
    process(connection, direction, packet, stamp);
    if (connection.state === 'open' && (flags & (SYN | ACK)) === (SYN | ACK)) startLog(connection);
    if (connection.log === null) inOrderPath?.enter(connection);
  };

  /** Processes the next segment of a connection. */
  const process = (connection: Connection, direction: Direction, packet: Packet, stamp: FrameStamp): void => {
    const { flags } = packet;
    setLast(connection, stamp);
    const mine = connection.ends[direction];
    const other = connection.ends[opposite(direction)];
    if (connection.state === 'opening' && !isBareSyn(packet)) move(connection, 'open');

    if ((flags & SYN) !== 0) synchronise(connection, direction, packet, stamp);
    else if (other.fin !== null) noteBeforeFin(mine, other, packet, stamp);
    if (packet.end > packet.offset || packet.missing > 0) {
      if ((flags & RST) === 0) takePayload(connection, direction, packet, stamp);
    }
    if ((flags & FIN) !== 0) {
      mine.fin ??= finEvent(direction, packet, stamp);
      if (!mine.stream.isFinished) {
        mine.stream.isFinished = true;
        mine.stream.finish = advance(packet.sequence, packet.end - packet.offset + packet.missing);
      }
      if (other.fin !== null) close(connection);
    }
    if ((flags & RST) !== 0) {
      if (!isRefusalOfOld(mine, other, packet)) {
        if (mine.resets.length < MAX_RESETS) mine.resets = [...mine.resets, resetEvent(mine, direction, packet, stamp)];
        close(connection);
      }
    } else {
      noteTtl(mine, packet.ttl);
      if (mine.resets.length > 0) noteAfterReset(mine, direction, packet, stamp);
      if (packet.end === packet.offset && packet.missing === 0) noteAhead(mine, packet, stamp);
      if ((flags & ACK) !== 0) {
        acknowledge(other.stream, packet.acknowledgment, (flags & SYN) !== 0);
        if (isOverdue(other.stream)) recover(other.stream, stamp, outputsOf(connection)[opposite(direction)]);
      }
    }
    mine.isSeen = true;
    countEarly(connection);
    if (connection.state === 'open') opened.touch(connection);
    if (connection.state === 'closed' && isComplete(mine) && isComplete(other)) retire(connection);
  };

  const icmp = (packet: Packet, stamp: FrameStamp): boolean => {
    const { quoted } = packet.icmp;
    if (quoted.protocol !== TCP) return false;
    const first = isSourceFirst(quoted) ? 0 : 4;
    const connection = table.find(quoted, hashOf(quoted, first), first);
    if (connection === null) return false;
    opened.unpack(connection);
    resume(connection);
    noteIcmp(connection, first === 0 ? 0 : 1, packet, stamp);
    return true;
  };

  return {
    segment,
    icmp,
    endQuiet(now, seconds) {
      for (let at = queues.closed.first; at !== null && now - at.lastSeconds >= seconds; at = queues.closed.first)
        end(at);
    },
    finish() {
      const rest: Connection[] = [];
      const { opening: waiting, open, closed } = queues;
      for (const { first } of [waiting, open, closed]) for (let at = first; at !== null; at = at.after) rest.push(at);
      for (const connection of rest.sort((a, b) => a.id - b.id)) end(connection);
    },
    finishSome(most) {
      for (let ended = 0; ended < most; ended++) {
        const next = queues.closed.first ?? queues.open.first ?? queues.opening.first;
        if (next === null) return false;
        end(next);
      }
      return true;
    },
    holders: (contents) => [
      { what: 'earlySegments', bytes: () => earlyTotal, giveUp: giveUpEarly },
      {
        what: 'openConnections',
        bytes: () =>
          (queues.open.length - opened.packed() + queues.closed.length) * OPEN_BYTES +
          opened.packed() * PACKED_BYTES +
          queues.opening.length * OPENING_BYTES +
          logs.bytes() +
          contents(),
        giveUp: giveUpOpen,
      },
    ],
    duplicates: () => duplicates,
    evicted: () => evicted,
    forgotten: () => forgotten,
  };
}
