import assert from 'node:assert/strict';
import { test } from 'node:test';
import { someOf } from '../../../src/message.js';
import { ENGLISH } from '../../../src/report/messages/english.js';
import { fill } from '../../../src/report/words.js';

const listed = (values: readonly string[], style: Parameters<typeof someOf>[1]): string =>
  fill('{values}', { values: someOf(values, style) }, (text) => text);

test('spans of time', () => {
  const day = 24 * 3600_000;
  assert.deepEqual(
    [-5, 0, 0.4, 12.6, 999, 2998, 9999, 12_400, 119_000, 120_000, 3 * 3600_000, 47.9 * 3600_000, 2 * day, 800 * day]
      .map(ENGLISH.duration)
      .join(', '),
    '0 ms, 0 ms, 0 ms, 13 ms, 999 ms, 3.0 seconds, 10.0 seconds, 12 seconds, 119 seconds, 2 minutes, 3 hours, 47 hours, 2 days, 2 years',
  );
});

test('how often', () => {
  assert.deepEqual([0, 1, 2, 3, 40].map(ENGLISH.times), ['never', 'once', 'twice', '3 times', '40 times']);
});

test('several values, and how many more there are', () => {
  assert.equal(listed([], 'plain'), 'none');
  assert.equal(listed(['a', 'b', 'c', 'd', 'e', 'f'], 'plain'), 'a, b, c, d, e and f');
  assert.equal(listed(['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'plain'), 'a, b, c, d, e and 2 more');
  assert.equal(listed(['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'names'), 'a; b; c; d; e; and 2 more');
  assert.equal(listed(['RSA', 'ECDSA'], 'alternatives'), 'RSA or ECDSA');
  assert.equal(listed(['RSA', 'ECDSA', 'Ed25519'], 'alternatives'), 'RSA, ECDSA or Ed25519');
  assert.equal(ENGLISH.list(['RSA', 'ECDSA'], 'alternatives', 3), 'RSA, ECDSA or 3 more');
  assert.equal(listed(['the version', 'the name'], 'ranked'), '1. the version, 2. the name');
});
