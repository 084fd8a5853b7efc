import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concat, pcapFile, pcapHeader, pcapRecord, readAll } from '../support/captures.js';

const data = new Uint8Array([1, 2, 3, 4, 5]);

describe('pcap', () => {
  for (const bigEndian of [false, true]) {
    for (const nanoseconds of [false, true]) {
      const what = `${bigEndian ? 'big' : 'little'}-endian, ${nanoseconds ? 'nano' : 'micro'}seconds`;
      test(`reads ${what}`, async () => {
        const packets = [
          { data, seconds: 1_700_000_000, fraction: 123_456 },
          { data: data.subarray(2), seconds: 0xffffffff, fraction: 999_999, originalLength: 1500 },
        ];
        const { frames, summary } = await readAll(pcapFile(packets, { bigEndian, nanoseconds, linkType: 113 }));
        const unit = nanoseconds ? 1 : 1000;
        const digits = nanoseconds ? 9 : 6;
        assert.deepEqual(frames, [
          {
            number: 1,
            seconds: 1_700_000_000,
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
        assert.deepEqual(summary, {
          path: 'test',
          format: 'pcap',
          packets: 2,
          bytes: 64,
          firstPacketAt: { seconds: 1_700_000_000, nanoseconds: 123_456 * unit, digits },
          lastPacketAt: { seconds: 0xffffffff, nanoseconds: 999_999 * unit, digits },
          linkTypes: ['LINUX_SLL'],
          truncatedPackets: 1,
          warnings: [
            {
              code: 'truncated-packets',
              message: '1 of 2 packets were cut by the snapshot length; capture whole packets with tcpdump -s 0',
            },
          ],
        });
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
    const { frames } = await readAll(pcapFile([{ data: new Uint8Array(0) }, { data }]));
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

  test('stops at an impossible length and says where', async () => {
    const impossible = concat(pcapRecord({ data: new Uint8Array(0) }));
    impossible.set([1, 0, 4, 0], 8);
    const { frames, summary } = await readAll(pcapFile([{ data }]), impossible, new Uint8Array(1000));
    assert.equal(frames.length, 1);
    assert.deepEqual(summary.warnings, [
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
