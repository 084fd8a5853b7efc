import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import type { ByteSink, Direction, Payload } from '../flow.js';
import { advance, distance } from './sequence.js';

/** Where the bytes of one direction go once they are in order. */
export interface StreamOutput<Content = unknown> {
  readonly sink: ByteSink<Content>;
  readonly content: Content;
  readonly direction: Direction;
}

/** The payload of one segment, and how many more bytes of it the snapshot length cut off. */
export interface SegmentPayload extends Payload {
  readonly missing: number;
}

/** Bytes of a segment that came too early. */
interface EarlySegment extends FrameStamp {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** Bytes behind `bytes` that were on the wire but not captured. */
  readonly missing: number;
}

/** One direction of a connection, put in order. */
export interface TcpStream {
  /** Sequence number of the next byte to deliver; meaningless before `isStarted`. */
  next: number;
  isStarted: boolean;
  /** Early segments, all after `next`, in order, without overlaps; null if there are none, as nearly always. */
  early: EarlySegment[] | null;
  earlyBytes: number;
  /** Highest acknowledgment number that the peer sent; meaningless before `isAcknowledging`. */
  acknowledged: number;
  isAcknowledging: boolean;
  /** Sequence number of the FIN, which is no byte of the stream; meaningless before `isFinished`. */
  finish: number;
  isFinished: boolean;
  /** Acknowledgments seen since the peer acknowledged the missing byte at `next`; 0 if it did not acknowledge it. */
  acksSinceHole: number;
  /**
   * Whether the peer acknowledged up to `next`, and no further, after `early` was captured: it lacks what is missing here.
   * Meaningless without `early`.
   */
  isAwaited: boolean;
  /** Payload bytes delivered. */
  delivered: number;
  /** Bytes that are not in the capture. */
  missing: number;
  /** Those of `missing` that are in no captured packet; the snapshot length cut off the others. */
  holes: number;
  /** Those of `holes` that the peer lacked as well when it had later bytes: they were lost before the capture point. */
  lost: number;
}

/**
 * How many segments of the peer may come between an acknowledgment and the late arrival of what it acknowledges, before
 * that counts as lost: captures merged from several queues or cards are out of order by a few.
 */
export const REORDER_SEGMENTS = 32;
/** Bounds for early segments, for each direction: a receive window of the usual size. */
export const MAX_EARLY_BYTES = BOUNDS.earlyBytes.value;
export const MAX_EARLY_SEGMENTS = BOUNDS.earlySegments.value;

/** A stream before its first segment. */
export function newStream(): TcpStream {
  return {
    next: 0,
    isStarted: false,
    early: null,
    earlyBytes: 0,
    acknowledged: 0,
    isAcknowledging: false,
    finish: 0,
    isFinished: false,
    acksSinceHole: 0,
    isAwaited: false,
    delivered: 0,
    missing: 0,
    holes: 0,
    lost: 0,
  };
}

function earlySegment(
  sequence: number,
  bytes: Uint8Array,
  missing: number,
  { number, seconds, nanoseconds, digits }: FrameStamp,
): EarlySegment {
  return { sequence, bytes, missing, number, seconds, nanoseconds, digits };
}

/** Delivers the next bytes in order, and the gap after them, if any. */
function deliver(stream: TcpStream, payload: SegmentPayload, stamp: FrameStamp, output: StreamOutput): void {
  const { offset, end, missing } = payload;
  stream.acksSinceHole = 0;
  stream.isAwaited = false;
  stream.next = advance(stream.next, end - offset + missing);
  stream.delivered += end - offset;
  const { sink, content, direction } = output;
  if (end > offset) sink.data(content, direction, payload, stamp);
  if (missing > 0) {
    stream.missing += missing;
    sink.gap(content, direction, missing, stamp);
  }
}

/** Delivers the first early segment if its turn has come; returns whether it did. */
function releaseFirst(stream: TcpStream, stamp: FrameStamp | null, output: StreamOutput): boolean {
  const first = stream.early?.[0];
  if (stream.early === null || first === undefined) {
    stream.early = null;
    return false;
  }
  const behind = -distance(first.sequence, stream.next);
  if (behind < 0) return false;
  stream.early.shift();
  stream.earlyBytes -= first.bytes.length;
  const length = first.bytes.length;
  // Bytes cut off from one segment may be captured in the next.
  const next = stream.early[0];
  const room = next === undefined ? first.missing : distance(next.sequence, first.sequence) - length;
  const cut = Math.min(first.missing, room);
  if (next === undefined) stream.early = null;
  if (behind < length + cut) {
    const missing = cut - Math.max(0, behind - length);
    const rest = { bytes: first.bytes, offset: Math.min(behind, length), end: length, missing };
    deliver(stream, rest, stamp ?? first, output);
  }
  return true;
}

