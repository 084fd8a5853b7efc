import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RULES } from '../../../src/diagnose/rules/index.js';
import { ROOT } from '../../support/schema.js';

const ids = RULES.map(({ id }) => id).sort();

test('every rule has its test, and an id of its own', () => {
  const tests = readdirSync(join(ROOT, 'test', 'diagnose', 'rules')).map((file) => file.replace(/\..*$/, ''));
  assert.deepEqual(ids, tests.filter((name) => name !== 'index').sort());
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
