import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { analyze } from '../../src/analyze.js';
import { createCertificateExport, fileName } from '../../src/export/certificates.js';
import { PROGRAM } from '../support/program.js';
import { ROOT } from '../support/schema.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-export-'));
after(() => {
  rmSync(folder, { recursive: true });
});

test('each certificate is a PEM file named by host and fingerprint, and is the one that was sent', async () => {
  const directory = join(folder, 'new', 'folder');
  const { connections } = await analyze([join(ROOT, 'samples', 'client-certificate-untrusted.pcap')]);
  const certificates = await createCertificateExport(directory);
  for (const { connection } of connections) await certificates.add(connection);
  assert.equal(certificates.leftOut(), 0);
  const files = readdirSync(directory).sort();
  assert.deepEqual(
    files.map((file) => file.replace(/[0-9a-f]{32}/, 'HASH')),
    ['client-192.0.2.10-HASH.pem', 'gateway.example-HASH.pem', 'gateway.example-HASH.pem'],
  );
  for (const file of files) {
    const { fingerprint256 } = new X509Certificate(readFileSync(join(directory, file)));
    assert.ok(file.includes(fingerprint256.replaceAll(':', '').toLowerCase().slice(0, 32)));
  }
});

test('what is there already stays', async () => {
  const { connections } = await analyze([join(ROOT, 'samples', 'certificate-self-signed.pcap')]);
  const [first] = connections;
  assert.ok(first);
  const [certificate] = first.connection.serverCertificates;
  const path = join(folder, fileName(first.connection.clientHello?.serverName ?? '', certificate?.sha256 ?? ''));
  writeFileSync(path, 'mine');
  await (await createCertificateExport(folder)).add(first.connection);
  assert.equal(readFileSync(path, 'utf8'), 'mine');
});

test('where a certificate cannot be written whole, nothing of it stays', { skip: process.platform === 'win32' }, () => {
  const directory = join(folder, 'full');
  const capture = join(ROOT, 'samples', 'certificate-self-signed.pcap');
  // A file may not grow, as on a full disk; node is told so instead of ended.
  const limits = 'trap "" XFSZ; ulimit -f 0; exec "$@"';
  const args = ['-c', limits, 'sh', process.execPath, PROGRAM, '--export-certificates', directory, capture];
  const { status, stderr } = spawnSync('sh', args, { encoding: 'utf8' });
  assert.equal(status, 2, stderr);
  assert.match(stderr, /EFBIG/);
  assert.deepEqual(readdirSync(directory), []);
});

test('beyond the bound it is counted whose certificates are not written', async () => {
  const { connections } = await analyze([join(ROOT, 'samples', 'client-certificate-untrusted.pcap')]);
  const certificates = await createCertificateExport(join(folder, 'bounded'), 1);
  for (const { connection } of connections) await certificates.add(connection);
  assert.equal(readdirSync(join(folder, 'bounded')).length, 1);
  assert.equal(certificates.leftOut(), 1);
});

describe('a file name is safe, whatever the host', () => {
  const hash = 'ab'.repeat(32);
  const cases: readonly [string, string][] = [
    ['www.Example.com', 'www.example.com'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['/etc/passwd', '_etc_passwd'],
    ['..', 'unknown'],
    ['', 'unknown'],
    ['-rf', 'rf'],
    ['2001:db8::1', '2001_db8_1'],
    ['a\0b\nc\\d', 'a_b_c_d'],
    ['日本', '_'],
  ];
  for (const [host, expected] of cases) {
    test(JSON.stringify(host), () => {
      assert.equal(fileName(host, hash), `${expected}-${hash.slice(0, 32)}.pem`);
    });
  }
  test('a long one', () => {
    assert.ok(fileName('x'.repeat(60_000), hash).length < 255);
  });
});
