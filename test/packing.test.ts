import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bits, createPacking, isSet } from '../src/packing.js';

const number = fc.oneof(fc.integer(), fc.integer({ min: -100, max: 100 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1));
const place = fc.tuple(
  fc.nat(),
  fc.record({ seconds: fc.nat(), nanoseconds: fc.nat(999_999_999), digits: fc.nat(9) }, { noNullPrototype: true }),
);
const hex = fc.uint8Array({ maxLength: 255 }).map((bytes) => Buffer.from(bytes).toString('hex'));

describe('packing', () => {
  test('gives what was put, in the same order, whatever was packed in between', () => {
    const packing = createPacking();
    fc.assert(
      fc.property(fc.array(fc.oneof(number, place, hex), { maxLength: 10 }), hex, (all, other) => {
        packing.begin();
        for (const each of all) {
          if (typeof each === 'number') packing.put(each);
          else if (typeof each === 'string') packing.putHex(each);
          else packing.putPlace(...each);
        }
        assert.ok(packing.fits());
        const packed = packing.end();
        packing.begin();
        packing.putHex(other);
        packing.open(packed);
        const taken = all.map((each) => {
          if (typeof each === 'number') return packing.take();
          if (typeof each === 'string') return packing.takeHex();
          const at = { seconds: 0, nanoseconds: 0, digits: 0 };
          return [packing.takePlace(at), at];
        });
        assert.deepEqual(taken, all);
      }),
    );
  });

  test('says where something does not fit: numbers that are no integers of 32 bits, and too many', () => {
    const packing = createPacking();
    const fits = (...values: readonly number[]): boolean => {
      packing.begin();
      values.forEach(packing.put);
      return packing.fits();
    };
    assert.deepEqual(
      [2 ** 31, -(2 ** 31) - 1, 0.5, NaN].map((value) => fits(value)),
      [false, false, false, false],
    );
    assert.ok(fits(0, 2 ** 31 - 1));
    assert.ok(!fits(...new Array<number>(5000).fill(1)));
    packing.begin();
    for (let count = 0; count < 20; count++) packing.putHex('00'.repeat(255));
    assert.ok(!packing.fits());
    packing.begin();
    packing.putPlace(1, { seconds: 2 ** 33, nanoseconds: 0, digits: 6 });
    assert.ok(!packing.fits());
  });

  test('a small number takes one byte, and so does each part of a place near the one before', () => {
    const packing = createPacking();
    packing.begin();
    packing.put(-60);
    packing.putPlace(1_000_000, { seconds: 1_700_000_000, nanoseconds: 123_000_000, digits: 6 });
    const { length } = packing.end();
    packing.putPlace(1_000_003, { seconds: 1_700_000_000, nanoseconds: 123_000_040, digits: 6 });
    assert.equal(packing.end().length, length + 4);
  });

  test('marks are told apart', () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((index) => isSet(bits(true, false, true), index)),
      [true, false, true, false],
    );
  });
});
