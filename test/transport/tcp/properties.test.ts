import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { newFrame } from '../../../src/capture/frame.js';
import { MAX_EARLY_BYTES, MAX_EARLY_SEGMENTS, newStream, receive } from '../../../src/transport/tcp/stream.js';
import { conversation, feed, follow, keeper, recorder, textOf, type Segment } from '../../support/conversation.js';

/** Bytes that tell their place. */
function numbered(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

interface Cut {
  /** Bytes of the segment. */
  readonly size: number;
  /** Bytes before it that it repeats. */
  readonly overlap: number;
  /** Places that it comes too late. */
  readonly delay: number;
  readonly isSentTwice: boolean;
  readonly isAcknowledged: boolean;
}

const cut = fc.record({
  size: fc.integer({ min: 1, max: 300 }),
  overlap: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 600 }) },
  ),
  // Acknowledgments stand between the segments, so this stays well below the tracker's patience.
  delay: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(20) }),
  isSentTwice: fc.boolean(),
  isAcknowledged: fc.boolean(),
});
const cuts = fc.array(cut, { minLength: 1, maxLength: 40 });
const start = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0xfffff000, max: 0xffffffff }));

/** A conversation whose client sends numbered bytes, cut, repeated and acknowledged as `cuts` say; in order. */
function script(clientStart: number, cutting: readonly Cut[]) {
  const total = cutting.reduce((sum, { size }) => sum + size, 0);
  const bytes = numbered(total);
  const talk = conversation({ clientStart, serverStart: (clientStart * 3 + 5) % 0x100000000 });
  talk.open();
  const opening = talk.segments.splice(0);
  const placed: { readonly segment: Segment; readonly place: number }[] = [];
  let at = 0;
  for (const [index, { size, overlap, delay, isSentTwice, isAcknowledged }] of cutting.entries()) {
    const from = Math.max(0, at - overlap);
    const sequence = clientStart + 1 + from;
    const data = bytes.subarray(from, at + size);
    at += size;
    placed.push({ segment: talk.send('client', { sequence, data }), place: index + delay });
    if (isSentTwice) placed.push({ segment: talk.send('client', { sequence, data }), place: index + delay + 1 });
    if (isAcknowledged) {
      placed.push({ segment: talk.ack('server', { acknowledgment: clientStart + 1 + at }), place: index });
    }
  }
  return { bytes, opening, placed };
}

const inPlace = (placed: readonly { readonly segment: Segment; readonly place: number }[]): Segment[] =>
  placed.toSorted((a, b) => a.place - b.place).map(({ segment }) => segment);

describe('the stream does not depend on', () => {
  test('cuts, overlaps, duplicates, reordering within a window, nor on where its sequence numbers begin', () => {
    fc.assert(
      fc.property(start, cuts, (clientStart, cutting) => {
        const { bytes, opening, placed } = script(clientStart, cutting);
        const [connection, ...others] = follow([...opening, ...inPlace(placed)]);
        assert.equal(others.length, 0);
        assert.equal(textOf(connection!.pieces.client), Buffer.from(bytes).toString('latin1'));
        const { stream } = connection!.tcp.ends[0];
        assert.deepEqual([stream.delivered, stream.missing], [bytes.length, 0]);
      }),
      { numRuns: 500 },
    );
  });

  test('where the SYN stands among the first segments, if the data is in order', () => {
    fc.assert(
      fc.property(start, cuts, fc.nat(5), (clientStart, cutting, place) => {
        const { bytes, opening, placed } = script(
          clientStart,
          cutting.map((one) => ({ ...one, delay: 0, overlap: 0, isAcknowledged: false })),
        );
        const segments = inPlace(placed);
        segments.splice(place, 0, ...opening);
        const connections = follow(segments);
        assert.equal(connections.length, 1);
        assert.equal(textOf(connections[0]!.pieces.client), Buffer.from(bytes).toString('latin1'));
      }),
    );
  });
});

test('a segment taken out changes only the bytes that it carried', () => {
  fc.assert(
    fc.property(start, cuts, fc.nat(), fc.boolean(), (clientStart, cutting, which, isReset) => {
      // A single byte at the very end may as well be a FIN.
      const once = cutting.map((one) => ({ ...one, size: one.size + 1, overlap: 0, isSentTwice: false }));
      const { bytes, opening, placed } = script(clientStart, once);
      const carriers = placed.filter(({ segment }) => segment.from === 'client');
      const removed = carriers[which % carriers.length]!;
      const segments = [...opening, ...inPlace(placed.filter((one) => one !== removed))];
      const last = segments.at(-1)!;
      // The peer has it all in the end.
      segments.push({
        ...opening[1]!,
        sequence: opening[1]!.sequence + 1,
        flags: isReset ? 0x14 : 0x10,
        acknowledgment: clientStart + 1 + bytes.length,
        time: last.time + 1,
      });
      if (isReset) segments.push({ ...segments.at(-1)!, flags: 0x10 });
      const connections = follow(segments);
      assert.equal(connections.length, 1);
      const from = removed.segment.sequence - clientStart - 1;
      const { length } = removed.segment.data;
      const text = Buffer.from(bytes).toString('latin1');
      assert.equal(
        textOf(connections[0]!.pieces.client),
        `${text.slice(0, from)}<${length}>${text.slice(from + length)}`,
      );
    }),
    { numRuns: 300 },
  );
});

