import type { FrameStamp } from '../../../capture/frame.js';
import { type Packet, newPacket } from '../../../packet/packet.js';
import type { Direction } from '../../flow.js';
import type { Recognised, TcpConnection } from '../connection.js';
import { clientOfFreshConnection } from '../end.js';
import { advance } from '../sequence.js';
import { createLogPool } from './log-pool.js';
import { type SegmentLog, beginLog, readSegment } from './segment-log.js';

/** Tells by the segments of a connection whether it repeats a known one. */
export interface SegmentRecogniser<Content> {
  /** Whether segments are to wait now. */
  readonly isWanted: () => boolean;
  /** What the log of a closed connection shows; null if it has no handshake pattern. */
  recognise(connection: TcpConnection<Content>, log: SegmentLog): Recognised | null;
  /**
   * Whether to wait even for connections that are not recognised: processing a whole connection at once leaves
   * short-lived garbage.
   */
  readonly isPatient: () => boolean;
}

/** The segments that wait in logs until their connection closes. */
export interface WaitingSegments<Content> {
  /** Starts a log for a connection, if it qualifies and there is room. */
  start(connection: TcpConnection<Content>): void;
  /** Processes the segments of a connection that waited. `isWhole`: they are the whole connection. */
  resume(connection: TcpConnection<Content>, isWhole: boolean): void;
  /** Whether the log of a closed connection shows that it repeats a known one: then there is nothing more to read. */
  isRecognised(connection: TcpConnection<Content>, log: SegmentLog): boolean;
  readonly bytes: () => number;
}

/**
 * @param limit connections whose segments may wait at once
 * @param recogniser without it, no segments wait
 * @param process called with each segment that waited; `packet` and `stamp` are used again for the next
 */
export function createWaitingSegments<Content>(
  limit: number,
  recogniser: SegmentRecogniser<Content> | null,
  process: (connection: TcpConnection<Content>, direction: Direction, packet: Packet, stamp: FrameStamp) => void,
): WaitingSegments<Content> {
  const logs = createLogPool(limit);
  const packet = newPacket();
  const stamp = { number: 0, seconds: 0, nanoseconds: 0, digits: 0 };
  return {
    start(connection) {
      if (recogniser?.isWanted() !== true) return;
      const client = clientOfFreshConnection(connection);
      const log = client === null ? null : logs.take();
      if (client === null || log === null) return;
      beginLog(log, client, connection.digits);
      for (const direction of [0, 1] as const) {
        const { next, acknowledged } = connection.ends[direction].stream;
        log.next[direction] = next;
        // The SYN-ACK has acknowledged the SYN, but is not acknowledged itself.
        log.acknowledged[direction] = direction === client ? acknowledged : advance(next, -1);
      }
      connection.log = log;
    },
    resume(connection, isWhole) {
      const { log } = connection;
      if (log === null) return;
      connection.log = null;
      logs.give(log, !isWhole ? 'useless' : recogniser?.isPatient() === true ? 'useful' : null);
      for (let index = 0; index < log.count; index++) {
        const direction = readSegment(log, index, packet, stamp);
        process(connection, direction, packet, stamp);
      }
    },
    isRecognised(connection, log) {
      connection.recognised = recogniser?.recognise(connection, log) ?? null;
      if ((connection.recognised?.handOn ?? null) === null) return false;
      connection.log = null;
      logs.give(log, 'useful');
      return true;
    },
    bytes: logs.bytes,
  };
}
