import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROGRAM } from './support/program.js';
import { ROOT } from './support/schema.js';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

test('README: the report that it shows is the one that the program gives', () => {
  const shown = /```text\n\$ tls-postmortem (\S+)\n([^`]*)```/.exec(readme);
  assert.ok(shown);
  const { stdout } = spawnSync(process.execPath, [PROGRAM, '--width', '80', shown[1] ?? ''], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, LANG: 'C.UTF-8', NO_COLOR: '1' },
  });
  assert.equal(shown[2], stdout);
});
