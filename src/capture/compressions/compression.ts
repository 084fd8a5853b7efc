import type { Window } from '../window.js';

/** A compression format. Adding one: a file in this folder and a line in index.ts. */
export interface Compression {
  readonly name: CompressionName;
  /** Whether the input begins as this format does: looks at up to RECOGNITION_BYTES bytes of the window. */
  recognises(window: Pick<Window, 'bytes' | 'start' | 'end'>): boolean;
  /**
   * Gives the uncompressed bytes in chunks, each of which holds until the next is asked for, as do those of `input`. Reads
   * only as much input as the next chunk needs. Throws DecompressionError where the data are damaged or end too early.
   */
  decompress(input: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

export type CompressionName = 'gzip' | 'zstd' | 'lz4';
