import { timestampOf } from '../../../capture/timestamp.js';
import { bits, createPacking, isSet, type Packing } from '../../../packing.js';
import type { Direction } from '../../flow.js';
import type { TcpConnection, TcpEnd, TcpEvent, UnpackedPlace } from '../connection.js';
import { newEnd } from '../end.js';
import { createQueue } from '../../queue.js';

/**
 * Keeps open connections in a quarter of the memory: except for the most recently active ones, the state of each is
 * packed into a string, and unpacked when its next segment comes, or when it ends. While it has a slot
 * (in-order.ts), bytes that TLS skips do not unpack it. A connection with unusual state, such as resets or keys, stays
 * unpacked.
 *
 * Plain version: the tracker without it (`unpacked: Infinity`). Held equal by: packed.test.ts and in-order.test.ts in
 * test/transport/tcp/fast-path/. Gain: memory. An open connection takes 1.3 KiB of the heap instead
 * of 5.5: 100,000 open at once need 280 MiB in all instead of 720, and without it, the default memory limit makes the
 * tool give up 79,000 of them. Cost: a tenth more time on such a capture, this file, tls/fast-path/packed-transcript.ts,
 * that whatever is kept of an end or of a session must be packed too, and some 20 µs for each record where more talk by
 * turns than may be unpacked.
 */

/** Stands for an absent window or segment size. */
const NONE = -1;

/** Packs what the stage above has of a connection. */
export interface ContentPacker<Content, Rest> {
  /**
   * Packs a content, which must not be used again, into `packing`. Returns the part of it that is kept as it is,
   * because other connections share it; null if the content has unusual state and stays unpacked.
   */
  pack(content: Content, packing: Packing): Rest | null;
  unpack(rest: Rest, packing: Packing): Content;
}

/** The open connections of a tracker; all but a bounded number of them are packed. */
export interface OpenConnections<Content> {
  /** Notes a segment of an unpacked connection: it becomes the last one to be packed. */
  touch(connection: TcpConnection<Content>): void;
  /** Notes that a connection is no longer open: it will not be packed. */
  drop(connection: TcpConnection<Content>): void;
  /** Restores the state of a connection, if it is packed. */
  unpack(connection: TcpConnection<Content>): void;
  /** If too many are unpacked, packs those without a segment for longest; to be called after each segment. */
  packIdle(): void;
  /** How many are packed. */
  readonly packed: () => number;
}

/** Stands for the ends of every packed connection; never read or written. */
const PACKED_ENDS = [newEnd(), newEnd()] as const;

/**
 * @param packer without it, no connection is packed
 * @param limit connections that are not packed
 * @param prepare called with each connection before it is packed
 */
export function createOpenConnections<Content, Rest>(
  packer: ContentPacker<Content, Rest> | null,
  limit: number,
  prepare: (connection: TcpConnection<Content>) => void,
): OpenConnections<Content> {
  type Connection = TcpConnection<Content>;
  const packing = createPacking();
  let packed = 0;
  /** Connections that may be packed, the next one first, and how many were added since the last check. */
  const unpacked = createQueue<UnpackedPlace<Content>>();
  let becameUnpacked = 0;
  /** How many too many these are; kept here, as it is asked for with each segment. */
  let surplus = -limit;
  const packedAtOnce = Math.max(1, limit >> 6);

  const touch = (connection: Connection): void => {
    if (connection.unpackedPlace !== null) return;
    connection.unpackedPlace = { connection, before: null, after: null };
    unpacked.add(connection.unpackedPlace);
    becameUnpacked++;
    surplus++;
  };

  const drop = (connection: Connection): void => {
    if (connection.unpackedPlace === null) return;
    unpacked.remove(connection.unpackedPlace);
    connection.unpackedPlace = null;
    surplus--;
  };

  /** Packs an open connection, unless it has something unusual. */
  const pack = (connection: Connection): void => {
    const { content, ends, icmp, log, recognised, heldBytes } = connection;
    if (packer === null || icmp.length > 0 || log !== null || recognised !== null || heldBytes > 0) return;
    prepare(connection);
    packing.begin();
    if (!packEnds(ends, packing) || !packing.fits()) return;
    const rest = content === null ? null : packer.pack(content, packing);
    if (content !== null && rest === null) return;
    connection.packed = { numbers: packing.end(), rest };
    connection.ends = PACKED_ENDS;
    connection.content = null;
    packed++;
  };

  return {
    touch,
    drop,
    unpack(connection) {
      if (connection.packed === null || packer === null) return;
      const { numbers, rest } = connection.packed;
      packing.open(numbers);
      connection.packed = null;
      packed--;
      connection.ends = unpackEnds(packing);
      if (rest !== null) connection.content = packer.unpack(rest as Rest, packing);
      touch(connection);
    },
    packIdle() {
      if (surplus <= 0 || packer === null || becameUnpacked < packedAtOnce) return;
      becameUnpacked = 0;
      for (let next = unpacked.first; next !== null && surplus > 0; next = unpacked.first) {
        const { connection } = next;
        // If it cannot be packed now, it is tried again after its next segment.
        drop(connection);
        pack(connection);
      }
    },
    packed: () => packed,
  };
}

