import { decodeFault } from '../../../src/decode-faults.js';
import '../../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import { clientClockWrong } from '../../../src/diagnose/rules/client-clock-wrong.js';
import { alert, certificate, connection, issuingCa } from '../../support/connections.js';
import { MBEDTLS_HELLO, NODE_HELLO } from '../../support/hellos.js';
import { testRule } from '../../support/rule-tester.js';
import { issue, trusting } from '../../x509/authority.js';

const expired = alert({ from: 'client', code: 45, name: 'certificate_expired' });

const unknown = alert({ from: 'client', code: 46, name: 'certificate_unknown' });
const bad = alert({ from: 'client', code: 42, name: 'bad_certificate' });
/** The order of OpenSSL's extensions, and of Java's. */
const cipherSuites = ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'];
const openssl = ['server_name', 'ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'];
const jsse = [
  'server_name',
  'supported_groups',
  'ec_point_formats',
  'extended_master_secret',
  'supported_versions',
  'signature_algorithms_cert',
];

const root = await issue({ name: 'CN=Root', ca: true });
const ca = await issue({ name: 'CN=CA', by: root, ca: true });
const leaf = await issue({ name: 'CN=www.example.com', by: ca });
const named = await issue({
  name: 'CN=www.example.com',
  by: ca,
  extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'www.example.com' }])],
});
const addressed = await issue({
  name: 'CN=www.example.com',
  by: ca,
  extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '198.51.100.20' }])],
});
const nodeWithoutName = {
  clientHello: { ...NODE_HELLO, serverName: null },
  server: { address: '198.51.100.20', port: 443 },
  phase: 'finished',
  outcome: 'established',
  ending: { by: 'client', how: 'close', frame: 8 },
} as const;

/** A connection in which a client on the same host accepted a chain that ends then. */
const accepting = (notAfter: string) =>
  connection({
    id: '2',
    serverHello: { frame: 14 },
    serverCertificates: [certificate({ notAfter, sha256: 'other' })],
    phase: 'application-data',
    outcome: 'established',
  });

