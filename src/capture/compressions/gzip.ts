/**
 * gzip (RFC 1952), also several members in a row. Each member is inflated by itself: Node.js' own `Gunzip` goes on to
 * the next one, and if that is damaged, drops the end of the whole one before it.
 */
import { isObject } from '../../is-object.js';
import type { DecodeFault } from '../../message.js';
import type * as Zlib from 'node:zlib';
import type { InflateRaw } from 'node:zlib';
import { decodeFault } from '../../decode-faults.js';
import { u16le, u32le, u8 } from '../../bytes.js';
import { DecompressionError } from '../error.js';
import type { Compression } from './compression.js';
import { exactReader, type ExactReader } from './exact-reader.js';

/**
 * Bytes that are inflated at a time. Deflate expands at most 1032 times, to 16 MiB. If the data are damaged, zlib
 * withholds the output of the whole piece. Smaller pieces are slower, since each takes a turn of a thread.
 */
const PIECE = 16 * 1024;
/**
 * A member that ends within this many bytes is inflated synchronously, in a twentieth of the time that a thread takes.
 */
const SHORT = 4096;

const MAGIC = 0x8b1f;
const HEADER = 10;
const DEFLATE = 8;
// The flags of a member's header, section 2.3.1.
const HAS_HEADER_CHECK = 0x02;
const HAS_EXTRA = 0x04;
const HAS_NAME = 0x08;
const HAS_COMMENT = 0x10;
const RESERVED = 0xe0;
/** CRC-32 and length of the content, modulo 2^32. */
const TRAILER = 8;

export const gzip: Compression = {
  name: 'gzip',
  // Deflate is its only method.
  recognises: ({ bytes, start, end }) =>
    end - start >= 3 && u16le(bytes, start) === MAGIC && u8(bytes, start + 2) === DEFLATE,

  async *decompress(input) {
    const zlib = await import('node:zlib');
    const reader = exactReader(input, 'gzip');
    while (!(await reader.atEnd())) {
      if (!(await skipHeader(reader))) return;
      const beginning = await reader.takeSome(SHORT);
      const short = shortMember(beginning, zlib);
      if (short !== null) {
        reader.putBack(beginning.length - short.length);
        yield short.content;
        continue;
      }
      reader.putBack(beginning.length);
      let check = 0;
      let length = 0;
      for await (const chunk of inflated(reader, zlib)) {
        check = zlib.crc32(chunk, check);
        length += chunk.length;
        yield chunk;
      }
      compareCheck(await reader.take(TRAILER), check, length);
    }
  },
};

function compareCheck(trailer: Uint8Array, check: number, length: number): void {
  if (u32le(trailer, 0) !== check || u32le(trailer, 4) !== length % 2 ** 32) throw damaged(decodeFault('gzipCheck'));
}

/** Skips the header of a member; false if zeros follow: the padding of tapes, which gzip itself ignores too. */
async function skipHeader(reader: ExactReader): Promise<boolean> {
  const first = u8(await reader.take(1), 0);
  if (first === 0) return false;
  reader.putBack(1);
  if (first !== (MAGIC & 0xff)) throw damaged(decodeFault('gzipOtherData'));
  const header = await reader.take(HEADER);
  const flags = u8(header, 3);
  if (u16le(header, 0) !== MAGIC) throw damaged(decodeFault('gzipOtherData'));
  if (u8(header, 2) !== DEFLATE) throw damaged(decodeFault('gzipMethod', { method: u8(header, 2) }));
  if ((flags & RESERVED) !== 0) throw damaged(decodeFault('gzipFlags'));
  if ((flags & HAS_EXTRA) !== 0) await reader.skip(u16le(await reader.take(2), 0));
  if ((flags & HAS_NAME) !== 0) await skipText(reader);
  if ((flags & HAS_COMMENT) !== 0) await skipText(reader);
  if ((flags & HAS_HEADER_CHECK) !== 0) await reader.skip(2);
  return true;
}

