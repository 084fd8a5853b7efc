import { BOUNDS } from '../../bounds.js';

/** Buffers up to this size, in bytes, are reused. */
const MAX_SPARE = BOUNDS.spareBuffer.value;
const NONE = new Uint8Array(0);

/** Lends buffers, and keeps the largest one returned: allocating one costs more than filling it. */
export interface BufferPool {
  /**
   * A buffer that begins with the first `used` bytes of this one, and has room for `needed` bytes; `most` bytes are
   * expected in all. The old buffer is returned to the pool.
   */
  grow(buffer: Uint8Array, used: number, needed: number, most: number): Uint8Array;
  /** Returns a buffer that nothing refers to any more. */
  give(buffer: Uint8Array): void;
}

export function createBufferPool(): BufferPool {
  let spare: Uint8Array = NONE;
  const give = (buffer: Uint8Array): void => {
    if (buffer.length > spare.length && buffer.length <= MAX_SPARE) spare = buffer;
  };
  return {
    grow(buffer, used, needed, most) {
      let grown = spare;
      if (spare.length >= needed) spare = NONE;
      else grown = new Uint8Array(Math.max(needed, Math.min(2 * needed, most)));
      grown.set(buffer.subarray(0, used));
      give(buffer);
      return grown;
    },
    give,
  };
}
