import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lowerBound } from '../src/lower-bound.js';

test('the lower bound is where a search from the front stops', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer({ min: -1, max: 21 }), (unsorted, value) => {
      const sorted = unsorted.sort((a, b) => a - b);
      const found = sorted.findIndex((each) => each >= value);
      assert.equal(
        lowerBound(sorted.length, (index) => (sorted[index] as number) < value),
        found < 0 ? sorted.length : found,
      );
    }),
  );
});
