import type { FrameStamp } from '../capture/frame.js';
import { ABSURD_MS, type Timestamp } from '../capture/timestamp.js';

/**
 * What a carrier of TLS and the stage that reads TLS know of each other. A flow is one connection of a carrier: two
 * streams of bytes, one for each direction, or the datagrams of one association.
 */

/** One end of a flow, and the stream that it sends: 0 or 1, in arbitrary order. */
export type Direction = 0 | 1;

export const opposite = (direction: Direction): Direction => (direction === 0 ? 1 : 0);

/** Numbers the flows of all carriers, from `first` on. */
export function createIds(first = 1): () => number {
  let next = first;
  return () => next++;
}

/** Where something was seen: the number of its frame, counted over all captures, and the frame's time. */
export interface FrameRef {
  readonly frame: number;
  readonly at: Timestamp;
}

/** How a flow ended, and who ended it. `Party` is a direction, or a side once client and server are known. */
export interface Ending<Party = Direction> {
  readonly by: Party | 'none';
  /**
   * `close`: in order, over TCP by FIN; `reset`: aborted, over TCP by RST; `timeout`: silence for at least SILENCE_MS
   * while the capture continues; `none`: the capture ends first.
   */
  readonly how: 'close' | 'reset' | 'timeout' | 'none';
  /** The frame that ended it; for a timeout, the last one before it. */
  readonly frame: number | null;
  readonly at: Timestamp | null;
}

/** Milliseconds of silence at the end, while the capture continues, that count as a timeout. */
export const SILENCE_MS = 3000;

/**
 * Whether so many milliseconds after the last packet, while the capture continues, count as silence: at least `least`.
 */
export function isSilence(milliseconds: number, least = SILENCE_MS): boolean {
  return milliseconds >= least && milliseconds < ABSURD_MS;
}

/** The captured bytes of a packet's payload: `bytes` from `offset` to `end`. A packet is one itself. */
export interface Payload {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly end: number;
}

/**
 * Reads what flows carry. It has no state of its own: the carrier holds the content of each flow, and passes it with
 * every call.
 */
export interface ByteSink<Content> {
  /** The content of a flow whose first byte was seen, or is known to be missing. */
  open(): Content;
  /** The next bytes of a direction; the caller may reuse them after the call. */
  data(content: Content, direction: Direction, payload: Payload, stamp: FrameStamp): void;
  /** The next `length` bytes of a direction are not in the capture. */
  gap(content: Content, direction: Direction, length: number, stamp: FrameStamp): void;
  /** The direction has ended; its last data was in the frame of `stamp`. */
  end(content: Content, direction: Direction, stamp: FrameStamp): void;
  /**
   * How many of the next bytes of a direction are not looked at; for these the carrier may call `skip` instead of
   * `data`.
   */
  skippable(content: Content, direction: Direction): number;
  /** The next `length` bytes of a direction, at most `skippable`, were received. */
  skip(content: Content, direction: Direction, length: number): void;
}

/** What both directions of a connection carried, in order, segment by segment, buffered to be read at once. */
export interface BufferedSegments {
  /** Who opened the connection. */
  readonly client: Direction;
  readonly count: number;
  /**
   * The bytes of both directions, each in its own part, which begins at `start` of the direction and ends at `filled`.
   */
  readonly bytes: Uint8Array;
  readonly start: (direction: Direction) => number;
  readonly filled: readonly [number, number];
  /** By index of a segment, from 0: its direction, and where its payload ends in `bytes`. */
  readonly directionOf: (index: number) => Direction;
  readonly endOf: (index: number) => number;
}

/** The payload of a datagram, whose bytes the carrier may reuse afterwards. */
export interface Datagram extends Payload {
  /** Bytes after `end` that the snapshot length cut off. */
  readonly missing: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Reads the datagrams of one flow, and holds what it knows about it. */
export interface DatagramReader {
  /**
   * Reads a datagram; false if it does not belong to this flow: other protocols, and other flows of the same one, may
   * share its ports. Copies what it keeps.
   */
  datagram(direction: Direction, datagram: Datagram, stamp: FrameStamp): boolean;
  /**
   * Whether a datagram to the client answers this flow although it comes from another address or port. `proven`: nobody
   * could make it without the client's datagrams; `plausible`: it looks like an answer; null: it does not. Keeps
   * nothing of it. Called only if the client is known.
   */
  strayAnswerOf(datagram: Datagram): 'proven' | 'plausible' | null;
  /** Memory that it holds, by nominal costs, in bytes. */
  readonly bytes: number;
  /** A side has said in plaintext that it gives up: anything later is a repeat, or does not matter. */
  readonly isOver?: boolean;
  /** Number of messages or packets of a direction that were repeats. */
  retransmissions(direction: Direction): number;
  /** The flow is over: no more datagrams will come. */
  end(): void;
}

/** A protocol that datagrams carry. */
export interface DatagramProtocol<Reader extends DatagramReader> {
  /**
   * Whether a datagram that belongs to no flow begins one. Called for every unknown datagram: the first bytes decide,
   * and nothing is allocated for those of other protocols.
   */
  recognise(datagram: Datagram): boolean;
  /** The reader of a new flow; the recognised datagram is the first that it gets. */
  open(): Reader;
}
