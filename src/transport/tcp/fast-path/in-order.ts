import { BOUNDS } from '../../../bounds.js';
import type { FrameStamp } from '../../../capture/frame.js';
import type { Packet } from '../../../packet/packet.js';
import { ACK, PSH } from '../../../packet/packet.js';
import type { RecentPackets } from '../duplicates.js';
import { clearEndpoints, ENDPOINT_WORDS, haveEndpoints, setEndpoints } from '../../endpoints.js';
import { advance, distance } from '../sequence.js';
import { type ByteSink, type Direction, opposite } from '../../flow.js';
import type { TcpConnection, TcpEnd } from '../connection.js';

/**
 * Handles the most frequent segment in one step: in an open connection, with only ACK or PSH, next in order, and
 * acknowledging only what was seen. While such segments follow each other, the connection's numbers are in its slot, a
 * few words in one array, instead of in its objects; they are written back before anything else reads the objects.
 *
 * Plain version: the tracker without slots (`slots: 0`). Held equal by: test/transport/tcp/fast-path/in-order.test.ts.
 * Gain: a sixth of the time of `long` of the benchmark, transfers of 50 MB (0.35 s instead of 0.42 s in user mode for a
 * million packets, the whole program); nothing that can be measured where transfers are short, as in `bulk`. Cost: this
 * file, 3 MiB, and that whatever is kept of such a segment must be kept here too.
 */
export interface InOrderPath<Content> {
  /**
   * Processes such a segment of a connection that has a slot; false, and nothing changed, if it is another kind of
   * segment. `hash` and `direction`: `hashOf` and `directionOf` it.
   */
  take(packet: Packet, stamp: FrameStamp, hash: number, direction: Direction): boolean;
  /** Gives a connection a slot, if such a segment may come next; another one may lose its slot. */
  enter(connection: TcpConnection<Content>): void;
  /** Writes the numbers of a connection back to its objects. */
  leave(connection: TcpConnection<Content>): void;
}

/** Connections with a slot at once, a power of two: more than are active together on a busy link. 3 MiB. */
export const MAX_IN_ORDER = BOUNDS.fastPathConnections.value;
/** Bytes that a slot counts, each way: it counts in 31 bits. */
const MAX_COUNT = 1 << 30;

// Words of a slot: one cache line for what both ends share, and one for each end. The endpoints come first.
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
/** Bytes delivered since the connection got the slot. */
const DELIVERED = 2;
/** Bytes that the stage above may still be told to skip, and how many it has yet to be told of. */
const SKIPPABLE = 3;
const SKIPPED = 4;
const TTL = 5;
const DATA_FRAME = 6;
const DATA_SECONDS = 7;
const DATA_NANOSECONDS = 8;
/** The lowest and the highest TTL, and the largest payload. */
const LEAST_TTL = 9;
const GREATEST_TTL = 10;
const LARGEST = 11;

/** What a word of a slot can hold: after 2038, or beyond that many frames, segments take the plain way. */
const fits = (number: number): boolean => (number | 0) === number;

/**
 * Whether the next segment of an end may use the slot: the end has sent data, its times have as many digits as the
 * slot's, and none of its bytes are outstanding.
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

/**
 * @param count of slots, a power of two
 * @param unpack makes the objects of a packed connection again (packed.ts)
 */
