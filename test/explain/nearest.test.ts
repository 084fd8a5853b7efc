import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distanceOf } from '../../src/explain/nearest.js';

test('letters put in, taken out, changed or swapped are one mistake each', () => {
  for (const [a, b, distance] of [
    ['tls', 'tls', 0],
    ['tsl', 'tls', 1],
    ['dtsl', 'dtls', 1],
    ['qiuc', 'quic', 1],
    ['kitten', 'sitting', 3],
    ['', 'eap', 3],
    ['ca', 'abc', 3],
  ] as const) {
    assert.equal(distanceOf(a, b), distance, `${a} ${b}`);
  }
});

test('the distance is the same both ways, and none between equals alone', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      assert.equal(distanceOf(a, b), distanceOf(b, a));
      assert.equal(distanceOf(a, b) === 0, a === b);
    }),
  );
});