/**
 * Delivers the early segments whose turn has come. `stamp`: the frame that made that possible, or null to use their
 * own.
 */
export function release(stream: TcpStream, stamp: FrameStamp | null, output: StreamOutput): void {
  while (releaseFirst(stream, stamp, output));
}

/**
 * Keeps a copy of the new bytes of an early segment; where it overlaps others, the first copy wins. Returns how many
 * bytes are kept.
 */
function insertEarly(stream: TcpStream, sequence: number, payload: SegmentPayload, stamp: FrameStamp): number {
  const { bytes, offset: start, end, missing } = payload;
  if (start === end) return 0;
  if (stream.early === null) {
    // With very many connections, one segment waits in each, and `push` would reserve room for 16 more.
    stream.early = [earlySegment(sequence, bytes.slice(start, end), missing, stamp)];
    stream.earlyBytes += end - start;
    return end - start;
  }
  const early = stream.early;
  let at = sequence;
  let offset = start;
  let index = 0;
  let kept = 0;
  const insert = (count: number, rest: number): void => {
    early.splice(index++, 0, earlySegment(at, bytes.slice(offset, offset + count), rest, stamp));
    stream.earlyBytes += count;
    kept += count;
  };
  for (; index < early.length && offset < end; index++) {
    const other = early[index] as EarlySegment;
    const before = distance(other.sequence, at);
    if (before > 0) {
      const count = Math.min(before, end - offset);
      insert(count, count === end - offset ? Math.min(missing, before - count) : 0);
      at = advance(at, count);
      offset += count;
    }
    const overlap = distance(advance(other.sequence, other.bytes.length), at);
    if (overlap > 0 && distance(other.sequence, at) <= 0) {
      at = advance(at, overlap);
      offset += overlap;
    }
  }
  if (offset < end) insert(end - offset, missing);
  return kept;
}

/** Bytes that the peer acknowledged and that were not delivered yet; 0 or less if there are none. */
function acknowledgedAhead(stream: TcpStream): number {
  if (!stream.isStarted || !stream.isAcknowledging) return 0;
  const ahead = distance(stream.acknowledged, stream.next);
  if (stream.isFinished) return Math.min(ahead, distance(stream.finish, stream.next));
  // A single byte at the end may also be a FIN that the capture lacks.
  return ahead === 1 && stream.early === null ? 0 : ahead;
}

/** Delivers the next `count` bytes, at most those before the first early segment, as a gap. */
function skipHole(stream: TcpStream, count: number, stamp: FrameStamp, output: StreamOutput): void {
  const first = stream.early?.[0];
  const hole = first === undefined ? count : Math.min(count, distance(first.sequence, stream.next));
  if (hole > 0) {
    stream.holes += hole;
    deliver(stream, { bytes: NOTHING, offset: 0, end: 0, missing: hole }, stamp, output);
  }
  release(stream, null, output);
}

const NOTHING = new Uint8Array(0);

/** Sets the first sequence number of a stream that has delivered nothing yet; call `release` for what came before. */
export function begin(stream: TcpStream, sequence: number): void {
  if (stream.delivered > 0 || stream.missing > 0) return;
  stream.isStarted = true;
  stream.next = sequence;
}

/**
 * Holds the payload of one of the first segments of a stream whose SYN was not seen: an earlier one may still come.
 * Parameters and result as in `receive`; `startAtEarliest` releases it.
 */
export function holdUnplaced(stream: TcpStream, sequence: number, payload: SegmentPayload, stamp: FrameStamp): number {
  return payload.end - payload.offset - insertEarly(stream, sequence, payload, stamp);
}

/** Begins the streams of a connection that have not begun, at their earliest held segment; delivers in frame order. */
export function startAtEarliest(
  streams: readonly [TcpStream, TcpStream],
  outputs: readonly [StreamOutput, StreamOutput],
): void {
  for (const stream of streams) {
    const first = stream.early?.[0];
    if (stream.isStarted || first === undefined) continue;
    stream.isStarted = true;
    stream.next = first.sequence;
  }
  let latest0: FrameStamp | null = null;
  let latest1: FrameStamp | null = null;
  for (;;) {
    const one = dueFrame(streams[0]);
    const other = dueFrame(streams[1]);
    if (one === Infinity && other === Infinity) return;
    if (one < other) latest0 = releaseInFrameOrder(streams[0], latest0, outputs[0]);
    else latest1 = releaseInFrameOrder(streams[1], latest1, outputs[1]);
  }
}

