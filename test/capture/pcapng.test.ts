import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concat, pcapngBlocks, readAll } from '../support/captures.js';

const data = new Uint8Array([1, 2, 3, 4, 5]);
const little = pcapngBlocks();
const { block, sectionHeader, interfaceDescription, enhancedPacket, simplePacket } = little;

describe('pcapng', () => {
  for (const bigEndian of [false, true]) {
    const blocks = pcapngBlocks(bigEndian);
    test(`reads all packet blocks, ${bigEndian ? 'big' : 'little'}-endian`, async () => {
      const file = concat(
        blocks.sectionHeader(),
        blocks.interfaceDescription({ linkType: 101, snapLength: 4 }),
        blocks.interfaceDescription({ linkType: 1, tsresol: 9, tsoffset: -5n }),
        blocks.enhancedPacket(data, 1_700_000_000_123_456n, 0, 9),
        blocks.obsoletePacket(data, 1_700_000_000_123_456_789n, 1),
        blocks.simplePacket(data.subarray(0, 4), 60),
      );
      const { frames, summary } = await readAll(file);
      assert.deepEqual(
        frames.map(({ fileOffset, ...rest }) => [fileOffset > 0, rest]),
        [
          [
            true,
            {
              number: 1,
              seconds: 1_700_000_000,
              nanoseconds: 123_456_000,
              digits: 6,
              linkType: 101,
              data,
              originalLength: 9,
            },
          ],
          [
            true,
            {
              number: 2,
              seconds: 1_699_999_995,
              nanoseconds: 123_456_789,
              digits: 9,
              linkType: 1,
              data,
              originalLength: 5,
            },
          ],
          [
            true,
            {
              number: 3,
              seconds: 1_699_999_995,
              nanoseconds: 123_456_789,
              digits: 9,
              linkType: 101,
              data: data.subarray(0, 4),
              originalLength: 60,
            },
          ],
        ],
      );
      assert.equal(summary.format, 'pcapng');
      assert.equal(summary.bytes, file.length);
      assert.deepEqual(summary.linkTypes, ['RAW', 'ETHERNET']);
      assert.equal(summary.truncatedPackets, 2);
      assert.deepEqual(
        summary.warnings.map((warning) => warning.code),
        ['missing-times', 'truncated-packets'],
      );
    });
  }

  test('sections have their own byte order and interfaces; frame numbers go on', async () => {
    const big = pcapngBlocks(true);
    const { frames, summary } = await readAll(
      concat(
        sectionHeader(),
        interfaceDescription({ linkType: 1 }),
        enhancedPacket(data),
        big.sectionHeader(),
        big.interfaceDescription({ linkType: 276 }),
        big.enhancedPacket(data),
        sectionHeader(),
        enhancedPacket(data),
      ),
    );
    assert.deepEqual(
      frames.map((frame) => [frame.number, frame.linkType]),
      [
        [1, 1],
        [2, 276],
      ],
    );
    assert.match(
      summary.warnings[0]?.message ?? '',
      /^damaged at byte \d+, after frame 2: packet of interface 0, which is not described$/,
    );
  });

  test('skips unknown blocks, also far larger than the window', async () => {
    const { frames, summary } = await readAll(
      concat(sectionHeader(), block(0x0badcafe, data), interfaceDescription()),
      block(10, new Uint8Array(3_000_000)),
      enhancedPacket(data),
    );
    assert.deepEqual(
      frames.map((frame) => frame.data),
      [data],
    );
    assert.deepEqual(summary.warnings, []);
  });

  test('a simple packet is no longer than its interface captures', async () => {
    const padded = concat(data, [0, 0, 0]);
    const { frames } = await readAll(
      concat(sectionHeader(), interfaceDescription({ snapLength: 5 }), simplePacket(padded, 100)),
    );
    assert.deepEqual(frames[0]?.data, data);
  });

  test('packets without a time get that of the packet before, and a warning', async () => {
    const { frames, summary } = await readAll(
      concat(sectionHeader(), interfaceDescription(), enhancedPacket(data, 5_000_000n), simplePacket(data)),
    );
    assert.equal(frames[1]?.seconds, 5);
    assert.deepEqual(summary.warnings, [
      { code: 'missing-times', message: '1 of 2 packets carry no time (simple packet blocks)' },
    ]);
  });

  test('finds options behind others, and ignores ones that run out of the block', async () => {
    const { option } = little;
    const description = block(1, [1, 0, 0, 0, 0, 0, 0, 0], option(2, [0x65, 0x74, 0x68, 0x30, 0x31]), option(9, [3]));
    const broken = block(1, [1, 0, 0, 0, 0, 0, 0, 0], [9, 0, 200, 0], [3, 0, 0, 0]);
    const { frames } = await readAll(
      concat(sectionHeader(), description, broken, enhancedPacket(data, 1500n), enhancedPacket(data, 1500n, 1)),
    );
    assert.deepEqual(
      frames.map(({ seconds, nanoseconds, digits }) => [seconds, nanoseconds, digits]),
      [
        [1, 500_000_000, 3],
        [0, 1_500_000, 6],
      ],
    );
  });

  const start = concat(sectionHeader(), interfaceDescription(), enhancedPacket(data));
  const damages: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['a length that is no multiple of four', edited(enhancedPacket(data), 4, [33]), /impossible block length 33/],
    ['a length too short for the block', edited(enhancedPacket(data), 4, [28]), /impossible block length 28/],
    ['two different lengths', edited(enhancedPacket(data), 36, [44]), /two different lengths/],
    ['a packet larger than its block', edited(enhancedPacket(data), 20, [9]), /captured length 9 is more than 8/],
    ['a packet larger than any', enhancedPacket(new Uint8Array(262_145)), /captured length 262145 is more than 262144/],
    ['an enormous packet block', edited(enhancedPacket(data), 4, [0, 0, 0, 0xf0]), /block length 4026531840/],
    ['an interface that is not described', enhancedPacket(data, 0n, 1), /packet of interface 1/],
    ['a section of unknown byte order', edited(sectionHeader(), 8, [0]), /unknown byte order/],
    ['a section of another version', edited(sectionHeader(), 12, [2]), /unknown pcapng version 2/],
  ];
  for (const [what, bytes, message] of damages) {
    test(`stops at ${what}`, async () => {
      const { frames, summary } = await readAll(start, bytes, enhancedPacket(data));
      assert.equal(frames.length, 1);
      assert.equal(summary.warnings.length, 1);
      const [warning] = summary.warnings;
      assert.equal(warning?.code, 'damaged');
      assert.equal(warning.frame, 1);
      assert.equal(warning.byteOffset, start.length);
      assert.match(warning.message, message);
    });
  }

  test('a file cut at any byte keeps the packets before', async () => {
    const head = concat(sectionHeader(), interfaceDescription());
    const packet = enhancedPacket(data);
    const whole = concat(head, packet, block(0x0badcafe, new Uint8Array(40)), packet);
    const boundaries = new Set([28, head.length, head.length + packet.length, whole.length - packet.length]);
    for (let length = 12; length < whole.length; length++) {
      const { frames, summary } = await readAll(whole.subarray(0, length));
      assert.equal(frames.length, length < head.length + packet.length ? 0 : 1, `cut at ${length}`);
      assert.deepEqual(
        summary.warnings.map((warning) => warning.code),
        boundaries.has(length) ? [] : ['cut-short'],
        `cut at ${length}`,
      );
    }
  });
});

function edited(bytes: Uint8Array, offset: number, values: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, offset);
  return copy;
}
