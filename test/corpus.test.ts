/**
 * The program against Wireshark's decode of public captures, where these are at hand: TLS_POSTMORTEM_CORPUS names a folder
 * with them and with compare.mjs, which runs a command on each capture and prints how far its JSON agrees. Where it does not,
 * test/corpus.md says who is right.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './support/schema.js';

const folder = process.env['TLS_POSTMORTEM_CORPUS'] ?? '';
const script = join(folder, 'compare.mjs');
const built = join(ROOT, 'dist', 'cli', 'main.js');
const LEAST_AGREEMENT = 99.5;
const MINUTE = 60_000;

function missing(): string | false {
  if (folder === '') return 'TLS_POSTMORTEM_CORPUS is not set';
  return existsSync(script) ? false : 'TLS_POSTMORTEM_CORPUS has no compare.mjs';
}

async function compare(): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = [script, '--cli', 'node dist/cli/main.js'];
    execFile(process.execPath, args, { cwd: ROOT, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr, { cause: error }));
      else resolve(stdout);
    });
  });
}

test('public captures, held against Wireshark', { skip: missing(), timeout: 10 * MINUTE }, async () => {
  assert.ok(existsSync(built), 'dist/ is built by npm test');
  const output = await compare();
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  const match = /^agreement: ([\d.]+)% .*captures answered: (\d+)\/(\d+)$/.exec(last);
  assert.ok(match, output.slice(-2000));
  const [, agreement, answered, all] = match;
  assert.equal(answered, all, output);
  assert.ok(Number(agreement) >= LEAST_AGREEMENT, output);
});
