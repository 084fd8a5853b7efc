/** gzip (RFC 1952), also several members in a row, by Node.js' own zlib. */
import { u8 } from '../../bytes.js';
import type { Compression } from './compression.js';
import { DecompressionError } from '../error.js';
import { pieces } from './pieces.js';

/**
 * Deflate expands at most 1032 times: so some 16 MiB at a time. If the data are damaged, zlib keeps the output of the
 * whole piece. Smaller pieces are slower: each takes a turn of a thread.
 */
const PIECE = 16 * 1024;
/** A piece is not cut before it has so many bytes: many small members should not need many turns. */
const LEAST_PIECE = 64;

export const gzip: Compression = {
  name: 'gzip',
  // Deflate is its only method.
  recognises: ({ bytes, start, end }) =>
    end - start >= 3 && u8(bytes, start) === 0x1f && u8(bytes, start + 1) === 0x8b && u8(bytes, start + 2) === 8,

  async *decompress(input) {
    const { constants, createGunzip } = await import('node:zlib');
    const gunzip = createGunzip({ chunkSize: 128 * 1024 });
    // Output flows without back pressure, so that none is lost when zlib fails; the size of the input bounds it.
    let output: Uint8Array[] = [];
    const state: { failure?: NodeJS.ErrnoException; ended: boolean; proceed: () => void } = {
      ended: false,
      proceed: () => undefined,
    };
    gunzip.on('data', (chunk: Uint8Array) => output.push(chunk));
    gunzip.on('error', (error) => {
      state.failure = error;
      state.proceed();
    });
    gunzip.on('end', () => {
      state.ended = true;
      state.proceed();
    });
    const isOver = (): boolean => state.ended || state.failure !== undefined;
    /** Starts a step, waits until it is done, or the data end or are damaged, and returns its output. */
    async function outputOf(start: (done: () => void) => void): Promise<Uint8Array[]> {
      await new Promise<void>((resolve) => {
        state.proceed = resolve;
        start(resolve);
      });
      const made = output;
      output = [];
      return made;
    }

    try {
      for await (const piece of members(pieces(input, PIECE))) {
        yield* await outputOf((done) => {
          gunzip.write(piece, done);
        });
        // Other bytes may follow the data (padding, a signature), which gzip itself ignores too.
        if (isOver()) break;
      }
      if (!isOver()) {
        // `state` waits for the end.
        yield* await outputOf(() => {
          gunzip.end();
        });
      }
      const { failure } = state;
      if (failure === undefined) return;
      throw failure.errno === constants.Z_BUF_ERROR
        ? new DecompressionError('cut-short', 'the gzip data end too early')
        : new DecompressionError('damaged', `the gzip data are damaged: ${failure.message}`);
    } finally {
      gunzip.destroy();
    }
  },
};

/**
 * The same pieces, cut where a member may begin: if that one is damaged, the content of the members before it is not
 * lost.
 */
async function* members(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of input) {
    let start = 0;
    for (let at = piece.indexOf(0x1f, LEAST_PIECE); at >= 0; at = piece.indexOf(0x1f, at + 1)) {
      if (at - start < LEAST_PIECE || piece[at + 1] !== 0x8b || piece[at + 2] !== 8) continue;
      yield piece.subarray(start, at);
      start = at;
    }
    yield piece.subarray(start);
  }
}
