import '../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { webcrypto, X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Certificate } from '../../src/x509/certificate.js';
import type { ClientFamily } from '../../src/x509/data/refusals.js';
import { matchHostName } from '../../src/x509/names.js';
import { peculiarities, type PeculiarityOptions } from '../../src/x509/peculiarities.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { der, extension, type Issued, type IssueOptions, issue, nameConstraints, toPem } from './authority.js';
import { makeWorkplace, openssl, withoutOpenssl } from './openssl.js';

const kinds = (chain: readonly Issued[], options?: PeculiarityOptions): string[] =>
  peculiarities(
    chain.map(({ certificate }) => certificate),
    options,
  ).map(({ kind, index }) => (index === null ? kind : `${kind}@${index}`));
const isRefusedBy = (client: ClientFamily, chain: readonly Certificate[], options?: PeculiarityOptions): boolean =>
  peculiarities(chain, options).some(({ refusedBy }) => refusedBy.some((refusal) => refusal.client === client));
const dnsNames = (...values: string[]) =>
  new x509.SubjectAlternativeNameExtension(values.map((value) => ({ type: 'dns', value })));

const root = await issue({ name: 'O=Example, CN=Root', ca: true });
const ca = await issue({ name: 'O=Example, CN=CA', ca: true, by: root });

describe('names, with OpenSSL’s opinion by X509Certificate.checkHost', () => {
  for (const [presented, wanted] of [
    ['www.example.com', 'www.example.com'],
    ['*.example.com', 'www.example.com'],
    ['*.local', 'printer.local'],
    ['*.example.com', 'a_b.example.com'],
    ['a_b.example.com', 'a_b.example.com'],
    ['www.example.com.', 'www.example.com'],
    ['*.example.com', 'a.b.example.com'],
    ['*.example.com', 'example.com'],
    ['w*.example.com', 'mail.example.com'],
    ['*.example.com', 'other.example'],
  ] as const) {
    test(`${presented} for ${wanted}`, async () => {
      const { certificate } = await issue({ name: 'CN=leaf', by: ca, extensions: [dnsNames(presented)] });
      const isCovered = matchHostName(certificate, wanted).covered;
      const isRefused = isRefusedBy('OpenSSL', [certificate], { name: wanted });
      assert.equal(new X509Certificate(certificate.der).checkHost(wanted) !== undefined, isCovered && !isRefused);
    });
  }

  test('one name without the peculiarity is enough', async () => {
    const both = await issue({ name: 'CN=leaf', by: ca, extensions: [dnsNames('*.local', 'printer.local')] });
    assert.deepEqual(kinds([both], { name: 'printer.local' }), []);
  });
});

describe('strictness, with the opinion of openssl verify -x509_strict', { skip: withoutOpenssl }, () => {
  const cases = async (): Promise<
    readonly (readonly [what: string, chain: readonly Issued[], kinds: readonly string[]])[]
  > => {
    const bare = await issue({ name: 'CN=leaf', by: ca, keyIdentifiers: false });
    const noUsage = await issue({ name: 'CN=No usage', by: root, ca: true, keyUsage: null });
    const signs = await issue({
      name: 'CN=leaf',
      by: ca,
      keyUsage: [x509.KeyUsageFlags.digitalSignature, x509.KeyUsageFlags.keyCertSign],
      basicConstraints: null,
    });
    const lax = await issue({
      name: 'CN=Lax',
      by: root,
      ca: true,
      basicConstraints: null,
      extensions: [extension('2.5.29.19', der(0x30, der(0x01, [0xff])))],
    });
    return [
      ['nothing wrong', [await issue({ name: 'CN=leaf', by: ca }), ca], []],
      ['no authority key identifier', [bare, ca], ['authority-key-identifier-missing@0']],
      [
        'an authority without key usage',
        [await issue({ name: 'CN=l', by: noUsage }), noUsage],
        ['authority-without-key-usage@1'],
      ],
      [
        'basic constraints not critical',
        [await issue({ name: 'CN=l', by: lax }), lax],
        ['basic-constraints-not-critical@1'],
      ],
      [
        'a leaf that may sign certificates, without basic constraints',
        [signs, ca],
        ['signs-without-basic-constraints@0'],
      ],
    ];
  };

  test('agree', async () => {
    const workplace = makeWorkplace();
    try {
      const anchor = workplace.write('root.pem', toPem(root.certificate));
      for (const [what, chain, expected] of await cases()) {
        assert.deepEqual(kinds(chain), expected, what);
        const [leaf, issuer] = chain.map(({ certificate }, i) =>
          workplace.write(`${what}-${i}.pem`, toPem(certificate)),
        );
        const { status } = spawnSync(openssl, [
          'verify',
          '-x509_strict',
          '-CAfile',
          anchor,
          '-untrusted',
          issuer ?? '',
          leaf ?? '',
        ]);
        const certificates = chain.map(({ certificate }) => certificate);
        assert.equal(status !== 0, isRefusedBy('Python strict', certificates), what);
      }
    } finally {
      workplace.remove();
    }
  });
});

