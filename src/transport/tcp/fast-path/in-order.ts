import { BOUNDS } from '../../../bounds.js';
import type { FrameStamp } from '../../../capture/frame.js';
import type { Packet } from '../../../packet/packet.js';
import { ACK, PSH } from '../../../packet/packet.js';
import type { RecentPackets } from '../duplicates.js';
import { clearEndpoints, ENDPOINT_WORDS, hashOf, haveEndpoints, isSourceFirst, setEndpoints } from '../endpoints.js';
import { advance, distance } from '../sequence.js';
import type { ByteSink, Direction } from '../../flow.js';
import type { TcpConnection, TcpEnd } from '../connection.js';

/**
 * What the tracker does with the segment that nearly every segment is, in one piece: of an open connection, with nothing but
 * ACK or PSH, the next in its order, acknowledging nothing that is not there. While such segments follow each other, the
 * numbers of their connection are in its lane, a few words in an array of all lanes, and not in its objects, to which they go
 * back before anything else looks at these. A test holds both ways equal. The plain version is to leave this out: to read a
 * packet of a large transfer then takes 1.6 times as long, most of it waiting for memory.
 */
export interface InOrderPath<Content> {
  /** Takes a segment that is as above, of a connection that has a lane; false if it is not, and nothing is changed. */
  take(packet: Packet, stamp: FrameStamp): boolean;
  /** Gives a connection a lane, if such a segment may come next; to the cost of the one that has it. */
  enter(connection: TcpConnection<Content>): void;
  /** Puts the numbers of a connection back into its objects. */
  leave(connection: TcpConnection<Content>): void;
}

/** Connections that have a lane at once, a power of two: more than talk at the same time on a busy link. 3 MiB. */
export const MAX_IN_ORDER = BOUNDS.fastPathConnections.value;
/** Bytes that a lane counts up to, each way: it counts in 31 bits. */
const MAX_COUNT = 1 << 30;

// Words of a lane: a line of the processor's memory for what both ends share, and one for each end. The endpoints come first.
const ID = ENDPOINT_WORDS;
const DIGITS = 11;
const FRAME = 12;
const SECONDS = 13;
const NANOSECONDS = 14;
const WORDS = 48;

// Words of an end.
const ENDS: readonly [number, number] = [16, 32];
const NEXT = 0;
const ACKNOWLEDGED = 1;
/** Bytes delivered since the connection has the lane. */
const DELIVERED = 2;
/** Bytes that the stage above passes over, and those of them that it was not told of yet. */
const PASSING = 3;
const PASSED = 4;
const TTL = 5;
const DATA_FRAME = 6;
const DATA_SECONDS = 7;
const DATA_NANOSECONDS = 8;
/** The least and the greatest TTL, and the most payload in one segment. */
const LEAST_TTL = 9;
const GREATEST_TTL = 10;
const LARGEST = 11;

/** What the words of a lane hold as it is; later than 2038, or than so many frames, segments take the long way. */
const fits = (number: number): boolean => (number | 0) === number;

/**
 * Whether an end is such that its next segment may go through the lane: it has spoken, with times of as many digits as the
 * lane's, and nothing of it is outstanding.
 */
function isSteady({ stream, lastData }: TcpEnd, digits: number): boolean {
  return (
    stream.isStarted &&
    stream.isAcknowledging &&
    stream.early === null &&
    distance(stream.acknowledged, stream.next) <= 0 &&
    lastData?.digits === digits &&
    fits(lastData.seconds)
  );
}

