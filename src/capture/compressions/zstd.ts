/**
 * Zstandard (RFC 8878), also several frames in a row, by the reference decoder compiled to WebAssembly. Node.js' own
 * decoder came only with 22.15, and silently stops after the first frame. The window is limited to 128 MiB, zstd's
 * default.
 */
import { decodeFault } from '../../decode-faults.js';
import { u32le } from '../../bytes.js';
import type { DecodeFault } from '../../message.js';
import type { Compression } from './compression.js';
import { DecompressionError } from '../error.js';
import { pieces } from './pieces.js';

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const PIECE = 64 * 1024;
/** Return values of the decoder above this, as unsigned numbers, are errors (ZSTD_isError in zstd.h). */
const LAST_ERROR = -120;
/** Bytes of ZSTD_inBuffer and ZSTD_outBuffer (zstd.h): address, size, and position. */
const BUFFER_LENGTH = 12;

export const zstd: Compression = {
  name: 'zstd',
  recognises({ bytes, start, end }) {
    if (end - start < 4) return false;
    const magic = u32le(bytes, start);
    // pzstd begins its files with a skippable frame.
    return magic === MAGIC || (magic & 0xfffffff0) === SKIPPABLE_MAGIC;
  },

  async *decompress(input) {
    const { memory, malloc, ...decoder } = await newDecoder();
    const context = decoder.ZSTD_createDCtx();
    const room = decoder.ZSTD_DStreamOutSize();
    const [from, to, inBuffer, outBuffer] = [malloc(PIECE), malloc(room), malloc(BUFFER_LENGTH), malloc(BUFFER_LENGTH)];
    // 0 at the end of a frame, otherwise a hint at how much more input is needed.
    let wanted = 0;
    for await (const piece of pieces(input, PIECE)) {
      new Uint8Array(memory.buffer).set(piece, from);
      let consumed = 0;
      let produced: number;
      do {
        new Uint32Array(memory.buffer, inBuffer, 3).set([from, piece.length, consumed]);
        new Uint32Array(memory.buffer, outBuffer, 3).set([to, room, 0]);
        wanted = decoder.ZSTD_decompressStream(context, outBuffer, inBuffer);
        if (wanted < 0 && wanted >= LAST_ERROR) throw new DecompressionError('damaged', errorOf(-wanted));
        // Memory that grew has a new buffer.
        consumed = new Uint32Array(memory.buffer, inBuffer, 3)[2] ?? 0;
        produced = new Uint32Array(memory.buffer, outBuffer, 3)[2] ?? 0;
        if (produced > 0) yield new Uint8Array(memory.buffer, to, produced);
      } while (consumed < piece.length || (produced === room && wanted !== 0));
    }
    if (wanted !== 0) throw new DecompressionError('cut-short', decodeFault('compressedCut', { compression: 'zstd' }));
  },
};

function errorOf(code: number): DecodeFault {
  // ZSTD_error_frameParameter_windowTooLarge, ZSTD_error_memory_allocation (zstd_errors.h).
  if (code === 16 || code === 64) return decodeFault('zstdMemory');
  return decodeFault('zstdDamaged', { error: code });
}

/** The exports of the module, C functions of zstd.h. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly malloc: (length: number) => number;
  readonly free: (place: number) => void;
  readonly ZSTD_decompress: (to: number, room: number, from: number, length: number) => number;
  readonly ZSTD_createDCtx: () => number;
  readonly ZSTD_DStreamOutSize: () => number;
  readonly ZSTD_decompressStream: (context: number, output: number, input: number) => number;
}

/** Node.js has it; the types for it belong to browsers. */
declare const WebAssembly: {
  instantiate(module: object, imports: object): Promise<{ readonly exports: Exports }>;
};

/** The compiled module: code alone, the same for all analyses. */
let compiled: Promise<object> | undefined;
/**
 * The decoder of `decompressZstd`, which frees what it allocates, so that nothing of one analysis is left to the next.
 */
let shared: Promise<Exports> | undefined;

/**
 * Decompresses a complete buffer: null if it is damaged, or longer than `most` bytes. Allocates no window, whatever the
 * data say.
 */
export async function decompressZstd(bytes: Uint8Array, most: number): Promise<Uint8Array | null> {
  const { memory, malloc, free, ZSTD_decompress } = await (shared ??= newDecoder());
  const [from, to] = [malloc(bytes.length), malloc(most)];
  new Uint8Array(memory.buffer).set(bytes, from);
  const length = ZSTD_decompress(to, most, from, bytes.length);
  const content = length < 0 && length >= LAST_ERROR ? null : new Uint8Array(memory.buffer, to, length).slice();
  free(from);
  free(to);
  return content;
}

/**
 * A decoder with memory of its own, which is freed with it. The package's own decoder shares its memory, reports no
 * errors, and leaks what was in use when data are damaged.
 */
async function newDecoder(): Promise<Exports> {
  compiled ??= compile();
  const env = { emscripten_notify_memory_growth: () => undefined };
  return (await WebAssembly.instantiate(await compiled, { env })).exports;
}

async function compile(): Promise<object> {
  const { ZSTDDecoder } = await import('zstddec/stream').catch((error: unknown) => {
    throw new Error('zstd needs the package zstddec, which is not installed', { cause: error });
  });
  return new Promise((resolve, reject) => {
    class Loader extends ZSTDDecoder {
      override _init(result: { readonly module: object }): void {
        resolve(result.module);
      }
    }
    new Loader().init().catch(reject);
  });
}
