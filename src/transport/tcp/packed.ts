import { timestampOf } from '../../capture/timestamp.js';
import { bits, createPacking, isSet, type Packing } from '../../packing.js';
import type { Direction } from '../flow.js';
import type { TcpConnection, TcpEnd, TcpEvent } from './connection.js';
import { newEnd } from './end.js';

/**
 * Open connections in a quarter of the room: but for a few that had something new last, what is known of each is put
 * into a string, and taken out when its next segment comes, or its end. In its slot (fast-path/in-order.ts) it takes the
 * bytes of a record as it is. One of which more is known than of nearly all, as resets or keys, stays unpacked.
 *
 * Plain version: the tracker without it (`unpacked: Infinity`). Held equal by: packed.test.ts and fast-path/in-order.test.ts in
 * test/transport/tcp/. Gain: an open connection takes 1.3 KiB of the heap instead of 5.5, and where tens of thousands
 * talk by turns, half of the time, since what is unpacked is packed again while it is young. Cost: this file,
 * tls/handshake/packed-transcript.ts, that whatever is kept of an end or of a session must be packed too, and some 20 µs
 * for each record where more talk by turns than may be unpacked.
 */

/** In the place of a window or a size that there is none of. */
const NONE = -1;

/** Packs what the stage above has of a connection. */
export interface ContentPacker<Content, Rest> {
  /** Puts a content that is not used again into `packing`, and what others have too into the rest; null if it is none to be packed. */
  pack(content: Content, packing: Packing): Rest | null;
  unpack(rest: Rest, packing: Packing): Content;
}

/** The open connections of a tracker, of which only so many are not packed. */
export interface OpenConnections<Content> {
  /** Something came of a connection, which is not packed: it is packed after all others. */
  touch(connection: TcpConnection<Content>): void;
  /** A connection is no longer open: it is not packed. */
  forget(connection: TcpConnection<Content>): void;
  /** Makes a connection ready to go on, if it is packed. */
  unpack(connection: TcpConnection<Content>): void;
  /** If too many are not packed, packs those with nothing new for longest; called after each segment. */
  packIdle(): void;
  /** How many are packed. */
  readonly packed: () => number;
}

/** The ends of every packed connection. */
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
  /** Those to be packed next, and how many have been added since the last look. */
  const unpacked = new Set<Connection>();
  let becameUnpacked = 0;
  const packedAtOnce = Math.max(1, limit >> 6);

  const touch = (connection: Connection): void => {
    if (unpacked.has(connection)) return;
    unpacked.add(connection);
    becameUnpacked++;
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
    forget(connection) {
      unpacked.delete(connection);
    },
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
      if (packer === null || becameUnpacked < packedAtOnce || unpacked.size <= limit) return;
      becameUnpacked = 0;
      for (const connection of unpacked) {
        if (unpacked.size <= limit) break;
        // If it cannot be packed now, it is tried again after its next segment.
        unpacked.delete(connection);
        pack(connection);
      }
    },
    packed: () => packed,
  };
}

/** Puts what is known of the ends of a connection into `packing`; false if it is more than what nearly all have. */
function packEnds(ends: readonly [TcpEnd, TcpEnd], packing: Packing): boolean {
  for (const end of ends) {
    if (!isOrdinary(end)) return false;
    packEnd(end, packing);
  }
  return true;
}

/** Takes the two ends out of `packing`. */
function unpackEnds(packing: Packing): readonly [TcpEnd, TcpEnd] {
  return [unpackEnd(0, packing), unpackEnd(1, packing)];
}

function isOrdinary(end: TcpEnd): boolean {
  return (
    end.stream.early === null &&
    !end.stream.isFinished &&
    end.syns.length <= 1 &&
    end.synAcks.length <= 1 &&
    end.otherSequence === null &&
    end.fin === null &&
    end.resets.length === 0 &&
    end.dataAfterReset === null &&
    end.ackAfterReset === null &&
    end.resent === null &&
    end.askedFor === null &&
    end.ahead === null &&
    end.late === null
  );
}

function packEnd(end: TcpEnd, packing: Packing): void {
  const { stream, announced, lastData } = end;
  const { put } = packing;
  put(bits(stream.isStarted, stream.isAcknowledging, end.isSeen));
  put(stream.next);
  put(stream.acknowledged);
  put(stream.patience);
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
  put(end.largest);
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
  stream.patience = take();
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
  end.largest = take();
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

const time = { seconds: 0, nanoseconds: 0, digits: 0 };

function unpackEvent(direction: Direction, { take, takePlace }: Packing): TcpEvent | null {
  if (take() === 0) return null;
  const frame = takePlace(time);
  return { direction, frame, at: timestampOf(time), ttl: take(), ipId: take() };
}