test('a pure acknowledgment taken out changes nothing', () => {
  fc.assert(
    fc.property(start, cuts, fc.nat(), (clientStart, cutting, which) => {
      const { bytes, opening, placed } = script(clientStart, cutting);
      const acknowledgments = placed.filter(({ segment }) => segment.from === 'server');
      const removed = acknowledgments[which % Math.max(1, acknowledgments.length)];
      const segments = [...opening, ...inPlace(placed.filter((one) => one !== removed))];
      const [connection] = follow(segments);
      assert.equal(textOf(connection!.pieces.client), Buffer.from(bytes).toString('latin1'));
    }),
  );
});

test('any segments at all: never an error, every connection ends once, the bounds hold', () => {
  const near = fc.oneof(fc.nat(3000), fc.integer({ min: 0xfffffff0, max: 0xffffffff }), fc.integer({ min: 0 }));
  const wild = fc.record({
    from: fc.constantFrom<Segment['from'][]>('client', 'server'),
    sequence: near,
    acknowledgment: near,
    flags: fc.nat(255),
    data: fc.uint8Array({ maxLength: 40 }),
    cut: fc.nat(40),
    time: fc.oneof(fc.nat(30), fc.integer({ min: 0, max: 0xffffffff })),
    digits: fc.constantFrom(6, 9),
    ipId: fc.nat(3),
    ttl: fc.nat(255),
    clientPort: fc.integer({ min: 1, max: 3 }),
    serverPort: fc.integer({ min: 1, max: 3 }),
    ipv6: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(wild, { maxLength: 120 }), (segments) => {
      const limit = 4;
      let opened = 0;
      const { tracker, ended, nextId } = recorder(
        1,
        { connections: limit, opening: 2 },
        {
          ...keeper,
          open() {
            opened++;
            assert.ok(opened - ended.filter(({ tcp }) => tcp.content !== null).length <= limit);
            return keeper.open();
          },
        },
      );
      feed(
        tracker,
        segments.map((segment) => ({ ...segment, cut: Math.min(segment.cut, segment.data.length) })),
      );
      tracker.finish();
      assert.equal(ended.length + tracker.forgotten(), nextId() - 1);
      assert.equal(new Set(ended.map(({ tcp }) => tcp.id)).size, ended.length);
      for (const { tcp, pieces } of ended) {
        for (const [index, side] of [pieces.client, pieces.server].entries()) {
          const { stream, syns, resets } = tcp.ends[index as 0 | 1];
          assert.equal(stream.early, null, 'everything is handed on');
          assert.equal(stream.earlyBytes, 0);
          assert.ok(syns.length <= 8 && resets.length <= 4);
          const data = side.flatMap((piece) => ('gap' in piece ? [] : [piece.data.length]));
          const gaps = side.flatMap((piece) => ('gap' in piece ? [piece.gap] : []));
          assert.ok(data.every((length) => length > 0) && gaps.every((length) => length > 0));
          const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
          assert.deepEqual([sum(data), sum(gaps)], [stream.delivered, stream.missing]);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('what waits stays within its bounds, whatever comes', () => {
  const stamp = newFrame();
  const sink = { ...keeper, data: () => undefined, gap: () => undefined };
  const output = { sink, content: keeper.open(), direction: 0 } as const;
  const bytes = numbered(60000);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 0x7ffffffe }), fc.boolean(), (seed, areSmall) => {
      let state = seed;
      const random = (below: number): number => {
        state = (state * 48271) % 0x7fffffff;
        return state % below;
      };
      const stream = newStream();
      stream.isStarted = true;
      let most = 0;
      for (let count = 0; count < 3000; count++) {
        const length = areSmall ? 1 : 1 + random(random(2) === 0 ? 4 : bytes.length);
        const payload = { bytes, offset: 0, end: length, missing: 0 };
        receive(stream, 1 + random(0x7fffff), payload, stamp, output);
        const held = (stream.early ?? []).reduce((sum, segment) => sum + segment.bytes.length, 0);
        assert.equal(stream.earlyBytes, held);
        most = Math.max(most, areSmall ? (stream.early?.length ?? 0) : held);
        assert.ok(held <= MAX_EARLY_BYTES && (stream.early?.length ?? 0) <= MAX_EARLY_SEGMENTS);
      }
      assert.ok(most > (areSmall ? MAX_EARLY_SEGMENTS : MAX_EARLY_BYTES) / 2, 'the bound was approached');
    }),
    { numRuns: 20 },
  );
});
