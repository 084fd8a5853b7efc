import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addEvent,
  countsAlone,
  inFrameOrder,
  newTranscript,
  receivedBefore,
} from '../../../src/tls/handshake/transcript.js';

type Side = 'client' | 'server';
const event = (from: Side, frame: number, name = '') => ({ from, frame, name });

test('events in the order of frames are handed back as they are', () => {
  const events = [event('client', 1), event('server', 2), event('server', 2, 'later')];
  assert.equal(inFrameOrder(events), events);
});

test('a message whose segment came late is put in its place, behind those of its own frame', () => {
  const events = [event('client', 5, 'late'), event('server', 3), event('client', 3), event('server', 5, 'after')];
  assert.deepEqual(
    inFrameOrder(events).map(({ from, frame, name }) => `${frame} ${from} ${name}`.trim()),
    ['3 server', '3 client', '5 client late', '5 server after'],
  );
});

const arbitraryEvents = fc.array(
  fc.record({ from: fc.constantFrom<Side>('client', 'server'), frame: fc.integer({ min: 1, max: 9 }) }),
);

test('of what came before a frame, each side can have received what the other sent', () => {
  fc.assert(
    fc.property(arbitraryEvents, fc.integer({ min: 0, max: 10 }), (events, frame) => {
      const before = events.filter((one) => one.frame < frame);
      for (const [side, peer] of [
        ['client', 'server'],
        ['server', 'client'],
      ] as const) {
        assert.deepEqual(
          receivedBefore(events, side, frame),
          before.filter(({ from }) => from === peer),
        );
      }
    }),
  );
});

test('records that are counted alone leave what their events would', () => {
  const record = fc.record({ direction: fc.constantFrom<0 | 1>(0, 1), type: fc.constantFrom(20, 21, 22, 23, 23, 23) });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 100 }), (records) => {
      const [plain, fast] = [newTranscript(), newTranscript()];
      for (const [index, { direction, type }] of records.entries()) {
        const at = { seconds: index, nanoseconds: 0, digits: 0 };
        const event = { kind: 'encrypted_record', direction, type, frame: index + 1, at } as const;
        const whole = {
          ...event,
          protection: 'encrypted',
          length: 64,
          recordVersion: 0x0303,
          isBehindGap: false,
        } as const;
        addEvent(plain, whole);
        if (!countsAlone(fast, direction, type)) addEvent(fast, whole);
      }
      assert.deepEqual(fast, plain);
    }),
  );
});
