import '../../src/x509/reflect.js';
import * as x509 from '@peculiar/x509';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { parseCertificate } from '../../src/x509/parse.js';
import { issue } from './authority.js';

const roots = rootCertificates.map((pem) => new Uint8Array(new X509Certificate(pem).raw));

/** OpenSSL's one-attribute-a-line form, last relative name first. */
function reversed(multiline: string): string {
  return multiline
    .split('\n')
    .reverse()
    .map((line) => line.replaceAll(' + ', '+'))
    .join(',');
}

function isoSeconds(openssl: string): string {
  return new Date(openssl).toISOString().replace('.000Z', 'Z');
}

describe('parseCertificate', () => {
  test('agrees with Node’s own decoder on every root that Node carries', () => {
    for (const der of roots) {
      const ours = parseCertificate(der);
      const node = new X509Certificate(der);
      assert.equal(ours.error, null);
      assert.equal(ours.subject, reversed(node.subject));
      assert.equal(ours.issuer, reversed(node.issuer));
      assert.equal(ours.notBefore, isoSeconds(node.validFrom));
      assert.equal(ours.notAfter, isoSeconds(node.validTo));
      assert.equal(BigInt(`0x${ours.serialNumber}`), BigInt(`0x${node.serialNumber}`));
      assert.equal(ours.sha256, node.fingerprint256.replaceAll(':', '').toLowerCase());
      assert.equal(ours.isCa, node.ca);
      assert.equal(ours.selfIssued, node.subject === node.issuer);
      const { modulusLength, namedCurve } = node.publicKey.asymmetricKeyDetails ?? {};
      assert.equal(ours.keyBits, modulusLength ?? (namedCurve === 'secp384r1' ? 384 : 256));
      assert.equal(ours.keyType, modulusLength === undefined ? 'ECDSA' : 'RSA');
    }
  });

  test('decodes names, usages, identifiers and locations', async () => {
    const { certificate } = await issue({
      name: 'C=DE, O=Muster\\, GmbH, CN=a.example.com',
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: 'a.example.com' },
          { type: 'ip', value: '192.0.2.7' },
          { type: 'ip', value: '2001:db8:0:0:0:0:0:1' },
          { type: 'email', value: 'x@example.com' },
        ]),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, '1.2.3.4']),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.decipherOnly),
        new x509.AuthorityInfoAccessExtension({ caIssuers: 'http://ca.example/ca.crt', ocsp: 'http://ocsp.example' }),
      ],
    });
    assert.equal(certificate.error, null);
    assert.equal(certificate.subject, 'CN=a.example.com,O=Muster\\, GmbH,C=DE');
    assert.deepEqual(certificate.commonNames, ['a.example.com']);
    assert.deepEqual(certificate.subjectAltNames, { dns: ['a.example.com'], ip: ['192.0.2.7', '2001:db8::1'] });
    assert.deepEqual(certificate.extendedKeyUsage, ['serverAuth', '1.2.3.4']);
    assert.deepEqual(certificate.keyUsage, ['digitalSignature', 'decipherOnly']);
    assert.deepEqual(certificate.caIssuers, ['http://ca.example/ca.crt']);
    assert.match(certificate.subjectKeyIdentifier ?? '', /^[0-9a-f]{40}$/);
    assert.equal(certificate.authorityKeyIdentifier, certificate.subjectKeyIdentifier);
    assert.equal(certificate.signatureAlgorithm, 'ecdsa-with-SHA256');
    assert.equal(certificate.keyType, 'ECDSA');
    assert.equal(certificate.keyBits, 256);
    assert.equal(certificate.isCa, false);
  });

  test('an address of an impossible length is kept, and is no address', async () => {
    const san = new Uint8Array([0x30, 0x05, 0x87, 0x03, 1, 2, 3]);
    const { certificate } = await issue({ name: 'CN=x', extensions: [new x509.Extension('2.5.29.17', false, san)] });
    assert.equal(certificate.error, null);
    assert.deepEqual(certificate.subjectAltNames.ip, ['010203']);
  });

  test('a broken extension that nothing reads does no harm; one that counts is an error that keeps the names', async () => {
    const broken = new Uint8Array([0x30, 0x7f, 0x01]);
    const policies = await issue({ name: 'CN=x', extensions: [new x509.Extension('2.5.29.32', false, broken)] });
    assert.equal(policies.certificate.error, null);
    const san = await issue({ name: 'CN=x', extensions: [new x509.Extension('2.5.29.17', false, broken)] });
    assert.notEqual(san.certificate.error, null);
    assert.equal(san.certificate.subject, 'CN=x');
  });

  test('dates before 1970, and after 2049', async () => {
    const { certificate } = await issue({ name: 'CN=dates' });
    const find = Buffer.from(certificate.der).indexOf('200101000000Z');
    const der = new Uint8Array(certificate.der);
    der.set(Buffer.from('510203040506Z'), find);
    assert.equal(parseCertificate(der).notBefore, '1951-02-03T04:05:06Z');
    der.set(Buffer.from('490203040506Z'), find);
    assert.equal(parseCertificate(der).notBefore, '2049-02-03T04:05:06Z');
    for (const wrong of ['49xx03040506Z', '490230040506Z', '491303040506Z', '490203250506Z', '490203040506+']) {
      der.set(Buffer.from(wrong), find);
      assert.match(parseCertificate(der).error ?? '', /not a time/);
    }
    der.set(Buffer.from('4902030405+01'), find);
    assert.match(parseCertificate(der).error ?? '', /not a time/);
  });

  test('never throws on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { error, sha256 } = parseCertificate(bytes);
        assert.notEqual(error, null);
        assert.match(sha256, /^[0-9a-f]{64}$/);
      }),
    );
  });

  test('never throws on damaged certificates, and never turns one into an empty success', () => {
    const damage = fc.record({
      root: fc.constantFrom(...roots),
      edits: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      cut: fc.option(fc.nat()),
    });
    fc.assert(
      fc.property(damage, ({ root, edits, cut }) => {
        const der = cut === null ? new Uint8Array(root) : root.slice(0, cut % root.length);
        for (const [at, value] of edits) if (der.length > 0) der[at % der.length] = value;
        const { error, keyType, notAfter } = parseCertificate(der);
        assert.ok(error !== null || (keyType !== '' && notAfter !== ''));
      }),
      { numRuns: 300 },
    );
  });

  test('bytes after the certificate, text instead of DER, and absurd sizes are errors', () => {
    const [root = new Uint8Array()] = roots;
    assert.match(parseCertificate(new Uint8Array([...root, 0])).error ?? '', /1 bytes follow/);
    assert.notEqual(parseCertificate(Buffer.from(rootCertificates[0] ?? '')).error, null);
    assert.match(parseCertificate(new Uint8Array(0x10_0000)).error ?? '', /too many/);
  });

  test('deep nesting and a flood of tiny elements end quickly', () => {
    const nested = new Uint8Array(0x2_0000).fill(0x30);
    const flood = new Uint8Array(0x3_0000);
    flood.set([0x30, 0x83, 0x02, 0xff, 0xfb]);
    const started = performance.now();
    assert.notEqual(parseCertificate(nested).error, null);
    assert.notEqual(parseCertificate(flood).error, null);
    assert.ok(performance.now() - started < 10_000);
  });
});
