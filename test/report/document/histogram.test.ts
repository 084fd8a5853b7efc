import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHistogram } from '../../../src/report/document/histogram.js';

test('no event is lost, none before the start or after the end, and the bins stay few', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.double({ min: -1e15, max: 1e15, noNaN: true })), {
        minLength: 1,
        maxLength: 300,
      }),
      (events) => {
        const histogram = createHistogram(50);
        for (const [series, at] of events) histogram.add(series, at);
        const view = histogram.view();
        assert.ok(view !== null && view.bins <= 50);
        const total = [...view.series.values()]
          .flatMap((bins) => [...bins.values()])
          .reduce((sum, each) => sum + each, 0);
        assert.equal(total, events.length);
        for (const bins of view.series.values()) {
          for (const bin of bins.keys()) assert.ok(bin >= 0 && bin < view.bins);
        }
      },
    ),
  );
});

test('times of the same bin are counted together, each series by itself', () => {
  const histogram = createHistogram(10);
  for (const at of [1000, 1000.4, 1009]) histogram.add('a', at);
  histogram.add('b', 1005);
  const view = histogram.view();
  assert.deepEqual([view?.start, view?.step, view?.bins], [1000, 1, 10]);
  assert.deepEqual(
    [...(view?.series.get('a') ?? [])],
    [
      [0, 2],
      [9, 1],
    ],
  );
  assert.deepEqual([...(view?.series.get('b') ?? [])], [[5, 1]]);
  assert.equal(createHistogram().view(), null);
});

test('many series are counted, and do not grow it without bound', () => {
  const histogram = createHistogram();
  for (let i = 0; i < 1000; i++) histogram.add(`series ${i}`, i);
  assert.ok((histogram.view()?.series.size ?? 0) <= 256);
});
