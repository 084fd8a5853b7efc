import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ACK, FIN, PSH, RST } from '../../../../src/packet/packet.js';
import { type ByteSink } from '../../../../src/transport/flow.js';
import { createIds } from '../../../../src/transport/flow.js';
import { createTcpTracker } from '../../../../src/transport/tcp/tracker.js';
import { conversation, feed, type Conversation, type Segment } from '../../../support/conversation.js';

/** A reader of both streams that is like TLS: a byte says how many behind it are passed over, and is kept. */
interface Reader {
  readonly skip: [number, number];
  readonly read: string[];
}

/**
 * What a tracker with so many slots, logs of which none is recognised, and open connections that are not packed, makes
 * of segments: what was read, when, and all that is known of the connections.
 */
function outcome(segments: readonly Segment[], slots: number, logs = 0, unpacked = Infinity) {
  const ended: unknown[] = [];
  let passed = 0;
  let packs = 0;
  let complete = 0;
  const sink: ByteSink<Reader> = {
    open: () => ({ skip: [0, 0], read: [] }),
    data({ skip, read }, direction, { bytes, offset: start, end }, { number }) {
      for (let at = start; at < end; at++) {
        if (skip[direction] > 0) {
          skip[direction]--;
        } else {
          const byte = bytes[at] ?? 0;
          skip[direction] = byte;
          read.push(`${direction} ${byte} in ${number}`);
        }
      }
    },
    gap({ read }, direction, length, { number }) {
      read.push(`${direction} gap ${length} in ${number}`);
    },
    end({ read }, direction, { number }) {
      read.push(`${direction} ends in ${number}`);
    },
    skippable: ({ skip }, direction) => skip[direction],
    skip({ skip }, direction, length) {
      assert.ok(length > 0 && length <= skip[direction]);
      skip[direction] -= length;
      passed += length;
    },
  };
  const tracker = createTcpTracker(
    sink,
    ({ slot, log, recognised, packed, ends, before, after, chained, ...connection }, now) => {
      assert.deepEqual(
        [slot, log, recognised, packed, before, after, chained],
        [-1, null, null, null, null, null, null],
      );
      ended.push(structuredClone({ ...connection, ends: [...ends], now }));
    },
    createIds(),
    {
      limits: { slots, logs, unpacked },
      packer: {
        pack({ skip, read }, { put }) {
          skip.forEach(put);
          packs++;
          return read;
        },
        unpack: (read, { take }): Reader => ({ skip: [take(), take()], read }),
      },
      recogniser: {
        isWanted: () => true,
        recognise() {
          complete++;
          return null;
        },
        isPatient: () => true,
      },
    },
  );
  feed(tracker, segments);
  tracker.finish();
  return { told: { ended, copies: tracker.duplicates() }, passed, complete, packs };
}

