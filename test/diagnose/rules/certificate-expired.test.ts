import { decodeFault } from '../../../src/decode-faults.js';
import { certificateExpired } from '../../../src/diagnose/rules/certificate-expired.js';
import { alert, certificate, connection, issuingCa } from '../../support/connections.js';
import { GO_HELLO, NODE_HELLO } from '../../support/hellos.js';
import { endsOf, storeOf } from '../../support/ends.js';
import { testRule } from '../../support/rule-tester.js';
import { issue, trusting } from '../../x509/authority.js';

const ended = { notAfter: '2026-02-27T10:00:00Z' } as const;
const chain = [certificate(ended), issuingCa()];
const expiredIssuer = [certificate(), issuingCa(ended)];
/** Ended, and no part of the chain: a cross-certificate that the server still sends. */
const leftover = certificate({ ...ended, subject: 'CN=Old Cross CA', issuer: 'CN=Old Root', isCa: true });
const said = (code: number, name: string) => alert({ from: 'client', code, name });
const expired = said(45, 'certificate_expired');
const neverSet = { seconds: 12, nanoseconds: 0, digits: 6 } as const;
/** The handshake is complete; then the client leaves without a request. */
const late = { phase: 'finished', outcome: 'established', lastFrame: 8 } as const;

const NODE = ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'];
const NODE_SUITES = [
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
];

const oldRoot = await issue({ name: 'CN=Old Root X3', ca: true, notAfter: '2025-09-30T00:00:00Z' });
const cross = await issue({ name: 'CN=New CA', by: oldRoot, ca: true });
const soundRoot = await issue({ name: 'CN=Sound Root', ca: true });
const soundLeaf = await issue({ name: 'CN=www.example.com', by: soundRoot });
const newLeaf = await issue({ name: 'CN=www.example.com', by: cross });

const middle = { name: 'CN=Middle CA', by: soundRoot, ca: true } as const;
const soundMiddle = await issue(middle);
const endedMiddle = await issue({ ...middle, keys: soundMiddle.keys, notAfter: '2021-01-01T00:00:00Z' });
const belowMiddle = await issue({ name: 'CN=www.example.com', by: soundMiddle });

/** A leaf that is made anew every day, by a root that is not sent. */
const ofMesh = certificate({
  issuer: 'CN=root.linkerd.cluster.local',
  notBefore: '2026-03-02T00:00:00Z',
  notAfter: '2026-03-03T00:00:00Z',
});

