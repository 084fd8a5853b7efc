import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMeanings } from '../../../src/tls/kind/key.js';

test('records of one length are told from others where the length may mean something', () => {
  const meaningOf = createMeanings();
  const of = (length: number): number => meaningOf(0x0304, 0x1302, length);
  // Bytes of TLS_AES_256_GCM_SHA384: an alert, Finished, an empty Certificate and CertificateVerify behind the handshake.
  const [data, ...telling] = [900, 19, 69, 57, 281].map(of);
  assert.equal(new Set(telling).size, telling.length);
  assert.ok(!telling.includes(data ?? 0));
  assert.equal(of(901), data);
});
