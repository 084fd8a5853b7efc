import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import { ACK, FIN, type Packet, RST, SYN } from '../../packet/packet.js';
import { maximumSegmentSize } from '../../packet/tcp-options.js';
import { type Direction, opposite } from '../flow.js';
import type { TcpConnection, TcpEnd } from './connection.js';
import type { EarlySegments } from './early.js';
import {
  NO_RESETS,
  event,
  finEvent,
  noteAfterReset,
  noteAhead,
  noteRequestedAgain,
  noteBeforeFin,
  noteResent,
  noteTtl,
  resetEvent,
} from './end.js';
import type { Outputs } from './outputs.js';
import { refusesOldConnection } from './reuse.js';
import { advance, distance } from './sequence.js';
import { acknowledge, isOverdue, receive, skipAcknowledged, type TcpStream } from './stream.js';
import { createStreamStarts } from './stream-starts.js';

const MAX_SYNS = BOUNDS.syns.value;
const MAX_RESETS = BOUNDS.resets.value;

/** Processes the next segment of a connection; returns whether that closes it. */
export type SegmentProcessor<Content> = (
  connection: TcpConnection<Content>,
  direction: Direction,
  packet: Packet,
  stamp: FrameStamp,
) => boolean;

export function createSegmentProcessor<Content>(
  outputsOf: Outputs<Content>,
  early: EarlySegments<Content>,
): SegmentProcessor<Content> {
  type Connection = TcpConnection<Content>;

  const { start, startAcknowledged, startPeer, startEarlier, startLaterSynAck } = createStreamStarts(outputsOf);

  const takeSyn = (connection: Connection, direction: Direction, packet: Packet, stamp: FrameStamp): void => {
    const mine = connection.ends[direction];
    const isOther = differsFromAcknowledged(mine, packet);
    if (isOther) {
      mine.laterSynAckSequence = packet.sequence;
    } else {
      mine.initialSequence = packet.sequence;
      mine.announced = { window: packet.window, mss: maximumSegmentSize(packet) };
    }
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
    if (!isOther) start(connection, direction, advance(packet.sequence, 1), stamp);
  };

  const takePayload = (connection: Connection, direction: Direction, packet: Packet, stamp: FrameStamp): void => {
    const mine = connection.ends[direction];
    const { stream } = mine;
    const sequence = (packet.flags & SYN) !== 0 ? advance(packet.sequence, 1) : packet.sequence;
    const captured = packet.end - packet.offset;
    const length = captured + packet.missing;
    startAcknowledged(connection, direction, sequence, stamp);
    startEarlier(connection, direction, sequence, stamp);
    startLaterSynAck(connection, direction, sequence, stamp);
    // A keep-alive probe repeats one old byte (RFC 1122 §4.2.3.6).
    const isKeepAlive = length === 1 && stream.isStarted && distance(stream.next, sequence) === 1;
    // Nothing shows yet where the stream begins: the SYN is missing, or comes later.
    const isUnplaced = !stream.isStarted && (connection.startsMidStream || !stream.isAcknowledging);
    let repeated: number;
    if (isUnplaced && captured > 0 && early.hasRoom()) {
      repeated = early.hold(connection, direction, sequence, packet, stamp);
    } else {
      // The other side's held data comes first.
      early.startHeld(connection);
      repeated = receive(stream, sequence, packet, stamp, outputsOf(connection)[direction]);
    }
    if (repeated > 0 && !isKeepAlive) {
      mine.retransmissions++;
      if (stream.isAcknowledging && sequence === stream.acknowledged) noteResent(mine, sequence, length);
    }
    if (repeated === 0 && isAcknowledgedBefore(stream, sequence, connection.ends[opposite(direction)])) {
      mine.outOfOrder ??= event(direction, packet, stamp);
    }
    if (length > mine.largestPayload) mine.largestPayload = length;
    mine.firstData ??= event(direction, packet, stamp);
    setLastData(mine, stamp);
  };

  /** Processes the acknowledgment in a segment, and notes what the segment shows of its sender. */
  const takeAcknowledgment = (
    connection: Connection,
    direction: Direction,
    packet: Packet,
    stamp: FrameStamp,
  ): void => {
    const mine = connection.ends[direction];
    const other = connection.ends[opposite(direction)];
    const { stream } = other;
    const isEmpty = packet.end === packet.offset && packet.missing === 0;
    noteTtl(mine, packet.ttl);
    if (mine.resets.length > 0) noteAfterReset(mine, direction, packet, stamp);
    if (isEmpty) noteAhead(mine, packet, stamp);
    if ((packet.flags & ACK) === 0) return;
    if (isEmpty) noteRequestedAgain(other, packet);
    if (!stream.isStarted && (packet.flags & SYN) === 0) startPeer(connection, direction, packet, stamp);
    acknowledge(stream, packet.acknowledgment, (packet.flags & SYN) !== 0);
    if (isOverdue(stream)) skipAcknowledged(stream, stamp, outputsOf(connection)[opposite(direction)]);
  };

  return (connection, direction, packet, stamp) => {
    const { flags } = packet;
    const mine = connection.ends[direction];
    const other = connection.ends[opposite(direction)];
    const isReset = (flags & RST) !== 0;
    let isClosing = false;
    if ((flags & SYN) !== 0) takeSyn(connection, direction, packet, stamp);
    else if (other.fin !== null) noteBeforeFin(mine, other, packet, stamp);
    if (!isReset && (packet.end > packet.offset || packet.missing > 0)) {
      takePayload(connection, direction, packet, stamp);
    }
    if ((flags & FIN) !== 0) {
      takeFin(mine, direction, packet, stamp);
      isClosing = other.fin !== null;
    }
    if (!isReset) {
      takeAcknowledgment(connection, direction, packet, stamp);
    } else if (!refusesOldConnection(mine, other, packet)) {
      if (mine.resets.length < MAX_RESETS) mine.resets = [...mine.resets, resetEvent(mine, direction, packet, stamp)];
      isClosing = true;
    }
    mine.isSeen = true;
    return isClosing;
  };
}