/** Packs the ends of a connection; false if one of them has unusual state. */
function packEnds(ends: readonly [TcpEnd, TcpEnd], packing: Packing): boolean {
  for (const end of ends) {
    if (!isOrdinary(end)) return false;
    packEnd(end, packing);
  }
  return true;
}

/** Unpacks the two ends of a connection. */
function unpackEnds(packing: Packing): readonly [TcpEnd, TcpEnd] {
  return [unpackEnd(0, packing), unpackEnd(1, packing)];
}

function isOrdinary(end: TcpEnd): boolean {
  return (
    end.stream.early === null &&
    !end.stream.isFinished &&
    end.syns.length <= 1 &&
    end.synAcks.length <= 1 &&
    end.laterSynAckSequence === null &&
    end.fin === null &&
    end.resets.length === 0 &&
    end.dataAfterReset === null &&
    end.ackAfterReset === null &&
    end.resent === null &&
    end.requestedAgain === null &&
    end.ahead === null &&
    end.outOfOrder === null
  );
}

function packEnd(end: TcpEnd, packing: Packing): void {
  const { stream, announced, lastData } = end;
  const { put } = packing;
  put(bits(stream.isStarted, stream.isAcknowledging, end.isSeen));
  put(stream.next);
  put(stream.acknowledged);
  put(stream.acksSinceHole);
  put(stream.delivered);
  put(stream.missing);
  put(stream.holes);
  put(stream.lost);
  packEvent(end.syns[0] ?? null, packing);
  packEvent(end.synAcks[0] ?? null, packing);
  put(announced === null ? NONE : announced.window);
  put(announced?.mss ?? NONE);
  put(end.initialSequence);
  packEvent(end.firstData, packing);
  put(Number(lastData !== null));
  if (lastData !== null) packing.putPlace(lastData.number, lastData);
  put(end.retransmissions);
  put(end.largestPayload);
  put(end.ttl);
  put(end.leastTtl);
  put(end.greatestTtl);
}

function unpackEnd(direction: Direction, packing: Packing): TcpEnd {
  const { take } = packing;
  const end = newEnd();
  const { stream } = end;
  const marks = take();
  stream.isStarted = isSet(marks, 0);
  stream.isAcknowledging = isSet(marks, 1);
  end.isSeen = isSet(marks, 2);
  stream.next = take();
  stream.acknowledged = take();
  stream.acksSinceHole = take();
  stream.delivered = take();
  stream.missing = take();
  stream.holes = take();
  stream.lost = take();
  const syn = unpackEvent(direction, packing);
  if (syn !== null) end.syns = [syn];
  const synAck = unpackEvent(direction, packing);
  if (synAck !== null) end.synAcks = [synAck];
  const window = take();
  const mss = take();
  if (window !== NONE) end.announced = { window, mss: mss === NONE ? null : mss };
  end.initialSequence = take();
  end.firstData = unpackEvent(direction, packing);
  if (take() === 1) {
    end.lastData = { number: 0, seconds: 0, nanoseconds: 0, digits: 0 };
    end.lastData.number = packing.takePlace(end.lastData);
  }
  end.retransmissions = take();
  end.largestPayload = take();
  end.ttl = take();
  end.leastTtl = take();
  end.greatestTtl = take();
  return end;
}

function packEvent(event: TcpEvent | null, { put, putPlace }: Packing): void {
  put(Number(event !== null));
  if (event === null) return;
  putPlace(event.frame, event.at);
  put(event.ttl);
  put(event.ipId);
}

/** Where `unpackEvent` reads a time to; overwritten by each call, and only read within it. */
const time = { seconds: 0, nanoseconds: 0, digits: 0 };

function unpackEvent(direction: Direction, { take, takePlace }: Packing): TcpEvent | null {
  if (take() === 0) return null;
  const frame = takePlace(time);
  return { direction, frame, at: timestampOf(time), ttl: take(), ipId: take() };
}
