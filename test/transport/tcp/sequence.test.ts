import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { advance, distance } from '../../../src/transport/tcp/sequence.js';

const sequences = fc.integer({ min: -0x80000000, max: 0x7fffffff });

test('a sequence number goes on from its largest value to zero', () => {
  assert.equal(advance(-1, 1), 0);
  assert.equal(advance(0x7fffffff, 1), -0x80000000);
  assert.equal(distance(3, -2), 5);
  assert.equal(distance(-2, 3), -5);
  assert.equal(distance(-0x80000000, 0x7fffffff), 1);
});

test('advancing is undone by the distance, anywhere in the sequence space', () => {
  fc.assert(
    fc.property(sequences, fc.integer({ min: -0x7fffffff, max: 0x7fffffff }), (start, count) => {
      assert.equal(distance(advance(start, count), start), count);
    }),
  );
});
