import '../../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import { certificateNonconforming } from '../../../src/diagnose/rules/certificate-nonconforming.js';
import { alert, at, certificate, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';
import { parseCertificate } from '../../../src/x509/parse.js';
import { der, extension, issue, makeKeys, nameConstraints, trusting } from '../../x509/authority.js';

/** The order of NSS's extensions. */
const NSS = {
  extensions: ['extended_master_secret', 'renegotiation_info', 'supported_groups', 'ec_point_formats'],
  signatureSchemes: ['ecdsa_secp256r1_sha256', 'ecdsa_secp384r1_sha384', 'ecdsa_secp521r1_sha512'],
};
const numbered = (digit: string) => [
  { ...sound.certificate, sha256: digit.repeat(32), serialNumber: '1092', issuer: 'CN=Example CA' },
];
const said = (code: number, name: string) => [alert({ from: 'client', code, name })];
const openssl = {
  extensions: ['server_name', 'ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
  cipherSuites: ['TLS_AES_256_GCM_SHA384'],
  supportedGroups: ['secp256r1'],
};
const jsse = {
  extensions: ['supported_groups', 'ec_point_formats', 'supported_versions', 'signature_algorithms_cert'],
  supportedGroups: ['secp256r1'],
};
const go = {
  extensions: [
    'supported_groups',
    'ec_point_formats',
    'signature_algorithms',
    'renegotiation_info',
    'signed_certificate_timestamp',
  ],
};
const bad = said(42, 'bad_certificate');
const unknownStack = { supportedGroups: ['secp256r1'] };

const root = await issue({ name: 'CN=Example Trust R1', ca: true });
const ofOtherKey = await x509.AuthorityKeyIdentifierExtension.create((await makeKeys()).publicKey);
const misnamedByRoot = await issue({
  name: 'CN=www.example.com',
  by: root,
  keyIdentifiers: false,
  extensions: [ofOtherKey],
});
const critical = await issue({
  name: 'CN=www.example.com',
  by: root,
  extensions: [extension('1.2.3.4', der(0x05), true)],
});
const without = await issue({ name: 'CN=www.example.com', by: root, keyIdentifiers: false });
const signing = await issue({
  name: 'CN=www.example.com',
  by: root,
  keyUsage: [x509.KeyUsageFlags.digitalSignature, x509.KeyUsageFlags.keyCertSign],
  basicConstraints: null,
});
const sound = await issue({ name: 'CN=www.example.com', by: root });
const authority = await issue({ name: 'CN=www.example.com', by: root, ca: true });
const otherKey = extension('2.5.29.35', der(0x30, der(0x80, new Uint8Array(20).fill(1))));
const intermediate = await issue({ name: 'CN=Example CA 3', by: root, ca: true });
const rekeyed = await issue({ name: 'CN=Example CA 3', by: root, ca: true });
const misnamed = await issue({
  name: 'CN=www.example.com',
  by: intermediate,
  keyIdentifiers: false,
  extensions: [otherKey],
});
const otherName = der(0xa0, Uint8Array.of(0x06, 3, 0x2a, 3, 4), der(0xa0, Uint8Array.of(0x0c, 1, 0x78)));
const constrained = await issue({
  name: 'CN=Example CA 4',
  by: root,
  ca: true,
  extensions: [nameConstraints({ permitted: [otherName] })],
});
const belowConstrained = await issue({ name: 'CN=www.example.com', by: constrained });
/** The certificate with a curve that few programs know in place of P-256: SM2's, whose identifier has the same length. */
function onUncommonCurve(bytes: Uint8Array) {
  const changed = Buffer.from(bytes);
  Buffer.from('2a811ccf5501822d', 'hex').copy(changed, changed.indexOf(Buffer.from('2a8648ce3d030107', 'hex')));
  return parseCertificate(new Uint8Array(changed));
}

const rustls = {
  extensions: ['extended_master_secret'],
  signatureSchemes: ['ecdsa_secp384r1_sha384', 'ecdsa_secp256r1_sha256', 'ed25519', 'rsa_pss_rsae_sha512'],
  supportedGroups: ['secp256r1'],
};
/** Erlang/OTP. */
const erlang = {
  extensions: ['signature_algorithms', 'supported_groups', 'ec_point_formats'],
  cipherSuites: ['TLS_EMPTY_RENEGOTIATION_INFO_SCSV', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  supportedGroups: ['secp256r1'],
};
const anyPurpose = await issue({
  name: 'CN=www.example.com',
  by: root,
  extensions: [new x509.ExtendedKeyUsageExtension(['2.5.29.37.0'])],
});
const anchors = trusting(root);
/** A serial number below zero. */
const negative = Uint8Array.from(sound.certificate.der);
negative[Buffer.from(negative).indexOf(Buffer.from([0xa0, 0x03, 0x02, 0x01, 0x02, 0x02])) + 7] = 0x80;
const repeated = await issue({
  name: 'CN=www.example.com',
  by: root,
  extensions: [extension('1.2.3.4', Uint8Array.of(5, 0)), extension('1.2.3.4', Uint8Array.of(5, 0))],
});
/** Damaged in its structure: the signed part is a SET and no SEQUENCE. */
const damaged = Uint8Array.from(sound.certificate.der);
damaged[damaged.indexOf(0x30, 4)] = 0x31;
/** Three bytes behind it. */
const trailed = Uint8Array.from([...sound.certificate.der, 0, 0, 0]);
/** Readable but for an extension that few clients read. */
const brokenAccess = await issue({
  name: 'CN=www.example.com',
  by: root,
  extensions: [extension('1.3.6.1.5.5.7.1.1', Uint8Array.of(0x30, 5))],
});

testRule(certificateNonconforming, {
  basis: 'fact',
  fires: [
    {
      name: 'another key identifier than that of the trusted root that issued it and was not sent',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [misnamedByRoot.certificate],
        alerts: said(48, 'unknown_ca'),
      }),
      anchors: trusting(root),
      support: 'supported',
      explanation: 'known',
      data: { library: 'OpenSSL' },
      frames: [5, 6],
    },
    {
      name: 'a critical extension that nobody knows, to an unknown client',
      connection: connection({
        clientHello: unknownStack,
        serverCertificates: [critical.certificate],
        alerts: bad,
      }),
      support: 'supported',
      explanation: 'open',
      frames: [5, 6],
    },
    {
      name: 'the same, refused without an alert',
      connection: connection({
        clientHello: unknownStack,
        serverCertificates: [critical.certificate],
        phase: 'server-certificate',
        ending: { by: 'client', how: 'close', frame: 7, at: at(0.07) },
      }),
      support: 'open',
      explanation: 'open',
      frames: [5, 7],
    },
    ...(['192.0.2.10', '192.0.2.11'] as const).map((address, index) => ({
      name: `NSS: a serial number that ${index === 0 ? 'the same' : 'another'} client saw in another certificate of the issuer`,
      connection: connection({ id: '2', clientHello: NSS, serverCertificates: numbered('aa'), alerts: bad }),
      others: [connection({ client: { address, port: 4000 }, serverCertificates: numbered('bb') })],
      support: index === 0 ? ('supported' as const) : ('open' as const),
      explanation: 'reusedSerial',
      data: { serialNumber: '1092', who: address },
      frames: [5, 6],
    })),
    {
      name: 'Go: a serial number below zero, which some programs on it accept',
      connection: connection({
        clientHello: go,
        serverCertificates: [parseCertificate(negative)],
        alerts: said(42, 'bad_certificate'),
      }),
      support: 'open',
      explanation: 'open',
      frames: [5, 6],
    },
    ...[openssl, go].map((clientHello, index) => ({
      name: `${index === 0 ? 'OpenSSL' : 'Go'}: the same extension twice`,
      connection: connection({
        clientHello,
        serverCertificates: [repeated.certificate],
        alerts: said(42, 'bad_certificate'),
      }),
      anchors,
      support: 'supported' as const,
      explanation: 'known',
      data: { broken: 'has the same extension twice (1.2.3.4)' },
      frames: [5, 6],
    })),
    {
      name: 'OpenSSL: bad_certificate of a damaged certificate',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [parseCertificate(damaged), root.certificate],
        alerts: said(42, 'bad_certificate'),
      }),
      support: 'supported',
      explanation: 'known',
      data: { broken: 'cannot be read (tbsCertificate has tag 0x31, not 0x30)', library: 'OpenSSL' },
      frames: [5, 6],
    },
    {
      name: 'OpenSSL: decode_error of a certificate with bytes behind it',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [parseCertificate(trailed)],
        alerts: said(50, 'decode_error'),
      }),
      support: 'supported',
      explanation: 'known',
      data: { broken: 'cannot be read (3 bytes follow the certificate)', library: 'OpenSSL' },
      frames: [5, 6],
    },
    {
      name: 'Go: bad_certificate of a chain whose second certificate is damaged',
      connection: connection({
        clientHello: go,
        serverCertificates: [sound.certificate, parseCertificate(damaged)],
        alerts: said(42, 'bad_certificate'),
      }),
      support: 'supported',
      explanation: 'known',
      data: { broken: 'cannot be read (tbsCertificate has tag 0x31, not 0x30)', library: 'Go' },
      frames: [5, 6],
    },
    {
      name: 'a client that is not known says decode_error of a damaged certificate',
      connection: connection({
        clientHello: unknownStack,
        serverCertificates: [parseCertificate(damaged)],
        alerts: said(50, 'decode_error'),
      }),
      support: 'open',
      explanation: 'open',
      frames: [5, 6],
    },
    {
      name: 'a client whose answer to a damaged certificate was not recorded',
      connection: connection({
        clientHello: jsse,
        serverCertificates: [parseCertificate(damaged)],
        alerts: said(42, 'bad_certificate'),
      }),
      support: 'open',
      explanation: 'open',
      frames: [5, 6],
    },
    {
      name: 'OpenSSL: certificate_unknown is not what it says of a damaged certificate',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [parseCertificate(damaged)],
        alerts: said(46, 'certificate_unknown'),
      }),
      support: 'open',
      explanation: 'open',
      frames: [5, 6],
    },
    {
      name: 'OpenSSL: an extension that cannot be read here, and that it does not read',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [brokenAccess.certificate],
        alerts: said(42, 'bad_certificate'),
      }),
      support: 'open',
      explanation: 'open',
      frames: [5, 6],
    },
    {
      name: 'rustls: decrypt_error of a key on a curve that it does not know',
      connection: connection({
        clientHello: { ...rustls, supportedGroups: ['secp256r1', 'curveSM2'] },
        serverCertificates: [onUncommonCurve(sound.certificate.der)],
        alerts: said(51, 'decrypt_error'),
      }),
      anchors,
      support: 'supported',
      explanation: 'known',
      data: { library: 'rustls' },
      frames: [5, 6],
    },
    {
      name: 'Erlang: handshake_failure of a certificate for any purpose alone',
      connection: connection({
        clientHello: erlang,
        serverCertificates: [anyPurpose.certificate],
        alerts: said(40, 'handshake_failure'),
      }),
      anchors,
      support: 'supported',
      explanation: 'known',
      data: { library: 'Erlang' },
      frames: [5, 6],
    },
    {
      name: 'Python 3.13, strict: certificate_unknown of a leaf without an authority key identifier, which curl takes',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [without.certificate],
        alerts: said(46, 'certificate_unknown'),
      }),
      others: [connection({ clientHello: openssl, serverCertificates: [without.certificate] })],
      anchors,
      support: 'supported',
      explanation: 'known',
      frames: [5, 6],
    },
    {
      name: 'a client that is not known refuses an authority as the certificate of a server',
      connection: connection({
        clientHello: unknownStack,
        serverCertificates: [authority.certificate],
        alerts: said(46, 'certificate_unknown'),
      }),
      anchors,
      support: 'open',
      explanation: 'open',
      frames: [5, 6],
    },
    {
      name: 'OpenSSL: unknown_ca of a leaf that names its issuer by another key identifier',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [misnamed.certificate, intermediate.certificate],
        alerts: said(48, 'unknown_ca'),
      }),
      anchors,
      support: 'supported',
      explanation: 'known',
      frames: [5, 6],
    },
    {
      name: 'OpenSSL, strict: unknown_ca of a leaf that may sign certificates without basic constraints (Python)',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [signing.certificate],
        alerts: said(48, 'unknown_ca'),
      }),
      anchors,
      support: 'supported',
      explanation: 'known',
      data: { broken: 'may sign certificates by its key usage, and has no basic constraints' },
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3 hides the chain, and unknown_ca is what OpenSSL says of an issuer that is no authority',
      connection: connection({
        clientHello: openssl,
        serverHello: { version: 'TLS 1.3' },
        alerts: said(48, 'unknown_ca'),
      }),
      basis: 'alert',
      support: 'open',
      explanation: 'unseen',
      frames: [5, 6],
    },
    {
      name: 'Java: unexpected_message of an authority with name constraints of a type of their own',
      connection: connection({
        clientHello: jsse,
        serverCertificates: [belowConstrained.certificate, constrained.certificate],
        alerts: said(10, 'unexpected_message'),
      }),
      support: 'supported',
      explanation: 'known',
      frames: [5, 6],
    },
  ],
  silent: [
    {
      name: 'the same root, to a client that does not look at key identifiers (Go)',
      connection: connection({ clientHello: go, serverCertificates: [misnamedByRoot.certificate], alerts: bad }),
      anchors: trusting(root),
    },
    {
      name: 'NSS: the same certificate at another server',
      connection: connection({ id: '2', clientHello: NSS, serverCertificates: numbered('aa'), alerts: bad }),
      others: [connection({ server: { address: '198.51.100.21', port: 443 }, serverCertificates: numbered('aa') })],
    },
    {
      name: 'NSS: the serial number of another issuer',
      connection: connection({ id: '2', clientHello: NSS, serverCertificates: numbered('aa'), alerts: bad }),
      others: [connection({ serverCertificates: [certificate({ sha256: 'bb'.repeat(32), serialNumber: '1092' })] })],
    },
    {
      name: 'a stack that does not mind: the serial number of another certificate',
      connection: connection({ id: '2', clientHello: go, serverCertificates: numbered('aa'), alerts: bad }),
      others: [connection({ serverCertificates: numbered('bb') })],
    },
    {
      name: 'OpenSSL takes a serial number below zero',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [parseCertificate(negative)],
        alerts: said(42, 'bad_certificate'),
      }),
    },
    {
      name: 'OpenSSL takes keys on uncommon curves',
      connection: connection({
        clientHello: { ...openssl, supportedGroups: ['secp256r1', 'curveSM2'] },
        serverCertificates: [onUncommonCurve(sound.certificate.der)],
        alerts: said(42, 'bad_certificate'),
      }),
      anchors,
    },
    {
      name: 'TLS 1.3 hides the chain, and the client is on Go, which says bad_certificate of such an issuer',
      connection: connection({ clientHello: go, serverHello: { version: 'TLS 1.3' }, alerts: said(48, 'unknown_ca') }),
    },
    {
      name: 'another key identifier, and another key: the issuer is missing',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [misnamed.certificate, rekeyed.certificate],
        alerts: said(48, 'unknown_ca'),
      }),
      anchors,
    },
    {
      name: 'OpenSSL says of the lack of a key identifier certificate_unknown, and nothing else',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [without.certificate],
        alerts: said(48, 'unknown_ca'),
      }),
      anchors,
    },
    {
      name: 'a certificate that breaks no rule',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [sound.certificate],
        alerts: said(46, 'certificate_unknown'),
      }),
      anchors,
    },
  ],
});
