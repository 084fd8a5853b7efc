import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import type { Packet } from '../../packet/packet.js';
import type { Direction } from '../flow.js';
import { type TcpConnection, lastStamp } from './connection.js';
import { earlyWeight } from './end.js';
import type { Outputs } from './outputs.js';
import { skipAllHoles, holdUnplaced, startAtEarliest } from './stream.js';

/**
 * The segments that cannot be delivered yet, of all connections together: those of streams whose beginning is not
 * known, and those behind a hole.
 */
export interface EarlySegments<Content> {
  /** Whether more segments may be held of streams whose beginning is not known. */
  readonly hasRoom: () => boolean;
  /** Holds a segment of such a stream; returns how many of its bytes were held already. */
  hold(
    connection: TcpConnection<Content>,
    direction: Direction,
    sequence: number,
    packet: Packet,
    stamp: FrameStamp,
  ): number;
  /** Starts the streams of a connection at their earliest held segments. */
  startHeld(connection: TcpConnection<Content>): void;
  /** Updates the bytes that a connection counts for; to be called after each of its segments. */
  count(connection: TcpConnection<Content>): void;
  /**
   * Gives up the missing bytes that up to `most` connections wait for, the oldest first; calls `each` with a connection
   * before. Returns how many there were.
   */
  giveUp(most: number, each: (connection: TcpConnection<Content>) => void): number;
  /** Bytes of all these segments. */
  readonly bytes: () => number;
}

/** A stream without a SYN starts once this many segments are held, at the earliest of them. */
const HELD_SEGMENTS = 3;
/**
 * Bytes held of streams whose beginning is not known, of all connections together; beyond it, segments are assumed to
 * be in order.
 */
export const MAX_HELD_BYTES = BOUNDS.lateStartBytes.value;

export function createEarlySegments<Content>(outputsOf: Outputs<Content>): EarlySegments<Content> {
  type Connection = TcpConnection<Content>;
  let heldBytes = 0;
  let weights = 0;
  const waiting = new Set<Connection>();

  const begin = (connection: Connection): void => {
    if (connection.heldBytes === 0) return;
    heldBytes -= connection.heldBytes;
    connection.heldBytes = 0;
    const [a, b] = connection.ends;
    startAtEarliest([a.stream, b.stream], outputsOf(connection));
  };

  const count = (connection: Connection): void => {
    const [a, b] = connection.ends;
    if (a.stream.early === null && b.stream.early === null && connection.earlyWeight === 0) return;
    const weight = earlyWeight(a.stream) + earlyWeight(b.stream);
    weights += weight - connection.earlyWeight;
    if (weight === 0) waiting.delete(connection);
    else if (connection.earlyWeight === 0) waiting.add(connection);
    connection.earlyWeight = weight;
  };

  const giveUpHolesOf = (connection: Connection): void => {
    begin(connection);
    const stamp = lastStamp(connection);
    for (const direction of [0, 1] as const) {
      const { stream } = connection.ends[direction];
      if (stream.early !== null) skipAllHoles(stream, stamp, outputsOf(connection)[direction]);
    }
    count(connection);
  };

  return {
    hasRoom: () => heldBytes <= MAX_HELD_BYTES,
    hold(connection, direction, sequence, packet, stamp) {
      const { stream } = connection.ends[direction];
      const repeated = holdUnplaced(stream, sequence, packet, stamp);
      const added = packet.end - packet.offset - repeated;
      heldBytes += added;
      connection.heldBytes += added;
      if ((stream.early?.length ?? 0) >= HELD_SEGMENTS) begin(connection);
      return repeated;
    },
    startHeld: begin,
    count,
    giveUp(most, each) {
      let given = 0;
      for (const connection of waiting) {
        if (given >= most) break;
        given++;
        each(connection);
        giveUpHolesOf(connection);
      }
      return given;
    },
    bytes: () => weights,
  };
}
