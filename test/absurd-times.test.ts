/** A packet whose time is damaged, decades away from those around it, changes nothing that is said of its connection. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { analyze } from '../src/analyze.js';
import { ROOT } from './support/schema.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-test-'));
after(() => {
  rmSync(folder, { recursive: true });
});

/** Decades, in seconds. */
const AWAY = 900_000_000;

/** A capture in little-endian pcap without its last frames, and where each record begins. */
function framesOf(sample: string, leftOut: number): { readonly bytes: Buffer; readonly starts: readonly number[] } {
  const bytes = readFileSync(join(ROOT, 'samples', sample));
  const starts: number[] = [];
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) starts.push(at);
  return {
    bytes: bytes.subarray(0, starts[starts.length - leftOut] ?? bytes.length),
    starts: starts.slice(0, starts.length - leftOut),
  };
}

/** What is found in each connection: outcome, rules and how sure they are. */
async function foundIn(bytes: Uint8Array): Promise<readonly string[]> {
  const path = join(folder, 'capture.pcap');
  writeFileSync(path, bytes);
  const { connections } = await analyze([path]);
  return connections.map(({ connection, findings }) =>
    [connection.outcome, ...findings.map(({ rule, certainty }) => `${rule.id} ${certainty}`)].join(', '),
  );
}

for (const [sample, leftOut] of [
  ['certificate-expired-go.pcap', 0],
  ['tls12-success.pcap', 0],
  ['tls13-success.pcap', 0],
  ['certificate-expired-go.pcap', 6],
] as const) {
  test(`${sample}${leftOut === 0 ? '' : `, but for its last ${leftOut} frames`}`, async () => {
    const { bytes, starts } = framesOf(sample, leftOut);
    const plain = await foundIn(bytes);
    assert.equal(plain.length, 1);
    for (const start of starts) {
      for (const away of [AWAY, -AWAY]) {
        const damaged = Buffer.from(bytes);
        damaged.writeUInt32LE(damaged.readUInt32LE(start) + away, start);
        assert.deepEqual(await foundIn(damaged), plain, `frame ${starts.indexOf(start) + 1}, ${away} s`);
      }
    }
  });
}
