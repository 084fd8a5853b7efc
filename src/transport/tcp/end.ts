import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import { millisecondsBetween, timestampOf } from '../../capture/timestamp.js';
import { ACK, FIN, type Packet, SYN } from '../../packet/packet.js';
import { type Direction, opposite } from '../flow.js';
import type { TcpConnection, TcpEnd, TcpEvent, TcpFinEvent, TcpResetEvent } from './connection.js';
import { advance, distance } from './sequence.js';
import { type TcpStream, newStream } from './stream.js';

/**
 * How far, in bytes, a sequence number may lie beyond what was seen. One farther away does not show loss: it is wrong.
 */
const MAX_AHEAD = BOUNDS.aheadBytes.value;
/** Bytes of an early segment besides its payload. */
const EARLY_BYTES = 448;

export const earlyWeight = ({ early, earlyBytes }: TcpStream): number =>
  early === null ? 0 : earlyBytes + early.length * EARLY_BYTES;

const NO_EVENTS: readonly TcpEvent[] = [];
export const NO_RESETS: readonly TcpResetEvent[] = [];

export function newEnd(): TcpEnd {
  return {
    stream: newStream(),
    syns: NO_EVENTS,
    synAcks: NO_EVENTS,
    announced: null,
    initialSequence: 0,
    laterSynAckSequence: null,
    fin: null,
    resets: NO_RESETS,
    dataAfterReset: null,
    ackAfterReset: null,
    firstData: null,
    lastData: null,
    retransmissions: 0,
    resent: null,
    requestedAgain: null,
    ahead: null,
    outOfOrder: null,
    largestPayload: 0,
    ttl: -1,
    leastTtl: -1,
    greatestTtl: -1,
    isSeen: false,
  };
}

export function event(direction: Direction, packet: Packet, stamp: FrameStamp): TcpEvent {
  return { direction, frame: stamp.number, at: timestampOf(stamp), ttl: packet.ttl, ipId: packet.ipId };
}

export function finEvent(direction: Direction, packet: Packet, stamp: FrameStamp): TcpFinEvent {
  const acknowledges = (packet.flags & ACK) === 0 ? null : packet.acknowledgment;
  const { ttl, ipId } = packet;
  // Written out for speed, like the next: a spread of `event` takes a microsecond.
  return { direction, frame: stamp.number, at: timestampOf(stamp), ttl, ipId, acknowledges, follows: null };
}

/**
 * Notes a segment whose peer has closed, if it has data that the peer's FIN acknowledges: the FIN was sent after it.
 */
export function noteBeforeFin(mine: TcpEnd, peer: TcpEnd, packet: Packet, stamp: FrameStamp): void {
  const { flags, sequence, offset, end, missing } = packet;
  const { fin } = peer;
  const acknowledges = fin?.acknowledges ?? null;
  if (fin === null || acknowledges === null) return;
  const { stream } = mine;
  const last = advance(sequence, end - offset + missing);
  const isNewData = last !== sequence && (!stream.isStarted || distance(last, stream.next) > 0);
  const isNewFin = (flags & FIN) !== 0 && mine.fin === null;
  if (!isNewData && !isNewFin) return;
  if (distance(acknowledges, isNewFin ? advance(last, 1) : last) < 0) return;
  const { direction, frame, at, ttl, ipId } = fin;
  peer.fin = { direction, frame, at, ttl, ipId, acknowledges, follows: stamp.number };
}

export function resetEvent(
  { stream, initialSequence, syns, synAcks }: TcpEnd,
  direction: Direction,
  packet: Packet,
  stamp: FrameStamp,
): TcpResetEvent {
  const hasSynchronised = syns.length + synAcks.length > 0;
  const isKnown = stream.isStarted || hasSynchronised;
  const next = stream.isStarted ? stream.next : advance(initialSequence, 1);
  const { isFinished, finish } = stream;
  const isNext = packet.sequence === next || (isFinished && packet.sequence === advance(finish, 1));
  const { sequence, ttl, ipId } = packet;
  const acknowledges = (packet.flags & ACK) === 0 ? null : packet.acknowledgment;
  const isInSequence = isKnown ? isNext : null;
  return { direction, frame: stamp.number, at: timestampOf(stamp), ttl, ipId, sequence, acknowledges, isInSequence };
}

