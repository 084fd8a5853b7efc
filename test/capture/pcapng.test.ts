import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOUNDS } from '../../src/bounds.js';
import { be32, concat, pcapngBlocks, readAll } from '../support/captures.js';
import { said, worded } from '../support/notices.js';

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
      said(summary.warnings[0]),
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
    assert.deepEqual(worded(summary.warnings), [
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
      assert.match(said(warning), message);
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

describe('what a pcapng file tells besides packets', () => {
  for (const bigEndian of [false, true]) {
    const order = bigEndian ? 'big-endian' : 'little-endian';
    const blocks = pcapngBlocks(bigEndian);
    const int32 = (value: number) => (bigEndian ? be32(value) : be32(value).reverse());
    const int64 = (value: number) => (bigEndian ? [...int32(0), ...int32(value)] : [...int32(value), ...int32(0)]);
    const start = concat(blocks.sectionHeader(), blocks.interfaceDescription(), blocks.interfaceDescription());
    const secrets = (type: number, bytes: Uint8Array, length = bytes.length) =>
      blocks.block(10, int32(type), int32(length), bytes);
    const names = (...records: readonly Uint8Array[]) => blocks.block(4, ...records, blocks.option(0, []));
    const statistics = (id: number, ...options: readonly Uint8Array[]) =>
      blocks.block(5, int32(id), int32(0), int32(0), ...options, blocks.option(0, []));
    const packet = blocks.enhancedPacket(data);
    const text = (value: string) => [...Buffer.from(value)];

    test(`decryption secrets (${order})`, async () => {
      const keys = Buffer.from('CLIENT_RANDOM 00 11\n');
      const read = await readAll(start, secrets(0x544c534b, keys), packet, secrets(0x57474b4c, data), packet);
      const second = start.length + 20 + keys.length + packet.length;
      assert.deepEqual(read.secrets, [
        { type: 'TLSK', data: new Uint8Array(keys), fileOffset: start.length, isBehindFrames: false },
        { type: 'WGKL', data, fileOffset: second, isBehindFrames: true },
      ]);
      assert.deepEqual([read.frames.length, read.summary.warnings], [2, []]);
    });

    test(`secrets that run out of their block are none (${order})`, async () => {
      const read = await readAll(start, secrets(0x544c534b, data, 9), packet);
      assert.deepEqual([read.secrets, read.frames.length, read.summary.warnings], [[], 1, []]);
    });

    test(`names of addresses, each once (${order})`, async () => {
      const one = blocks.option(1, [192, 0, 2, 1, ...text('a.example\0b.example\0')]);
      const again = blocks.option(1, [192, 0, 2, 1, ...text('b.example\0c.example')]);
      const six = blocks.option(2, [...new Array<number>(15).fill(0), 1, ...text('localhost\0')]);
      const short = blocks.option(1, [192, 0, 2]);
      const read = await readAll(start, names(one, short, six), packet, names(again));
      assert.deepEqual(read.names, [
        { address: new Uint8Array([192, 0, 2, 1]), names: ['a.example', 'b.example', 'c.example'] },
        { address: new Uint8Array([...new Array<number>(15).fill(0), 1]), names: ['localhost'] },
      ]);
      assert.deepEqual(read.summary.warnings, []);
    });

    test(`dropped packets, by the last statistics of each interface (${order})`, async () => {
      const early = statistics(0, blocks.option(5, int64(3)), blocks.option(7, int64(1)));
      const late = statistics(0, blocks.option(4, int64(900)), blocks.option(5, int64(40)), blocks.option(7, int64(2)));
      const other = statistics(1, blocks.option(5, int64(500)));
      const { summary } = await readAll(start, early, packet, late, other, statistics(7, blocks.option(5, int64(9))));
      const message =
        'packets dropped while capturing, and so missing here: 542 (540 by the interface, 2 by the system, 0 between packets)';
      assert.deepEqual(worded(summary.warnings), [{ code: 'packets-dropped', message }]);
    });

    test(`dropped packets, by packets, where they are more than the statistics have (${order})`, async () => {
      const after = (dropped: number) =>
        blocks.block(
          6,
          ...[0, 0, 0, data.length, data.length].map(int32),
          data,
          [0, 0, 0],
          blocks.option(1, text('a comment')),
          blocks.option(4, int64(dropped)),
        );
      const file = [start, after(10), after(5), statistics(0, blocks.option(5, int64(12)))];
      // Another section begins to count anew.
      const { frames, summary } = await readAll(...file, start, after(100));
      assert.deepEqual(
        frames.map((frame) => frame.data),
        [data, data, data],
      );
      const message =
        'packets dropped while capturing, and so missing here: 115 (12 by the interface, 0 by the system, 103 between packets)';
      assert.deepEqual(worded(summary.warnings), [{ code: 'packets-dropped', message }]);
    });
  }

  test('statistics without drops are no matter', async () => {
    const quiet = block(5, new Uint8Array(12), little.option(5, [0, 0, 0, 0, 0, 0, 0, 0]));
    const { summary } = await readAll(concat(sectionHeader(), interfaceDescription(), enhancedPacket(data), quiet));
    assert.deepEqual(summary.warnings, []);
  });

  test('secrets beyond the bound are left out', async () => {
    const large = block(10, [1, 0, 0, 0], [0, 0, 0x80, 0], new Uint8Array(0x800000));
    const read = await readAll(sectionHeader(), large, large, large, interfaceDescription(), enhancedPacket(data));
    const kept = read.secrets.reduce((sum, each) => sum + each.data.length, 0);
    assert.ok(kept > 0 && kept <= BOUNDS.pcapngSecretBytes.value);
    assert.deepEqual(
      read.summary.warnings.map(({ code }) => code),
      ['secrets-left-out'],
    );
    assert.equal(read.frames.length, 1);
  });

  test('packets of interfaces beyond the bound are no damage: they count as frames, and are not read', async () => {
    const described = interfaceDescription();
    const most = BOUNDS.pcapngInterfaces.value;
    const many = new Uint8Array(described.length * (most + 1));
    for (let at = 0; at < many.length; at += described.length) many.set(described, at);
    const of = (id: number) => enhancedPacket(data, 0n, id);
    const read = await readAll(concat(sectionHeader(), many, of(most), of(0), of(most - 1)));
    assert.deepEqual(
      read.frames.map((frame) => frame.data.length),
      [0, data.length, data.length],
    );
    assert.deepEqual(
      read.summary.warnings.map((warning) => `${warning.code}: ${said(warning)}`),
      ['packets-left-out: 1 packet is of interfaces beyond the first 65536 of a section, and not read'],
    );
    const undescribed = await readAll(concat(sectionHeader(), many, of(most + 1)));
    assert.match(said(undescribed.summary.warnings[0]), /of interface 65537, which is not described/);
  });

  test('names beyond the bound are left out', async () => {
    const host = (number: number) => [10, number >> 16, (number >> 8) & 255, number & 255];
    const many = Array.from({ length: 5000 }, (_, number) =>
      little.option(1, [...host(number), ...Buffer.from(`${'n'.repeat(240)}${number}`)]),
    );
    const read = await readAll(sectionHeader(), block(4, ...many), interfaceDescription(), enhancedPacket(data));
    const kept = read.names.reduce((sum, { names }) => sum + names.join('').length, 0);
    assert.ok(kept > BOUNDS.nameBytes.value / 2 && kept <= BOUNDS.nameBytes.value);
    assert.deepEqual(
      read.summary.warnings.map(({ code }) => code),
      ['names-left-out'],
    );
  });
});

function edited(bytes: Uint8Array, offset: number, values: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, offset);
  return copy;
}
