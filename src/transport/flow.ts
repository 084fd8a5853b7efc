import type { FrameStamp } from '../capture/frame.js';
import type { Timestamp } from '../capture/timestamp.js';

/**
 * What a carrier of TLS and the stage that reads TLS know of each other. A flow is one connection of a carrier: two streams of
 * bytes, one for each direction, or the datagrams of one association.
 */

/** The end of a flow that sends, and the stream that it sends: 0 or 1, in no order that means anything. */
export type Direction = 0 | 1;

export const opposite = (direction: Direction): Direction => (direction === 0 ? 1 : 0);

/** Numbers flows from `first` on, those of all carriers by one count. */
export function createIds(first = 1): () => number {
  let next = first;
  return () => next++;
}

/** Where something was seen: the number of its frame, over all captures read as one, and the time of it. */
export interface FrameRef {
  readonly frame: number;
  readonly at: Timestamp;
}

/** How a flow ended, and who ended it; `Party` is a direction, or a side once client and server are known. */
export interface Ending<Party = Direction> {
  readonly by: Party | 'none';
  /**
   * `close`: in order, over TCP by FIN; `reset`: aborted, over TCP by RST; `timeout`: silence for at least SILENCE_MS while
   * the capture goes on; `none`: the capture ends first.
   */
  readonly how: 'close' | 'reset' | 'timeout' | 'none';
  /** The frame that ended it; before a timeout, the last one. */
  readonly frame: number | null;
  readonly at: Timestamp | null;
}

/** Silence of this many milliseconds at the end, while the capture goes on, is an end by timeout. */
export const SILENCE_MS = 3000;

/**
 * Reads what flows carry. All that it knows of a flow is in the flow's content, which the carrier holds and passes with every
 * call: so it has no state of its own.
 */
export interface ByteSink<Content> {
  /** The content of a flow that has its first byte, or lacks it. */
  open(): Content;
  /** The next bytes of a direction, `bytes` from `start` to `end`, which the caller may reuse after the call. */
  data(content: Content, direction: Direction, bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): void;
  /** The next `length` bytes of a direction are not in the capture. */
  gap(content: Content, direction: Direction, length: number, stamp: FrameStamp): void;
  /** Nothing more comes in a direction whose last data was in the frame of `stamp`. */
  end(content: Content, direction: Direction, stamp: FrameStamp): void;
  /** How many of the next bytes of a direction it passes over without a look; the carrier may then call `pass` for `data`. */
  passing(content: Content, direction: Direction): number;
  /** The next `length` bytes of a direction, at most `passing`, were there. */
  pass(content: Content, direction: Direction, length: number): void;
}

/** What the two directions of a connection carried, in order, segment by segment, kept to be read at once. */
export interface KeptSegments {
  /** Who opened the connection. */
  readonly client: Direction;
  readonly count: number;
  /** The bytes of both directions, each in its own part, from `start` of the direction on; `filled` says where it ends. */
  readonly bytes: Uint8Array;
  readonly start: (direction: Direction) => number;
  readonly filled: readonly [number, number];
  /** Of a segment, by its index from 0: its direction, and where its payload ends in `bytes`. */
  readonly directionOf: (index: number) => Direction;
  readonly endOf: (index: number) => number;
}

/** What a datagram carries: the bytes from `offset` to `end`, which the carrier may reuse afterwards. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly end: number;
  /** Bytes behind `end` that were on the wire, and that the snapshot length cut off. */
  readonly missing: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Reads the datagrams of one flow, and has what it knows of it. */
export interface DatagramReader {
  /**
   * Takes a datagram. False if it is none of this flow: other protocols, and other flows of the same one, may share its ports.
   * Keeps copies of what it needs.
   */
  datagram(direction: Direction, datagram: Datagram, stamp: FrameStamp): boolean;
  /**
   * Whether a datagram to the client from another address or port than the flow's answers it all the same. `proven`: nobody could
   * make it without the client's datagrams; `alike`: it looks so. Nothing is kept of it. Never asked without a client.
   */
  answer(datagram: Datagram): 'proven' | 'alike' | null;
  /** What it holds, by nominal costs, in bytes. */
  readonly bytes: number;
  /** A side said in the clear that it gives up: what still comes is sent again, or of no account. */
  readonly isOver?: boolean;
  /** How many messages or packets of a direction came again. */
  retransmissions(direction: Direction): number;
  /** Nothing more comes. */
  end(): void;
}

/** A protocol that datagrams carry. */
export interface DatagramProtocol<Reader extends DatagramReader> {
  /**
   * Whether a datagram that no flow took begins one. Asked of every unknown datagram: the first bytes decide, and nothing is
   * allocated for those of other protocols.
   */
  recognise(datagram: Datagram): boolean;
  /** The reader of a flow, which gets the datagram that was recognised first. */
  open(): Reader;
}
