import type { FrameStamp } from '../../capture/frame.js';
import type { Packet } from '../../packet/packet.js';
import { type Direction, opposite } from '../flow.js';
import type { TcpConnection } from './connection.js';
import type { Outputs } from './outputs.js';
import { advance, distance } from './sequence.js';
import { begin, release } from './stream.js';

/** Begins the stream of a direction at a sequence number, if the segment in frame `stamp` shows that it begins there. */
type Start<Content> = (
  connection: TcpConnection<Content>,
  direction: Direction,
  sequence: number,
  stamp: FrameStamp,
) => void;

/** Finds out where the streams of a connection begin, also when the capture lacks a SYN. */
export interface StreamStarts<Content> {
  /** Begins a stream, and delivers what was held back of it. */
  readonly start: Start<Content>;
  /** Begins a stream whose SYN the capture lacks, if the peer's acknowledgment of that shows where it begins. */
  readonly startAcknowledged: Start<Content>;
  /**
   * Starts the peer's stream where the capture lacks its SYN-ACK: the first segment after a SYN acknowledges that, and hardly ever
   * more. Otherwise nothing shows that the peer's first data is missing, too.
   */
  readonly startPeer: (
    connection: TcpConnection<Content>,
    direction: Direction,
    packet: Packet,
    stamp: FrameStamp,
  ) => void;
  /** Starts a stream again that `startPeer` started too late: a server's greeting may be captured behind its acknowledgment. */
  readonly startEarlier: Start<Content>;
  /** Starts a stream again after the later SYN-ACK, if its first data shows that the peer accepted that one. */
  readonly startLaterSynAck: Start<Content>;
}

/** Bytes that a side may send before it has seen a window scale (RFC 7323 §2.2). */
const LONGEST_WINDOW = 0xffff;

export function createStreamStarts<Content>(outputsOf: Outputs<Content>): StreamStarts<Content> {
  type Connection = TcpConnection<Content>;

  const start: Start<Content> = (connection, direction, sequence, stamp) => {
    const { stream } = connection.ends[direction];
    begin(stream, sequence);
    if (stream.early !== null) release(stream, stamp, outputsOf(connection)[direction]);
  };

  const startAcknowledged: Start<Content> = (connection, direction, sequence, stamp) => {
    const { stream } = connection.ends[direction];
    if (stream.isStarted || !stream.isAcknowledging) return;
    const other = connection.ends[opposite(direction)];
    if (other.syns.length + other.synAcks.length > 0 && distance(sequence, stream.acknowledged) > 0) {
      start(connection, direction, stream.acknowledged, stamp);
    }
  };

  const startPeer = (connection: Connection, direction: Direction, packet: Packet, stamp: FrameStamp): void => {
    const { syns, initialSequence } = connection.ends[direction];
    const peer = opposite(direction);
    const { stream } = connection.ends[peer];
    if (stream.isStarted || stream.isAcknowledging || stream.early !== null || syns.length === 0) return;
    if (packet.sequence === advance(initialSequence, 1)) start(connection, peer, packet.acknowledgment, stamp);
  };

  const startEarlier: Start<Content> = (connection, direction, sequence, stamp) => {
    const { stream, syns, synAcks } = connection.ends[direction];
    if (!stream.isStarted || stream.delivered > 0 || syns.length + synAcks.length > 0) return;
    if (connection.ends[opposite(direction)].syns.length === 0) return;
    const bytesBefore = distance(stream.next, sequence);
    // One byte before the first is a keep-alive probe (RFC 1122 §4.2.3.6).
    if (bytesBefore > 1 && bytesBefore <= LONGEST_WINDOW) start(connection, direction, sequence, stamp);
  };

  const startLaterSynAck: Start<Content> = (connection, direction, sequence, stamp) => {
    const mine = connection.ends[direction];
    const { stream, laterSynAckSequence: otherSequence } = mine;
    if (otherSequence === null || stream.delivered > 0 || sequence !== advance(otherSequence, 1)) return;
    mine.initialSequence = otherSequence;
    stream.isAcknowledging = false;
    start(connection, direction, sequence, stamp);
  };

  return { start, startAcknowledged, startPeer, startEarlier, startLaterSynAck };
}
