import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RULES } from '../../../src/diagnose/rules/index.js';
import { ROOT } from '../../support/schema.js';

const LISTS = ['index', 'causes', 'risks'];

/** Names of the files of a folder, without what follows the first dot, and without the lists of them. */
function namesIn(...folder: string[]): string[] {
  return readdirSync(join(ROOT, ...folder))
    .map((file) => file.replace(/\..*$/, ''))
    .filter((name) => !LISTS.includes(name))
    .sort();
}

const ids = RULES.map(({ id }) => id).sort();

test('every rule of the folder is in the index, once', () => {
  assert.deepEqual(ids, namesIn('src', 'diagnose', 'rules'));
});

test('every rule has its test', () => {
  assert.deepEqual(ids, namesIn('test', 'diagnose', 'rules'));
});

test('titles tell rules apart', () => {
  assert.equal(new Set(RULES.map(({ title }) => title)).size, RULES.length);
});

test('the special comes before the general', () => {
  const place = (id: string): number => RULES.findIndex((rule) => rule.id === id);
  for (const [first, second] of [
    ['certificate-expired', 'certificate-authority-unknown'],
    ['certificate-self-signed', 'hostname-mismatch'],
    ['chain-incomplete', 'certificate-authority-unknown'],
    ['certificate-rejected', 'handshake-rejected'],
    ['internal-error', 'handshake-rejected'],
  ] as const) {
    assert.ok(place(first) < place(second), `${first} before ${second}`);
  }
});
