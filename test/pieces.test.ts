import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { analyze } from '../src/analyze.js';
import type { JsonReport } from '../src/report/json/contract.js';
import { readAll } from './support/captures.js';
import { PROGRAM } from './support/program.js';
import { assertValidReport, ROOT } from './support/schema.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const incident = readFileSync(join(ROOT, 'samples', 'incident.pcap'));
const { frames } = await readAll(incident);
const whole = await analyze([join(ROOT, 'samples', 'incident.pcap')]);

/** Writes pieces of the incident that end before the given frames; gives their paths and how many frames come before each. */
function cutBefore(...cuts: readonly number[]): { paths: string[]; before: number[] } {
  const before = [0, ...cuts.map((frame) => frame - 1)];
  const paths = before.map((start, index) => {
    const from = frames[start]?.fileOffset ?? incident.length;
    const to = frames[before[index + 1] ?? frames.length]?.fileOffset ?? incident.length;
    const path = join(folder, `incident.pcap${index}`);
    const piece = Buffer.concat([incident.subarray(0, 24), incident.subarray(from, to)]);
    writeFileSync(path, index % 2 === 0 ? piece : gzipSync(piece));
    return path;
  });
  return { paths, before };
}

type Order = <T>(items: readonly T[]) => T[];

/** What was found, with every frame counted over all captures again. `own` is the capture of the connection. */
function counted(value: unknown, before: readonly number[], own: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item) => counted(item, before, own));
  const fields = { ...value } as Record<string, unknown>;
  const { capture, lastCapture, frame, firstFrame, lastFrame, ...rest } = fields;
  const offset = (index: unknown): number => before[Number(index ?? own)] ?? NaN;
  const numbers = {
    ...(typeof frame === 'number' ? { frame: frame + offset(capture) } : frame === null ? { frame } : {}),
    ...(typeof firstFrame === 'number' ? { firstFrame: firstFrame + offset(undefined) } : {}),
    ...(typeof lastFrame === 'number' ? { lastFrame: lastFrame + offset(lastCapture) } : {}),
  };
  const others = Object.entries(rest).map(([key, item]) => [key, key === 'rule' ? item : counted(item, before, own)]);
  return { ...(Object.fromEntries(others) as object), ...numbers };
}

function facts({ connections, diagnoses, summary }: Awaited<ReturnType<typeof analyze>>, before: readonly number[]) {
  return {
    summary,
    diagnoses: diagnoses.map(({ rule, connections: ids, certainty }) => [rule.id, ids, certainty]),
    connections: connections.map((each) => counted(each, before, each.connection.capture)),
  };
}

describe('pieces of a capture', () => {
  const expected = facts(whole, [0]);
  const forward: Order = (items) => [...items];
  const backward: Order = (items) => items.toReversed();
  const odd: Order = (items) => [
    ...items.filter((_, index) => index % 2 === 1),
    ...items.filter((_, i) => i % 2 === 0),
  ];

  const cuts = [[2], [frames.length], [400], [100, 101, 102, 103], [50, 300, 301, 555, 700]];
  const everywhere = Array.from({ length: Math.floor(frames.length / 7) }, (_, index) => 7 * index + 5);
  for (const at of [...cuts, everywhere]) {
    for (const [name, order] of Object.entries({ forward, backward, odd })) {
      test(`${at.length + 1} of them, ${name}, are analysed as the whole`, async () => {
        const { paths, before } = cutBefore(...at);
        const results = await analyze(order(paths));
        assert.deepEqual(facts(results, order(before)), expected);
        assert.deepEqual(
          results.captures.map(({ path }) => path),
          order(paths),
        );
      });
    }
  }

  test('evidence says in which of them it is', async () => {
    const { paths, before } = cutBefore(...everywhere);
    const results = await analyze(paths);
    const failed = results.connections.filter(({ cause }) => cause !== null);
    let elsewhere = 0;
    for (const { connection, cause } of failed) {
      for (const { frame, at, capture } of cause?.evidence ?? []) {
        if (capture !== undefined) elsewhere++;
        const seen = frames[frame - 1 + (before[capture ?? connection.capture] ?? NaN)];
        assert.deepEqual([seen?.seconds, seen?.nanoseconds], [at.seconds, at.nanoseconds]);
      }
    }
    assert.ok(elsewhere > 10);
  });

  test('the reports say so too', () => {
    const { paths } = cutBefore(...everywhere);
    const run = (format: string): string =>
      spawnSync(process.execPath, [PROGRAM, '-f', format, ...paths], {
        encoding: 'utf8',
      }).stdout;
    const report = JSON.parse(run('json')) as JsonReport;
    assertValidReport(report);
    const evidence = report.connections.flatMap(({ findings }) => findings.flatMap((finding) => finding.evidence));
    assert.ok(evidence.some(({ capture }) => capture !== undefined));
    assert.match(run('text'), /frame +\d+:\d+ +\d/);
  });
});

test('captures of both ends that overlap are one', async () => {
  // Each end recorded half of the packets.
  const halves = [0, 1].map((half) => {
    const records = frames
      .filter((_, index) => index % 2 === half)
      .map(({ fileOffset, data }) => incident.subarray(fileOffset, fileOffset + 16 + data.length));
    const path = join(folder, `half${half}.pcap`);
    writeFileSync(path, Buffer.concat([incident.subarray(0, 24), ...records]));
    return path;
  });
  const results = await analyze(halves);
  assert.deepEqual(results.summary, whole.summary);
  assert.deepEqual(
    results.connections.map(({ cause }) => cause?.rule.id),
    whole.connections.map(({ cause }) => cause?.rule.id),
  );
});