testRule(clientClockWrong, {
  basis: 'fact',
  fires: [
    {
      name: 'certificate_unknown by Mbed TLS 2.28.3, whose clock is behind',
      connection: connection({ clientHello: { ...MBEDTLS_HELLO, serverName: 'www.example.com' }, alerts: [unknown] }),
      support: 'supported',
      explanation: 'mbedtls',
      data: { notBefore: '2025-09-01T00:00:00Z' },
      frames: [5, 6],
    },
    ...[openssl, jsse].map((extensions, index) => ({
      name: `bad_certificate on a certificate with which nothing is wrong (${index === 0 ? 'OpenSSL' : 'Java'})`,
      connection: connection({ clientHello: { extensions, cipherSuites }, alerts: [bad] }),
      support: 'open' as const,
      explanation: 'behind',
      data: { notBefore: '2025-09-01T00:00:00Z' },
      frames: [5, 6],
    })),
    {
      name: 'certificate_expired on a chain that is valid up to its root',
      connection: connection({
        clientHello: { serverName: 'www.example.com' },
        serverCertificates: [leaf.certificate, ca.certificate],
        alerts: [expired],
      }),
      anchors: trusting(root),
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 6],
    },
    {
      name: 'certificate_expired by OpenSSL, which says it of a revocation list that is out of date, too',
      connection: connection({
        clientHello: { serverName: 'www.example.com', extensions: openssl, cipherSuites },
        serverCertificates: [leaf.certificate, ca.certificate],
        alerts: [expired],
      }),
      anchors: trusting(root),
      support: 'open',
      explanation: 'doubtful',
      frames: [5, 6],
    },
    {
      name: 'certificate_expired, and the same host accepted a chain that ends no later',
      connection: connection({ alerts: [expired] }),
      others: [accepting('2026-03-20T00:00:00Z')],
      support: 'open',
      basis: 'alert',
      explanation: 'accepted',
      frames: [5, 6, 14],
    },
    {
      name: 'certificate_expired, and the same host accepted a chain that ends later',
      connection: connection({ alerts: [expired] }),
      others: [accepting('2099-01-01T00:00:00Z')],
      support: 'open',
      explanation: 'doubtful',
      frames: [5, 6],
    },
    {
      name: 'certificate_expired, and another host says it of the same chain',
      connection: connection({ alerts: [expired] }),
      others: [
        connection({
          id: '2',
          client: { address: '192.0.2.77', port: 50000 },
          alerts: [alert({ from: 'client', code: 45, name: 'certificate_expired', frame: 16 })],
        }),
      ],
      support: 'open',
      basis: 'alert',
      explanation: 'saidByOthers',
      data: { other: '192.0.2.77' },
      frames: [5, 6, 16],
    },
    {
      name: 'certificate_expired on a valid chain, whose root is not in view and may have ended',
      connection: connection({ alerts: [expired] }),
      support: 'open',
      explanation: 'doubtful',
      data: { notAfter: '2026-09-01T00:00:00Z', client: '192.0.2.10' },
      frames: [5, 6],
    },
    {
      name: 'Node.js leaves, and says nothing of a chain with which nothing is wrong',
      connection: connection({
        clientHello: { ...NODE_HELLO, serverName: 'www.example.com' },
        serverCertificates: [named.certificate, ca.certificate],
        phase: 'finished',
        outcome: 'established',
        ending: { by: 'client', how: 'close', frame: 8 },
      }),
      anchors: trusting(root),
      support: 'open',
      basis: 'alert',
      explanation: 'untold',
      frames: [5, 8],
    },
    {
      name: 'the same of one that connects to an address, which it does not send as a name',
      connection: connection({ ...nodeWithoutName, serverCertificates: [addressed.certificate, ca.certificate] }),
      anchors: trusting(root),
      support: 'open',
      basis: 'alert',
      explanation: 'untold',
      frames: [5, 8],
    },
    {
      name: 'TLS 1.3 hides the certificate: it has expired, or the clock is wrong',
      connection: connection({ serverHello: { version: 'TLS 1.3' }, alerts: [expired] }),
      support: 'supported',
      explanation: 'unseen',
      frames: [5, 6],
    },
    {
      name: 'the clock of the capture was never set',
      connection: connection({ messages: [], startedAt: { seconds: 0, nanoseconds: 0, digits: 6 }, alerts: [expired] }),
      support: 'supported',
      explanation: 'undated',
      frames: [6],
    },
  ],
  silent: [
    {
      name: 'Node.js leaves, and the certificate does not have the address that it connects to',
      connection: connection({ ...nodeWithoutName, serverCertificates: [named.certificate, ca.certificate] }),
      anchors: trusting(root),
    },
    {
      name: 'certificate_unknown by Mbed TLS of a chain that is signed with SHA-1',
      connection: connection({
        clientHello: MBEDTLS_HELLO,
        serverCertificates: [
          certificate({ signatureAlgorithm: 'sha1WithRSAEncryption', signatureHash: 'sha1' }),
          issuingCa(),
        ],
        alerts: [unknown],
      }),
    },
    {
      name: 'certificate_unknown by another library',
      connection: connection({ clientHello: { extensions: openssl, cipherSuites }, alerts: [unknown] }),
    },
    {
      name: 'the leaf has ended',
      connection: connection({
        serverCertificates: [certificate({ notAfter: '2026-03-01T00:00:00Z' }), issuingCa()],
        alerts: [expired],
      }),
    },
    {
      name: 'an intermediate has ended',
      connection: connection({
        serverCertificates: [certificate(), issuingCa({ notAfter: '2026-03-01T00:00:00Z' })],
        alerts: [expired],
      }),
    },
    {
      name: 'the leaf has not begun',
      connection: connection({
        serverCertificates: [certificate({ notBefore: '2026-03-03T00:00:00Z' }), issuingCa()],
        alerts: [expired],
      }),
    },
    {
      name: 'a certificate of the chain cannot be read',
      connection: connection({
        serverCertificates: [
          certificate(),
          certificate({ error: decodeFault('notACertificate'), notBefore: '', notAfter: '' }),
        ],
        alerts: [expired],
      }),
    },
    { name: 'bad_certificate from a stack that says so of everything', connection: connection({ alerts: [bad] }) },
    {
      name: 'bad_certificate on a certificate for another name',
      connection: connection({
        clientHello: { extensions: openssl, cipherSuites, serverName: 'other.example' },
        alerts: [bad],
      }),
    },
    {
      name: 'bad_certificate, and the name is not known',
      connection: connection({ clientHello: { extensions: openssl, cipherSuites, serverName: null }, alerts: [bad] }),
    },
    {
      name: 'bad_certificate on a weak key',
      connection: connection({
        clientHello: { extensions: openssl, cipherSuites },
        serverCertificates: [certificate({ keyBits: 1024 }), issuingCa()],
        alerts: [bad],
      }),
    },
    {
      name: 'bad_certificate on a certificate for clients',
      connection: connection({
        clientHello: { extensions: openssl, cipherSuites },
        serverCertificates: [certificate({ extendedKeyUsage: ['clientAuth'] }), issuingCa()],
        alerts: [bad],
      }),
    },
    {
      name: 'bad_certificate where an OCSP response may be what is bad',
      connection: connection({
        clientHello: { extensions: openssl, cipherSuites },
        serverCertificates: [certificate({ mustStaple: true }), issuingCa()],
        alerts: [bad],
      }),
    },
    {
      name: 'Node.js leaves upon a chain that its fault explains',
      connection: connection({
        clientHello: { ...NODE_HELLO, serverName: 'other.example' },
        serverCertificates: [named.certificate, ca.certificate],
        phase: 'finished',
        outcome: 'established',
        ending: { by: 'client', how: 'close', frame: 8 },
      }),
      anchors: trusting(root),
    },
    {
      name: 'another alert',
      connection: connection({ alerts: [alert({ from: 'client', code: 46, name: 'certificate_unknown' })] }),
    },
    {
      name: 'the alert is about the certificate of the client',
      connection: connection({
        phase: 'client-certificate',
        alerts: [alert({ code: 45, name: 'certificate_expired', frame: 7 })],
      }),
    },
    {
      name: 'TLS 1.3 hides the certificate, and the alert names no date',
      connection: connection({ serverHello: { version: 'TLS 1.3' }, alerts: [bad] }),
    },
  ],
});
