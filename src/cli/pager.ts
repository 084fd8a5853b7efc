import type { ChildProcess } from 'node:child_process';
import type { Sink } from './sink.js';

/** What `less` does unless LESS says otherwise: end at once where all fits, show colours, leave the text on the screen. */
const LESS = 'FRX';
/** What a shell says of a command that it does not find. */
const NOT_FOUND = 127;

/** The command that shows long text: PAGER, or `less`; null where the environment wants none. */
export function pagerOf({ PAGER, TERM }: Readonly<Record<string, string | undefined>>): string | null {
  if (TERM === 'dumb' || PAGER === '' || PAGER === 'cat') return null;
  return PAGER ?? 'less';
}

/**
 * Passes text on to `direct` if it fits on the screen, and to a pager if not; to `direct` too where there is no such pager.
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

/** Whether the pager could be run; when the reader has left it. */
async function page(command: string, text: string): Promise<boolean> {
  // Loaded for a pager alone: it takes as long as a small capture.
  const { spawn } = await import('node:child_process');
  const env = { LESS, ...process.env };
  const pager = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'], env });
  // Ctrl-C is the pager's, which stays.
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
