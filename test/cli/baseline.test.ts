import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOUNDS } from '../../src/bounds.js';
import { readWithoutConnections } from '../../src/cli/baseline.js';

const MOST = BOUNDS.baselineBytes.value;

async function* inChunks(text: string, length: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length));
}

describe('of a baseline is kept', () => {
  const connection = JSON.stringify({ id: '1', name: 'ü'.repeat(40) });
  const end = JSON.stringify({ diagnoses: [{ id: 'x' }] });
  const whole = `{\n"connections": [\n${connection},\n${connection}\n],\n"diagnoses": [\n{"rule":"ü"}\n]\n}\n`;
  for (const length of [1, 7, 1 << 16]) {
    test(`all but the connections, in chunks of ${length} bytes`, async () => {
      const read = await readWithoutConnections(inChunks(whole, length));
      assert.deepEqual(JSON.parse(read ?? ''), { connections: [], diagnoses: [{ rule: 'ü' }] });
      assert.equal(await readWithoutConnections(inChunks(`${connection}\n${end}`, length)), end);
    });
  }

  test('as much as the bound says, whatever the connections take', async () => {
    const long = `${JSON.stringify({ id: '1', name: 'x'.repeat(MOST >> 1) })}\n`;
    assert.equal(await readWithoutConnections(inChunks(long.repeat(5) + end, 1 << 20)), end);
    for (const text of ['x'.repeat(MOST + 1), 'x\n'.repeat((MOST >> 1) + 1), `{"id":"${'x'.repeat(MOST)}`]) {
      assert.equal(await readWithoutConnections(inChunks(text, 1 << 20)), null);
    }
  });
});
