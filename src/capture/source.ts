import { closeSync, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { decodeFault } from '../decode-faults.js';
import { fileReasonId } from '../file-reasons.js';
import type { DecodeFault } from '../message.js';
import { CaptureError, DecompressionError } from './error.js';
import type { Files, OpenFile } from './files.js';
import { makeRoom, type Window } from './window.js';

/** Where input comes from. */
export interface Source {
  /** Appends at least one byte to the window, or sets `ended`. Rejects if reading fails. */
  fill(window: Window): void | Promise<void>;
  /** Bytes read so far of the file as stored, compressed or not. */
  readonly bytesRead: () => number;
  /** Ends reading; a pending `fill` then rejects or ends. */
  close(): void | Promise<void>;
}

/**
 * Opens a file, or standard input for `-`.
 * @param files reads it
 * @param signal aborts waiting for a pipe, or for a file to grow
 * @param follow whether to wait for more at the end of a file
 * @throws CaptureError if it cannot be opened
 */
export function openSource(path: string, files: Files, signal?: AbortSignal, follow = false): Source {
  try {
    const source = path === '-' ? openStandardInput(signal) : openFile(path, files, signal);
    return follow ? followed(source, path, signal) : source;
  } catch (error) {
    throw error instanceof CaptureError ? error : new CaptureError(path, reasonOf(error), { cause: error });
  }
}

function openStandardInput(signal: AbortSignal | undefined): Source {
  const descriptor = 0;
  if (isatty(descriptor)) throw new CaptureError('-', decodeFault('terminal'));
  if (!fstatSync(descriptor).isFile()) return streamSource(process.stdin, signal);
  return fileSource({
    // The capture begins at the descriptor's current position.
    read: (bytes, offset, length) => readSync(descriptor, bytes, offset, length, null),
    close: () => undefined,
  });
}

function openFile(path: string, files: Files, signal: AbortSignal | undefined): Source {
  const descriptor = openSync(path, 'r');
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return fileSource(files.add(path, descriptor));
  if (!stats.isFIFO() && !stats.isSocket()) {
    closeSync(descriptor);
    throw new CaptureError(path, decodeFault(stats.isDirectory() ? 'EISDIR' : 'device'));
  }
  // A named pipe or the like. Reading from a socket can be aborted while nothing comes; a file stream cannot.
  return streamSource(new Socket({ fd: descriptor, readable: true, writable: false }), signal);
}

function streamSource(stream: Readable, signal: AbortSignal | undefined): Source {
  if (signal?.aborted === true) stream.destroy();
  else signal?.addEventListener('abort', () => stream.destroy(), { once: true });
  return {
    ...chunkSource(stream),
    close() {
      stream.destroy();
    },
  };
}

/**
 * Reads a file synchronously into the window. Reading ahead in another thread is no faster: the data are then in the
 * cache of another core, which is busy with the just-in-time compiler.
 */
function fileSource(file: OpenFile): Source {
  let bytes = 0;
  return {
    fill(window) {
      makeRoom(window);
      const count = file.read(window.bytes, window.end, window.bytes.length - window.end, bytes);
      window.end += count;
      window.ended = count === 0;
      bytes += count;
    },
    bytesRead: () => bytes,
    close() {
      file.close();
    },
  };
}

/** Milliseconds between two checks whether a file has grown. */
const GROWTH_CHECK_MS = 200;

/**
 * A file that is still being written: waits for more at its end, until the signal aborts that, or nothing more can come
 * because a ring of files started over.
 */
function followed(source: Source, path: string, signal: AbortSignal | undefined): Source {
  const stats = (): Stats | undefined => statSync(path, { throwIfNoEntry: false });
  const opened = stats();
  return {
    ...source,
    async fill(window) {
      await source.fill(window);
      while (window.ended && signal?.aborted !== true) {
        await delay(GROWTH_CHECK_MS, undefined, { ...(signal === undefined ? {} : { signal }) }).catch(() => undefined);
        const now = stats();
        if (now !== undefined && (now.ino !== opened?.ino || now.dev !== opened.dev))
          throw new Error('the file was replaced by another of its name');
        if (now !== undefined && now.size < source.bytesRead()) throw new Error('the file was begun anew, or cut');
        window.ended = false;
        await source.fill(window);
      }
    },
  };
}

/** A source for chunks of any size, from pipes, sockets and tests. */
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

/** Why the system refused, in a few words. */
export function reasonOf(error: unknown): DecodeFault | string {
  if (error instanceof DecompressionError) return error.reason;
  const id = fileReasonId(error);
  if (id !== undefined) return decodeFault(id);
  return error instanceof Error ? error.message : String(error);
}
