import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';

/** Where a report goes. */
export interface Sink {
  /** Takes a piece; a promise when its giver should wait, since the reader is slower. Nothing is taken once that is gone. */
  write(text: string): Promise<void> | undefined;
  /** When all is written. */
  end(): Promise<void>;
}

/** Characters that are gathered before they are written: to write each connection by itself costs as much as its text. */
const GATHERED = 0x1_0000;

/**
 * Standard output, or a file, which is made when there is something to write: a capture that cannot be analysed leaves what
 * was there.
 * @param onGone called when the reader has seen enough (`| head`)
 */
export function createSink(path: string | undefined, onGone: () => void): Sink {
  let stream: Writable | undefined;
  let failure: NodeJS.ErrnoException | undefined;
  let gathered = '';
  let flushing: NodeJS.Immediate | undefined;
  const open = (): Writable => {
    const opened = path === undefined ? process.stdout : createWriteStream(path);
    opened.on('error', (error: NodeJS.ErrnoException) => {
      failure = error;
      if (error.code === 'EPIPE') onGone();
    });
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
        // Of a capture that is still being made, nobody waits for the rest before seeing this.
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
      // Standard output stays open; an empty piece is written when all before it is.
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
    },
  };
}
