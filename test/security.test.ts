/** What docs/security.md says of the whole program; the rest is tested where it is done. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { test } from 'node:test';
import { PROGRAM } from './support/program.js';
import { ROOT } from './support/schema.js';

const source = join(ROOT, 'src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** The files of src/ that name a module of Node.js, by module. */
function usersOf(pattern: RegExp): readonly string[] {
  return files
    .filter((file) => pattern.test(readFileSync(join(source, file), 'utf8')))
    .map((file) => file.split(sep).join('/'))
    .sort();
}

test('nothing opens a network connection', () => {
  assert.deepEqual(usersOf(/(?:'node:|from ')(?:http|http2|https|tls|dgram|dns(?:\/promises)?)'|\bfetch\(/), []);
  // A pipe that is standard input is read as a socket.
  assert.deepEqual(usersOf(/\b(?:Socket|connect|createConnection|createServer)\b[^;]*'node:net'/), [
    'capture/source.ts',
  ]);
});

test('no other program is started but the pager, and openssl for cipher strings', () => {
  assert.deepEqual(usersOf(/child_process|worker_threads|'(?:node:)?vm'/), [
    'cli/pager.ts',
    'ends/configurations/cipher-strings.ts',
  ]);
});

test('the same captures and options give the same bytes, whatever is drawn at random in a run', () => {
  for (const format of ['text', 'markdown', 'html', 'json', 'sarif']) {
    const [one, other] = [0, 1].map(() => {
      const args = [PROGRAM, '--verbose', '-f', format, 'samples/incident.pcap', 'samples/tls13-success.pcap'];
      return spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
    });
    assert.equal(one?.status, 1, one?.stderr);
    assert.ok(one.stdout.length > 1000);
    assert.equal(one.stdout, other?.stdout, format);
  }
});
