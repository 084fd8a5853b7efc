import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DerError, objectIdentifier, readElement } from '../../src/x509/der.js';

const oid = (...content: number[]): string => {
  const bytes = new Uint8Array([6, content.length, ...content]);
  return objectIdentifier(readElement(bytes, 0, bytes.length));
};

test('object identifiers, their first two arcs in one number', () => {
  assert.equal(oid(0x00), '0.0');
  assert.equal(oid(0x27), '0.39');
  assert.equal(oid(0x28), '1.0');
  assert.equal(oid(0x4f), '1.39');
  assert.equal(oid(0x50), '2.0');
  assert.equal(oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1), '1.2.840.113549.1.1.1');
  assert.equal(oid(0x88, 0x37, 3), '2.999.3');
});

test('arcs beyond 2^53 keep their last digit, the first ones too', () => {
  const large = [0xa0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80];
  assert.equal(oid(...large, 1), `2.${2n ** 61n + 1n - 80n}`);
  assert.equal(oid(...large, 2), `2.${2n ** 61n + 2n - 80n}`);
  assert.equal(oid(0x55, ...large, 1), `2.5.${2n ** 61n + 1n}`);
  assert.equal(oid(0x55, ...large, 2), `2.5.${2n ** 61n + 2n}`);
});

test('an arc of more than 32 bytes is refused, wherever it is', () => {
  const long = [...Array<number>(200 - 80).fill(0xff), 1];
  assert.throws(() => oid(...long), DerError);
  assert.throws(() => oid(0x55, ...long), DerError);
});
