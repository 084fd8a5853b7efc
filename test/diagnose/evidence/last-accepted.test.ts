import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  answeredAround,
  keepAnswered,
  noteRecent,
  type Answered,
  type LastAccepted,
} from '../../../src/diagnose/evidence/last-accepted.js';
import { at } from '../../support/connections.js';

/** More than are kept. */
const MANY = 9;
const KEPT = 4;

const accepted = (frame: number, second: number): Answered => ({
  client: { address: `192.0.2.${frame}`, port: 50000 + frame },
  startedAt: at(second),
  nameUsed: frame % 2 === 0 ? 'www.example.com' : undefined,
  serverHello: { frame, at: at(second + 0.1) },
});

test('of the last few, the first that began within a second is told', () => {
  const seconds = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: MANY });
  fc.assert(
    fc.property(seconds, fc.integer({ min: 0, max: 5 }), (all, asked) => {
      const recent: LastAccepted = { all: [], next: 0 };
      const plain: Answered[] = [];
      for (const [index, second] of all.entries()) {
        const one = accepted(index + 1, second);
        plain.push(one);
        noteRecent(recent, one);
        const last = plain.slice(-KEPT);
        const expected = last.find(({ startedAt }) => Math.abs(startedAt.seconds - at(asked).seconds) <= 1);
        assert.deepEqual(answeredAround(recent, { startedAt: at(asked) }), expected);
      }
    }),
  );
});

test('whoever asks is told the same object, that of the connection if it is kept', () => {
  const recent: LastAccepted = { all: [], next: 0 };
  for (let frame = 1; frame <= MANY; frame++) {
    const one = accepted(frame, frame * 10);
    noteRecent(recent, one);
    const told = answeredAround(recent, one);
    assert.deepEqual(told, one);
    assert.equal(answeredAround(recent, one), told);
    keepAnswered(recent, one);
    assert.equal(answeredAround(recent, one), one);
  }
});
