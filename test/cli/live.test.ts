/** Failures are told while the capture is still being made: from a pipe, and from a file that grows. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { analyze } from '../../src/analyze.js';
import { createFailureLines } from '../../src/cli/live.js';
import { PROGRAM } from '../support/program.js';
import { ROOT } from '../support/schema.js';

const CAPTURE = readFileSync(join(ROOT, 'samples', 'certificate-expired-go.pcap'));
const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-'));
after(() => {
  rmSync(folder, { recursive: true });
});

/** What the program writes until it has written a line; then `end` is called, and what it writes besides. */
async function linesOf(child: ChildProcessWithoutNullStreams, end: () => void): Promise<[early: string, rest: string]> {
  let text = '';
  let early: string | undefined;
  for await (const piece of child.stdout) {
    text += String(piece);
    if (early === undefined && text.includes('\n')) {
      early = text.slice(0, text.indexOf('\n'));
      end();
    }
  }
  return [early ?? '', text.slice((early ?? '').length + 1).trimEnd()];
}

function assertToldOnce([early, rest]: [string, string]): void {
  const told = JSON.parse(early) as { id: string; diagnosis: string };
  assert.deepEqual([told.id, told.diagnosis], ['1', 'certificate-expired']);
  // Nothing came that changes it: only the conclusion is left.
  assert.ok('summary' in (JSON.parse(rest) as object), rest);
}

test('a failure in a pipe is told before the pipe ends', { timeout: 60_000 }, async () => {
  const child = spawn(process.execPath, [PROGRAM, '-f', 'ndjson', '-']);
  child.stdin.write(CAPTURE);
  assertToldOnce(await linesOf(child, () => child.stdin.end()));
});

test('with --follow, a failure in a file that grows is told, and a signal ends it', { timeout: 60_000 }, async () => {
  const path = join(folder, 'growing.pcap');
  writeFileSync(path, CAPTURE.subarray(0, 300));
  const child = spawn(process.execPath, [PROGRAM, '-f', 'ndjson', '--follow', path]);
  const grown = setTimeout(() => {
    appendFileSync(path, CAPTURE.subarray(300));
  }, 500);
  assertToldOnce(await linesOf(child, () => child.kill('SIGINT')));
  clearTimeout(grown);
});

test('who watches a report that comes at the end is told of each failure in a line, of many at once how many', async () => {
  const { connections } = await analyze([join(ROOT, 'samples', 'certificate-expired-go.pcap')]);
  const [failed] = connections;
  assert.ok(failed !== undefined);
  let now = 0;
  const lines = createFailureLines('Europe/Berlin', () => now);
  const line = '20:52:08  192.0.2.10 → shop.example:443  Server certificate expired (likely)';
  assert.deepEqual(lines.of(failed), [line]);
  for (let more = 1; more < 5; more++) assert.deepEqual(lines.of(failed), [line]);
  for (let more = 0; more < 3; more++) assert.deepEqual(lines.of(failed), []);
  now = 1000;
  assert.deepEqual(lines.of(failed), ['3 more failed meanwhile', line]);
});

test('where the text report goes into a file, standard error tells each failure before the pipe ends', async () => {
  for (const [flags, isTold] of [
    [[], true],
    [['--quiet'], false],
    [['--no-progress'], false],
  ] as const) {
    const child = spawn(process.execPath, [PROGRAM, ...flags, '-']);
    let told = '';
    child.stderr.on('data', (piece) => {
      told += String(piece);
      child.stdin.end();
    });
    child.stdin.write(CAPTURE);
    if (!isTold) child.stdin.end();
    const report = await text(child.stdout);
    const line = '19:52:08  192.0.2.10 → shop.example:443  Server certificate expired (likely)\n';
    assert.equal(told, isTold ? line : '', flags.join(' '));
    assert.equal(report.startsWith('1 of 1 handshake failed'), !flags.some((flag) => flag === '--quiet'));
  }
});

const CHANGES: Readonly<Record<string, readonly [change: (path: string) => void, told: RegExp]>> = {
  'is begun anew': [
    (path) => {
      truncateSync(path, 24);
    },
    /reading failed at byte \d+, after frame \d+: the file was begun anew/,
  ],
  'is replaced': [
    (path) => {
      writeFileSync(`${path}.next`, CAPTURE);
      renameSync(`${path}.next`, path);
    },
    /the file was replaced by another of its name/,
  ],
};
for (const [what, [change, told]] of Object.entries(CHANGES)) {
  test(`with --follow, a file that ${what} ends the report, which says so`, { timeout: 60_000 }, async () => {
    const path = join(folder, 'rotated.pcap');
    writeFileSync(path, CAPTURE);
    const child = spawn(process.execPath, [PROGRAM, '-f', 'ndjson', '--follow', path]);
    const [, rest] = await linesOf(child, () => {
      change(path);
    });
    const { captures } = JSON.parse(rest) as { captures: { warnings: { message: string }[] }[] };
    assert.match(captures[0]?.warnings[0]?.message ?? '', told);
  });
}
