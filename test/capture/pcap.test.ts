import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { be16, be32, concat, pcapFile, pcapHeader, pcapRecord, readAll } from '../support/captures.js';
import { said, worded } from '../support/notices.js';

const data = new Uint8Array([1, 2, 3, 4, 5]);

describe('pcap', () => {
  for (const bigEndian of [false, true]) {
    for (const nanoseconds of [false, true]) {
      const what = `${bigEndian ? 'big' : 'little'}-endian, ${nanoseconds ? 'nano' : 'micro'}seconds`;
      test(`reads ${what}`, async () => {
        const packets = [
          { data, seconds: 4_294_000_000, fraction: 123_456 },
          { data: data.subarray(2), seconds: 0xffffffff, fraction: 999_999, originalLength: 1500 },
        ];
        const { frames, summary } = await readAll(pcapFile(packets, { bigEndian, nanoseconds, linkType: 113 }));
        const unit = nanoseconds ? 1 : 1000;
        const digits = nanoseconds ? 9 : 6;
        assert.deepEqual(frames, [
          {
            number: 1,
            seconds: 4_294_000_000,
            nanoseconds: 123_456 * unit,
            digits,
            linkType: 113,
            data,
            originalLength: 5,
            fileOffset: 24,
          },
          {
            number: 2,
            seconds: 0xffffffff,
            nanoseconds: 999_999 * unit,
            digits,
            linkType: 113,
            data: data.subarray(2),
            originalLength: 1500,
            fileOffset: 45,
          },
        ]);
        assert.deepEqual(
          { ...summary, warnings: worded(summary.warnings) },
          {
            path: 'test',
            format: 'pcap',
            compression: null,
            packets: 2,
            bytes: 64,
            firstPacketAt: { seconds: 4_294_000_000, nanoseconds: 123_456 * unit, digits },
            lastPacketAt: { seconds: 0xffffffff, nanoseconds: 999_999 * unit, digits },
            linkTypes: ['LINUX_SLL'],
            truncatedPackets: 1,
            warnings: [
              {
                code: 'truncated-packets',
                message: 'the snapshot length cut 1 of 2 packets; capture whole packets with tcpdump -s 0',
              },
            ],
          },
        );
      });
    }
  }

  test('a file without packets has no times and no warnings', async () => {
    const { frames, summary } = await readAll(pcapFile([]));
    assert.deepEqual(frames, []);
    assert.equal(summary.firstPacketAt, null);
    assert.equal(summary.lastPacketAt, null);
    assert.deepEqual(summary.linkTypes, ['ETHERNET']);
    assert.deepEqual(summary.warnings, []);
  });

  test('ignores what the link type field says of frame check sequences', async () => {
    const { frames } = await readAll(pcapFile([{ data }], { linkType: 0x14000000 | 276 }));
    assert.equal(frames[0]?.linkType, 276);
  });

  test('carries a fraction of more than a second over', async () => {
    const { frames } = await readAll(pcapFile([{ data, seconds: 10, fraction: 3_000_007 }]));
    assert.equal(frames[0]?.seconds, 13);
    assert.equal(frames[0].nanoseconds, 7000);
  });

  test('reads empty packets', async () => {
    const { frames } = await readAll(pcapFile([{ data: new Uint8Array(0), seconds: 1 }, { data }]));
    assert.deepEqual(
      frames.map((frame) => frame.data.length),
      [0, 5],
    );
  });

  test('reads the largest packet and grows for it', async () => {
    const large = new Uint8Array(262_144).fill(7);
    const { frames, summary } = await readAll(pcapHeader(), pcapRecord({ data }), pcapRecord({ data: large }));
    assert.deepEqual(frames[1]?.data, large);
    assert.deepEqual(summary.warnings, []);
  });

  test('reads on where another capture was joined', async () => {
    const file = pcapFile([{ data }]);
    const { frames, summary } = await readAll(file, file, file);
    assert.deepEqual(
      frames.map((frame) => frame.data),
      [data, data, data],
    );
    assert.deepEqual(
      summary.warnings.map(({ code, byteOffset }) => [code, byteOffset]),
      [['joined-captures', file.length]],
    );
  });

  test('stops where another capture of another link type was joined, or only its header', async () => {
    const other = await readAll(pcapFile([{ data }]), pcapHeader({ linkType: 101 }), pcapRecord({ data }));
    assert.equal(other.frames.length, 1);
    assert.match(said(other.summary.warnings[0]), /^damaged at byte 45, after frame 1: another capture begins/);
    const cut = await readAll(pcapFile([{ data }]), pcapHeader().subarray(0, 20));
    assert.equal(cut.frames.length, 1);
    assert.match(said(cut.summary.warnings[0]), /^the file ends within the file header at byte 45/);
  });

  test('stops where a crash left zeros', async () => {
    const { frames, summary } = await readAll(pcapFile([{ data }]), new Uint8Array(100_000));
    assert.equal(frames.length, 1);
    assert.deepEqual(worded(summary.warnings), [
      {
        code: 'damaged',
        message: 'damaged at byte 45, after frame 1: zeros instead of a record',
        frame: 1,
        byteOffset: 45,
      },
    ]);
  });

  test('stops at an impossible length and says where', async () => {
    const impossible = concat(pcapRecord({ data: new Uint8Array(0) }));
    impossible.set([1, 0, 4, 0], 8);
    const { frames, summary } = await readAll(pcapFile([{ data }]), impossible, new Uint8Array(1000));
    assert.equal(frames.length, 1);
    assert.deepEqual(worded(summary.warnings), [
      {
        code: 'damaged',
        message: 'damaged at byte 45, after frame 1: captured length 262145 is more than 262144',
        frame: 1,
        byteOffset: 45,
      },
    ]);
  });

  test('a file cut at any byte keeps the packets before', async () => {
    const whole = pcapFile([{ data }, { data }]);
    for (let length = 4; length < whole.length; length++) {
      const { frames, summary } = await readAll(whole.subarray(0, length));
      const complete = Math.max(0, Math.floor((length - 24) / 21));
      assert.equal(frames.length, complete, `cut at ${length}`);
      if (length === 24 || length === 45) {
        assert.deepEqual(summary.warnings, []);
      } else {
        const byteOffset = length < 24 ? 0 : 24 + 21 * complete;
        assert.deepEqual(
          summary.warnings.map((warning) => [warning.code, warning.frame, warning.byteOffset]),
          [['cut-short', complete, byteOffset]],
        );
      }
    }
  });
});

