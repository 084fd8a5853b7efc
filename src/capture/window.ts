import { viewOf } from '../bytes.js';

/**
 * The part of the input that is in memory. A source appends at `end`; a format's reader consumes at `start` and looks
 * at records in place.
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
  /** How many bytes from `start` on the reader needs in memory to continue. */
  needed: number;
  /** No more input will come. */
  ended: boolean;
  /** Its size in bytes, as long as no record needs more. */
  readonly chunk: number;
}

/**
 * Bytes to read at once. So many are still in the processor's cache when they are decoded: twice as many take as long,
 * eight times as many a fifth longer.
 */
export const CHUNK = 512 * 1024;
/** Bytes to read at once of each of very many captures, or to recognise a file. */
export const SMALLEST_CHUNK = 4096;

/**
 * An empty window at the beginning of the input. It grows beyond `chunk` bytes only for a larger record, whose size the
 * formats bound, and shrinks again after it.
 */
export function newWindow(chunk = CHUNK): Window {
  const bytes = new Uint8Array(chunk);
  return { bytes, view: viewOf(bytes), start: 0, end: 0, base: 0, needed: 1, ended: false, chunk };
}

/** Moves the unread bytes to the front, and makes room for `needed` bytes, or for at least one more. */
export function makeRoom(window: Window): void {
  const left = window.end - window.start;
  const wanted = Math.max(window.needed, left + 1);
  const isLarge = window.bytes.length > window.chunk && wanted <= window.chunk;
  if (wanted > window.bytes.length || isLarge) {
    const bytes = new Uint8Array(Math.max(wanted, window.chunk));
    bytes.set(window.bytes.subarray(window.start, window.end));
    window.bytes = bytes;
    window.view = viewOf(bytes);
  } else {
    window.bytes.copyWithin(0, window.start, window.end);
  }
  window.base += window.start;
  window.start = 0;
  window.end = left;
}
