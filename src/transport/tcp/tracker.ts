import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import type { Timestamp } from '../../capture/timestamp.js';
import type { MemoryHolder } from '../../memory.js';
import { ACK, type Packet, SYN } from '../../packet/packet.js';
import { directionOf, hashOf } from '../endpoints.js';
import { type ByteSink, type Direction, createIds } from '../flow.js';
import { noteIcmp } from '../icmp.js';
import { setLast, type TcpConnection } from './connection.js';
import { createRecentPackets } from './duplicates.js';
import { createEarlySegments } from './early.js';
import { isComplete } from './end.js';
import { MAX_IN_ORDER, createInOrderPath } from './fast-path/in-order.js';
import { isLogComplete, logSegment } from './fast-path/segment-log.js';
import { type SegmentRecogniser, createWaitingSegments } from './fast-path/waiting-segments.js';
import { createLifeCycle, isBareSyn, isHandedOn } from './life-cycle.js';
import { createOutputs } from './outputs.js';
import { type ContentPacker, createOpenConnections } from './fast-path/packed.js';
import { createRecentlyClosed } from './recently-closed.js';
import { isReuse } from './reuse.js';
import { createSegmentProcessor } from './segments.js';

export interface TcpTracker {
  /** Processes the TCP segment in `packet`, which came in frame `stamp`. */
  segment(packet: Packet, stamp: FrameStamp): void;
  /** Processes an ICMP message; false if it is not about a segment of a followed connection. */
  icmp(packet: Packet, stamp: FrameStamp): boolean;
  /**
   * Ends closed connections that have been silent for so many seconds at `now`, without waiting longer for late
   * segments.
   */
  endSilentClosed(now: number, seconds: number): void;
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

/** TCP's IP protocol number. */
const TCP = 6;
/** Connections followed at once; beyond it, the oldest are ended early. */
export const MAX_CONNECTIONS = BOUNDS.connections.value;
/**
 * Of these, connections with nothing but a SYN, at 1.3 KiB each; beyond it, the oldest are forgotten. Clients send a
 * SYN again after one second (RFC 6298 §2.1), so more than 4000 in a second without repeats are a flood or a scan. With
 * four times as many, a flood takes twice the time.
 */
export const MAX_OPENING = BOUNDS.openingConnections.value;

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

export interface TcpTrackerOptions<Content, Rest> {
  readonly limits?: Partial<TcpLimits>;
  /** Without it, no connection is packed. */
  readonly packer?: ContentPacker<Content, Rest> | null;
  /** Without it, no segments wait. */
  readonly recogniser?: SegmentRecogniser<Content> | null;
}

const LIMITS: TcpLimits = {
  connections: MAX_CONNECTIONS,
  opening: MAX_OPENING,
  slots: MAX_IN_ORDER,
  logs: BOUNDS.segmentLogs.value,
  unpacked: BOUNDS.unpackedConnections.value,
};

/**
 * Follows all TCP connections of a capture, numbered by `nextId`, and hands what they carry to `sink`.
 * @param ended called with each connection when it is over, at the capture's time `now`; nothing more comes of it. One that repeats
 * a known one (`isHandedOn`) was not read
 */
export function createTcpTracker<Content, Rest = unknown>(
  sink: ByteSink<Content>,
  ended: (connection: TcpConnection<Content>, now: Timestamp) => void,
  nextId = createIds(),
  { limits: givenLimits, packer = null, recogniser = null }: TcpTrackerOptions<Content, Rest> = {},
): TcpTracker {
  const limits = { ...LIMITS, ...givenLimits };
  type Connection = TcpConnection<Content>;
  const outputsOf = createOutputs(sink);
  const early = createEarlySegments(outputsOf);
  const takeSegment = createSegmentProcessor(outputsOf, early);
  const recent = createRecentPackets();
  const recentlyClosed = createRecentlyClosed();
  let duplicates = 0;

  /** With more open connections, two want the same slot too often, and to take it from a packed one unpacks that. */
  const mostWithSlots = limits.slots >> 2;
  const opened = createOpenConnections<Content, Rest>(packer, limits.unpacked, (connection) => {
    // In its slot, a packed connection goes on as if it were not.
    if (connections.count('open') > mostWithSlots) inOrderPath?.leave(connection);
  });
  const inOrderPath =
    limits.slots === 0
      ? null
      : createInOrderPath(sink, recent, limits.slots, (connection: Connection) => {
          opened.unpack(connection);
          opened.touch(connection);
        });

  /** Processes the next segment of a connection. */
  const process = (connection: Connection, direction: Direction, packet: Packet, stamp: FrameStamp): void => {
    setLast(connection, stamp);
    if (connection.state === 'opening' && !isBareSyn(packet)) connections.open(connection);
    if (takeSegment(connection, direction, packet, stamp)) connections.close(connection);
    early.count(connection);
    if (connection.state === 'open') opened.touch(connection);
    if (connection.state === 'closed' && connection.ends.every(isComplete)) connections.retire(connection);
  };

  const waiting = createWaitingSegments<Content>(limits.logs, recogniser, process);
  const connections = createLifeCycle<Content>({
    limits,
    nextId,
    sink,
    outputsOf,
    early,
    opened,
    recentlyClosed,
    writeBack(connection) {
      opened.unpack(connection);
      waiting.resume(connection, false);
      inOrderPath?.leave(connection);
    },
    ended,
  });

  /** Whether the log of a closed connection shows that it repeats a known one: then it closes as if it had been read. */
  const isRepeat = (connection: Connection, log: NonNullable<Connection['log']>): boolean => {
    if (!waiting.isRecognised(connection, log)) return false;
    connections.close(connection);
    if (!log.isReset) connections.retire(connection);
    return true;
  };

  /** Whether a segment waits, or was the last one of those that waited; otherwise it is to be processed now. */
  const isLogged = (connection: Connection, direction: Direction, packet: Packet, stamp: FrameStamp): boolean => {
    const { log } = connection;
    if (log === null) return false;
    if (!logSegment(log, direction, packet, stamp)) {
      waiting.resume(connection, false);
      return false;
    }
    setLast(connection, stamp);
    if ((log.isReset || isLogComplete(log)) && !isRepeat(connection, log)) waiting.resume(connection, true);
    return true;
  };

  /** The connection that a packet belongs to, ready for its next segment; null if the packet adds nothing. */
  const connectionOf = (packet: Packet, stamp: FrameStamp, hash: number, direction: Direction): Connection | null => {
    const isSyn = (packet.flags & (SYN | ACK)) === SYN;
    let connection = connections.find(packet, hash, direction);
    const id = connection?.id ?? recentlyClosed.find(packet, hash, direction, stamp.seconds);
    // A SYN may begin another connection, and then is remembered as that one's.
    if (
      id > 0 &&
      (isSyn ? recent.isCopy(id, direction, packet, stamp) : !recent.addIfNew(id, direction, packet, stamp))
    ) {
      duplicates++;
      return null;
    }
    // A late segment of a finished connection.
    if (connection === null && id > 0 && !isSyn) return null;
    if (connection !== null) {
      opened.unpack(connection);
      inOrderPath?.leave(connection);
      if (isSyn && isReuse(connection, direction, packet)) {
        connections.end(connection);
        connection = null;
      }
    }
    connection ??= connections.begin(packet, stamp, hash, direction);
    if (isSyn || id === 0) recent.add(connection.id, direction, packet, stamp);
    return connection;
  };

  const follow = (packet: Packet, stamp: FrameStamp, hash: number, direction: Direction): void => {
    const connection = connectionOf(packet, stamp, hash, direction);
    if (connection === null || isLogged(connection, direction, packet, stamp)) return;
    if (isHandedOn(connection)) {
      // It was recognised, and then reset: late segments add nothing.
      setLast(connection, stamp);
      return;
    }
    process(connection, direction, packet, stamp);
    if (connection.state === 'open' && (packet.flags & (SYN | ACK)) === (SYN | ACK)) waiting.start(connection);
    if (connection.log === null) inOrderPath?.enter(connection);
  };

  const openBytes = (): number =>
    (connections.count('open') - opened.packed() + connections.count('closed')) * OPEN_BYTES +
    opened.packed() * PACKED_BYTES +
    connections.count('opening') * OPENING_BYTES +
    waiting.bytes();

  return {
    segment(packet, stamp) {
      connections.tick(stamp);
      const direction = directionOf(packet);
      const hash = hashOf(packet, direction);
      if (inOrderPath?.take(packet, stamp, hash, direction) !== true) follow(packet, stamp, hash, direction);
      opened.packIdle();
    },
    icmp(packet, stamp) {
      const { quoted } = packet.icmp;
      // Without its ports, it can only be about a connection if that is the one for which its receiver waits.
      const isCut = quoted.cutProtocol === TCP;
      if (quoted.protocol !== TCP && !isCut) return false;
      const sole = isCut ? connections.soleOpeningOf(packet) : null;
      const direction = sole === null ? directionOf(quoted) : sole.ends[0].syns.length > 0 ? 0 : 1;
      const connection = isCut ? sole : connections.find(quoted, hashOf(quoted, direction), direction);
      if (connection === null) return false;
      opened.unpack(connection);
      waiting.resume(connection, false);
      noteIcmp(connection, direction, packet, stamp);
      return true;
    },
    endSilentClosed: connections.endSilentClosed,
    finish: connections.endAll,
    finishSome: connections.endSome,
    holders: (contents) => [
      {
        what: 'earlySegments',
        bytes: early.bytes,
        giveUp: () =>
          early.giveUp(GIVEN_UP_AT_ONCE, (connection) => {
            inOrderPath?.leave(connection);
            if (connection.state === 'open') opened.touch(connection);
          }),
      },
      {
        what: 'openConnections',
        bytes: () => openBytes() + contents(),
        giveUp: () => connections.endOpen(GIVEN_UP_AT_ONCE),
      },
    ],
    duplicates: () => duplicates,
    evicted: connections.evicted,
    forgotten: connections.forgotten,
  };
}
