import { BOUNDS } from '../../../bounds.js';
import { copyBytes } from '../../../bytes.js';
import type { FrameStamp } from '../../../capture/frame.js';
import { timestampOf, type Timestamp } from '../../../capture/timestamp.js';
import type { Packet } from '../../../packet/packet.js';
import { ACK, FIN, PSH, RST } from '../../../packet/packet.js';
import type { Direction, BufferedSegments } from '../../flow.js';
import { advance, distance } from '../sequence.js';

/**
 * The segments of an ordinary connection, kept unread until it closes: if they then show that it repeats a known one,
 * they need not be read at all (connection/fast-path/repeated.ts). Otherwise, or as soon as anything unusual comes,
 * they are processed as usual. Ordinary segments come after the SYN-ACK, have only ACK, PSH or FIN, are next in order
 * or sent again, and acknowledge only what was seen; a reset may come last. With keys, all such segments wait: what is
 * made of a whole connection at once is short-lived garbage.
 *
 * Plain version: the tracker without logs (`logs: 0`). Held equal by: test/transport/tcp/fast-path/in-order.test.ts,
 * and for connections that repeat others by test/connection/fast-path/repeated.test.ts. Gain: a fifth of the time of
 * `handshakes` of the benchmark; nothing where transfers are long. Cost: this file, tls/fast-path/pattern/ and
 * connection/fast-path/repeated.ts, 12 to 18 MiB with a thousand handshakes at once. Where few repeat another, as in
 * `variety`, only one in 32 is looked at.
 */
export interface SegmentLog extends BufferedSegments {
  client: Direction;
  bytes: Uint8Array;
  count: number;
  /** `WORDS` for each segment. */
  readonly words: Int32Array;
  readonly filled: [number, number];
  /** The next sequence number of each direction, FIN included, and what its peer has acknowledged. */
  readonly next: [number, number];
  readonly acknowledged: [number, number];
  readonly isFinished: [boolean, boolean];
  /** An end has reset the connection: the log ends there. */
  isReset: boolean;
  /** Decimal digits of the times of all segments. */
  digits: number;
}

/**
 * Room for the bytes of the two ends, and for segments: more than a handshake with a request and a short answer needs.
 */
const CLIENT_ROOM = BOUNDS.loggedClientBytes.value;
const SERVER_ROOM = BOUNDS.loggedServerBytes.value;
const MAX_SEGMENTS = BOUNDS.loggedSegments.value;
/** Most servers need no more; the log of one that does keeps all of the room. */
const USUAL_SERVER_ROOM = SERVER_ROOM / 2;
/** Bytes of a log, at most. */
export const LOG_BYTES = CLIENT_ROOM + SERVER_ROOM + MAX_SEGMENTS * 40;

const FRAME = 0;
const SECONDS = 1;
const NANOSECONDS = 2;
const SEQUENCE = 3;
const ACKNOWLEDGMENT = 4;
/** Flags and TTL, with the direction in the bits above. */
const MARKS = 5;
const IP_ID = 6;
const WINDOW = 7;
const START = 8;
const END = 9;
const WORDS = 10;

const fits = (number: number): boolean => (number | 0) === number;

export function newSegmentLog(): SegmentLog {
  const words = new Int32Array(MAX_SEGMENTS * WORDS);
  const log: SegmentLog = {
    client: 0,
    count: 0,
    words,
    bytes: new Uint8Array(CLIENT_ROOM + USUAL_SERVER_ROOM),
    start: (direction) => (direction === log.client ? 0 : CLIENT_ROOM),
    filled: [0, 0],
    directionOf: (index) => ((words[index * WORDS + MARKS] as number) >> 16) as Direction,
    endOf: (index) => words[index * WORDS + END] as number,
    next: [0, 0],
    acknowledged: [0, 0],
    isFinished: [false, false],
    isReset: false,
    digits: 0,
  };
  return log;
}

/** Whether the bytes of an end may go on up to a place in the log, for which it may have to grow. */
function hasRoom(log: SegmentLog, direction: Direction, end: number): boolean {
  if (direction === log.client) return end <= CLIENT_ROOM;
  if (end <= log.bytes.length) return true;
  if (end > CLIENT_ROOM + SERVER_ROOM) return false;
  const { bytes } = log;
  log.bytes = new Uint8Array(CLIENT_ROOM + SERVER_ROOM);
  log.bytes.set(bytes);
  return true;
}

/**
 * Starts the log of a connection with a SYN, its SYN-ACK and nothing else yet. The caller sets the next sequence
 * numbers.
 */
