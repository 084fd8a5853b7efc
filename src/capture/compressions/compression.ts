import type { Window } from '../window.js';

/** A compression format. Adding one: a file in this folder and a line in index.ts. */
export interface Compression {
  readonly name: CompressionName;
  /** Whether the input begins like this format; looks at up to RECOGNITION_BYTES bytes of the window. */
  recognises(window: Pick<Window, 'bytes' | 'start' | 'end'>): boolean;
  /**
   * Yields the uncompressed bytes in chunks; each is valid until the next is requested, as are those of `input`. Reads
   * only as much input as the next chunk needs. Throws DecompressionError if the data are damaged or end too early.
   */
  decompress(input: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

export type CompressionName = 'gzip' | 'zstd' | 'lz4';
