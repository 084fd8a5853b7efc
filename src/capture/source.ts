import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
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

/**
 * Reads a file straight into the window, and waits for it. To read the next part on another thread meanwhile is no faster:
 * what was read is then in the memory of another processor, and the compiler needs that one.
 */
function fileSource(descriptor: number): Source {
  let bytes = 0;
  return {
    fill(window) {
      makeRoom(window);
      const count = readSync(descriptor, window.bytes, window.end, window.bytes.length - window.end, null);
      window.end += count;
      window.ended = count === 0;
      bytes += count;
    },
    bytesRead: () => bytes,
    close() {
      closeSync(descriptor);
    },
  };
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