describe('pcap variants', () => {
  for (const bigEndian of [true, false]) {
    const int16 = (value: number) => (bigEndian ? be16(value) : be16(value).reverse());
    const int32 = (value: number) => (bigEndian ? be32(value) : be32(value).reverse());
    const header = (magic: number, { version = [2, 4], linkType = 1 } = {}) =>
      concat(int32(magic), ...version.map(int16), int32(0), int32(0), int32(65535), int32(linkType));
    const order = bigEndian ? 'big-endian' : 'little-endian';
    const facts = async (...parts: readonly (Uint8Array | readonly number[])[]) => {
      const { frames, summary } = await readAll(concat(...parts));
      assert.deepEqual(
        worded(summary.warnings).filter(({ code }) => code !== 'truncated-packets'),
        [],
      );
      return frames.map((frame) => [
        frame.seconds,
        frame.nanoseconds,
        frame.digits,
        frame.linkType,
        frame.originalLength,
        [...frame.data],
      ]);
    };
    /** A record whose two lengths are given. */
    const record = (fraction: number, first: number, second: number, extra: readonly number[] = []) =>
      concat(int32(7), int32(fraction), int32(first), int32(second), extra, data);
    const long = [7, 5000, 6, 1, 90, [...data]];
    const nano = [7, 5, 9, 1, 90, [...data]];

    test(`Kuznetzov's has 24 bytes in front of each packet (${order})`, async () => {
      const each = record(5, 5, 90, [0, 0, 0, 2, 8, 0, 4, 0]);
      assert.deepEqual(await facts(header(0xa1b2cd34), each, each), [long, long]);
    });

    test(`Ixia's have a longer file header (${order})`, async () => {
      const each = record(5, 5, 90);
      assert.deepEqual(await facts(header(0x1c0001ac), int32(2 * each.length), each, each), [nano, nano]);
      assert.deepEqual(await facts(header(0x1c0001ab), int32(2 * each.length), each, each), [long, long]);
    });

    test(`before version 2.3, and in DG/UX's, the captured length comes last (${order})`, async () => {
      for (const version of [
        [2, 2],
        [2, 0],
        [543, 0],
      ]) {
        assert.deepEqual(await facts(header(0xa1b2c3d4, { version }), record(5, 90, 5)), [long]);
      }
    });

    test(`in version 2.3 the smaller length is the captured one (${order})`, async () => {
      const mixed = [record(5, 5, 90), record(5, 90, 5)];
      assert.deepEqual(await facts(header(0xa1b2c3d4, { version: [2, 3] }), ...mixed), [long, long]);
    });

    test(`AIX's has nanoseconds and its own numbers of link types (${order})`, async () => {
      for (const [linkType, meant] of [
        [6, 1],
        [9, 6],
        [15, 10],
        [24, 0],
      ] as const) {
        const file = [header(0xa1b2c3d4, { version: [2, 2], linkType }), record(5, 90, 5)];
        assert.deepEqual(await facts(...file), [[7, 5, 9, meant, 90, [...data]]]);
      }
    });

    test(`a cut file header is told (${order})`, async () => {
      const { summary } = await readAll(concat(header(0x1c0001ac), [0, 0]));
      assert.equal(summary.warnings[0]?.code, 'cut-short');
    });
  }
});
