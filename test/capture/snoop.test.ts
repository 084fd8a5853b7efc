import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { CaptureSummary } from '../../src/capture/open.js';
import { be32, concat, piecesOf, readAll } from '../support/captures.js';
import { ROOT } from '../support/schema.js';

const ETHERNET = 4;
const header = (datalink = ETHERNET): Uint8Array =>
  concat(new TextEncoder().encode('snoop\0\0\0'), be32(2), be32(datalink));

interface Content {
  readonly data: Uint8Array;
  readonly seconds: number;
  readonly microseconds: number;
  readonly originalLength?: number;
}

function record({ data, seconds, microseconds, originalLength = data.length }: Content, pad = -data.length & 3) {
  const length = 24 + data.length + pad;
  return concat(
    ...[originalLength, data.length, length, 0, seconds, microseconds].map(be32),
    data,
    new Uint8Array(pad),
  );
}

const contents = fc.array(
  fc.record({
    data: fc.uint8Array({ maxLength: 80 }),
    seconds: fc.nat(0xffffffff),
    microseconds: fc.nat(999_999),
    originalLength: fc.nat(2000),
  }),
  { maxLength: 8 },
);

const codes = ({ warnings }: CaptureSummary) => warnings.map(({ code, id }) => `${code} ${id}`);

describe('snoop', () => {
  test('reads what was written, however it is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        contents,
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        async (packets, sizes) => {
          const bytes = concat(header(), ...packets.map((one) => record(one)));
          const { frames, summary } = await readAll(...piecesOf(bytes, sizes));
          assert.deepEqual(
            frames.map(({ data, seconds, nanoseconds, originalLength, linkType }) => [
              ...[data, seconds, nanoseconds, originalLength, linkType],
            ]),
            packets.map(({ data, seconds, microseconds, originalLength }) => [
              ...[data, seconds, microseconds * 1000, originalLength, 1],
            ]),
          );
          assert.deepEqual([summary.format, summary.bytes], ['snoop', bytes.length]);
        },
      ),
    );
  });

  test('bytes changed never throw, and every frame lies within the input', async () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(contents, changes, async (packets, places) => {
        const bytes = concat(header(), ...packets.map((one) => record(one)));
        for (const [place, value] of places) bytes[12 + (place % (bytes.length - 12))] = value;
        const { frames, summary } = await readAll(bytes);
        assert.ok(summary.bytes <= bytes.length);
        for (const { fileOffset, data, nanoseconds } of frames) {
          assert.ok(fileOffset + 24 + data.length <= bytes.length && nanoseconds < 1e9);
        }
      }),
      { numRuns: 1000 },
    );
  });

  const data = new Uint8Array([1, 2, 3, 4, 5]);
  const one = record({ data, seconds: 1, microseconds: 2 });

  test('the last record may lack its padding', async () => {
    const { frames, summary } = await readAll(concat(header(), one, one.subarray(0, one.length - 3)));
    assert.deepEqual([frames.length, summary.warnings], [2, []]);
  });

  test('says where it is cut', async () => {
    for (const [cut, what] of [
      [10, 'record'],
      [27, 'record'],
    ] as const) {
      const { frames, summary } = await readAll(concat(header(), one, one.subarray(0, cut)));
      assert.deepEqual([frames.length, codes(summary)], [1, [`cut-short ${what}`]]);
    }
    assert.deepEqual(codes((await readAll(header().subarray(0, 14))).summary), ['cut-short fileHeader']);
  });

  test('believes no length that the record cannot have', async () => {
    for (const [captured, length] of [
      [0xffffffff, 0xffffffff],
      [5, 28],
      [5, 0xffffffff],
    ]) {
      const bad = concat(...[5, captured ?? 0, length ?? 0, 0, 1, 2].map(be32), data);
      const { frames, summary } = await readAll(concat(header(), one, bad));
      assert.deepEqual([frames.length, codes(summary)], [1, ['damaged capturedLength']]);
    }
  });

  test('knows datalink types, and names none that it does not know', async () => {
    const linkTypeOf = async (datalink: number) => (await readAll(concat(header(datalink), one))).frames[0]?.linkType;
    assert.deepEqual(
      [await linkTypeOf(0), await linkTypeOf(2), await linkTypeOf(8), await linkTypeOf(77)],
      [1, 6, 10, 162],
    );
  });

  test('holds what pcap holds', async () => {
    const bytes = readFileSync(join(ROOT, 'samples', 'certificate-self-signed.pcap'));
    const { frames } = await readAll(bytes);
    const again = await readAll(
      concat(
        header(),
        ...frames.map((frame) => record({ ...frame, microseconds: Math.floor(frame.nanoseconds / 1000) })),
      ),
    );
    assert.deepEqual(
      again.frames.map(({ data: held, seconds }) => [held, seconds]),
      frames.map(({ data: held, seconds }) => [held, seconds]),
    );
  });
});
