/**
 * Zstandard (RFC 8878), several frames in a row too, by the reference decoder compiled to WebAssembly. Node.js' own
 * decoder came with 22.15 only, and silently stops after the first frame. The window is bounded by 128 MiB, zstd's default.
 */
import { u32le } from '../../bytes.js';
import type { Compression } from '../compression.js';
import { DecompressionError } from '../error.js';
import { pieces } from './pieces.js';

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const PIECE = 64 * 1024;
/** The shortest frame (skippable, empty) has 8 bytes; each frame may come with an empty output. */
const MAX_EMPTY_OUTPUTS = PIECE / 8 + 1;

export const zstd: Compression = {
  name: 'zstd',
  recognises({ bytes, start, end }) {
    if (end - start < 4) return false;
    const magic = u32le(bytes, start);
    // pzstd begins its files with a skippable frame.
    return magic === MAGIC || (magic & 0xfffffff0) === SKIPPABLE_MAGIC;
  },

  async *decompress(input) {
    const decoder = await newDecoder();
    await decoder.init();

    // The decoder pulls its input synchronously, one piece for one or more outputs: so the next one is always at hand.
    const source = pieces(input, PIECE)[Symbol.asyncIterator]();
    let ahead: Uint8Array | undefined;
    let ended = false;
    let empty = 0;
    function* fed(): Generator<Uint8Array> {
      while (ahead !== undefined) {
        const piece = ahead;
        ahead = undefined;
        empty = 0;
        yield piece;
      }
    }
    const outputs = decoder.decodeStreaming(fed());
    for (;;) {
      if (ahead === undefined && !ended) {
        const next = await source.next();
        if (next.done === true) ended = true;
        else ahead = next.value;
      }
      const output = next(outputs);
      if (output === undefined) return;
      if (output.length > 0) {
        empty = 0;
        yield output;
      } else if (++empty > MAX_EMPTY_OUTPUTS) {
        // The decoder reports no errors: it stands still.
        throw new DecompressionError('damaged', 'the zstd data are damaged, or need more than 128 MiB of memory');
      }
    }
  },
};

async function newDecoder() {
  try {
    const { ZSTDDecoder } = await import('zstddec/stream');
    return new ZSTDDecoder();
  } catch (error) {
    throw new Error('zstd needs the package zstddec, which is not installed', { cause: error });
  }
}

function next(outputs: Generator<Uint8Array>): Uint8Array | undefined {
  try {
    const { done, value } = outputs.next() as IteratorResult<Uint8Array, undefined>;
    return done === true ? undefined : value;
  } catch (error) {
    const { message } = error as Error;
    // The one thing that it says; all else is the engine's, over data that lead it astray.
    throw message.startsWith('Incomplete stream')
      ? new DecompressionError('cut-short', 'the zstd data end too early')
      : new DecompressionError('damaged', `the zstd data are damaged: ${message}`);
  }
}
