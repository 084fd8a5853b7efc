import { BOUNDS } from '../../bounds.js';
import type { Packet } from '../../packet/packet.js';
import { type Direction, opposite } from '../flow.js';
import type { TcpConnection, TcpEnd } from './connection.js';
import { advance, distance } from './sequence.js';

/** Bytes by which data that overtook its SYN may lie after it. */
const MAX_BEFORE_SYN = BOUNDS.beforeSynBytes.value;

/** Whether a SYN begins a new connection with reused ports (RFC 9293 §3.6.1). */
export function isReuse(connection: TcpConnection, direction: Direction, packet: Packet): boolean {
  const mine = connection.ends[direction];
  const other = connection.ends[opposite(direction)];
  if (mine.syns.length > 0) return packet.sequence !== mine.initialSequence;
  // Without an earlier SYN, this one is late by reordering, unless bytes with other sequence numbers were seen.
  if (connection.state === 'closed') return true;
  const { stream } = mine;
  const begin = advance(packet.sequence, 1);
  const held = stream.isStarted ? undefined : stream.early?.[0];
  const isBefore =
    held === undefined
      ? !stream.isStarted || stream.next === advance(begin, stream.delivered + stream.missing)
      : distance(held.sequence, begin) >= 0 && distance(held.sequence, begin) < MAX_BEFORE_SYN;
  const hasSpoken = other.stream.delivered > 0 || other.stream.earlyBytes > 0;
  return !isBefore || (hasSpoken && other.synAcks.length === 0);
}

/**
 * Whether an end that has only sent its SYN resets an acknowledgment for an older connection, which the peer still
 * has: it then sends its SYN again (RFC 9293 §3.10.7.3).
 */
export const refusesOldConnection = (mine: TcpEnd, other: TcpEnd, packet: Packet): boolean =>
  mine.syns.length > 0 &&
  other.synAcks.length === 0 &&
  mine.stream.delivered === 0 &&
  packet.sequence !== mine.initialSequence &&
  packet.sequence !== mine.stream.next;