/** Text ends with a zero. */
async function skipText(reader: ExactReader): Promise<void> {
  for (;;) {
    const part = await reader.takeSome(PIECE);
    const end = part.indexOf(0);
    if (end < 0) continue;
    reader.putBack(part.length - end - 1);
    return;
  }
}

/** The content of a member; the reader is then behind its compressed data. */
async function* inflated(reader: ExactReader, zlib: typeof Zlib): AsyncGenerator<Uint8Array> {
  const inflate = zlib.createInflateRaw({ chunkSize: 128 * 1024 });
  try {
    const step = stepsOf(inflate);
    for (let given = 0; ;) {
      const piece = (await reader.atEnd()) ? null : await reader.takeSome(PIECE);
      given += piece?.length ?? 0;
      const { output, failure } = await step(piece);
      yield* output;
      if (failure !== undefined) throw failure;
      // Behind the end of the compressed data, zlib takes no more.
      reader.putBack(given - inflate.bytesWritten);
      if (piece === null || inflate.bytesWritten < given) return;
    }
  } finally {
    inflate.destroy();
  }
}

/**
 * The content of a member whose trailer ends within `bytes`, and the length up to there; null if it does not end there,
 * or cannot be inflated. Throws DecompressionError if the content is not what was compressed.
 */
function shortMember(
  bytes: Uint8Array,
  { inflateRawSync, crc32 }: typeof Zlib,
): { readonly content: Uint8Array; readonly length: number } | null {
  const inflated = inflatedAtOnce(bytes, inflateRawSync);
  if (inflated === null) return null;
  const { buffer, engine } = inflated;
  const end = engine.bytesWritten + TRAILER;
  if (end > bytes.length) return null;
  compareCheck(bytes.subarray(end - TRAILER, end), crc32(buffer), buffer.length);
  return { content: buffer, length: end };
}

/** What `info` makes of the result, which the types of Node.js lack. */
interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: Pick<InflateRaw, 'bytesWritten'>;
}

const isInflated = (result: unknown): result is Inflated =>
  isObject(result) &&
  result['buffer'] instanceof Uint8Array &&
  isObject(result['engine']) &&
  typeof result['engine']['bytesWritten'] === 'number';

function inflatedAtOnce(bytes: Uint8Array, inflate: typeof Zlib.inflateRawSync): Inflated | null {
  try {
    const result: unknown = inflate(bytes, { info: true });
    return isInflated(result) ? result : null;
  } catch {
    return null;
  }
}

/** What a piece of input gives: content, and then perhaps a failure. */
interface Step {
  readonly output: readonly Uint8Array[];
  readonly failure: DecompressionError | undefined;
}

/**
 * Inflates a piece, or ends where it is null. Output flows without back pressure, so that none is lost when zlib fails;
 * the size of the piece bounds it.
 */
function stepsOf(inflate: InflateRaw): (piece: Uint8Array | null) => Promise<Step> {
  let output: Uint8Array[] = [];
  let failure: DecompressionError | undefined;
  let proceed = (): void => undefined;
  const done = (): void => {
    proceed();
  };
  inflate.on('data', (chunk: Uint8Array) => output.push(chunk));
  inflate.on('end', done);
  inflate.on('error', (error: NodeJS.ErrnoException) => {
    failure =
      error.code === 'Z_BUF_ERROR'
        ? new DecompressionError('cut-short', decodeFault('compressedCut', { compression: 'gzip' }))
        : damaged(decodeFault('gzipInflate', { error: error.message }));
    done();
  });
  return async (piece) => {
    await new Promise<void>((resolve) => {
      proceed = resolve;
      if (piece === null) inflate.end();
      else inflate.write(piece, done);
    });
    const made = output;
    output = [];
    return { output: made, failure };
  };
}

const damaged = (reason: DecodeFault): DecompressionError => new DecompressionError('damaged', reason);
