import { closeSync, createReadStream, fstatSync, openSync, read, readSync } from 'node:fs';
import { isatty } from 'node:tty';
import { CaptureError } from './error.js';
import { makeRoom, type Window } from './window.js';

/** Where input comes from. */
export interface Source {
  /** Appends at least one byte to the window, or sets `ended`. Rejects if reading fails. */
  fill(window: Window): void | Promise<void>;
  /** Bytes read so far, of the file as it is: compressed ones if it is compressed. */
  readonly bytesRead: () => number;
  close(): void | Promise<void>;
}

/**
 * Opens a file, or standard input for `-`.
 * @throws CaptureError if it cannot be opened
 */
export function openSource(path: string): Source {
  try {
    return path === '-' ? openStandardInput() : openFile(path);
  } catch (error) {
    throw error instanceof CaptureError ? error : new CaptureError(path, reasonOf(error), { cause: error });
  }
}

function openStandardInput(): Source {
  const descriptor = 0;
  if (isatty(descriptor)) throw new CaptureError('-', 'is a terminal');
  return fstatSync(descriptor).isFile() ? fileSource(descriptor) : chunkSource(process.stdin);
}

function openFile(path: string): Source {
  const descriptor = openSync(path, 'r');
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return fileSource(descriptor);
  if (stats.isDirectory()) {
    closeSync(descriptor);
    throw new CaptureError(path, 'is a directory');
  }
  // A named pipe or the like.
  return chunkSource(createReadStream(path, { fd: descriptor }));
}

/** Bytes read at once, ahead of what is looked at. */
const AHEAD = 1 << 20;
/** Room in front of them for what is left of the bytes before; nearly always it is less than a packet. */
const LEFT = 1 << 16;

/**
 * Reads a file straight into the window; of a larger one, the next part on another thread while the last one is looked at.
 * The plain version reads when the window is empty: a large capture then takes a sixth longer.
 */
function fileSource(descriptor: number): Source {
  let bytes = 0;
  let next: Uint8Array = new Uint8Array(0);
  let reading: Promise<number> | null = null;

  const readAhead = (): void => {
    if (next.length < LEFT + AHEAD) next = new Uint8Array(LEFT + AHEAD);
    reading = readInto(descriptor, next, LEFT);
    // It is for `fill` to say what went wrong.
    reading.catch(() => undefined);
  };

  /** Puts the bytes that were read ahead behind what is left in the window: turns buffers instead of copying. */
  const turn = (window: Window, count: number): void => {
    const left = window.end - window.start;
    if (left > LEFT) {
      makeRoom(window, count);
      window.bytes.set(next.subarray(LEFT, LEFT + count), window.end);
      window.end += count;
      return;
    }
    const start = LEFT - left;
    next.set(window.bytes.subarray(window.start, window.end), start);
    [window.bytes, next] = [next, window.bytes];
    window.base += window.start - start;
    window.start = start;
    window.end = LEFT + count;
  };

  return {
    async fill(window) {
      let count: number;
      if (reading === null) {
        makeRoom(window);
        const room = window.bytes.length - window.end;
        count = readSync(descriptor, window.bytes, window.end, room, null);
        window.end += count;
        if (count === room) readAhead();
      } else {
        count = await reading;
        turn(window, count);
        if (count > 0) readAhead();
      }
      window.ended = count === 0;
      bytes += count;
    },
    bytesRead: () => bytes,
    async close() {
      await reading?.catch(() => undefined);
      closeSync(descriptor);
    },
  };
}

function readInto(descriptor: number, bytes: Uint8Array, start: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, bytes, start, bytes.length - start, null, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

/** A source of chunks of any size, as pipes, sockets and tests give them. */
export function chunkSource(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Source {
  const iterator = iterate(chunks);
  let chunk: Uint8Array = new Uint8Array(0);
  let bytes = 0;
  return {
    async fill(window) {
      while (chunk.length === 0) {
        const next = await iterator.next();
        if (next.done === true) {
          window.ended = true;
          return;
        }
        chunk = next.value;
        bytes += chunk.length;
      }
      makeRoom(window);
      const part = chunk.subarray(0, window.bytes.length - window.end);
      window.bytes.set(part, window.end);
      window.end += part.length;
      chunk = chunk.subarray(part.length);
    },
    bytesRead: () => bytes,
    async close() {
      await iterator.return?.();
    },
  };
}

function iterate(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  return Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a directory',
  EMFILE: 'too many open files',
};

/** Why the system refused, in a few words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? error.message;
}
