import { viewOf } from '../bytes.js';

/**
 * The part of the input that is in memory. A source appends at `end`; a format's reader consumes at `start` and looks at
 * records in place.
 */
export interface Window {
  bytes: Uint8Array;
  /** The same bytes, to read integers of several bytes at once. */
  view: DataView;
  /** First byte not yet consumed. */
  start: number;
  /** End of the bytes that have been read. */
  end: number;
  /** Offset in the input of `bytes[0]`. */
  base: number;
  /** How many bytes from `start` on the reader needs in one piece to go on: what to fill the window up to. */
  needed: number;
  /** No more input will come. */
  ended: boolean;
}

// What is read at once is still in the processor's own memory when it is looked at: twice as much at once takes as long, eight
// times as much a fifth longer. A window grows beyond it only for a larger record, which the formats bound.
const CHUNK = 512 * 1024;

/** An empty window at the beginning of the input. */
export function newWindow(): Window {
  const bytes = new Uint8Array(CHUNK);
  return { bytes, view: viewOf(bytes), start: 0, end: 0, base: 0, needed: 1, ended: false };
}

/** Moves what is left to the front and grows the buffer if `needed` bytes, or one behind it, do not fit. */
export function makeRoom(window: Window): void {
  const left = window.end - window.start;
  const wanted = Math.max(window.needed, left + 1);
  if (wanted > window.bytes.length) {
    const grown = new Uint8Array(Math.max(wanted, 2 * window.bytes.length));
    grown.set(window.bytes.subarray(window.start, window.end));
    window.bytes = grown;
    window.view = viewOf(grown);
  } else {
    window.bytes.copyWithin(0, window.start, window.end);
  }
  window.base += window.start;
  window.start = 0;
  window.end = left;
}
