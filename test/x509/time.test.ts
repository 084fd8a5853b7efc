import { decodeFault } from '../../src/decode-faults.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readElement } from '../../src/x509/der.js';
import { readTime } from '../../src/x509/time.js';

const time = (tag: number, text: string) =>
  readTime(readElement(new Uint8Array([tag, text.length, ...Buffer.from(text)])));

test('readTime reads what RFC 5280 allows, and the older forms of X.690', () => {
  assert.equal(time(0x17, '500101000000Z'), '1950-01-01T00:00:00Z');
  assert.equal(time(0x17, '491231235959Z'), '2049-12-31T23:59:59Z');
  assert.equal(time(0x17, '9912312359Z'), '1999-12-31T23:59:00Z');
  assert.equal(time(0x17, '991231235959+0100'), '1999-12-31T22:59:59Z');
  assert.equal(time(0x18, '20500101000000Z'), '2050-01-01T00:00:00Z');
  assert.equal(time(0x18, '99991231235959Z'), '9999-12-31T23:59:59Z');
  assert.equal(time(0x18, '00010101000000Z'), '0001-01-01T00:00:00Z');
  assert.equal(time(0x18, '20200229120000.25-0330'), '2020-02-29T15:30:00Z');
});

test('readTime refuses what is no time', () => {
  for (const text of [
    '',
    '2001010000',
    '200230000000Z',
    '201301000000Z',
    '200101240001Z',
    '20200101000000Z',
    'x'.repeat(40),
  ]) {
    assert.throws(() => time(0x17, text), {
      fault: decodeFault('notATime', { text: JSON.stringify(text.slice(0, 32)) }),
    });
  }
  assert.throws(() => time(0x18, '200101000000Z'), { fault: decodeFault('notATime', { text: '"200101000000Z"' }) });
  assert.throws(() => time(0x0c, '200101000000Z'), { fault: decodeFault('notATime', { text: '"200101000000Z"' }) });
  assert.throws(() => readTime(undefined), { fault: decodeFault('missing', { field: 'time' }) });
});
