/** Scripts that judge the built program by captures which are not part of the project. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAM } from './program.js';
import { ROOT } from './schema.js';

/** Runs such a script on the program in dist/, with more arguments; gives what it prints, whatever its exit code. */
export async function judge(script: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const words = [script, '--cli', `node ${PROGRAM}`, ...args];
    execFile(process.execPath, words, { cwd: ROOT, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr, { cause: error }));
      else resolve(stdout);
    });
  });
}

/** Why the folder that a variable of the environment names cannot be used; false if it has all these files. */
export function missing(variable: string, ...files: readonly string[]): string | false {
  const folder = process.env[variable] ?? '';
  if (folder === '') return `${variable} is not set`;
  const lacking = files.find((file) => !existsSync(join(folder, file)));
  return lacking === undefined ? false : `${variable} has no ${lacking}`;
}
