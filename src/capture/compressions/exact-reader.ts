import { decodeFault } from '../../decode-faults.js';
import { DecompressionError } from '../error.js';

/** Returns bytes in pieces of exactly the requested size. */
export interface ExactReader {
  /** The next bytes, valid until the next call. Throws DecompressionError if there are fewer. */
  take(count: number): Promise<Uint8Array>;
  /** As `take`, but at least one and at most `count` bytes: what is in memory. */
  takeSome(count: number): Promise<Uint8Array>;
  /** Returns the last `count` bytes of what was just taken. */
  putBack(count: number): void;
  skip(count: number): Promise<void>;
  atEnd(): Promise<boolean>;
}

/** @param compression the name of what compressed the bytes, for errors */
export function exactReader(input: AsyncIterable<Uint8Array>, compression: string): ExactReader {
  const chunks = input[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array(0);
  let at = 0;

  async function atEnd(): Promise<boolean> {
    while (chunk.length === at) {
      const next = await chunks.next();
      if (next.done === true) return true;
      chunk = next.value;
      at = 0;
    }
    return false;
  }

  async function some(count: number): Promise<Uint8Array> {
    if (await atEnd()) throw new DecompressionError('cut-short', decodeFault('compressedCut', { compression }));
    const part = chunk.subarray(at, at + count);
    at += part.length;
    return part;
  }

  return {
    atEnd,
    takeSome: some,
    putBack(count) {
      at -= count;
    },
    async take(count) {
      if (chunk.length - at >= count) {
        at += count;
        return chunk.subarray(at - count, at);
      }
      const gathered = new Uint8Array(count);
      for (let filled = 0; filled < count;) {
        const part = await some(count - filled);
        gathered.set(part, filled);
        filled += part.length;
      }
      return gathered;
    },
    async skip(count) {
      for (let left = count; left > 0;) left -= (await some(left)).length;
    },
  };
}