export function noteTtl(end: TcpEnd, ttl: number): void {
  end.ttl = ttl;
  if (end.leastTtl < 0 || ttl < end.leastTtl) end.leastTtl = ttl;
  if (ttl > end.greatestTtl) end.greatestTtl = ttl;
}

/** Milliseconds by which packets of one side are captured in another order than they were sent. */
const LATE_MS = 5;

/** Notes a segment of an end after a reset that it sent, or that was forged in its name. */
export function noteAfterReset(end: TcpEnd, direction: Direction, packet: Packet, stamp: FrameStamp): void {
  const length = packet.end - packet.offset + packet.missing;
  if (length === 0) {
    end.ackAfterReset ??= event(direction, packet, stamp);
    return;
  }
  const [reset] = end.resets;
  // Data sent before the reset may be captured after it. If only slightly late, the reset may seem ahead of the stream.
  const isLate =
    reset !== undefined &&
    distance(advance(packet.sequence, length), reset.sequence) <= 0 &&
    (reset.isInSequence === true || millisecondsBetween(reset.at, timestampOf(stamp)) <= LATE_MS);
  if (!isLate) end.dataAfterReset ??= event(direction, packet, stamp);
}

/** Notes that a segment was sent again before the peer acknowledged it. */
export function noteResent(end: TcpEnd, sequence: number, length: number): void {
  const times = end.resent?.sequence === sequence ? end.resent.times : 0;
  end.resent = { sequence, length, times: times + 1 };
}

/** Notes a duplicate acknowledgment in `packet`, which the peer of `end` sent (RFC 5681 §2). */
export function noteRequestedAgain(end: TcpEnd, { flags, acknowledgment }: Packet): void {
  const { isStarted, isAcknowledging, acknowledged, next } = end.stream;
  if ((flags & (SYN | FIN)) !== 0 || !isStarted || !isAcknowledging || acknowledgment !== acknowledged) return;
  if (distance(next, acknowledged) > 0) end.requestedAgain = acknowledged;
}

/** Notes an empty segment whose sequence number lies beyond what was captured: the bytes in between were sent. */
export function noteAhead(end: TcpEnd, { flags, sequence }: Packet, stamp: FrameStamp): void {
  const { stream, ahead } = end;
  if (!stream.isStarted || (flags & SYN) !== 0) return;
  // Its FIN counts as one.
  if (stream.isFinished && sequence === advance(stream.finish, 1)) return;
  const beyond = distance(sequence, ahead === null ? stream.next : ahead.sequence);
  if (beyond <= 0 || distance(sequence, stream.next) <= 0 || distance(sequence, stream.next) > MAX_AHEAD) return;
  end.ahead = { sequence, frame: stamp.number, at: timestampOf(stamp) };
}

/** Who sent the SYN of a connection of which exactly one SYN and one SYN-ACK were seen, and nothing else; else null. */
export function clientOfFreshConnection({ ends, icmp, lastSeconds }: TcpConnection): Direction | null {
  const client = ends[0].syns.length === 1 ? 0 : 1;
  const { syns, synAcks, stream } = ends[client];
  const other = ends[opposite(client)];
  const isOne = syns.length === 1 && synAcks.length === 0 && other.syns.length === 0 && other.synAcks.length === 1;
  if (!isOne || icmp.length > 0 || (lastSeconds | 0) !== lastSeconds) return null;
  const isUnused = ends.every(
    (end) => end.stream.isStarted && end.stream.early === null && end.resets.length === 0 && end.lastData === null,
  );
  return isUnused && stream.isAcknowledging && stream.acknowledged === stream.next ? client : null;
}

/** Whether everything that an end sent was captured and acknowledged: later packets can add nothing. */
export function isComplete({ stream }: TcpEnd): boolean {
  const { isFinished, finish, next, early, isAcknowledging, acknowledged } = stream;
  return isFinished && next === finish && early === null && isAcknowledging && distance(acknowledged, finish) > 0;
}
