import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validityOf } from '../../src/x509/validity.js';
import { stub } from './authority.js';

test('a certificate is held against the time, both ends included', () => {
  const leaf = stub({ notBefore: '2026-01-01T00:00:00Z', notAfter: '2026-03-31T23:59:59Z' });
  const root = stub({ notBefore: '2000-01-01T00:00:00Z', notAfter: '2026-02-01T00:00:00Z' });
  const states = (time: string) => [leaf, root].map((each) => validityOf(each, Date.parse(time)).state);
  assert.deepEqual(states('2025-12-31T23:59:59Z'), ['not-yet-valid', 'valid']);
  assert.deepEqual(states('2026-01-01T00:00:00Z'), ['valid', 'valid']);
  assert.deepEqual(states('2026-02-01T00:00:00Z'), ['valid', 'valid']);
  assert.deepEqual(states('2026-02-01T00:00:01Z'), ['valid', 'expired']);
  assert.deepEqual(states('2026-03-31T23:59:59.001Z'), ['expired', 'expired']);
  const late = validityOf(leaf, Date.parse('2026-04-01T00:00:09Z'));
  assert.equal(late.milliseconds, 10_000);
  assert.equal(late.certificate, leaf);
  const early = validityOf(leaf, Date.parse('2025-12-31T23:00:00Z'));
  assert.equal(early.milliseconds, 3_600_000);
});

test('dates that could not be read say nothing', () => {
  assert.equal(validityOf(stub({ notBefore: '', notAfter: '' }), 0).state, 'unknown');
});
