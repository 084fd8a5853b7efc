import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { BOUNDS } from '../bounds.js';
import type { AnalyzeOptions } from '../analyze.js';
import { showUnprintable } from '../report/escape.js';
import { WORDS } from './words.js';

/** Bytes of a password file that are read; more make no sense. */
const MAX_BYTES = BOUNDS.passwordBytes.value;

/** The passwords of stores: from a file, one a line, or typed on the terminal when one is needed. */
export async function passwordsOf(file: string | undefined): Promise<NonNullable<AnalyzeOptions['passwords']>> {
  if (file !== undefined) {
    const text = (await readFile(file)).subarray(0, MAX_BYTES).toString('utf8');
    return { known: text.split(/\r?\n/).filter((line) => line !== ''), ask: null };
  }
  return { known: [], ask: process.stdin.isTTY && process.stderr.isTTY ? ask : null };
}

/** Asks for a password on the terminal, without echo. */
async function ask(path: string): Promise<string> {
  process.stderr.write(WORDS.password({ path: showUnprintable(path) }));
  const silent = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await new Promise<string>((resolve) => {
      terminal.once('line', resolve);
      terminal.once('close', () => {
        resolve('');
      });
      // The terminal passes Ctrl-C on as a character. Without the password, the program cannot continue.
      terminal.once('SIGINT', () => {
        terminal.close();
        process.stderr.write('\n');
        process.removeAllListeners('SIGINT');
        process.kill(process.pid, 'SIGINT');
      });
    });
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
