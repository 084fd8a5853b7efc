import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pcapFile, readAll } from '../support/captures.js';
import { worded } from '../support/notices.js';

const data = new Uint8Array(20);
const at = (seconds: number, fraction = 0) => ({ data, seconds, fraction });

describe('the times of a capture', () => {
  test('are those of its earliest and latest frame, wherever these stand', async () => {
    const { summary } = await readAll(pcapFile([at(1000, 5), at(1003), at(1000, 2), at(1002)]));
    assert.deepEqual(
      [summary.firstPacketAt, summary.lastPacketAt],
      [
        { seconds: 1000, nanoseconds: 2000, digits: 6 },
        { seconds: 1003, nanoseconds: 0, digits: 6 },
      ],
    );
    assert.deepEqual(summary.warnings, []);
  });

  test('decades from those around them are told of', async () => {
    const { summary } = await readAll(pcapFile([at(1e9), at(2e9), at(1e9), at(0), at(1e9)]));
    assert.deepEqual(worded(summary.warnings), [
      {
        code: 'absurd-times',
        message: 'the times of 2 frames, the first of them 2, are years away from those around them',
        frame: 2,
      },
    ]);
  });

  test('go on after a clock was set, of which the first frame alone is told', async () => {
    const { summary } = await readAll(pcapFile([at(10), at(11), at(2e9), at(2e9 + 1), at(2e9 + 2)]));
    assert.deepEqual(
      summary.warnings.map(({ frame }) => frame),
      [3],
    );
  });
});
