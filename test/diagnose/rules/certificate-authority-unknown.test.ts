import '../../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import { decodeFault } from '../../../src/decode-faults.js';
import { certificateAuthorityUnknown } from '../../../src/diagnose/rules/certificate-authority-unknown.js';
import type { TrustAnchors } from '../../../src/x509/anchors.js';
import { alert, at, certificate, connection, issuingCa } from '../../support/connections.js';
import { ERLANG_HELLO, NODE_HELLO } from '../../support/hellos.js';
import { pathFacts } from '../../support/path.js';
import { openedHandshake, testRule } from '../../support/rule-tester.js';
import { issue, trusting } from '../../x509/authority.js';

const said = (code: number, name: string) => alert({ from: 'client', code, name });
const unknownCa = [said(48, 'unknown_ca')];
const rootToo = [
  certificate(),
  issuingCa(),
  certificate({
    subject: 'CN=Example Root CA,O=Example Corp,C=CH',
    issuer: 'CN=Example Root CA,O=Example Corp,C=CH',
    isCa: true,
  }),
];
/** A connection in which the client accepted that chain. */
const taken = connection({
  id: '2',
  serverHello: { frame: 14 },
  serverCertificates: rootToo,
  phase: 'application-data',
  outcome: 'established',
});
const recent = [certificate(), issuingCa({ notBefore: '2026-02-20T00:00:00Z' })];
const jsse = {
  extensions: ['supported_groups', 'ec_point_formats', 'supported_versions', 'signature_algorithms_cert'],
};
const openssl = {
  extensions: ['server_name', 'ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
  cipherSuites: ['TLS_AES_256_GCM_SHA384'],
};
const late = { phase: 'finished', outcome: 'established', lastFrame: 8 } as const;

const root = await issue({ name: 'CN=Example Trust R1', ca: true });
const intermediate = await issue({ name: 'CN=Example CA 3', by: root, ca: true });
const leaf = await issue({ name: 'CN=www.example.com', by: intermediate });
const publicChain = [leaf.certificate, intermediate.certificate];
const impostor = await issue({ name: 'CN=Example CA 3', ca: true, keyIdentifiers: false });

const shortRoot = await issue({ name: 'CN=Example Trust R2', ca: true, pathLength: 0 });
const tooDeep = await issue({ name: 'CN=Example CA 4', by: shortRoot, ca: true });
const deepLeaf = await issue({ name: 'CN=www.example.com', by: tooDeep });
const tooLong = [deepLeaf.certificate, tooDeep.certificate];

const cross = await issue({ name: 'CN=Example CA 3', by: shortRoot, ca: true, keys: intermediate.keys });

const oldRoot = await issue({ name: 'CN=Example Corp Root', ca: true });
const newRoot = await issue({ name: 'CN=Example Corp Root', ca: true });
const ofOldRoot = await x509.AuthorityKeyIdentifierExtension.create(oldRoot.keys.publicKey);
const byNewRootMisnamed = await issue({
  name: 'CN=www.example.com',
  by: newRoot,
  keyIdentifiers: false,
  extensions: [ofOldRoot],
});
const byNewRoot = await issue({ name: 'CN=www.example.com', by: newRoot });

/** These anchors as if they were all public roots. */
const asPublic = (anchors: TrustAnchors): TrustAnchors => ({
  ...anchors,
  bySubject: (name, time) => anchors.bySubject(name, time).map((anchor) => ({ ...anchor, origin: 'mozilla' })),
});

/** Node.js leaves as soon as it has a flight that displeases it, which keys opened. */
const leavingNode = (alpn: readonly string[]) =>
  connection({
    clientHello: {
      ...NODE_HELLO,
      alpn,
    },
    serverHello: { version: 'TLS 1.3' },
    phase: 'server-certificate',
    outcome: 'failed',
    serverCertificates: rootToo,
    ...openedHandshake(),
    ending: { by: 'client', how: 'close', frame: 6 },
  });

/** One of several certificates that are alike. */
const sentOnce = (digit: string, second: number) =>
  connection({
    id: digit,
    startedAt: at(second),
    serverCertificates: [certificate({ sha256: digit.repeat(64), issuer: 'CN=Acme CA', serialNumber: digit })],
    alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca' })],
  });

testRule(certificateAuthorityUnknown, {
  basis: 'fact',
  excluded: [
    {
      name: 'Erlang says bad_certificate: of an authority that it does not know, it says unknown_ca',
      connection: connection({
        clientHello: ERLANG_HELLO,
        serverCertificates: [certificate({ issuer: 'CN=Box CA' })],
        alerts: [alert({ from: 'client', code: 42, name: 'bad_certificate' })],
      }),
      because: 'otherAlert',
      frames: [6],
    },
    {
      name: 'OpenSSL, which says unknown_ca of an authority that it does not know, says certificate_unknown',
      connection: connection({
        clientHello: {
          extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        },
        serverCertificates: rootToo,
        alerts: [said(46, 'certificate_unknown')],
      }),
      because: 'otherAlert',
      frames: [6],
    },
    {
      name: 'Mbed TLS, which says unknown_ca of an authority that it does not know, leaves without an alert',
      connection: connection({
        outcome: 'failed',
        clientHello: {
          extensions: [
            'signature_algorithms',
            'supported_groups',
            'ec_point_formats',
            'encrypt_then_mac',
            'extended_master_secret',
          ],
          cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'],
        },
        serverCertificates: rootToo,
        ending: { by: 'client', how: 'close', frame: 7 },
      }),
      because: 'noAlert',
      frames: [7],
    },
  ],
  fires: [
    {
      name: 'each connection got another certificate with the same dates: an inspecting device, or several servers',
      connection: sentOnce('1', 0),
      others: [sentOnce('2', 1), sentOnce('3', 2)],
      support: 'open',
      explanation: 'unknownIntermediate',
      frames: [5, 6],
    },
    {
      name: 'a private root: the client closes upon the flight, as Node.js does in TLS 1.3, and keys show it',
      connection: leavingNode(['http/1.1']),
      support: 'open',
      explanation: 'privateRoot',
      frames: [5, 6],
    },
    {
      name: 'a private root: a client on OpenSSL that leaves without an alert, as if it was killed',
      connection: connection({
        clientHello: {
          extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        },
        phase: 'server-certificate',
        ending: { by: 'client', how: 'close', frame: 6, at: at(0.06) },
        serverCertificates: rootToo,
      }),
      support: 'open',
      explanation: 'privateRoot',
      frames: [5, 6],
    },
    {
      name: 'a private root: a client on Node.js that may only have looked at the certificate',
      connection: leavingNode([]),
      support: 'open',
      explanation: 'privateRoot',
      frames: [5, 6],
    },
    {
      name: 'a public authority whose root was not sent, and the client leaves in the middle: it may be a retired one',
      connection: connection({
        phase: 'server-certificate',
        ending: { by: 'client', how: 'close', frame: 6, at: at(0.06) },
        serverCertificates: [certificate({ signedCertificateTimestamps: 2 }), issuingCa()],
      }),
      support: 'open',
      explanation: 'unknownIssuer',
      frames: [5, 6],
    },
    {
      name: 'the authority is trusted here, and the client does not know it',
      connection: connection({ serverCertificates: [byNewRoot.certificate], alerts: unknownCa }),
      anchors: trusting(newRoot),
      support: 'supported',
      explanation: 'trustedHere',
      frames: [5, 6],
    },
    {
      name: 'an intermediate is trusted here, without its root, which OpenSSL wants',
      connection: connection({ serverCertificates: [leaf.certificate], alerts: unknownCa }),
      anchors: trusting(intermediate),
      support: 'supported',
      explanation: 'intermediateTrusted',
      data: { authority: 'CN=Example CA 3' },
      frames: [5, 6],
    },
    {
      name: 'an issuer that is an intermediate by its name alone: a root may be called so',
      connection: connection({ serverCertificates: [certificate()], alerts: unknownCa }),
      support: 'supported',
      explanation: 'unknownIntermediate',
      data: { authority: 'CN=Example Issuing CA,O=Example Corp,C=CH' },
      frames: [5, 6],
    },
    {
      name: 'the trusted authority has the same name and another key',
      connection: connection({ serverCertificates: [byNewRoot.certificate], alerts: unknownCa }),
      anchors: trusting(oldRoot),
      support: 'supported',
      explanation: 'namesake',
      data: { authority: 'CN=Example Corp Root', namesake: oldRoot.certificate.sha256 },
      frames: [5, 6],
    },
    {
      name: 'the trusted authority issued it, which names another key identifier: no authority of the same name',
      connection: connection({
        serverCertificates: [byNewRootMisnamed.certificate],
        alerts: unknownCa,
      }),
      anchors: trusting(newRoot),
      support: 'open',
      explanation: 'unknownIssuer',
      frames: [5, 6],
    },
    {
      name: 'a private root: unknown_ca of a program that took the chain in another connection',
      connection: connection({ serverCertificates: rootToo, alerts: unknownCa }),
      others: [taken],
      support: 'open',
      explanation: 'takenElsewhere',
      data: { authority: 'CN=Example Root CA,O=Example Corp,C=CH' },
      frames: [5, 6, 14],
    },
    {
      name: 'a private root: a program on the host took the chain, and the capture lacks the ClientHello of this one',
      connection: connection({ clientHello: null, serverHello: {}, serverCertificates: rootToo, alerts: unknownCa }),
      others: [taken],
      support: 'open',
      explanation: 'takenElsewhere',
      data: { authority: 'CN=Example Root CA,O=Example Corp,C=CH' },
      frames: [6, 14],
    },
    {
      name: 'a private root, and another program on the same host took the chain',
      connection: connection({
        clientHello: { ja4: 't13d000000_000000000000_000000000000' },
        serverCertificates: rootToo,
        alerts: unknownCa,
      }),
      others: [taken],
      support: 'supported',
      explanation: 'privateRoot',
      frames: [5, 6],
    },
    {
      name: 'the same, and the certificate names its revocation list, which the client may lack (OpenSSL)',
      connection: connection({
        clientHello: { ja4: 't13d000000_000000000000_000000000000' },
        serverCertificates: [certificate({ namesRevocationList: true }), ...rootToo.slice(1)],
        alerts: unknownCa,
      }),
      others: [taken],
      support: 'open',
      explanation: 'privateRoot',
      frames: [5, 6],
    },
    {
      name: 'the same, where no other program is seen',
      connection: connection({
        clientHello: openssl,
        serverCertificates: [certificate({ namesRevocationList: true }), ...rootToo.slice(1)],
        alerts: unknownCa,
      }),
      support: 'open',
      explanation: 'privateRoot',
      frames: [5, 6],
    },
    {
      name: 'a private root, sent along: unknown_ca (OpenSSL)',
      connection: connection({ serverCertificates: rootToo, alerts: unknownCa }),
      support: 'supported',
      explanation: 'privateRoot',
      data: { authority: 'CN=Example Root CA,O=Example Corp,C=CH' },
      frames: [5, 6],
    },
    {
      name: 'a private root: bad_certificate (Go), which does not name the authority; the client sends no server name',
      connection: connection({
        clientHello: { serverName: null },
        serverCertificates: rootToo,
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'open',
      explanation: 'privateRoot',
      frames: [5, 6],
    },
    {
      name: 'a private root: the client completes, and closes without a word (Node.js)',
      connection: connection({ ...late, serverCertificates: rootToo }),
      support: 'open',
      explanation: 'privateRoot',
      frames: [5, 8],
    },
    {
      name: 'a root that was not sent: certificate_unknown (Java), which may be about a pinned key as well',
      connection: connection({
        clientHello: jsse,
        serverCertificates: [certificate({ issuer: 'CN=Example Root CA,O=Example Corp,C=CH' })],
        alerts: [said(46, 'certificate_unknown')],
      }),
      support: 'open',
      explanation: 'unknownIssuer',
      data: { authority: 'CN=Example Root CA,O=Example Corp,C=CH' },
      frames: [5, 6],
    },
    {
      name: 'the same behind an intermediate, where Java says it of an expired root, too',
      connection: connection({ clientHello: jsse, alerts: [said(46, 'certificate_unknown')] }),
      support: 'open',
      explanation: 'unknownIssuer',
      frames: [5, 6],
    },
    {
      name: 'the same in a capture whose clock was never set: a date may have passed',
      connection: connection({
        clientHello: jsse,
        messages: [],
        startedAt: { seconds: 12, nanoseconds: 0, digits: 6 },
        alerts: [said(46, 'certificate_unknown')],
      }),
      support: 'open',
      explanation: 'unknownIssuer',
      frames: [6],
    },
    {
      name: 'a root that was not sent, and may have ended: certificate_unknown, of whatever stack',
      connection: connection({ alerts: [said(46, 'certificate_unknown')] }),
      support: 'open',
      explanation: 'unknownIssuer',
      frames: [5, 6],
    },
    {
      name: 'a client that nobody knows leaves without a word',
      connection: connection({
        outcome: 'failed',
        ending: { by: 'client', how: 'close', frame: 6 },
        phase: 'server-certificate',
        serverCertificates: recent,
      }),
      support: 'open',
      explanation: 'unknownIssuer',
      frames: [5, 6],
    },
    {
      name: 'a private root that was not sent and issued lately, and the client completes and leaves (Node.js)',
      connection: connection({ ...late, serverCertificates: recent }),
      support: 'open',
      explanation: 'unknownIssuer',
      frames: [5, 8],
    },
    {
      name: 'a private root that was not sent and may have ended, and the client completes and leaves (Node.js)',
      connection: connection(late),
      support: 'open',
      explanation: 'unknownIssuer',
      frames: [5, 8],
    },
    {
      name: 'a private root: a client on OpenSSL says unknown_ca, as it does of a missing revocation list',
      connection: connection({
        clientHello: {
          extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        },
        serverCertificates: rootToo,
        alerts: unknownCa,
      }),
      support: 'supported',
      explanation: 'privateRoot',
      frames: [5, 6],
    },
    {
      name: 'an issuer of which nothing is known',
      connection: connection({
        serverCertificates: [certificate({ issuer: 'CN=Example CA 3' })],
        alerts: unknownCa,
      }),
      support: 'supported',
      explanation: 'unknownIntermediate',
      data: { authority: 'CN=Example CA 3' },
      frames: [5, 6],
    },
    {
      name: 'a trust anchor that the client does not know',
      connection: connection({ serverCertificates: publicChain, alerts: unknownCa }),
      anchors: asPublic(trusting(root)),
      support: 'supported',
      explanation: 'publicRoot',
      data: { authority: 'CN=Example Trust R1' },
      frames: [5, 6],
    },
    {
      name: 'OpenSSL: the authority is trusted here, and the client may lack a revocation list',
      connection: connection({ clientHello: openssl, serverCertificates: [byNewRoot.certificate], alerts: unknownCa }),
      anchors: trusting(newRoot),
      support: 'open',
      explanation: 'trustedHereOrUnlisted',
      frames: [5, 6],
    },
    {
      name: 'OpenSSL: a public authority, which clients lack more often than a revocation list',
      connection: connection({ clientHello: openssl, serverCertificates: publicChain, alerts: unknownCa }),
      anchors: asPublic(trusting(root)),
      support: 'supported',
      explanation: 'publicRoot',
      frames: [5, 6],
    },
    {
      name: 'OpenSSL: an authority that is not given, which clients lack more often than a revocation list',
      connection: connection({ clientHello: openssl, serverCertificates: rootToo, alerts: unknownCa }),
      support: 'supported',
      explanation: 'privateRoot',
      frames: [5, 6],
    },
    {
      name: 'a trust anchor, and a path that is longer than it allows: some say unknown_ca of that',
      connection: connection({ serverCertificates: tooLong, alerts: unknownCa }),
      anchors: trusting(shortRoot),
      support: 'open',
      explanation: 'trustedHere',
      frames: [5, 6],
    },
    {
      name: 'a trust anchor, and a second path that does not lead to it',
      connection: connection({
        serverCertificates: [leaf.certificate, cross.certificate, intermediate.certificate],
        alerts: unknownCa,
      }),
      anchors: trusting(root),
      support: 'open',
      explanation: 'trustedHere',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3, and OpenSSL sends the alert in the clear',
      connection: connection({ serverHello: { version: 'TLS 1.3' }, alerts: unknownCa }),
      support: 'open',
      explanation: 'said',
      data: { unseen: 'TLS 1.3 hides the certificate' },
      frames: [5, 6],
    },
  ],
  silent: [
    {
      name: 'two points of the path show that it is the authority of a proxy between them',
      connection: connection({
        serverCertificates: [certificate({ issuer: 'CN=Box CA' })],
        alerts: unknownCa,
        path: pathFacts([
          {
            kind: 'tls-terminated',
            between: [0, 1],
            at: { frame: 3, at: at(0.03), from: 'client', capture: 1 },
            client: { address: '198.51.100.1', port: 43332 },
            server: { address: '198.51.100.20', port: 443 },
            issuers: ['CN=Box CA', 'CN=Public CA'],
            isProven: true,
          },
        ]),
      }),
    },
    {
      name: 'the intermediate is missing: the certificate says where to fetch it',
      connection: connection({
        serverCertificates: [certificate({ caIssuers: ['http://pki.example/issuing.der'] })],
        alerts: unknownCa,
      }),
    },
    {
      name: 'a self-signed certificate',
      connection: connection({
        serverCertificates: [certificate({ issuer: 'CN=www.example.com,O=Example Corp,C=CH' })],
        alerts: unknownCa,
      }),
    },
    {
      name: 'the certificate of that name did not sign it',
      connection: connection({
        serverCertificates: [leaf.certificate, impostor.certificate],
        alerts: unknownCa,
      }),
    },
    {
      name: 'a trust anchor, and the client only says bad_certificate',
      connection: connection({ serverCertificates: publicChain, alerts: [said(42, 'bad_certificate')] }),
      anchors: trusting(root),
    },
    {
      name: 'a certificate that cannot be read',
      connection: connection({
        serverCertificates: [certificate({ error: decodeFault('notACertificate') })],
        alerts: unknownCa,
      }),
    },
    {
      name: 'the client names another fault',
      connection: connection({ serverCertificates: rootToo, alerts: [said(45, 'certificate_expired')] }),
    },
    {
      name: 'the client does not mind: it knows the private root',
      connection: connection({ serverCertificates: rootToo }),
    },
    {
      name: 'a public authority whose root was not sent, and the client completes and leaves: it may be a retired one',
      connection: connection({
        ...late,
        serverCertificates: [certificate({ signedCertificateTimestamps: 2 }), issuingCa()],
      }),
    },
    {
      name: 'a private root, and the client completes late and leaves, whose program took the chain in another connection (Mbed TLS)',
      connection: connection({ ...late, serverCertificates: rootToo }),
      others: [taken],
    },
    {
      name: 'a private root that was not sent, and the client leaves with a reset, as health checks do',
      connection: connection({ ...late, ending: { by: 'client', how: 'reset' } }),
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
