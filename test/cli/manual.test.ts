import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseOptions } from '../../src/cli/parser.js';
import { ROOT } from '../support/schema.js';

const page = readFileSync(join(ROOT, 'man', 'tls-postmortem.1'), 'utf8');

test('the manual page is what `npm run docs:man` writes', () => {
  const generated = execFileSync(process.execPath, [join(ROOT, 'scripts', 'man.mjs')], { cwd: ROOT, encoding: 'utf8' });
  assert.equal(page, generated);
});

test('it has every option of --help, and nothing that roff would take for a request', () => {
  const help = parseOptions(['--help'], 80);
  assert.ok('text' in help);
  for (const [name] of help.text.matchAll(/(?<=^ {2,6}(?:-\w, )?)--[a-z-]+/gm)) {
    assert.ok(page.includes(`\\fB${name.replaceAll('-', String.raw`\-`)}\\fR`), name);
  }
  const requests = new Set(page.match(/^[.'].\S*/gm));
  assert.deepEqual([...requests].sort(), ['.B', '.BR', '.PP', '.SH', '.TH', '.TP', '.\\"'].sort());
});

test('the package has it', () => {
  const { man, files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    man: string;
    files: string[];
  };
  assert.equal(man, './man/tls-postmortem.1');
  assert.ok(files.includes('man'));
});
