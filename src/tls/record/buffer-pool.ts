/** Buffers up to this size, in bytes, are used again. */
const MAX_SPARE = 65536;
const NONE = new Uint8Array(0);

/** Lends buffers, and keeps the largest that came back: to allocate one costs more than to fill it. */
export interface BufferPool {
  /** A buffer of at least `length` bytes, whatever they are. */
  take(length: number): Uint8Array;
  /** Gives a buffer back that nothing refers to any more. */
  give(buffer: Uint8Array): void;
}

export function createBufferPool(): BufferPool {
  let spare: Uint8Array = NONE;
  return {
    take(length) {
      if (spare.length < length) return new Uint8Array(length);
      const taken = spare;
      spare = NONE;
      return taken;
    },
    give(buffer) {
      if (buffer.length > spare.length && buffer.length <= MAX_SPARE) spare = buffer;
    },
  };
}