/**
 * Whether a SYN-ACK has another sequence number than an earlier one that the peer acknowledged, so that the peer
 * ignores it (RFC 9293 §3.10.7.4). Middleboxes answer a repeated SYN like this.
 */
const differsFromAcknowledged = ({ synAcks, initialSequence, stream }: TcpEnd, packet: Packet): boolean =>
  (packet.flags & ACK) !== 0 &&
  synAcks.length > 0 &&
  packet.sequence !== initialSequence &&
  stream.isAcknowledging &&
  stream.acknowledged === advance(initialSequence, 1);

/** Whether the peer had acknowledged this byte before, if only in a reset: it was captured out of order. */
const isAcknowledgedBefore = (stream: TcpStream, sequence: number, { resets }: TcpEnd): boolean =>
  (stream.isAcknowledging && distance(stream.acknowledged, sequence) > 0) ||
  resets.some(({ acknowledges }) => acknowledges !== null && distance(acknowledges, sequence) > 0);

function takeFin(mine: TcpEnd, direction: Direction, packet: Packet, stamp: FrameStamp): void {
  mine.fin ??= finEvent(direction, packet, stamp);
  if (mine.stream.isFinished) return;
  mine.stream.isFinished = true;
  mine.stream.finish = advance(packet.sequence, packet.end - packet.offset + packet.missing);
}

/** Notes the last segment with payload; in place, as there are many. */
function setLastData(mine: TcpEnd, stamp: FrameStamp): void {
  const last = (mine.lastData ??= { number: 0, seconds: 0, nanoseconds: 0, digits: 0 });
  last.number = stamp.number;
  last.seconds = stamp.seconds;
  last.nanoseconds = stamp.nanoseconds;
  last.digits = stamp.digits;
}
