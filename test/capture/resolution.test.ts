import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readTime, resolutionOf } from '../../src/capture/resolution.js';

function read(units: bigint, tsresol: number) {
  const time = { seconds: 0, nanoseconds: 0, digits: 0 };
  readTime(Number(units >> 32n), Number(units & 0xffffffffn), resolutionOf(tsresol), time);
  return time;
}

describe('times counted in units', () => {
  test('are exact, for every resolution', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.integer({ min: 0, max: 255 }), (units, tsresol) => {
        const exponent = BigInt(tsresol & 0x7f);
        const perSecond = tsresol & 0x80 ? 2n ** exponent : 10n ** exponent;
        const { seconds, nanoseconds } = read(units, tsresol);
        assert.equal(seconds, Number(units / perSecond));
        assert.equal(nanoseconds, Number(((units % perSecond) * 10n ** 9n) / perSecond));
      }),
      { numRuns: 2000 },
    );
  });

  test('are exact at the edges', () => {
    const last = 2n ** 64n - 1n;
    assert.deepEqual(read(last, 9), { seconds: 18_446_744_073, nanoseconds: 709_551_615, digits: 9 });
    assert.deepEqual(read(last, 6), { seconds: 18_446_744_073_709, nanoseconds: 551_615_000, digits: 6 });
    assert.deepEqual(read(1_699_999_999_999_999_999n, 9), {
      seconds: 1_699_999_999,
      nanoseconds: 999_999_999,
      digits: 9,
    });
    assert.deepEqual(read(3n, 0x81), { seconds: 1, nanoseconds: 500_000_000, digits: 1 });
    assert.deepEqual(read(7n, 0), { seconds: 7, nanoseconds: 0, digits: 0 });
  });
});