/** @param count of lanes, a power of two */
export function createInOrderPath<Content>(
  sink: ByteSink<Content>,
  recent: RecentPackets,
  count: number,
): InOrderPath<Content> {
  const lanes = new Int32Array(count * WORDS);
  const connections = new Array<TcpConnection<Content> | null>(count).fill(null);

  const leave = (connection: TcpConnection<Content>): void => {
    const { lane } = connection;
    if (lane < 0) return;
    const at = lane * WORDS;
    connection.lane = -1;
    connections[lane] = null;
    clearEndpoints(lanes, at);
    connection.lastFrame = lanes[at + FRAME] as number;
    connection.lastSeconds = lanes[at + SECONDS] as number;
    connection.lastNanoseconds = lanes[at + NANOSECONDS] as number;
    for (const direction of [0, 1] as const) {
      const from = at + ENDS[direction];
      const end = connection.ends[direction];
      const { stream, lastData } = end;
      stream.next = lanes[from + NEXT] as number;
      stream.acknowledged = lanes[from + ACKNOWLEDGED] as number;
      stream.delivered += lanes[from + DELIVERED] as number;
      end.ttl = lanes[from + TTL] as number;
      end.leastTtl = lanes[from + LEAST_TTL] as number;
      end.greatestTtl = lanes[from + GREATEST_TTL] as number;
      end.largest = lanes[from + LARGEST] as number;
      if (lastData !== null) {
        lastData.number = lanes[from + DATA_FRAME] as number;
        lastData.seconds = lanes[from + DATA_SECONDS] as number;
        lastData.nanoseconds = lanes[from + DATA_NANOSECONDS] as number;
        lastData.digits = connection.digits;
      }
      const passed = lanes[from + PASSED] as number;
      if (passed > 0) sink.pass(connection.content as Content, direction, passed);
    }
  };

  const enter = (connection: TcpConnection<Content>): void => {
    const { ends, content, lastSeconds, digits } = connection;
    // Of a closed one it counts when its last segment came.
    if (connection.state !== 'open' || content === null) return;
    if (!isSteady(ends[0], digits) || !isSteady(ends[1], digits)) return;
    if (!fits(lastSeconds) || !fits(connection.lastFrame)) return;
    const lane = connection.hash & (count - 1);
    const before = connections[lane] ?? null;
    if (before !== null) leave(before);
    connection.lane = lane;
    connections[lane] = connection;
    const at = lane * WORDS;
    setEndpoints(lanes, at, connection);
    lanes[at + ID] = connection.id;
    lanes[at + DIGITS] = digits;
    lanes[at + FRAME] = connection.lastFrame;
    lanes[at + SECONDS] = lastSeconds;
    lanes[at + NANOSECONDS] = connection.lastNanoseconds;
    for (const direction of [0, 1] as const) {
      const to = at + ENDS[direction];
      const { stream, ttl, leastTtl, greatestTtl, largest, lastData } = ends[direction];
      lanes[to + NEXT] = stream.next;
      lanes[to + ACKNOWLEDGED] = stream.acknowledged;
      lanes[to + DELIVERED] = 0;
      lanes[to + PASSING] = sink.passing(content, direction);
      lanes[to + PASSED] = 0;
      lanes[to + TTL] = ttl;
      lanes[to + LEAST_TTL] = leastTtl;
      lanes[to + GREATEST_TTL] = greatestTtl;
      lanes[to + LARGEST] = largest;
      lanes[to + DATA_FRAME] = lastData?.number ?? 0;
      lanes[to + DATA_SECONDS] = lastData?.seconds ?? 0;
      lanes[to + DATA_NANOSECONDS] = lastData?.nanoseconds ?? 0;
    }
  };

  /** Hands on the bytes of a segment that the stage above would not pass over. */
  const deliver = (lane: number, direction: Direction, mine: number, packet: Packet, stamp: FrameStamp): void => {
    const content = connections[lane]?.content as Content;
    const passed = lanes[mine + PASSED] as number;
    if (passed > 0) sink.pass(content, direction, passed);
    lanes[mine + PASSED] = 0;
    sink.data(content, direction, packet.bytes, packet.offset, packet.end, stamp);
    lanes[mine + PASSING] = sink.passing(content, direction);
  };

  const noteTtl = (mine: number, ttl: number): void => {
    lanes[mine + TTL] = ttl;
    lanes[mine + LEAST_TTL] = Math.min(ttl, lanes[mine + LEAST_TTL] as number);
    lanes[mine + GREATEST_TTL] = Math.max(ttl, lanes[mine + GREATEST_TTL] as number);
  };

  return {
    leave,
    enter,
    take(packet, stamp) {
      const { acknowledgment } = packet;
      if ((packet.flags & ~PSH) !== ACK || packet.missing > 0) return false;
      const isFirst = isSourceFirst(packet);
      const lane = hashOf(packet) & (count - 1);
      const at = lane * WORDS;
      if (!haveEndpoints(lanes, at, packet, isFirst)) return false;
      const mine = at + ENDS[isFirst ? 0 : 1];
      const other = at + ENDS[isFirst ? 1 : 0];
      const direction = isFirst ? 0 : 1;
      const length = packet.end - packet.offset;
      const isNews = distance(acknowledgment, lanes[other + ACKNOWLEDGED] as number) > 0;
      if (distance(acknowledgment, lanes[other + NEXT] as number) > 0) return false;
      if (lanes[at + DIGITS] !== stamp.digits || !fits(stamp.number) || !fits(stamp.seconds)) return false;
      if (length === 0) {
        // It may be a copy, if it says nothing new.
        if (!isNews && packet.ipId !== 0) return false;
        // It may show that bytes were sent which were not captured.
        if (packet.sequence !== lanes[mine + NEXT]) return false;
      } else {
        if (packet.sequence !== lanes[mine + NEXT] || (lanes[mine + DELIVERED] as number) > MAX_COUNT) return false;
        lanes[mine + NEXT] = advance(packet.sequence, length);
        lanes[mine + DELIVERED] = (lanes[mine + DELIVERED] as number) + length;
        if (length > (lanes[mine + LARGEST] as number)) lanes[mine + LARGEST] = length;
        lanes[mine + DATA_FRAME] = stamp.number;
        lanes[mine + DATA_SECONDS] = stamp.seconds;
        lanes[mine + DATA_NANOSECONDS] = stamp.nanoseconds;
        const passing = lanes[mine + PASSING] as number;
        if (length <= passing) {
          lanes[mine + PASSING] = passing - length;
          lanes[mine + PASSED] = (lanes[mine + PASSED] as number) + length;
        } else {
          deliver(lane, direction, mine, packet, stamp);
        }
      }
      recent.remember(lanes[at + ID] as number, direction, packet, stamp);
      if (isNews) lanes[other + ACKNOWLEDGED] = acknowledgment;
      lanes[at + FRAME] = stamp.number;
      lanes[at + SECONDS] = stamp.seconds;
      lanes[at + NANOSECONDS] = stamp.nanoseconds;
      if (packet.ttl !== lanes[mine + TTL]) noteTtl(mine, packet.ttl);
      return true;
    },
  };
}
