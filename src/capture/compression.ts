import { BOUNDS } from '../bounds.js';
import type { Compression } from './compressions/compression.js';
import { compressions } from './compressions/index.js';
import { DecompressionError } from './error.js';
import { chunkSource, type Source } from './source.js';
import type { Window } from './window.js';

/**
 * A bomb is a small file that takes forever. Beyond the first GiB, which takes seconds, the output may be 200 times the
 * input: captures compress by less than ten, and by some fifty where they hold text; only made-up ones by more.
 */
export const UNCHECKED_BYTES = BOUNDS.uncheckedBytes.value;
export const MAX_RATIO = BOUNDS.compressionRatio.value;

/** The compression that the window begins with, if it is one that can be read. */
export function compressionOf(window: Window): Compression | undefined {
  return compressions.find((candidate) => candidate.recognises(window));
}

/** The uncompressed bytes of an input of which the window holds the first. */
export function decompressed(
  compression: Compression,
  window: Window,
  source: Source,
  limits = { uncheckedBytes: UNCHECKED_BYTES, maxRatio: MAX_RATIO },
): Source {
  let consumed = 0;

  async function* compressedChunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const { bytes, start, end } = window;
      consumed += end - start;
      window.start = end;
      if (end > start) yield bytes.subarray(start, end);
      if (window.ended) return;
      window.needed = 1;
      await source.fill(window);
    }
  }

  async function* chunks(): AsyncGenerator<Uint8Array> {
    let produced = 0;
    for await (const chunk of compression.decompress(compressedChunks())) {
      produced += chunk.length;
      if (produced > limits.uncheckedBytes + consumed * limits.maxRatio) {
        const message = `more than ${limits.maxRatio} times the size of the ${compression.name} data; decompress the file first if it is to be read further`;
        throw new DecompressionError('decompression-limit', message);
      }
      yield chunk;
    }
  }

  const inner = chunkSource(chunks());
  return {
    fill: (target) => inner.fill(target),
    bytesRead: () => source.bytesRead(),
    async close() {
      // What waits for input ends with its source.
      await source.close();
      await inner.close();
    },
  };
}
