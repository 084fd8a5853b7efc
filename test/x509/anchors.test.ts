import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { createTrustAnchors, readCertificateFile } from '../../src/x509/anchors.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { loadRoots } from '../../src/x509/roots.js';
import { type Issued, issue, toPem } from './authority.js';

const ROOTS = await loadRoots();

let root: Issued;
let other: Issued;

before(async () => {
  root = await issue({ name: 'O=Example, CN=Example Root', ca: true });
  other = await issue({ name: 'O=Example, CN=EXAMPLE  root', ca: true });
});

describe('createTrustAnchors', () => {
  test('finds every root, by name and as itself, and parses only those asked for', () => {
    let parsed = 0;
    const anchors = createTrustAnchors(
      (der) => {
        parsed++;
        return parseCertificate(der);
      },
      { roots: () => ROOTS },
    );
    assert.deepEqual(anchors.bySubject('CN=Nobody'), []);
    assert.equal(parsed, 0);
    for (const { root: known, encoded } of ROOTS.byHash.values()) {
      const certificate = parseCertificate(Buffer.from(encoded ?? '', 'base64'));
      assert.equal(certificate.sha256, known.sha256);
      const before = parsed;
      const found = anchors.find(certificate);
      assert.ok(parsed <= before + 1);
      assert.equal(found?.origin, 'mozilla');
      assert.equal(found.root, known);
      assert.equal(found.certificate.sha256, certificate.sha256);
      assert.equal(anchors.find(certificate), found);
      assert.ok(anchors.bySubject(certificate.subject).includes(found));
    }
    assert.equal(parsed, ROOTS.byHash.size);
    assert.equal(anchors.find(root.certificate), null);
  });

  test('adds the user’s own, several of a name', () => {
    const extra = [root, other].map(({ certificate }) => certificate.der);
    const anchors = createTrustAnchors(parseCertificate, { extra, roots: () => ROOTS });
    const found = anchors.bySubject('CN=example root,O=EXAMPLE');
    assert.deepEqual(
      found.map(({ certificate, origin }) => [certificate.sha256, origin]),
      [
        [root.certificate.sha256, 'extra'],
        [other.certificate.sha256, 'extra'],
      ],
    );
    assert.equal(anchors.find(other.certificate), found[1]);
  });
});

describe('readCertificateFile', () => {
  test('reads PEM with several certificates and text between, and DER', () => {
    const text = `# roots\r\n${toPem(root.certificate)}\n-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n${toPem(other.certificate)}`;
    const pem = readCertificateFile(Buffer.from(text.replaceAll('\n', '\r\n')));
    assert.deepEqual(pem.certificates, [root.certificate.der, other.certificate.der]);
    assert.equal(pem.error, null);
    assert.deepEqual(readCertificateFile(root.certificate.der).certificates, [root.certificate.der]);
  });

  test('says what is wrong with others', () => {
    const error = (bytes: Uint8Array | string) => readCertificateFile(Buffer.from(bytes)).error ?? '';
    assert.match(error(''), /no certificate/);
    assert.match(error('-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----'), /no certificate/);
    assert.match(error(root.certificate.der.subarray(0, 100)), /certificate 1 is damaged/);
    const torn = toPem(other.certificate).replace(/\n.{64}\n/, '\n');
    assert.match(error(toPem(root.certificate) + torn), /certificate 2 is damaged/);
  });
});
