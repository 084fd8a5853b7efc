import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Interruption } from './interruption.js';

/** Where a report goes. */
export interface Sink {
  /**
   * Writes a piece; returns a promise if the caller should wait, because the reader is slower. Does nothing once the
   * reader has gone.
   */
  write(text: string): Promise<void> | undefined;
  /** When all is written. */
  end(): Promise<void>;
}

/**
 * Characters that are gathered before writing: writing each connection by itself would cost as much as making its text.
 */
const GATHERED = 0x1_0000;

/**
 * Standard output, or a file, which is created when there is something to write: a capture that cannot be analysed
 * leaves an existing file alone.
 * @param interruption aborted when the reader has seen enough (`| head`); removes the file if it stays incomplete
 */
export function createSink(
  path: string | undefined,
  interruption: Pick<Interruption, 'abort' | 'begin' | 'end'> | null,
): Sink {
  let stream: Writable | undefined;
  let failure: NodeJS.ErrnoException | undefined;
  let gathered = '';
  let flushing: NodeJS.Immediate | undefined;
  const open = (): Writable => {
    const opened = path === undefined ? process.stdout : createWriteStream(path);
    opened.on('error', (error: NodeJS.ErrnoException) => {
      failure = error;
      if (error.code === 'EPIPE') interruption?.abort();
    });
    // A file that cannot be opened is not ours.
    if (path !== undefined) opened.once('open', () => interruption?.begin(path));
    return opened;
  };
  const check = (): boolean => {
    if (failure === undefined) return true;
    if (failure.code === 'EPIPE') return false;
    throw failure;
  };
  const settled = async (waitFor: 'drain' | 'close', of: Writable): Promise<void> => {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of [waitFor, 'error', 'close'] as const) of.off(event, done);
        resolve();
      };
      for (const event of [waitFor, 'error', 'close'] as const) of.once(event, done);
    });
    check();
  };
  const flush = (): void => {
    clearImmediate(flushing);
    flushing = undefined;
    const text = gathered;
    gathered = '';
    if (failure === undefined && text !== '') stream?.write(text);
  };
  return {
    write(text) {
      stream ??= open();
      if (!check()) return undefined;
      gathered += text;
      if (gathered.length < GATHERED) {
        // In a live capture, nobody should have to wait for more output before this is shown.
        flushing ??= setImmediate(flush);
        return undefined;
      }
      flush();
      return stream.writableNeedDrain ? settled('drain', stream) : undefined;
    },
    async end() {
      stream ??= open();
      if (!check()) return;
      flush();
      // Standard output stays open; writing an empty piece waits for everything before it.
      if (path === undefined) {
        const output = stream;
        await new Promise<void>((resolve) => {
          output.write('', () => {
            resolve();
          });
        });
        check();
        return;
      }
      const closed = settled('close', stream);
      stream.end();
      await closed;
      interruption?.end(path);
    },
  };
}
