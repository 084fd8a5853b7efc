import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createQueue, type Queued } from '../../src/transport/queue.js';

class Entry implements Queued<Entry> {
  before: Entry | null = null;
  after: Entry | null = null;
  constructor(readonly name: number) {}
}

test('a queue keeps the order of adding, whatever is removed in between', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (steps) => {
      const queue = createQueue<Entry>();
      let expected: Entry[] = [];
      for (const [name, step] of steps.entries()) {
        const removed = expected[step];
        if (removed === undefined) {
          const entry = new Entry(name);
          queue.add(entry);
          expected.push(entry);
        } else {
          queue.remove(removed);
          expected = expected.filter((entry) => entry !== removed);
        }
        const names: number[] = [];
        for (let at = queue.first; at !== null; at = at.after) names.push(at.name);
        assert.deepEqual(
          names,
          expected.map((entry) => entry.name),
        );
      }
    }),
  );
});
