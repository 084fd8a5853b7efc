import '../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { parseCertificate } from '../../src/x509/parse.js';
import { der, extension, issue, nameConstraints } from './authority.js';

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

  test('decodes constraints, must-staple, timestamps, policies and details of the key', async () => {
    const general = (tag: number, ...bytes: number[]) => der(tag, bytes);
    const organization = der(0x30, der(0x31, der(0x30, der(0x06, [0x55, 0x04, 0x0a]), der(0x13, 'Example'))));
    const { certificate } = await issue({
      name: 'CN=CA, E=a@example.com',
      ca: true,
      pathLength: 2,
      extensions: [
        nameConstraints({
          permitted: [
            der(0x82, 'example.com'),
            der(0x81, '.example.com'),
            general(0x87, 192, 0, 2, 0, 255, 255, 255, 0),
            der(0xa4, organization),
            der(0x88, [0x2a, 0x03]),
          ],
          excluded: [
            general(
              0x87,
              ...Buffer.from('20010db8', 'hex'),
              ...new Array<number>(12).fill(0),
              255,
              255,
              255,
              255,
              ...new Array<number>(12).fill(0),
            ),
            general(0x87, 10, 0, 0, 1, 255, 0, 0, 255),
            general(0x87, 1, 2, 3),
            der(0x86, '.example.org'),
          ],
        }),
        extension('1.3.6.1.5.5.7.1.24', der(0x30, der(0x02, [5]))),
        extension('1.3.6.1.4.1.11129.2.4.2', der(0x04, [0, 9, 0, 2, 1, 1, 0, 3, 1, 1, 1])),
        new x509.CRLDistributionPointsExtension(['http://crl.example/1.crl']),
        new x509.CertificatePolicyExtension(['2.23.140.1.2.2', '1.2.3']),
        new x509.AuthorityInfoAccessExtension({ ocsp: ['http://one.example', 'http://two.example'] }),
        new x509.SubjectAlternativeNameExtension([{ type: 'email', value: 'b@example.com' }]),
        extension('1.2.3.4', der(0x05), true),
      ],
    });
    assert.equal(certificate.error, null);
    assert.equal(certificate.version, 3);
    assert.deepEqual([certificate.isCa, certificate.hasBasicConstraints, certificate.pathLength], [true, true, 2]);
    assert.deepEqual(certificate.nameConstraints, {
      permitted: {
        dns: ['example.com'],
        email: ['.example.com'],
        uri: [],
        ip: ['192.0.2.0/24'],
        directory: ['O=Example'],
        other: [],
        others: 1,
      },
      excluded: {
        dns: [],
        email: [],
        uri: ['.example.org'],
        ip: ['2001:db8::/32', '10.0.0.1/255.0.0.255', '#010203'],
        directory: [],
        other: [],
        others: 0,
      },
    });
    assert.equal(certificate.namesRevocationList, true);
    assert.equal(certificate.mustStaple, true);
    assert.equal(certificate.signedCertificateTimestamps, 2);
    assert.deepEqual(certificate.policies, ['2.23.140.1.2.2', '1.2.3']);
    assert.deepEqual(certificate.ocspResponders, ['http://one.example', 'http://two.example']);
    assert.deepEqual(certificate.emailAddresses, ['a@example.com', 'b@example.com']);
    assert.deepEqual(certificate.unknownCriticalExtensions, ['1.2.3.4']);
    assert.deepEqual(
      [certificate.keyCurve, certificate.keyExponent, certificate.signatureHash],
      ['secp256r1', null, 'sha256'],
    );
    const [root = new Uint8Array()] = roots;
    assert.equal(parseCertificate(root).keyExponent, '65537');
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
    for (const oid of ['2.5.29.17', '2.5.29.30', '2.5.29.37', '1.3.6.1.5.5.7.1.1']) {
      const counts = await issue({ name: 'CN=x', extensions: [new x509.Extension(oid, false, broken)] });
      assert.notEqual(counts.certificate.error, null);
      assert.equal(counts.certificate.subject, 'CN=x');
    }
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
      assert.equal(parseCertificate(der).error?.fault, 'notATime');
    }
    der.set(Buffer.from('4902030405+01'), find);
    assert.equal(parseCertificate(der).error?.fault, 'notATime');
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
    assert.deepEqual(parseCertificate(new Uint8Array([...root, 0])).error, {
      fault: 'trailingBytes',
      data: { count: 1, field: 'certificate' },
    });
    assert.notEqual(parseCertificate(Buffer.from(rootCertificates[0] ?? '')).error, null);
    assert.equal(parseCertificate(new Uint8Array(0x10_0000)).error?.fault, 'certificateTooLong');
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
