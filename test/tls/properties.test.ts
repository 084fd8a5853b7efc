import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { MAX_HANDSHAKE_LENGTH } from '../../src/tls/handshake/reader.js';
import { MAX_ALERTS, MAX_ENCRYPTED_RECORDS, MAX_MESSAGES } from '../../src/tls/handshake/transcript.js';
import { concat } from '../support/captures.js';
import { recordedStream, type Chunk } from '../support/recorded.js';
import { gist, read, type Seen, type Step } from '../support/tls.js';

/** Handshakes of real stacks: what they have in them is in samples/README.md. */
const SAMPLES = [
  'tls12-success.pcap',
  'tls13-success.pcap',
  'certificate-authority-unknown-java.pcap',
  'certificate-rejected-java.pcap',
  'client-certificate-untrusted.pcap',
  'client-certificate-missing-tls13.pcap',
  'protocol-version-old-client.pcap',
];

const recorded = new Map<string, Chunk[]>();
before(async () => {
  for (const sample of SAMPLES) recorded.set(sample, await recordedStream(sample));
});
const chunksOf = (sample: string): Chunk[] => recorded.get(sample) ?? [];
const stepsOf = (sample: string): Step[] => chunksOf(sample).map(({ direction, data }): Step => [direction, data]);

function assertBounded(session: Seen): void {
  assert.ok(session.messages.length <= MAX_MESSAGES);
  assert.ok(session.alerts.length <= MAX_ALERTS);
  assert.ok(session.encryptedRecords.length <= 2 * MAX_ENCRYPTED_RECORDS);
  assert.ok(session.cipherChanges.length <= 4);
  assert.ok(session.problems.length <= 8);
  assert.ok(session.session.heldBytes <= 2 * 2 * (MAX_HANDSHAKE_LENGTH + 20000));
}

/** The steps with each chunk cut into pieces of these sizes, in turn. */
function cutInto(steps: readonly Step[], sizes: readonly number[]): Step[] {
  const cut: Step[] = [];
  let turn = 0;
  for (const [direction, data] of steps) {
    if ('gap' in data) continue;
    for (let at = 0; at < data.length;) {
      const size = sizes[turn++ % sizes.length] ?? 1;
      cut.push([direction, data.subarray(at, at + size)]);
      at += size;
    }
  }
  return cut;
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3000 })), {
  minLength: 1,
  maxLength: 20,
});

describe('recorded handshakes', () => {
  for (const sample of SAMPLES) {
    test(`${sample}: the cuts between segments change nothing`, () => {
      const whole = gist(read(...stepsOf(sample)));
      assert.ok(whole.isTls && whole.messages.flat().length > 0);
      assert.deepEqual(whole.problems, []);
      fc.assert(
        fc.property(sizes, (pieces) => {
          assert.deepEqual(gist(read(...cutInto(stepsOf(sample), pieces))), whole);
        }),
        { numRuns: 30 },
      );
    });

    test(`${sample}: without any one segment, what the others hold stays`, () => {
      const steps = stepsOf(sample);
      const whole = read(...steps);
      for (const [lost, [direction, data]] of steps.entries()) {
        if ('gap' in data) continue;
        const session = read(
          ...steps.map((step, index): Step => (index === lost ? [direction, { gap: data.length }] : step)),
        );
        // The other direction is as it was, but for what the versions agreed on decide.
        const other = 1 - direction;
        const typesOf = (one: Seen): unknown[] =>
          one.messages.filter((message) => message.direction === other).map(({ type, frame }) => [type, frame]);
        if (whole.messages.some((message) => message.frame === lost + 1 && message.type === 2)) continue;
        assert.deepEqual(typesOf(session), typesOf(whole), `without ${lost}`);
        // Nothing that was complete before the gap is gone.
        const earlier = (one: Seen): unknown[] =>
          one.messages.filter(({ frame }) => frame <= lost).map(({ type, frame }) => [type, frame]);
        assert.deepEqual(earlier(session), earlier(whole), `before ${lost}`);
      }
    });
  }

  test('changed in any bytes never throw, and stay in bounds', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.uint8Array({ maxLength: 8 }), fc.nat(8)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), changes, sizes, (sample, mutations, pieces) => {
        const chunks = chunksOf(sample).map(({ direction, data }) => ({ direction, data }));
        for (const [which, position, inserted, removed] of mutations) {
          const chunk = chunks[which % chunks.length]!;
          const at = position % (chunk.data.length + 1);
          chunk.data = concat(chunk.data.subarray(0, at), inserted, chunk.data.subarray(at + removed));
        }
        const steps = chunks.map(({ direction, data }): Step => [direction, data]);
        assertBounded(read(...steps));
        assertBounded(read(...cutInto(steps, pieces)));
      }),
      { numRuns: 1000 },
    );
  });

  test('with any gaps never throw, and stay in bounds', () => {
    const gaps = fc.array(fc.tuple(fc.nat(40), fc.nat(2000), fc.integer({ min: 1, max: 3000 })), { minLength: 1 });
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), gaps, (sample, holes) => {
        const steps: Step[] = [];
        for (const [index, [direction, data]] of stepsOf(sample).entries()) {
          if ('gap' in data) continue;
          const hole = holes.find(([which]) => which === index);
          if (hole === undefined) {
            steps.push([direction, data]);
            continue;
          }
          const at = Math.min(hole[1], data.length);
          const end = Math.min(at + hole[2], data.length);
          if (at > 0) steps.push([direction, data.subarray(0, at)]);
          if (end > at) steps.push([direction, { gap: end - at }]);
          if (data.length > end) steps.push([direction, data.subarray(end)]);
        }
        assertBounded(read(...steps));
      }),
      { numRuns: 500 },
    );
  });
});

test('arbitrary bytes and gaps never throw, and stay in bounds', () => {
  const header = fc
    .tuple(fc.integer({ min: 19, max: 25 }), fc.integer({ min: 0, max: 5 }), fc.nat(300))
    .map(([type, minor, length]) => new Uint8Array([type, 3, minor, length >> 8, length & 0xff]));
  const start = fc
    .tuple(fc.nat(30), fc.nat(0xffffff))
    .map(([type, length]) => new Uint8Array([type, length >> 16, (length >> 8) & 0xff, length & 0xff]));
  const bytes = fc
    .array(fc.oneof(header, start, fc.uint8Array({ maxLength: 40 })), { minLength: 1, maxLength: 10 })
    .map((parts) => concat(...parts));
  const step = fc.tuple(
    fc.constantFrom<(0 | 1)[]>(0, 1),
    fc.oneof(
      { weight: 4, arbitrary: bytes.filter((data) => data.length > 0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 0x7fffffff }).map((gap) => ({ gap })) },
    ),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      assertBounded(read(...steps));
    }),
    { numRuns: 3000 },
  );
});
