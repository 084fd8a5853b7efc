import type { Timestamp } from '../../capture/timestamp.js';
import { millisecondsBetween, timestampOf } from '../../capture/timestamp.js';
import type { FrameStamp } from '../../capture/frame.js';
import type { Chained } from '../flow-table.js';
import type { Direction, Ending, FrameRef } from '../flow.js';
import { isSilence } from '../flow.js';
import type { IcmpEvent } from '../icmp.js';
import type { Queued } from '../queue.js';

/** What is known of one end of an association. */
export interface UdpEnd {
  datagrams: number;
  /** Payload bytes that the capture holds, and those that the snapshot length cut off. */
  bytes: number;
  missing: number;
  /** Datagrams that lack later IP fragments, and the frame where the first of them begins. */
  fragmented: number;
  firstFragmented: FrameRef | null;
  firstData: FrameRef | null;
  /** The last datagram, changed in place; null before there was one. */
  lastData: FrameStamp | null;
  /** TTL or hop limit of the last one; -1 before there is one. */
  ttl: number;
}

/** Answers from another address or port than the client sent its datagrams to. */
export interface StrayAnswer extends FrameRef {
  /** The first one's address (four words, as in `Packet.addresses`) and port. */
  readonly address: readonly [number, number, number, number];
  readonly port: number;
  /** Nobody else can have made it. */
  readonly isProven: boolean;
  datagrams: number;
}

/**
 * The datagrams of one flow: between two addresses and ports, and recognised by their content if several flows share
 * these.
 */
export interface UdpAssociation<Reader = unknown>
  extends Queued<UdpAssociation<Reader>>, Chained<UdpAssociation<Reader>> {
  /** Counts from 1 in order of first frame, over the flows of all carriers. */
  readonly id: number;
  readonly reader: Reader;
  readonly ends: readonly [UdpEnd, UdpEnd];
  /** ICMP errors about its datagrams, the first few. */
  icmp: readonly IcmpEvent[];
  readonly firstFrame: number;
  readonly startedAt: Timestamp;
  /** The direction of its first datagram. */
  readonly firstDirection: Direction;
  /** Identifies its client while it has no answer (unanswered.ts). */
  readonly clientKey: number;
  /** null while there are none, and once the client accepts them by sending something there. */
  strayAnswer: StrayAnswer | null;
  /**
   * The association that its first datagram may be a stray answer to, by endpoints alone. Once that one has
   * taken it as an answer, this one is not reported.
   */
  readonly answers: UdpAssociation<Reader> | null;
  /** The latest datagram, changed in place. */
  readonly last: FrameStamp;
  /** Its reader said that it is over. */
  isOver: boolean;
  /** What its reader held when last asked. */
  bytes: number;
}

/** How an association ended; `now` is the capture's time when it was over. Datagrams do not show an end. */
export function endingOf({ last }: UdpAssociation, now: Timestamp): Ending {
  const at = timestampOf(last);
  if (!isSilence(millisecondsBetween(at, now))) return { by: 'none', how: 'none', frame: null, at: null };
  return { by: 'none', how: 'timeout', frame: last.number, at };
}
