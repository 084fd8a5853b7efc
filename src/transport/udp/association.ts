import type { Timestamp } from '../../capture/timestamp.js';
import { millisecondsBetween, timestampOf } from '../../capture/timestamp.js';
import type { FrameStamp } from '../../capture/frame.js';
import type { Chained } from '../flow-table.js';
import type { Direction, Ending, FrameRef } from '../flow.js';
import { SILENCE_MS } from '../flow.js';
import type { IcmpEvent } from '../icmp.js';
import type { Queued } from '../queue.js';

/** What is known of one end of an association. */
export interface UdpEnd {
  datagrams: number;
  /** Payload bytes that the capture holds, and those that the snapshot length cut off. */
  bytes: number;
  missing: number;
  /** Datagrams of which further IP fragments never came, and the frame of the first one's beginning. */
  fragmented: number;
  firstFragmented: FrameRef | null;
  firstData: FrameRef | null;
  /** The last datagram, changed in place; null before there was one. */
  lastData: FrameStamp | null;
  /** TTL or hop limit of the last one; -1 before there is one. */
  ttl: number;
}

/** Answers that came from another address or port than the datagrams that they answer were sent to. */
export interface StrayAnswer extends FrameRef {
  /** Of the first one: four words, as `Packet.addresses` has them, and the port. */
  readonly address: readonly [number, number, number, number];
  readonly port: number;
  /** No one else can have made it. */
  readonly isProven: boolean;
  datagrams: number;
}

/** The datagrams of one flow: between two addresses and ports, and told from others there by what they carry. */
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
  /** By which the tracker finds it as long as it has no answer. */
  readonly waits: number;
  /** null as long as there are none, and once the other end takes them: it sends something there. */
  strayAnswer: StrayAnswer | null;
  /** The one that its first datagram may be a stray answer to, by endpoints alone: then it is none by itself, unless that one takes it. */
  readonly answers: UdpAssociation<Reader> | null;
  /** The latest datagram, changed in place. */
  readonly last: FrameStamp;
  /** Its reader said that it is over. */
  isOver: boolean;
  /** What its reader held when it was asked last. */
  bytes: number;
}

/** How an association ended, `now` being the capture's time when it was over: datagrams have no end of their own. */
export function endingOf({ last }: UdpAssociation, now: Timestamp): Ending {
  const at = timestampOf(last);
  if (millisecondsBetween(at, now) < SILENCE_MS) return { by: 'none', how: 'none', frame: null, at: null };
  return { by: 'none', how: 'timeout', frame: last.number, at };
}