export function beginLog(log: SegmentLog, client: Direction, digits: number): void {
  log.client = client;
  log.count = 0;
  log.digits = digits;
  log.isReset = log.isFinished[0] = log.isFinished[1] = false;
  log.filled[0] = log.start(0);
  log.filled[1] = log.start(1);
}

/** Adds a segment; false if it is not ordinary, or there is no room for it. */
export function logSegment(log: SegmentLog, direction: Direction, packet: Packet, stamp: FrameStamp): boolean {
  const { flags, sequence, acknowledgment, offset, end } = packet;
  if (packet.missing > 0 || log.isReset || log.count >= MAX_SEGMENTS) return false;
  if (stamp.digits !== log.digits || !fits(stamp.number) || !fits(stamp.seconds)) return false;
  const length = end - offset;
  const { filled } = log;
  let start = filled[direction];
  if ((flags & RST) !== 0) {
    if ((flags & ~(RST | ACK | PSH)) !== 0 || length > 0 || sequence !== log.next[direction]) return false;
    log.isReset = true;
  } else {
    if ((flags & ~(PSH | FIN)) !== ACK) return false;
    const other: Direction = direction === 0 ? 1 : 0;
    const { next, acknowledged, isFinished } = log;
    if (distance(acknowledgment, next[other]) > 0 || distance(acknowledgment, acknowledged[other]) < 0) return false;
    const behind = distance(next[direction], sequence);
    const own = length + ((flags & FIN) === 0 ? 0 : 1);
    if (behind > 0 && own > 0) {
      // All of it was there before.
      start -= behind - Number(isFinished[direction]);
      if (own > behind || length === 0 || start < log.start(direction) || (flags & FIN) !== 0) return false;
      if (start + length > filled[direction]) return false;
    } else {
      if (behind !== 0 || (isFinished[direction] && own > 0) || !hasRoom(log, direction, start + length)) return false;
      next[direction] = advance(sequence, own);
      if ((flags & FIN) !== 0) isFinished[direction] = true;
      copyBytes(packet.bytes, offset, end, log.bytes, start);
      filled[direction] = start + length;
    }
    acknowledged[other] = acknowledgment;
  }
  const { words } = log;
  const at = log.count * WORDS;
  words[at + FRAME] = stamp.number;
  words[at + SECONDS] = stamp.seconds;
  words[at + NANOSECONDS] = stamp.nanoseconds;
  words[at + SEQUENCE] = sequence;
  words[at + ACKNOWLEDGMENT] = acknowledgment;
  words[at + MARKS] = flags | (packet.ttl << 8) | (direction << 16);
  words[at + IP_ID] = packet.ipId;
  words[at + WINDOW] = packet.window;
  words[at + START] = start;
  words[at + END] = start + length;
  log.count++;
  return true;
}

/** Whether both ends have closed, and each has received everything the other sent. */
export function isLogComplete({ isFinished, acknowledged, next }: SegmentLog): boolean {
  return isFinished[0] && isFinished[1] && acknowledged[0] === next[0] && acknowledged[1] === next[1];
}

/** Restores a segment of a log into a packet and its stamp, without its endpoints; returns its direction. */
export function readSegment(log: SegmentLog, index: number, packet: Packet, stamp: FrameStamp): Direction {
  const { words, bytes } = log;
  const at = index * WORDS;
  const marks = words[at + MARKS] as number;
  stamp.number = words[at + FRAME] as number;
  stamp.seconds = words[at + SECONDS] as number;
  stamp.nanoseconds = words[at + NANOSECONDS] as number;
  stamp.digits = log.digits;
  packet.sequence = words[at + SEQUENCE] as number;
  packet.acknowledgment = words[at + ACKNOWLEDGMENT] as number;
  packet.flags = marks & 0xff;
  packet.ttl = (marks >> 8) & 0xff;
  packet.ipId = words[at + IP_ID] as number;
  packet.window = words[at + WINDOW] as number;
  packet.bytes = bytes;
  packet.offset = packet.options = words[at + START] as number;
  packet.end = words[at + END] as number;
  packet.missing = 0;
  return (marks >> 16) as Direction;
}

/** By index of a segment: its flags, its frame, and the frame's time. */
export const flagsAt = ({ words }: SegmentLog, index: number): number =>
  (words[index * WORDS + MARKS] as number) & 0xff;
export const frameAt = ({ words }: SegmentLog, index: number): number => words[index * WORDS + FRAME] as number;
export const timeAt = ({ words, digits }: SegmentLog, index: number): Timestamp =>
  timestampOf({
    seconds: words[index * WORDS + SECONDS] as number,
    nanoseconds: words[index * WORDS + NANOSECONDS] as number,
    digits,
  });
