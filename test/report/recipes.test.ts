/** The recipes of docs/json.md, run as a reader would run them. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { PROGRAM } from '../support/program.js';
import { ROOT } from '../support/schema.js';

const PAGE = readFileSync(join(ROOT, 'docs', 'json.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-recipes-'));
const program = join(folder, 'tls-postmortem');
writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
chmodSync(program, 0o755);
const duckDb = join(folder, 'duckdb');
writeFileSync(duckDb, `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'build/test/support/duckdb.js')}" "$@"\n`);
chmodSync(duckDb, 0o755);
after(() => {
  rmSync(folder, { recursive: true });
});

const environment = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
const lacksJq = spawnSync('jq', ['--version']).status !== 0;

/** An ellipsis at the end of what the page shows stands for anything. */
function assertShown(output: string, shown: string): void {
  if (shown.endsWith('…\n')) assert.ok(output.startsWith(shown.slice(0, -2)), output);
  else assert.equal(output, shown);
}

describe('jq', { skip: lacksJq && 'jq is not installed' }, () => {
  const recipes = [...PAGE.matchAll(/^```sh\n([^`]*\bjq\b[^`]*)```\n\n```text\n([^`]*)```/gm)];

  test('the page has recipes', () => {
    assert.ok(recipes.length >= 4);
  });
  for (const [, command = '', shown = ''] of recipes) {
    test(command.trim().split('\n').at(-1) ?? '', () => {
      const output = execFileSync('bash', ['-c', command], { cwd: ROOT, env: environment, encoding: 'utf8' });
      assertShown(output, shown);
    });
  }
});

describe('DuckDB', () => {
  test('the query gives what the page shows', () => {
    const [, query = '', shown = ''] = /^```sql\n([^`]*)```\n\n```text\n([^`]*)```/m.exec(PAGE) ?? [];
    const report = execFileSync(
      'bash',
      ['-c', `"$0" "$1" -f ndjson samples/incident.pcap || true`, process.execPath, PROGRAM],
      {
        cwd: ROOT,
        maxBuffer: 1 << 26,
      },
    );
    writeFileSync(join(folder, 'report.ndjson'), report);
    const output = execFileSync(duckDb, ['-noheader', '-list', '-c', query], { cwd: folder, encoding: 'utf8' });
    // Columns as they stand on the page, parted by blanks there.
    const values = (text: string): string[] =>
      text
        .replace(/'/g, '')
        .split(/\n|\||\s{2,}/)
        .map((value) => value.trim());
    assert.deepEqual(values(output), values(shown));
  });
});

describe('docs/slices.md', () => {
  const page = readFileSync(join(ROOT, 'docs', 'slices.md'), 'utf8');
  const [, report = ''] = /^```sh\n(seq [^`]*)```/m.exec(page.slice(page.indexOf('## Questions over months'))) ?? [];
  const queries = [...page.matchAll(/^```sql\n([^`]*)```\n\n```text\n([^`]*)```/gm)];

  test('months of reports are a table that answers', () => {
    copyFileSync(join(ROOT, 'samples', 'incident.pcap'), join(folder, 'trace.pcap'));
    const { status, stderr } = spawnSync('bash', ['-c', report], { cwd: folder, env: environment, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.equal(queries.length, 1);
    for (const [, query = '', shown = ''] of queries) {
      const output = execFileSync(duckDb, ['-c', query], { cwd: folder, encoding: 'utf8' });
      const [lines, expected] = [output, shown].map((text) =>
        text
          .trim()
          .split('\n')
          .map((line) => line.trim().split(/\||\s{2,}/)),
      );
      assert.deepEqual(lines, expected);
    }
  });
});

describe("README's recipes", { skip: lacksJq && 'jq is not installed' }, () => {
  const [, recipes = ''] =
    /^With jq or DuckDB[^`]*```sh\n([^`]*)```/m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
  const lines = recipes.trimEnd().split('\n');

  test('are there', () => {
    assert.equal(lines.length, 3);
  });
  for (const [index, line] of lines.entries()) {
    test(line, () => {
      copyFileSync(join(ROOT, 'samples', 'incident.pcap'), join(folder, 'incident.pcap'));
      const { stdout, stderr } = spawnSync('bash', ['-c', line], { cwd: folder, env: environment, encoding: 'utf8' });
      assert.equal(stderr, '');
      if (index !== 1) assert.match(stdout, /certificate-expired/);
    });
  }
});
