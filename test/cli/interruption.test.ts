import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../support/schema.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const MODULE = pathToFileURL(join(ROOT, 'build', 'src', 'cli', 'interruption.js')).href;

/** How a program ends that sends itself two signals, after `before` with its interruption `it`. */
function ended(before: string, writes = true): { readonly signal: NodeJS.Signals | null; readonly out: string } {
  const { signal, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { createInterruption } from ${JSON.stringify(MODULE)};
       const it = createInterruption(${writes});
       ${before}
       const turn = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
       process.kill(process.pid, 'SIGINT');
       while (!it.signal.aborted) await turn(1);
       process.stdout.write('first');
       process.kill(process.pid, 'SIGTERM');
       await turn(60_000);`,
    ],
    { encoding: 'utf8' },
  );
  return { signal, out: stdout + stderr };
}

describe('a second signal', () => {
  test('ends the program, which the first one did not', () => {
    assert.deepEqual(ended(''), { signal: 'SIGTERM', out: 'first' });
    assert.deepEqual(ended('', false), { signal: 'SIGTERM', out: 'first' });
  });

  test('leaves no file that is not whole, and others alone', () => {
    const [half, whole, link, target] = ['half', 'whole', 'link', 'target'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
      string,
    ];
    for (const path of [half, whole, target]) writeFileSync(path, 'text');
    symlinkSync(target, link);
    const begin = [half, whole, link, '/dev/null', join(folder, 'none'), folder]
      .map((path) => `it.begin(${JSON.stringify(path)});`)
      .join('\n');
    assert.deepEqual(ended(`${begin} it.end(${JSON.stringify(whole)});`), { signal: 'SIGTERM', out: 'first' });
    assert.deepEqual([half, whole, target].map(existsSync), [false, true, false]);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.ok(lstatSync('/dev/null').isCharacterDevice());
  });
});