export function createInOrderPath<Content>(
  sink: ByteSink<Content>,
  recent: RecentPackets,
  count: number,
  unpack: (connection: TcpConnection<Content>) => void,
): InOrderPath<Content> {
  const slots = new Int32Array(count * WORDS);
  const connections = new Array<TcpConnection<Content> | null>(count).fill(null);

  const leave = (connection: TcpConnection<Content>): void => {
    const { slot } = connection;
    if (slot < 0) return;
    if (connection.packed !== null) unpack(connection);
    const at = slot * WORDS;
    connection.slot = -1;
    connections[slot] = null;
    clearEndpoints(slots, at);
    connection.lastFrame = slots[at + FRAME] as number;
    connection.lastSeconds = slots[at + SECONDS] as number;
    connection.lastNanoseconds = slots[at + NANOSECONDS] as number;
    for (const direction of [0, 1] as const) {
      const from = at + ENDS[direction];
      const end = connection.ends[direction];
      const { stream, lastData } = end;
      stream.next = slots[from + NEXT] as number;
      stream.acknowledged = slots[from + ACKNOWLEDGED] as number;
      stream.delivered += slots[from + DELIVERED] as number;
      end.ttl = slots[from + TTL] as number;
      end.leastTtl = slots[from + LEAST_TTL] as number;
      end.greatestTtl = slots[from + GREATEST_TTL] as number;
      end.largestPayload = slots[from + LARGEST] as number;
      if (lastData !== null) {
        lastData.number = slots[from + DATA_FRAME] as number;
        lastData.seconds = slots[from + DATA_SECONDS] as number;
        lastData.nanoseconds = slots[from + DATA_NANOSECONDS] as number;
        lastData.digits = connection.digits;
      }
      const skipped = slots[from + SKIPPED] as number;
      if (skipped > 0) sink.skip(connection.content as Content, direction, skipped);
    }
  };

  const enter = (connection: TcpConnection<Content>): void => {
    const { ends, content, lastSeconds, digits } = connection;
    // For a closed connection, the time of its last segment counts.
    if (connection.state !== 'open' || content === null) return;
    if (!isSteady(ends[0], digits) || !isSteady(ends[1], digits)) return;
    if (!fits(lastSeconds) || !fits(connection.lastFrame)) return;
    const slot = connection.hash & (count - 1);
    const before = connections[slot] ?? null;
    if (before !== null) leave(before);
    connection.slot = slot;
    connections[slot] = connection;
    const at = slot * WORDS;
    setEndpoints(slots, at, connection);
    slots[at + ID] = connection.id;
    slots[at + DIGITS] = digits;
    slots[at + FRAME] = connection.lastFrame;
    slots[at + SECONDS] = lastSeconds;
    slots[at + NANOSECONDS] = connection.lastNanoseconds;
    for (const direction of [0, 1] as const) {
      const to = at + ENDS[direction];
      const { stream, ttl, leastTtl, greatestTtl, largestPayload: largest, lastData } = ends[direction];
      slots[to + NEXT] = stream.next;
      slots[to + ACKNOWLEDGED] = stream.acknowledged;
      slots[to + DELIVERED] = 0;
      slots[to + SKIPPABLE] = sink.skippable(content, direction);
      slots[to + SKIPPED] = 0;
      slots[to + TTL] = ttl;
      slots[to + LEAST_TTL] = leastTtl;
      slots[to + GREATEST_TTL] = greatestTtl;
      slots[to + LARGEST] = largest;
      slots[to + DATA_FRAME] = lastData?.number ?? 0;
      slots[to + DATA_SECONDS] = lastData?.seconds ?? 0;
      slots[to + DATA_NANOSECONDS] = lastData?.nanoseconds ?? 0;
    }
  };

  /** Hands on the bytes of a segment that the stage above does not skip. */
  const deliver = (slot: number, direction: Direction, mine: number, packet: Packet, stamp: FrameStamp): void => {
    const connection = connections[slot] as TcpConnection<Content>;
    if (connection.packed !== null) unpack(connection);
    const content = connection.content as Content;
    const skipped = slots[mine + SKIPPED] as number;
    if (skipped > 0) sink.skip(content, direction, skipped);
    slots[mine + SKIPPED] = 0;
    sink.data(content, direction, packet, stamp);
    slots[mine + SKIPPABLE] = sink.skippable(content, direction);
  };

  const noteTtl = (mine: number, ttl: number): void => {
    slots[mine + TTL] = ttl;
    slots[mine + LEAST_TTL] = Math.min(ttl, slots[mine + LEAST_TTL] as number);
    slots[mine + GREATEST_TTL] = Math.max(ttl, slots[mine + GREATEST_TTL] as number);
  };

  return {
    leave,
    enter,
    take(packet, stamp, hash, direction) {
      const { acknowledgment } = packet;
      const slot = hash & (count - 1);
      // Most connections are short and have no slot: this is in the processor's cache, the slots are not.
      if (connections[slot] === null) return false;
      if ((packet.flags & ~PSH) !== ACK || packet.missing > 0) return false;
      const at = slot * WORDS;
      if (!haveEndpoints(slots, at, packet, direction)) return false;
      const mine = at + ENDS[direction];
      const other = at + ENDS[opposite(direction)];
      const length = packet.end - packet.offset;
      const isNews = distance(acknowledgment, slots[other + ACKNOWLEDGED] as number) > 0;
      if (distance(acknowledgment, slots[other + NEXT] as number) > 0) return false;
      if (slots[at + DIGITS] !== stamp.digits || !fits(stamp.number) || !fits(stamp.seconds)) return false;
      if (length === 0) {
        // If it says nothing new, it may be a copy, or ask for what is missing.
        if (!isNews && (packet.ipId !== 0 || acknowledgment !== slots[other + NEXT])) return false;
        // Its sequence number may lie beyond what was captured.
        if (packet.sequence !== slots[mine + NEXT]) return false;
      } else {
        if (packet.sequence !== slots[mine + NEXT] || (slots[mine + DELIVERED] as number) > MAX_COUNT) return false;
        slots[mine + NEXT] = advance(packet.sequence, length);
        slots[mine + DELIVERED] = (slots[mine + DELIVERED] as number) + length;
        if (length > (slots[mine + LARGEST] as number)) slots[mine + LARGEST] = length;
        slots[mine + DATA_FRAME] = stamp.number;
        slots[mine + DATA_SECONDS] = stamp.seconds;
        slots[mine + DATA_NANOSECONDS] = stamp.nanoseconds;
        const skippable = slots[mine + SKIPPABLE] as number;
        if (length <= skippable) {
          slots[mine + SKIPPABLE] = skippable - length;
          slots[mine + SKIPPED] = (slots[mine + SKIPPED] as number) + length;
        } else {
          deliver(slot, direction, mine, packet, stamp);
        }
      }
      recent.add(slots[at + ID] as number, direction, packet, stamp);
      if (isNews) slots[other + ACKNOWLEDGED] = acknowledgment;
      slots[at + FRAME] = stamp.number;
      slots[at + SECONDS] = stamp.seconds;
      slots[at + NANOSECONDS] = stamp.nanoseconds;
      if (packet.ttl !== slots[mine + TTL]) noteTtl(mine, packet.ttl);
      return true;
    },
  };
}
