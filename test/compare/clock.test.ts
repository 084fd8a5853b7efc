import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareClocks, type PassedPacket } from '../../src/compare/clock.js';

const START = 1.79e15;

/** Packets there and back, one of each every `every` seconds, of clocks `ahead` microseconds apart that drift by `ppm`. */
function crossings(
  seconds: number,
  every: number,
  { ahead, ppm = 0, delay = 10_000 }: { ahead: number; ppm?: number; delay?: number },
): PassedPacket[] {
  return Array.from({ length: Math.floor(seconds / every) }, (_, index): PassedPacket[] => {
    const sent = START + index * every * 1e6;
    // Queues make most packets late, and none early.
    const late = (index * 7919) % 5000;
    const there = (time: number): number => time + ahead + ((time - START) * ppm) / 1e6;
    return [
      { isForward: true, here: sent, there: there(sent + delay + late) },
      { isForward: false, here: sent + 50_000 + delay + late, there: there(sent + 50_000) },
    ];
  }).flat();
}

describe('clocks of two points', () => {
  test('both ways: the middle of the fastest, whatever was late', () => {
    const { clock, at } = compareClocks([0, 1], crossings(20, 0.25, { ahead: -3_200_000 }));
    assert.equal(clock.basis, 'both-ways');
    assert.equal(clock.aheadMs, -3200);
    assert.equal(clock.errorMs, 10);
    assert.equal(clock.delayMs, 10);
    assert.equal(clock.driftPpm, null);
    assert.equal(at(START), -3_200_000);
  });

  test('one way: a bound, and said to be one', () => {
    const forward = crossings(20, 0.25, { ahead: 250_000 }).filter(({ isForward }) => isForward);
    const { clock } = compareClocks([0, 1], forward);
    assert.equal(clock.basis, 'one-way');
    assert.equal(clock.aheadMs, null);
    assert.equal(clock.atMostMs, 260);
    assert.equal(clock.atLeastMs, null);
    const back = crossings(20, 0.25, { ahead: 250_000 }).filter(({ isForward }) => !isForward);
    assert.equal(compareClocks([0, 1], back).clock.atLeastMs, 240);
  });

  test('over ten minutes, the drift of a hundred millionths is found, and taken out', () => {
    const { clock, at } = compareClocks([1, 2], crossings(600, 0.5, { ahead: 37_250_000, ppm: 100 }));
    assert.deepEqual(clock.between, [1, 2]);
    assert.ok(Math.abs((clock.driftPpm ?? 0) - 100) < 2, String(clock.driftPpm));
    assert.ok(Math.abs((clock.aheadMs ?? 0) - 37_250) < 1, String(clock.aheadMs));
    assert.ok(Math.abs((at(START + 600e6) ?? 0) - 37_310_000) < 1000);
  });

  test('over ten minutes without a drift, none is said', () => {
    const { clock } = compareClocks([0, 1], crossings(600, 0.5, { ahead: 1000 }));
    assert.ok(Math.abs(clock.driftPpm ?? 0) < 0.5, String(clock.driftPpm));
    assert.ok(Math.abs((clock.aheadMs ?? 0) - 1) < 0.5);
  });

  test('no packet in common', () => {
    const { clock, at } = compareClocks([0, 1], []);
    assert.equal(clock.basis, 'none');
    assert.equal(at(START), null);
  });
});