/** What comes next in one of the conversations. */
const step = fc.record({
  which: fc.nat(2),
  from: fc.constantFrom<Segment['from'][]>('client', 'server'),
  what: fc.oneof(
    { weight: 48, arbitrary: fc.constant('data') },
    { weight: 12, arbitrary: fc.constant('ack') },
    {
      weight: 8,
      arbitrary: fc.constantFrom('again', 'copy', 'late', 'old ack', 'no ack', 'probe', 'urgent', 'cut', 'wait'),
    },
    // Whatever follows these takes the long way for a while, or for good.
    { weight: 1, arbitrary: fc.constantFrom('lost', 'wrong ack', 'fin', 'reset', 'anew') },
  ),
  size: fc.integer({ min: 1, max: 60 }),
  ttl: fc.constantFrom(63, 64),
  digits: fc.constantFrom(6, 6, 6, 6, 6, 6, 6, 9),
  hasId: fc.boolean(),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Takes a step in a conversation; what is sent is the newest of its segments. */
function take(talk: Conversation, { from, what, size, ttl, digits, hasId }: Step): void {
  const data = Uint8Array.from({ length: size }, (_, index) => (index * 37 + size) & 0xff);
  const overrides = hasId ? { ttl, digits } : { ttl, digits, ipId: 0 };
  const earlier = talk.segments.findLast((segment) => segment.from === from && segment.data.length > 0);
  switch (what) {
    case 'data':
      talk.say(from, data, { ...overrides, flags: size % 2 === 0 ? ACK : ACK | PSH });
      break;
    case 'ack':
      talk.ack(from, overrides);
      break;
    case 'lost':
      talk.say(from, data, overrides);
      talk.lose();
      break;
    case 'late': {
      const { time } = talk.say(from, data, overrides);
      const [segment] = talk.segments.splice(-1);
      talk.segments.push({ ...(segment as Segment), time: time + 0.0035 });
      break;
    }
    case 'again':
      if (earlier !== undefined) talk.send(from, { sequence: earlier.sequence, data: earlier.data });
      break;
    case 'copy': {
      const last = talk.segments.at(-1);
      if (last !== undefined) talk.send(last.from, { ...last, time: last.time + 0.001 });
      break;
    }
    case 'old ack':
      talk.ack(from, { acknowledgment: 6000 });
      break;
    case 'no ack':
      talk.say(from, data, { flags: PSH, acknowledgment: 0 });
      break;
    case 'wrong ack':
      talk.ack(from, { acknowledgment: 2_000_000 });
      break;
    case 'probe':
      if (earlier !== undefined) talk.send(from, { sequence: earlier.sequence, data: earlier.data.subarray(0, 1) });
      break;
    case 'urgent':
      talk.say(from, data, { flags: ACK | 0x20 });
      break;
    case 'cut':
      talk.say(from, data, { cut: size >> 1 });
      break;
    case 'wait':
      talk.pass(size / 10);
      break;
    case 'fin':
      talk.send(from, { flags: FIN | ACK });
      break;
    case 'reset':
      talk.send(from, { flags: RST | ACK });
      break;
    case 'anew':
      talk.open();
  }
}

/** Conversations at the same time, in the order of their segments' times. */
function segmentsOf(steps: readonly Step[], clientStart: number, ipv6: boolean, areOpened: boolean): Segment[] {
  const talks = [0, 1, 2].map((index) => conversation({ clientPort: 40_000 + index, clientStart, ipv6, time: 100 }));
  if (areOpened) for (const talk of talks) talk.open();
  for (const each of steps) take(talks[each.which] as Conversation, each);
  return talks.flatMap(({ segments }) => segments).sort((a, b) => a.time - b.time);
}

const starts = fc.oneof(fc.constant(1000), fc.integer({ min: 0x7fffff00, max: 0x7fffffff }), fc.constant(0xffffffc0));

describe('the fast path for segments in order', () => {
  test('with it the tracker makes the same of any conversations as without', () => {
    let passed = 0;
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 150, size: 'max' }),
        starts,
        fc.boolean(),
        fc.boolean(),
        (steps, start, ipv6, areOpened) => {
          const segments = segmentsOf(steps, start, ipv6, areOpened);
          const plain = outcome(segments, 0);
          assert.deepEqual([plain.passed, plain.complete], [0, 0]);
          for (const slots of [1, 2, 1024]) {
            const result = outcome(segments, slots);
            passed += result.passed;
            assert.deepEqual(result.told, plain.told);
          }
        },
      ),
      { numRuns: 500 },
    );
    assert.ok(passed > 10_000, `${passed} bytes went through them`);
  });

  test('segments that waited in a log are followed as if they had not', () => {
    let closed = 0;
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60, size: 'max' }),
        fc.array(fc.constantFrom('data', 'ack', 'fin', 'fin', 'reset'), { maxLength: 12 }),
        starts,
        fc.boolean(),
        (steps, ending, start, ipv6) => {
          const last = ending.map((what, index): Step => {
            const from = index % 2 === 0 ? 'client' : 'server';
            return { which: 0, from, what, size: 4, ttl: 64, digits: 6, hasId: true };
          });
          const segments = segmentsOf([...steps, ...last], start, ipv6, true);
          const plain = outcome(segments, 0);
          for (const logs of [1, 8]) {
            const result = outcome(segments, 1024, logs);
            closed += result.complete;
            assert.deepEqual(result.told, plain.told);
          }
        },
      ),
      { numRuns: 500 },
    );
    assert.ok(closed > 100, `${closed} connections were closed while their segments waited`);
  });

  test('connections that are packed between their segments are followed as if they were not', () => {
    let packs = 0;
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 150, size: 'max' }),
        starts,
        fc.boolean(),
        fc.boolean(),
        (steps, ...how) => {
          const segments = segmentsOf(steps, ...how);
          const plain = outcome(segments, 0);
          assert.equal(plain.packs, 0);
          for (const unpacked of [0, 1, 2]) {
            const result = outcome(segments, 1024, 0, unpacked);
            packs += result.packs;
            assert.deepEqual(result.told, plain.told);
          }
        },
      ),
      { numRuns: 500 },
    );
    assert.ok(packs > 10_000, `${packs} times one was packed`);
  });

  test('what is acknowledged and not there is given up after as many segments as without', () => {
    const talk = conversation();
    talk.open();
    for (const from of ['client', 'server', 'client', 'server'] as const) talk.say(from, 'abc');
    talk.say('client', 'lost');
    talk.lose();
    for (let count = 0; count < 50; count++) talk.say('server', 'xyz');
    const plain = outcome(talk.segments, 0);
    assert.match(JSON.stringify(plain.told.ended), /gap 4 in 4/);
    assert.deepEqual(outcome(talk.segments, 8).told.ended, plain.told.ended);
  });

  test('a reset connection ends when it does without, whatever still comes in order', () => {
    const talk = conversation({ interval: 4 });
    talk.open();
    for (const from of ['client', 'server'] as const) talk.say(from, 'abc');
    talk.send('server', { flags: RST | ACK, sequence: 5004 });
    for (let count = 0; count < 6; count++) talk.say('client', 'abc');
    assert.deepEqual(outcome(talk.segments, 8).told.ended, outcome(talk.segments, 0).told.ended);
  });

  test('times after 2038 are kept', () => {
    for (const time of [2 ** 31 - 0.01, 2 ** 31, 2 ** 32 + 5]) {
      const talk = conversation({ time });
      talk.open();
      for (let count = 0; count < 10; count++) talk.say(count % 2 === 0 ? 'client' : 'server', 'abc');
      assert.deepEqual(outcome(talk.segments, 8).told.ended, outcome(talk.segments, 0).told.ended);
    }
  });

  test('a transfer goes through its slot, whatever else shares it', () => {
    const talk = conversation();
    talk.open();
    const block = new Uint8Array(100).fill(250);
    for (let count = 0; count < 100; count++) {
      talk.say('client', block);
      talk.say('server', block);
    }
    const { passed } = outcome(talk.segments, 1);
    assert.ok(passed > 0.5 * 200 * 100, `${passed} bytes passed over`);
  });
});
