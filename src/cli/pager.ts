import type { ChildProcess } from 'node:child_process';
import type { Sink } from './sink.js';

/**
 * Options of `less` unless LESS is set: quit at once if everything fits, show colours, leave the text on the screen.
 */
const LESS = 'FRX';
/** Exit code of a shell that does not find a command. */
const NOT_FOUND = 127;

/** The command that shows long text: PAGER, or `less`; null if the environment wants none. */
export function pagerOf({ PAGER, TERM }: Readonly<Record<string, string | undefined>>): string | null {
  if (TERM === 'dumb' || PAGER === '' || PAGER === 'cat') return null;
  return PAGER ?? 'less';
}

/**
 * Passes text to `direct` if it fits on the screen, otherwise to a pager; also to `direct` if there is no such pager.
 * @param rows lines of the screen
 */
export function createPager(command: string, rows: number, direct: Sink): Sink {
  let text = '';
  return {
    write(piece) {
      text += piece;
      return undefined;
    },
    async end() {
      const isLong = text.split('\n').length > rows;
      if (!isLong || !(await page(command, text))) await direct.write(text);
      await direct.end();
    },
  };
}

/** Resolves when the reader has left the pager, to whether it could be run. */
async function page(command: string, text: string): Promise<boolean> {
  // Loaded only for a pager: it takes as long as a small capture.
  const { spawn } = await import('node:child_process');
  const env = { LESS, ...process.env };
  const pager = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'], env });
  // Ctrl-C is meant for the pager, which stays.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    return await shown(pager, text);
  } finally {
    process.off('SIGINT', ignore);
  }
}

function shown(pager: ChildProcess, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    pager.once('error', () => {
      resolve(false);
    });
    pager.once('close', (code) => {
      resolve(code !== NOT_FOUND);
    });
    // A reader may leave before the end.
    pager.stdin?.on('error', () => undefined);
    pager.stdin?.end(text);
  });
}