describe('other peculiarities', () => {
  test('of the leaf: purposes, key usage, names, version', async () => {
    const usage = (...oids: string[]) => new x509.ExtendedKeyUsageExtension(oids);
    const leaf = async (...extensions: x509.Extension[]) => issue({ name: 'CN=www.example.com', by: ca, extensions });
    assert.deepEqual(kinds([await leaf(usage('2.5.29.37.0')), ca]), ['any-purpose-alone@0']);
    assert.deepEqual(kinds([await leaf(usage('2.16.840.1.113730.4.1')), ca]), ['server-gated-crypto-alone@0']);
    assert.deepEqual(kinds([await leaf(usage('2.5.29.37.0', '1.3.6.1.5.5.7.3.1')), ca]), []);
    const encipher = await issue({ name: 'CN=l', by: ca, keyUsage: [x509.KeyUsageFlags.keyEncipherment] });
    assert.deepEqual(kinds([encipher], { cipherSuite: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256' }), [
      'key-usage-against-suite@0',
    ]);
    assert.deepEqual(kinds([encipher], { cipherSuite: 'TLS_RSA_WITH_AES_128_GCM_SHA256' }), []);
    assert.deepEqual(kinds([await leaf()], { name: 'www.example.com' }), ['name-in-common-name-alone@0']);
    const spiffe = await leaf(extension('2.5.29.17', der(0x30, der(0x86, 'spiffe://example.org/a'))));
    assert.deepEqual(kinds([spiffe], { name: 'a.svc' }), ['uri-names-alone@0']);
    assert.deepEqual(kinds([await leaf(dnsNames('a.example'))], { name: '192.0.2.1' }), ['address-not-named@0']);
    assert.deepEqual(kinds([ca]), ['authority-as-leaf@0']);
    assert.deepEqual(kinds([await leaf(dnsNames('a b.example'))]), ['malformed-name@0']);
  });

  test('of links: names in other string types, key identifiers of another, repeated extensions, constraints', async () => {
    const rekeyed = await issue({ name: ca.name, ca: true, by: root });
    const leaf = await issue({ name: 'CN=l', by: ca });
    assert.deepEqual(kinds([leaf, rekeyed]), ['key-identifier-differs@0']);
    const twice = await issue({
      name: 'CN=l',
      by: ca,
      extensions: [extension('1.2.3', der(0x05)), extension('1.2.3', der(0x05))],
    });
    assert.deepEqual(kinds([twice]), ['repeated-extension@0']);
    const organization = der(
      0xa4,
      der(0x30, der(0x31, der(0x30, der(0x06, [0x55, 0x04, 0x0a]), der(0x13, 'Example')))),
    );
    const constrained = await issue({
      name: 'CN=C',
      ca: true,
      by: root,
      extensions: [nameConstraints({ permitted: [organization] })],
    });
    assert.deepEqual(kinds([await issue({ name: 'CN=l', by: constrained }), constrained]), [
      'critical-directory-constraint@1',
      'critical-name-constraint@1',
    ]);
    for (const [name, kind] of [
      [der(0x86, 'example.com'), 'critical-uri-constraint'],
      [der(0x88, [0x2a, 3, 4]), 'critical-identifier-constraint'],
      [der(0xa0, der(0x06, [0x2a, 3, 4]), der(0xa0, der(0x0c, 'x'))), 'critical-other-name-constraint'],
    ] as const) {
      const by = await issue({ name: 'CN=C', ca: true, by: root, extensions: [nameConstraints({ excluded: [name] })] });
      assert.deepEqual(kinds([by]), ['critical-name-constraint@0', kind + '@0', 'authority-as-leaf@0']);
    }
    const policies = extension('2.5.29.36', der(0x30, der(0x80, [0])), true);
    const constrainedPolicies = await issue({ name: 'CN=P', ca: true, by: root, extensions: [policies] });
    assert.deepEqual(kinds([await issue({ name: 'CN=l', by: constrainedPolicies }), constrainedPolicies]), [
      'critical-policy-constraint@1',
    ]);
    const policy = extension('2.5.29.32', der(0x30, der(0x30, der(0x06, [0x2a, 3, 4]))), true);
    assert.deepEqual(kinds([await issue({ name: 'CN=l', by: root, extensions: [policy] }), root]), [
      'critical-certificate-policies@0',
    ]);
    const any = new x509.ExtendedKeyUsageExtension(['2.5.29.37.0']);
    const forAny = await issue({ name: 'CN=A', ca: true, by: root, extensions: [any] });
    assert.deepEqual(kinds([await issue({ name: 'CN=l', by: forAny }), forAny]), ['authority-for-any-purpose@1']);
    // Its issuer by name and serial number: of another certificate.
    const serial = extension('2.5.29.35', der(0x30, der(0x82, [0x7f, 0x01])));
    const named = await issue({ name: 'CN=l', by: ca, keyIdentifiers: false, extensions: [serial] });
    assert.ok(kinds([named, ca]).includes('issuer-serial-differs@0'));
    const right = der(0x82, [...Buffer.from(ca.certificate.serialNumber, 'hex')]);
    const rightly = extension('2.5.29.35', der(0x30, right));
    const same = await issue({ name: 'CN=l', by: ca, keyIdentifiers: false, extensions: [rightly] });
    assert.ok(!kinds([same, ca]).includes('issuer-serial-differs@0'));
    // The same text as UTF8String (0x0c) where the issuer has PrintableString (0x13), or the other way.
    const bytes = Buffer.from(leaf.certificate.der);
    const at = bytes.indexOf('CA') - 2;
    bytes[at] = bytes[at] === 0x0c ? 0x13 : 0x0c;
    const found = peculiarities([parseCertificate(new Uint8Array(bytes)), ca.certificate]);
    assert.deepEqual(
      found.map(({ kind }) => kind),
      ['name-encoding-differs'],
    );
  });

  test('of the chain: order; curves that the client does not offer', async () => {
    const leaf = await issue({ name: 'CN=l', by: ca });
    assert.deepEqual(kinds([leaf, root, ca]), ['out-of-order']);
    assert.deepEqual(kinds([leaf, ca], { groups: ['x25519'] }), ['curve-not-offered@0', 'curve-not-offered@1']);
    assert.deepEqual(kinds([leaf, ca], { groups: ['x25519', 'secp256r1'] }), []);
  });

  test('keys and signatures that some clients do not know', async () => {
    const edwards = await webcrypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']);
    const withEdwards = await issue({ name: 'CN=l', by: ca, keys: edwards as webcrypto.CryptoKeyPair });
    assert.deepEqual(kinds([withEdwards, ca]), ['edwards-key@0']);
    const rsa = { name: 'RSA-PSS', hash: 'SHA-256', publicExponent: Uint8Array.of(1, 0, 1), modulusLength: 4104 };
    const long = await issue({
      name: 'O=Example, CN=PSS',
      ca: true,
      keys: await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']),
      algorithm: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 } as IssueOptions['algorithm'] & object,
    });
    assert.deepEqual(
      kinds([long]).sort(),
      ['pss-signature@0', 'rsa-key-over-4096-bits@0', 'authority-as-leaf@0'].sort(),
    );
    const leaf = await issue({ name: 'CN=l', by: ca });
    const bytes = Buffer.from(leaf.certificate.der);
    // P-256 becomes SM2's curve, whose identifier has the same length.
    const curve = bytes.indexOf(Buffer.from('2a8648ce3d030107', 'hex'));
    Buffer.from('2a811ccf5501822d', 'hex').copy(bytes, curve);
    const found = peculiarities([parseCertificate(new Uint8Array(bytes)), ca.certificate]);
    assert.deepEqual(
      found.map(({ kind, details }) => [kind, ...details]),
      [['uncommon-curve', 'curveSM2']],
    );
  });

  test('what issued another one of them comes first', async () => {
    const leaf = await issue({ name: 'CN=l', by: ca });
    assert.ok(kinds([ca, leaf]).includes('out-of-order'));
    assert.ok(!kinds([leaf, ca]).includes('out-of-order'));
  });

  test('names that differ in spaces, or have characters of 16 bits', async () => {
    const spaced = await issue({ name: 'CN=l', by: { ...ca, name: 'O=Example, CN=CA\\ ' } });
    assert.deepEqual(kinds([spaced, ca]), ['name-encoding-differs@0', 'name-spacing-differs@0']);
    const leaf = await issue({ name: 'CN=l', by: ca });
    const bytes = Buffer.from(leaf.certificate.der);
    // "CA" as UTF8String of two bytes, and as a BMPString of one character.
    bytes[bytes.indexOf('CA') - 2] = 0x1e;
    const wide = parseCertificate(new Uint8Array(bytes));
    const issuer = { ...ca.certificate, subject: wide.issuer };
    const found = peculiarities([wide, issuer]).map(({ kind }) => kind);
    assert.ok(found.includes('name-in-16-bit-characters'));
  });

  test('extensions in a certificate that says it is of version 2', async () => {
    const leaf = await issue({ name: 'CN=l', by: ca });
    const bytes = Buffer.from(leaf.certificate.der);
    // [0] { INTEGER 2 }: version 3.
    bytes[bytes.indexOf(Buffer.from([0xa0, 0x03, 0x02, 0x01, 0x02])) + 4] = 1;
    const found = peculiarities([parseCertificate(new Uint8Array(bytes)), ca.certificate]).map(({ kind }) => kind);
    assert.deepEqual(found, ['extensions-before-version-3']);
  });

  test('names that differ in case alone', async () => {
    const leaf = await issue({ name: 'CN=l', by: { ...ca, name: 'O=EXAMPLE, CN=ca' } });
    assert.deepEqual(kinds([leaf, ca]), ['name-encoding-differs@0']);
  });

  test('dates, subjects, path lengths and algorithms that RFC 5280 has otherwise', async () => {
    const nameless = await issue({ name: '', by: ca, extensions: [dnsNames('www.example.com')] });
    assert.deepEqual(kinds([nameless, ca]), ['empty-subject@0']);
    const length = extension('2.5.29.19', der(0x30, der(0x02, [0])), true);
    const deep = await issue({ name: 'CN=l', by: ca, basicConstraints: null, extensions: [length] });
    assert.deepEqual(kinds([deep, ca]), ['path-length-without-authority@0']);
    const { certificate } = await issue({ name: 'CN=l', by: ca });
    const algorithm = Buffer.from([0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);
    const bytes = Buffer.from(certificate.der);
    // The first one is inside of what is signed: SHA-384 there, SHA-256 outside.
    bytes[bytes.indexOf(algorithm) + 9] = 0x03;
    assert.deepEqual(
      peculiarities([parseCertificate(new Uint8Array(bytes))]).map(({ kind }) => kind),
      ['signature-algorithms-differ'],
    );
  });

  test('a serial number below zero, and what cannot be read', async () => {
    const { certificate } = await issue({ name: 'CN=l', by: ca });
    const bytes = Buffer.from(certificate.der);
    const serial = bytes.indexOf(Buffer.from([0xa0, 0x03, 0x02, 0x01, 0x02, 0x02])) + 7;
    bytes[serial] = 0x80;
    const negative = parseCertificate(new Uint8Array(bytes));
    assert.deepEqual(
      peculiarities([negative]).map(({ kind }) => kind),
      ['negative-serial-number'],
    );
    const [broken] = peculiarities([parseCertificate(certificate.der.subarray(0, 100))]);
    assert.equal(broken?.kind, 'unreadable');
    assert.match(JSON.stringify(broken.details), /lengthPassesEnd/);
  });
});