testRule(certificateExpired, {
  basis: 'fact',
  fires: [
    {
      name: 'Node.js leaves when the handshake is complete: a monitor that looks does so, too',
      connection: connection({ ...late, clientHello: NODE_HELLO, serverCertificates: chain }),
      support: 'open',
      explanation: 'leaf',
      frames: [5, 8],
    },
    {
      name: "an authority that had ended in the client's store",
      connection: connection({ serverCertificates: [belowMiddle.certificate], alerts: [expired] }),
      ends: endsOf({ clientTrusts: storeOf(endedMiddle, soundRoot) }),
      support: 'supported',
      explanation: 'stored',
      data: { root: 'CN=Middle CA' },
      frames: [5, 6],
    },
    {
      name: "an authority that was sent, and had ended in the client's store",
      connection: connection({
        serverCertificates: [belowMiddle.certificate, soundMiddle.certificate],
        alerts: [expired],
      }),
      ends: endsOf({ clientTrusts: storeOf(endedMiddle, soundRoot) }),
      support: 'supported',
      explanation: 'storedBeside',
      frames: [5, 6],
    },
    {
      name: 'certificate_expired of a chain that is valid, below a root that had ended and was not sent',
      connection: connection({
        serverCertificates: [newLeaf.certificate, cross.certificate],
        alerts: [expired],
      }),
      anchors: trusting(oldRoot),
      support: 'supported',
      explanation: 'root',
      data: { root: 'CN=Old Root X3' },
      frames: [5, 6],
    },
    {
      name: 'an anchor that has ended, and a client that leaves when the handshake is complete',
      connection: connection({ ...late, serverCertificates: [newLeaf.certificate, cross.certificate] }),
      anchors: trusting(oldRoot),
      support: 'supported',
      explanation: 'root',
      frames: [5, 8],
    },
    {
      name: 'OpenSSL, Java: certificate_expired',
      connection: connection({ serverCertificates: chain, alerts: [expired] }),
      support: 'confirmed',
      explanation: 'leaf',
      data: { ago: '3 days', how: 'with alert certificate_expired (45)' },
      frames: [5, 6],
    },
    {
      name: 'GnuTLS, Go: bad_certificate; the client sends no server name',
      connection: connection({
        clientHello: { serverName: null },
        serverCertificates: chain,
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'supported',
      explanation: 'leaf',
      frames: [5, 6],
    },
    {
      name: 'certificate_unknown',
      connection: connection({ serverCertificates: chain, alerts: [said(46, 'certificate_unknown')] }),
      support: 'supported',
      explanation: 'leaf',
      frames: [5, 6],
    },
    {
      name: 'Node.js: completes, and closes without a word',
      connection: connection({ ...late, serverCertificates: chain }),
      support: 'supported',
      explanation: 'leaf',
      data: { how: 'by closing the connection as soon as the handshake was complete' },
      frames: [5, 8],
    },
    {
      name: 'curl with NSS: completes, and sends an encrypted close_notify',
      connection: connection({
        ...late,
        lastFrame: 9,
        serverCertificates: chain,
        alerts: [alert({ from: 'client', encrypted: true, frame: 8 })],
        ending: { by: 'client', how: 'close', frame: 9 },
      }),
      support: 'supported',
      explanation: 'leaf',
      frames: [5, 8, 9],
    },
    {
      name: 'a client that closes in the middle of the handshake',
      connection: connection({ phase: 'server-certificate', serverCertificates: chain }),
      support: 'supported',
      explanation: 'leaf',
      data: { how: 'by closing the connection' },
      frames: [5, 7],
    },
    {
      name: 'an intermediate ended',
      connection: connection({ serverCertificates: expiredIssuer, alerts: [expired] }),
      support: 'confirmed',
      explanation: 'issuer',
      data: { subject: 'CN=Example Issuing CA,O=Example Corp,C=CH' },
      frames: [5, 6],
    },
    {
      name: 'a certificate beside the chain ended, and the client minds',
      connection: connection({ serverCertificates: [certificate(), issuingCa(), leftover], alerts: [expired] }),
      support: 'confirmed',
      explanation: 'issuer',
      data: { subject: 'CN=Old Cross CA' },
      frames: [5, 6],
    },
    {
      name: 'certificate_expired, and every certificate in view is valid: the root, which is not, may have ended',
      connection: connection({ alerts: [expired] }),
      support: 'open',
      basis: 'alert',
      explanation: 'rootUnseen',
      data: { root: 'CN=Example Root CA,O=Example Corp,C=CH' },
      frames: [5, 6],
    },
    {
      name: 'bad_certificate (Go says so of everything), and the root issued nothing of late',
      connection: connection({
        serverCertificates: [certificate(), issuingCa(), leftover],
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'rootUnseen',
      frames: [5, 6],
    },
    {
      name: 'the same, and the leaf is made anew every day, as in a service mesh',
      connection: connection({
        serverCertificates: [ofMesh],
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'rootUnseen',
      frames: [5, 6],
    },
    {
      name: 'the same of Go, though the root issued something lately: nothing in view is at fault',
      connection: connection({
        clientHello: GO_HELLO,
        serverCertificates: [certificate(), issuingCa({ notBefore: '2026-02-20T00:00:00Z' })],
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'rootUnseen',
      frames: [5, 6],
    },
    {
      name: 'at another time than that of the packets',
      connection: connection({ alerts: [said(42, 'bad_certificate')] }),
      at: '2026-12-24T00:00:00Z',
      support: 'supported',
      explanation: 'leaf',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3, and OpenSSL sends the alert in the clear',
      connection: connection({ serverHello: { version: 'TLS 1.3' }, alerts: [expired] }),
      support: 'supported',
      explanation: 'said',
      data: { unseen: 'TLS 1.3 hides the certificate' },
      frames: [5, 6],
    },
    {
      name: 'a capture that lacks the certificate',
      connection: connection({ serverCertificates: [], messages: [], alerts: [expired] }),
      support: 'supported',
      explanation: 'said',
      data: { unseen: 'the capture lacks the certificate' },
      frames: [6],
    },
    {
      name: 'a capture whose clock was never set',
      connection: connection({ messages: [], startedAt: neverSet, serverCertificates: chain, alerts: [expired] }),
      support: 'supported',
      explanation: 'said',
      data: { unseen: 'the clock of the capture was never set' },
      frames: [6],
    },
    {
      name: 'a capture whose clock was never set, and an alert that names no fault: the dates may be it',
      connection: connection({
        messages: [],
        startedAt: neverSet,
        serverCertificates: chain,
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'undated',
      data: { unseen: 'the clock of the capture was never set' },
      frames: [6],
    },
    {
      name: 'a capture at whose time all bits are set',
      connection: connection({
        messages: [],
        startedAt: { seconds: 2 ** 32 - 1, nanoseconds: 0, digits: 6 },
        endedAt: { seconds: 2 ** 32 - 1, nanoseconds: 7000, digits: 6 },
        serverCertificates: chain,
        alerts: [expired],
      }),
      support: 'supported',
      explanation: 'said',
      data: { unseen: 'the clock of the capture was never set' },
      frames: [6],
    },
  ],
  silent: [
    {
      name: 'a leaf that is made anew every day, for another name: that is the better reason',
      connection: connection({
        clientHello: { serverName: 'other.example' },
        serverCertificates: [ofMesh],
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'the client names another fault: unknown_ca',
      connection: connection({ serverCertificates: chain, alerts: [said(48, 'unknown_ca')] }),
    },
    {
      name: 'the client names another fault: certificate_revoked',
      connection: connection({ serverCertificates: chain, alerts: [said(44, 'certificate_revoked')] }),
    },
    {
      name: 'the certificate is valid and its root known, whatever the client says',
      connection: connection({ serverCertificates: [soundLeaf.certificate], alerts: [expired] }),
      anchors: trusting(soundRoot),
    },
    {
      name: 'a certificate beside the chain ended, and the client says something else',
      connection: connection({
        serverCertificates: [certificate(), issuingCa({ notBefore: '2026-02-20T00:00:00Z' }), leftover],
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'a root that may have ended, and a client that says good-bye when the handshake is complete',
      connection: connection({
        ...late,
        lastFrame: 9,
        clientHello: { extensions: NODE, cipherSuites: NODE_SUITES },
        alerts: [alert({ from: 'client', encrypted: true, frame: 8 })],
      }),
    },
    {
      name: 'the root may have ended, but the name is wrong as well',
      connection: connection({
        clientHello: { ...GO_HELLO, serverName: 'other.example' },
        serverCertificates: [certificate(), issuingCa({ notBefore: '2026-02-20T00:00:00Z' })],
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'unknown_ca, of which no stack is known to say it of an expired root',
      connection: connection({ alerts: [said(48, 'unknown_ca')] }),
    },
    {
      name: "an authority that was sent, and is valid in the client's store beside one that had ended",
      connection: connection({
        serverCertificates: [belowMiddle.certificate, soundMiddle.certificate],
        alerts: [expired],
      }),
      ends: endsOf({ clientTrusts: storeOf(endedMiddle, soundMiddle, soundRoot) }),
    },
    { name: 'the client does not mind', connection: connection({ serverCertificates: chain }) },
    {
      name: 'the client completes and leaves much later, as browsers do',
      connection: connection({ ...late, lastFrame: 600, serverCertificates: chain }),
    },
    {
      name: 'the server closes after the handshake',
      connection: connection({ ...late, serverCertificates: chain, ending: { by: 'server', how: 'close' } }),
    },
    {
      name: 'the server refuses the client',
      connection: connection({ phase: 'client-certificate', serverCertificates: chain, alerts: [alert({ frame: 7 })] }),
    },
    {
      name: 'the server closes, and Java complains of it',
      connection: connection({
        phase: 'server-certificate',
        serverCertificates: chain,
        ending: { by: 'server', how: 'close', frame: 6 },
        alerts: [alert({ from: 'client', frame: 7 })],
      }),
    },
    {
      name: 'a certificate that cannot be read',
      connection: connection({
        serverCertificates: [certificate({ error: decodeFault('notACertificate'), notBefore: '', notAfter: '' })],
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'TLS 1.3, and the alert is hidden',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        alerts: [alert({ from: 'client', encrypted: true, inferred: true })],
      }),
    },
  ],
});