/** Delivers the first early segment, with the later of its own frame and `latest`; returns that frame. */
function releaseInFrameOrder(stream: TcpStream, latest: FrameStamp | null, output: StreamOutput): FrameStamp {
  const own = stream.early?.[0] as EarlySegment;
  const stamp = latest !== null && latest.number > own.number ? latest : own;
  releaseFirst(stream, stamp, output);
  return stamp;
}

/** The frame of the first early segment if its turn has come; else Infinity. */
function dueFrame(stream: TcpStream): number {
  const first = stream.early?.[0];
  return first !== undefined && distance(first.sequence, stream.next) <= 0 ? first.number : Infinity;
}

/**
 * Processes the payload of one segment, whose first byte is at `sequence`. Returns how many of its bytes had been seen
 * before.
 */
export function receive(
  stream: TcpStream,
  sequence: number,
  payload: SegmentPayload,
  stamp: FrameStamp,
  output: StreamOutput,
): number {
  const { bytes, offset: start, end, missing } = payload;
  if (!stream.isStarted) {
    stream.isStarted = true;
    stream.next = sequence;
  }
  if (sequence === stream.next && stream.early === null) {
    // A shortcut for nearly every segment; the code below gives the same result.
    deliver(stream, payload, stamp, output);
    return 0;
  }
  const ahead = distance(sequence, stream.next);
  if (ahead > 0) {
    const repeated = end - start - insertEarly(stream, sequence, payload, stamp);
    while (stream.early !== null && (stream.earlyBytes > MAX_EARLY_BYTES || stream.early.length > MAX_EARLY_SEGMENTS)) {
      skipHole(stream, Infinity, stamp, output);
    }
    return repeated;
  }
  const length = end - start;
  const total = length + missing;
  const seen = Math.min(-ahead, total);
  // Deliver up to the first early segment, then that one, then what is left after it: the first copy of a byte wins.
  for (let done = seen; done < total; done = distance(stream.next, sequence)) {
    const first = stream.early?.[0];
    const stop = first === undefined ? total : Math.min(total, distance(first.sequence, sequence));
    const from = Math.min(done, length);
    const to = Math.min(stop, length);
    const part = { bytes, offset: start + from, end: start + to, missing: stop - Math.max(done, to) };
    deliver(stream, part, stamp, output);
    if (stream.early !== null) release(stream, stamp, output);
  }
  return seen;
}

/**
 * Processes the peer's acknowledgment number for this stream. With a SYN-ACK, counting starts again: a peer that still
 * has an older connection answers the first SYN with that one's number (RFC 9293 §3.10.7.4).
 */
export function acknowledge(stream: TcpStream, acknowledgment: number, isSynAck: boolean): void {
  const isNew = !stream.isAcknowledging || (isSynAck && stream.delivered === 0);
  if (isNew || distance(acknowledgment, stream.acknowledged) > 0) stream.acknowledged = acknowledgment;
  stream.isAcknowledging = true;
}

/**
 * Counts an acknowledgment; returns whether acknowledged bytes are still missing after enough of them, so that
 * `skipAcknowledged` is due.
 */
export function isOverdue(stream: TcpStream): boolean {
  if (acknowledgedAhead(stream) > 0) return ++stream.acksSinceHole > REORDER_SEGMENTS;
  stream.acksSinceHole = 0;
  stream.isAwaited = stream.early !== null && stream.acknowledged === stream.next;
  return false;
}

/** Delivers the acknowledged bytes that are missing as a gap. */
export function skipAcknowledged(stream: TcpStream, stamp: FrameStamp, output: StreamOutput): void {
  skipHole(stream, acknowledgedAhead(stream), stamp, output);
}

/** Whether nothing is held back, and nothing is known to be missing. */
export function isDelivered(stream: TcpStream): boolean {
  return stream.early === null && acknowledgedAhead(stream) <= 0;
}

/** Delivers all early segments, with the gaps before them: the stream has ended. */
export function flush(stream: TcpStream, stamp: FrameStamp, output: StreamOutput): void {
  const isAwaited = stream.isStarted && stream.isAwaited && acknowledgedAhead(stream) <= 0;
  if (stream.early !== null && isAwaited) stream.lost = bytesInHoles(stream);
  skipAllHoles(stream, stamp, output);
  skipHole(stream, acknowledgedAhead(stream), stamp, output);
}

/** Bytes missing before and between the early segments. */
function bytesInHoles({ early, next }: TcpStream): number {
  let holes = 0;
  let from = next;
  for (const { sequence, bytes, missing } of early ?? []) {
    holes += Math.max(0, distance(sequence, from));
    from = advance(sequence, bytes.length + missing);
  }
  return holes;
}

/** Delivers everything that early segments wait for as gaps. */
export function skipAllHoles(stream: TcpStream, stamp: FrameStamp, output: StreamOutput): void {
  while (stream.early !== null) skipHole(stream, Infinity, stamp, output);
}
