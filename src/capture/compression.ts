import { setImmediate as nextTurn } from 'node:timers/promises';
import { BOUNDS } from '../bounds.js';
import type { Compression } from './compressions/compression.js';
import { compressions } from './compressions/index.js';
import { decodeFault } from '../decode-faults.js';
import { DecompressionError } from './error.js';
import { chunkSource, type Source } from './source.js';
import type { Window } from './window.js';

/**
 * Bounds on decompression bombs, small files with endless output. After the first GiB, which takes seconds, the output
 * may be 200 times the input: captures compress by less than ten, those with text by some fifty, only artificial ones
 * by more.
 */
export const UNCHECKED_BYTES = BOUNDS.uncheckedBytes.value;
export const MAX_RATIO = BOUNDS.compressionRatio.value;

/** The compression of the input, if it is one that can be read. */
export function compressionOf(window: Window): Compression | undefined {
  return compressions.find((candidate) => candidate.recognises(window));
}

/** Compressed bytes between two turns of the event loop, so that long input without any output can be interrupted. */
const TURN = 2 ** 20;

const LIMITS = { uncheckedBytes: UNCHECKED_BYTES, maxRatio: MAX_RATIO };

/** The output of a compression, unless it is a bomb. */
async function* outputOf(
  compression: Compression,
  input: AsyncIterable<Uint8Array>,
  { uncheckedBytes, maxRatio }: typeof LIMITS,
): AsyncGenerator<Uint8Array> {
  let consumed = 0;
  let produced = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of input) {
      consumed += piece.length;
      yield piece;
    }
  }
  for await (const chunk of compression.decompress(counted())) {
    produced += chunk.length;
    if (produced > uncheckedBytes + consumed * maxRatio) {
      const reason = decodeFault('decompressionBomb', { ratio: maxRatio, compression: compression.name });
      throw new DecompressionError('decompression-limit', reason);
    }
    yield chunk;
  }
}

/**
 * The content of a file, decompressed if it is compressed; the caller may change the chunks.
 * @throws DecompressionError if that fails
 */
export async function* contentOf(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = file[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done === true) return;
  const bytes = first.value;
  async function* all(): AsyncGenerator<Uint8Array> {
    yield bytes;
    yield* { [Symbol.asyncIterator]: () => pieces };
  }
  const compression = compressions.find((each) => each.recognises({ bytes, start: 0, end: bytes.length }));
  if (compression === undefined) yield* all();
  else for await (const chunk of outputOf(compression, all(), LIMITS)) yield chunk.slice();
}

/**
 * The uncompressed bytes of an input whose beginning is in the window.
 * @param signal ends reading
 */
export function decompressed(
  compression: Compression,
  window: Window,
  source: Source,
  { signal, limits = LIMITS }: { readonly signal?: AbortSignal | undefined; readonly limits?: typeof LIMITS } = {},
): Source {
  async function* compressedChunks(): AsyncGenerator<Uint8Array> {
    let sinceTurn = 0;
    for (;;) {
      const { bytes, start, end } = window;
      window.start = end;
      if (end > start) yield bytes.subarray(start, end);
      if (window.ended) return;
      sinceTurn += end - start;
      if (sinceTurn >= TURN) {
        sinceTurn = 0;
        await nextTurn();
        signal?.throwIfAborted();
      }
      window.needed = 1;
      await source.fill(window);
    }
  }

  const inner = chunkSource(outputOf(compression, compressedChunks(), limits));
  return {
    fill: (target) => inner.fill(target),
    bytesRead: () => source.bytesRead(),
    async close() {
      // Closing the source ends a pending read.
      await source.close();
      await inner.close();
    },
  };
}
