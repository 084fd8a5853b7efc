import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CaptureError } from '../../src/capture/error.js';
import { concat, pcapFile, pcapngBlocks, piecesOf, readAll } from '../support/captures.js';

const packets = fc.array(
  fc.record({
    data: fc.uint8Array({ maxLength: 80 }),
    seconds: fc.nat(),
    fraction: fc.nat(999_999),
    originalLength: fc.nat(2000),
  }),
  { maxLength: 8 },
);
const classic = fc
  .tuple(packets, fc.boolean(), fc.boolean())
  .map(([contents, bigEndian, nanoseconds]) => pcapFile(contents, { bigEndian, nanoseconds }));
const section = fc.tuple(packets, fc.boolean(), fc.nat(255)).map(([contents, bigEndian, tsresol]) => {
  const blocks = pcapngBlocks(bigEndian);
  return concat(
    blocks.sectionHeader(),
    blocks.interfaceDescription({ tsresol }),
    ...contents.map(({ data, seconds, fraction }, index) =>
      index % 3 === 0
        ? blocks.block(0x0badcafe, data)
        : blocks.enhancedPacket(data, BigInt(seconds) * 1_000_000n + BigInt(fraction)),
    ),
  );
});
const next = fc.array(section, { minLength: 1, maxLength: 3 }).map((sections) => concat(...sections));
const captures = fc.oneof(classic, next);

describe('reading', () => {
  test('does not depend on how the input is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(captures, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), async (bytes, sizes) => {
        const whole = await readAll(bytes);
        assert.deepEqual(await readAll(...piecesOf(bytes, sizes)), whole);
        assert.deepEqual(await readAll(...piecesOf(bytes, [1])), whole);
      }),
    );
  });

  test('arbitrary bytes are a capture or a CaptureError', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await assert.rejects(readAll(bytes), CaptureError);
      }),
    );
  });

  test('bytes changed, taken out or put in never throw, and every frame lies within the input', async () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 6 }), fc.nat(6)), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(captures, changes, async (bytes, mutations) => {
        const recognised = 12;
        let damaged: Uint8Array = bytes;
        for (const [position, inserted, removed] of mutations) {
          const at = recognised + (position % Math.max(1, damaged.length - recognised));
          damaged = concat(damaged.subarray(0, at), inserted, damaged.subarray(at + removed));
        }
        const result = await readAll(damaged);
        assert.deepEqual(await readAll(...piecesOf(damaged, [7])), result);
        const { frames, summary } = result;
        assert.equal(summary.packets, frames.length);
        assert.ok(summary.bytes <= damaged.length);
        for (const frame of frames) {
          assert.ok(frame.fileOffset + frame.data.length <= damaged.length);
          assert.ok(frame.nanoseconds >= 0 && frame.nanoseconds < 1e9 && Number.isInteger(frame.nanoseconds));
          assert.ok(Number.isInteger(frame.seconds));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
