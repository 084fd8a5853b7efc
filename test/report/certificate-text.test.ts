import '../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { certificateText } from '../../src/report/certificate-text.js';
import { DEFAULTS, formats, writeReport, type ReportOptions } from '../../src/report/index.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { loadRoots } from '../../src/x509/roots.js';
import { alert, connection } from '../support/connections.js';
import { diagnosed, finding, results, rule } from '../support/results.js';
import { der, extension, issue } from '../x509/authority.js';

test('prints every field and extension, in hexadecimal what it does not know', async () => {
  const { certificate } = await issue({
    name: 'O=Example, CN=leaf.example',
    ca: true,
    pathLength: 3,
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'leaf.example' }]),
      extension('1.2.3.4', der(0x04, [0xca, 0xfe]), true),
    ],
  });
  const text = certificateText(certificate.der).join('\n');
  assert.equal(text.split('\n')[0], `SHA-256: ${certificate.sha256}`);
  for (const part of [
    /Version: v3/,
    /Subject: O=Example, CN=leaf\.example/,
    /Not After: .*2040/,
    /ECDSA|ecPublicKey/,
    /leaf\.example/,
    /keyCertSign/,
    /1\.2\.3\.4: critical\n +04 02 ca fe/,
  ]) {
    assert.match(text, part);
  }
});

test('prints every root', async () => {
  for (const { encoded } of (await loadRoots()).byHash.values()) {
    const text = certificateText(Buffer.from(encoded ?? '', 'base64'));
    assert.ok(!text.some((line) => line.startsWith('It cannot')));
  }
});

test('text from the certificate makes no lines and no escapes', async () => {
  const { certificate } = await issue({
    name: 'CN=leaf',
    extensions: [extension('2.5.29.17', der(0x30, der(0x82, 'a\nSubject: CN=b\u001b[31m')))],
  });
  const lines = certificateText(certificate.der);
  assert.ok(!lines.some((line) => /^ *Subject: CN=b/.test(line)));
  // eslint-disable-next-line no-control-regex
  assert.ok(lines.every((line) => !/[\u0000-\u001f\u007f]/.test(line)));
});

test('says of a damaged one why, and gives the bytes', async () => {
  const { certificate } = await issue({ name: 'CN=leaf' });
  const cut = certificate.der.subarray(0, 100);
  const lines = certificateText(cut);
  assert.match(lines[1] ?? '', /length 1?\d+ at byte 0 passes the end/);
  assert.match(lines[2] ?? '', /^It cannot be printed in full, as a part of it cannot be decoded\. Its bytes:$/);
  assert.equal(lines.slice(3).join(''), Buffer.from(cut).toString('hex'));
});

describe('reports print certificates in full', () => {
  const report = async (
    format: string,
    options: Partial<ReportOptions> = {},
    damage: (der: Uint8Array) => Uint8Array = (whole) => whole,
  ): Promise<string> => {
    const issued = await issue({ name: 'O=Example, CN=leaf.example' });
    const certificate = parseCertificate(damage(issued.certificate.der));
    const all = { ...DEFAULTS, ...options };
    const createWriter = await formats[format]!.load(all);
    const failed = (id: number) =>
      diagnosed(
        connection({ id: String(id), serverCertificates: [certificate], alerts: [alert({ from: 'client' })] }),
        [finding({ rule: rule({ id: `rule-${id}` }) })],
      );
    return [...writeReport(createWriter(all), results([failed(1), failed(2)]))].join('');
  };
  const inFull = /Signature Algorithm: ecdsaWithSHA256/g;

  for (const format of ['text', 'markdown']) {
    test(`${format}: with --verbose, each once`, async () => {
      assert.equal((await report(format, { verbose: true })).match(inFull)?.length, 1);
      assert.doesNotMatch(await report(format), inFull);
    });
  }

  for (const width of [60, 61, 77]) {
    test(`text: no wider than ${width} columns, whole or damaged`, async () => {
      for (const damage of [(der: Uint8Array) => der, (der: Uint8Array) => der.subarray(0, 100)]) {
        const lines = (await report('text', { verbose: true, width }, damage)).split('\n');
        const start = lines.findIndex((line) => /^ {3}SHA-256:/.test(line));
        assert.notEqual(start, -1);
        assert.deepEqual(
          lines.slice(start).filter((line) => line.length > width),
          [],
        );
      }
    });
  }

  test('html: in a fold, each once', async () => {
    const page = await report('html');
    assert.equal(page.match(inFull)?.length, 1);
    assert.match(page, /<summary>The certificate in full<\/summary>\s*<pre><code>SHA-256: [0-9a-f]{64}\nCertificate:/);
  });
});
