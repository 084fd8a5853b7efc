import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createX509Reader } from '../../src/x509/reader.js';

const TRY_LATER = [0x30, 3, 0x0a, 1, 3];

test('identical OCSP responses are decoded once, by each reader for itself', () => {
  const { ocspResponse } = createX509Reader();
  const first = ocspResponse(new Uint8Array(TRY_LATER));
  assert.equal(first.responseStatus, 'try_later');
  assert.equal(ocspResponse(new Uint8Array(TRY_LATER)), first);
  assert.notEqual(createX509Reader().ocspResponse(new Uint8Array(TRY_LATER)), first);
});

test('of more responses than are remembered, the oldest is forgotten', () => {
  const { ocspResponse } = createX509Reader();
  const first = ocspResponse(new Uint8Array(TRY_LATER));
  // Each is new, and damaged.
  for (let number = 0; number < 300; number++) ocspResponse(new Uint8Array([...TRY_LATER, number >> 8, number]));
  assert.notEqual(ocspResponse(new Uint8Array(TRY_LATER)), first);
});

test('certificates are one object, names one text', () => {
  const { certificate, distinguishedName } = createX509Reader();
  assert.equal(certificate(new Uint8Array([0x30, 0])), certificate(new Uint8Array([0x30, 0])));
  const name = [0x30, 13, 0x31, 11, 0x30, 9, 6, 3, 0x55, 4, 3, 0x0c, 2, 0x63, 0x61];
  assert.equal(distinguishedName(new Uint8Array(name)), 'CN=ca');
  assert.equal(distinguishedName(new Uint8Array(name)), 'CN=ca');
  assert.equal(distinguishedName(new Uint8Array([0x30, 1])), '#3001');
});
