import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPatternKey, createRecordMeanings } from '../../../../src/tls/fast-path/pattern/key.js';

test('records of one length are told from others where the length may mean something', () => {
  const meaningOf = createRecordMeanings();
  const of = (length: number): number => meaningOf(0x0304, 0x1302, length);
  // Bytes of TLS_AES_256_GCM_SHA384: an alert, Finished, an empty Certificate and CertificateVerify behind the handshake.
  const [data, ...telling] = [900, 19, 69, 57, 281].map(of);
  assert.equal(new Set(telling).size, telling.length);
  assert.ok(!telling.includes(data ?? 0));
  assert.equal(of(901), data);
});

test('every byte of a content up to a kilobyte, and the ends of a longer one, count for the hash', () => {
  const key = createPatternKey();
  const hashOf = (content: Uint8Array): number => {
    key.begin();
    key.put(1);
    key.putBytes(content, 0, content.length);
    return key.hash();
  };
  const differing = (length: number, places: readonly number[]): number[] => {
    const content = new Uint8Array(length);
    const before = hashOf(content);
    return places.filter((place) => hashOf(content.with(place, 1)) !== before);
  };
  for (const length of [1, 3, 64, 65, 1024]) {
    const all = Array.from({ length }, (_, place) => place);
    assert.deepEqual(differing(length, all), all, `of ${length} bytes`);
  }
  assert.deepEqual(differing(3000, [0, 511, 1500, 2488, 2999]), [0, 511, 2488, 2999]);
});
