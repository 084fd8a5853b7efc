import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { RULES } from '../../src/diagnose/rules/index.js';
import { ROOT } from '../support/schema.js';

test('docs/diagnoses/ is what `npm run docs:diagnoses` writes', () => {
  const script = join(ROOT, 'scripts', 'diagnoses.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { cwd: ROOT, encoding: 'utf8' });
  assert.equal(`${stdout}${stderr}`, '');
  assert.equal(status, 0);
});

test('in the sentences of rules no value sticks to the word before or behind it', () => {
  for (const { id, messages } of RULES) {
    const { explanations, exclusions, remedies } = messages;
    for (const text of Object.values({ ...explanations, ...exclusions, ...remedies }))
      assert.doesNotMatch(text, /[a-z,;.]\{|\}[a-z(]/i, id);
  }
});
