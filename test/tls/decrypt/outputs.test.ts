/** What no output ever has: application data, and keys; over every carrier, in every format, by every command. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ROOT } from '../../support/schema.js';

const folder = await mkdtemp(join(tmpdir(), 'outputs-'));
after(() => rm(folder, { recursive: true }));

/** Samples with keys, by carrier, and what the application says in them. */
const SAMPLES: Readonly<Record<string, readonly RegExp[]>> = {
  // TLS 1.3 over TCP; 0-RTT; PEAP in RADIUS, whose data are EAP again; a QUIC stream; DTLS.
  'keys-tls13': [/GET \/ HTTP/, /curl\/7/, /nginx\/1/],
  'keys-early-data': [/GET \/early/],
  'keys-eap-peap-success': [/alice/],
  'keys-quic': [/(?<![A-Za-z_])hello\b/],
  'keys-dtls12': [/(?<![A-Za-z_])hello\b/],
};
const NAMES = Object.keys(SAMPLES);
const FORBIDDEN = Object.values(SAMPLES).flat();

const pathOf = (name: string, extension: string): string => join(ROOT, 'samples', `${name}.${extension}`);
const captures = NAMES.map((name) => pathOf(name, 'pcap'));
const keys = NAMES.flatMap((name) => ['--keys', pathOf(name, 'keys')]);
const secrets = NAMES.flatMap((name) => readFileSync(pathOf(name, 'keys'), 'utf8').match(/[0-9a-f]{64,}$/gm) ?? []);

/** Runs the command; all that it printed. Exit codes of found failures are no error. */
const run = (...options: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const command = [join(ROOT, 'build', 'src', 'cli', 'main.js'), ...options];
    execFile(process.execPath, command, { maxBuffer: 1 << 27 }, (error, stdout, stderr) => {
      if (error === null || error.code === 1) resolve(stdout + stderr);
      else reject(new Error(`exit code ${String(error.code)}`, { cause: error }));
    });
  });

function assertSilent(output: string, where: string): void {
  for (const text of FORBIDDEN) assert.doesNotMatch(output, text, where);
  for (const secret of secrets) {
    assert.ok(!output.includes(secret), `${where}: a secret`);
    assert.ok(!output.includes(Buffer.from(secret, 'hex').toString('latin1')), `${where}: a secret in binary`);
    assert.ok(!output.includes(Buffer.from(secret, 'hex').toString('base64').slice(0, -4)), `${where}: in base64`);
  }
}

describe('application data and keys are in no output', () => {
  test('of the samples there are keys, and they open', async () => {
    assert.ok(secrets.length >= 10);
    const report = JSON.parse(await run('-f', 'json', '--only', 'all', ...keys, ...captures)) as {
      keys: { connections: { opened: number } };
    };
    assert.ok(report.keys.connections.opened >= NAMES.length);
  });

  for (const format of ['text', 'markdown', 'html', 'json', 'ndjson', 'sarif', 'junit']) {
    test(`${format}, with what is exported beside it`, async () => {
      const [frames, certificates] = [join(folder, `${format}.pcapng`), join(folder, `certificates-${format}`)];
      const exported = ['--export-frames', frames, '--export-certificates', certificates];
      const printed = await run('-v', '--only', 'all', '-f', format, ...exported, ...keys, ...captures);
      assert.ok(printed.length > 100);
      assertSilent(printed, format);
      assertSilent(await readFile(frames, 'latin1'), `frames beside ${format}`);
      for (const file of await readdir(certificates)) {
        assertSilent(await readFile(join(certificates, file), 'latin1'), file);
      }
    });
  }

  test('facts, and the report that is merged of them', async () => {
    const file = join(folder, 'all.facts');
    assertSilent(await run('facts', '-o', file, ...keys, ...captures), 'facts, what is said');
    const facts = await readFile(file, 'latin1');
    assert.ok(facts.length > 1000);
    assertSilent(facts, 'facts');
    for (const format of ['text', 'json'])
      assertSilent(await run('merge', '-v', '-f', format, file), `merge ${format}`);
  });

  test('compare', async () => {
    for (const name of NAMES) {
      const capture = pathOf(name, 'pcap');
      assertSilent(await run('compare', '-v', '--keys', pathOf(name, 'keys'), capture, capture), `compare ${name}`);
    }
  });
});
