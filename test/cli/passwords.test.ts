/** Passwords that a person types in, on a terminal of its own (script(1)). */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PROGRAM } from '../support/program.js';
import { toPem, issue } from '../x509/authority.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-passwords-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const isThere = (name: string): boolean => spawnSync('which', [name]).status === 0;
const isMissing = !isThere('script') || !isThere('openssl') || process.platform !== 'linux';
const store = join(folder, 'store.p12');
if (!isMissing) {
  const pem = join(folder, 'certificate.pem');
  writeFileSync(pem, toPem((await issue({ name: 'CN=Root', ca: true })).certificate));
  spawnSync('openssl', ['pkcs12', '-export', '-nokeys', '-in', pem, '-passout', 'pass:geheim', '-out', store]);
}

/** What the terminal shows, and how the program ended, when these keys are pressed at the prompt. */
async function typed(keys: string): Promise<{ readonly screen: string; readonly code: number | null }> {
  const command = `'${process.execPath}' '${PROGRAM}' explain '${store}'`;
  const terminal = spawn('script', ['-qefc', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let screen = '';
  let isAsked = false;
  terminal.stdout.on('data', (bytes: Buffer) => {
    screen += bytes.toString('utf8');
    if (isAsked || !screen.includes('Password of')) return;
    isAsked = true;
    // Only now does the program read characters instead of lines.
    setTimeout(() => terminal.stdin.write(keys), 500);
  });
  const [code] = (await once(terminal, 'exit')) as [number | null];
  return { screen, code };
}

test('a password that is typed in is not shown', { skip: isMissing }, async () => {
  const right = await typed('geheim\r');
  assert.equal(right.code, 0);
  assert.match(right.screen, /CN=Root/);
  assert.doesNotMatch(right.screen, /geheim/);
  const wrong = await typed('falsch\r');
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.screen, /the password does not open it[^\r\n]*\r\n$/);
});

test('Ctrl-C at the prompt ends the program at once, as the signal does', { skip: isMissing }, async () => {
  const { screen, code } = await typed('ge\u0003');
  assert.equal(code, 130);
  assert.match(screen, /^Password of [^\r\n]*: \r?\n?\r\n$/);
});
