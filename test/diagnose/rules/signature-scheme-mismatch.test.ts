import { signatureSchemeMismatch } from '../../../src/diagnose/rules/signature-scheme-mismatch.js';
import { alert, at, certificate, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const ecdsaOnly = { signatureSchemes: ['GREASE_0x0A0A', 'ecdsa_secp256r1_sha256', 'ecdsa_secp384r1_sha384'] };
const refused = { phase: 'client-hello', alerts: [alert()] } as const;
const rsa = connection({ id: '2', serverHello: { frame: 25 } });
const ecdsaAndRsa = {
  signatureSchemes: ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256', 'ecdsa_secp384r1_sha384', 'rsa_pkcs1_sha512'],
};
const usualGroups = ['x25519', 'secp256r1', 'secp384r1'];
const p521 = certificate({ keyType: 'ECDSA', keyCurve: 'secp521r1', keyBits: 521 });
const ecdsa = certificate({ keyType: 'ECDSA', keyCurve: 'secp256r1', keyBits: 256 });

const signed = (signatureScheme: string | null, code = 47, name = 'illegal_parameter') =>
  connection({ serverHello: { signatureScheme }, alerts: [alert({ code, name, from: 'client' })] });

/** The server's flight ends behind its Certificate, with an alert. */
const gaveUp = {
  phase: 'server-certificate',
  messages: connection().messages.filter(({ type }) => ['client_hello', 'server_hello', 'certificate'].includes(type)),
  alerts: [alert()],
} as const;

/** A client without schemes of SHA-512 says decrypt_error of a certificate. */
const ofChain = (
  of: Parameters<typeof certificate>[0] = {},
  clientHello: { signatureSchemes?: string[]; extensions?: string[] } = {},
) => ({
  clientHello: {
    signatureSchemes: ['ecdsa_secp384r1_sha384', 'rsa_pss_rsae_sha256', 'rsa_pkcs1_sha256'],
    ...clientHello,
  },
  serverCertificates: [certificate({ signatureAlgorithm: 'ecdsa-with-SHA512', signatureHash: 'sha512', ...of })],
  alerts: [alert({ code: 51, name: 'decrypt_error', from: 'client' })],
});

/** A client that names the signatures it accepts of certificates, and a server whose certificate has another one. */
const namesForCertificates = {
  ...refused,
  clientHello: { extensions: ['server_name', 'signature_algorithms', 'signature_algorithms_cert'] },
} as const;
const gotSigned = (signatureHash: string) =>
  connection({
    id: '2',
    serverHello: { frame: 25 },
    serverCertificates: [certificate({ signatureAlgorithm: `${signatureHash}WithRSAEncryption`, signatureHash })],
  });

testRule(signatureSchemeMismatch, {
  basis: 'fact',
  fires: [
    {
      name: 'the certificate that others got is signed with MD5, and Java lists no such signature (OpenSSL)',
      connection: connection(namesForCertificates),
      others: [gotSigned('md5')],
      support: 'supported',
      explanation: 'othersChain',
      data: { algorithm: 'md5WithRSAEncryption' },
      frames: [4, 6, 25],
    },
    {
      name: 'the same a minute later: the server may refuse everybody by now, and have another certificate',
      connection: connection(namesForCertificates),
      others: [{ ...gotSigned('md5'), startedAt: at(-60) }],
      support: 'open',
      explanation: 'othersChain',
      frames: [4, 6, 25],
    },
    {
      name: 'the capture lacks the ClientHello',
      connection: connection({ phase: 'client-hello', clientHello: null, messages: [], alerts: [alert()] }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [6],
    },
    {
      name: 'the client, which does not offer it, cannot verify the signature of a certificate (as rustls on ring says, but of an unknown client)',
      connection: connection(ofChain()),
      support: 'open',
      explanation: 'chain',
      data: { algorithm: 'ecdsa-with-SHA512' },
      frames: [4, 5, 6],
    },
    {
      name: 'so it is with RSA',
      connection: connection(ofChain({ signatureAlgorithm: 'sha512WithRSAEncryption' })),
      support: 'open',
      explanation: 'chain',
      data: { algorithm: 'sha512WithRSAEncryption' },
      frames: [4, 5, 6],
    },
    ...(['ecdsa_secp256r1_sha256', 'rsa_pkcs1_sha1'] as const).map((scheme, index) => ({
      name: `the server sends an RSA certificate, and gives up instead of signing: the client takes ${scheme} alone (Go)`,
      connection: connection({
        ...gaveUp,
        clientHello: { signatureSchemes: [scheme] },
      }),
      support: index === 0 ? ('confirmed' as const) : ('supported' as const),
      explanation: 'unsigned',
      data: { key: 'RSA', how: 'with alert handshake_failure (40)' },
      frames: [4, 5, 6],
    })),
    {
      name: 'the same, and the client closes (Node.js)',
      connection: connection({
        serverHello: { signatureScheme: 'rsa_pkcs1_sha1' },
        phase: 'server-certificate',
        outcome: 'failed',
        ending: { by: 'client', how: 'close', frame: 6 },
      }),
      support: 'confirmed',
      explanation: 'chosen',
      data: { how: 'by closing the connection' },
      frames: [4, 5, 6],
    },
    {
      name: 'the server signs by SHA-1, which the client did not offer (OpenSSL)',
      connection: signed('rsa_pkcs1_sha1'),
      support: 'confirmed',
      explanation: 'chosen',
      data: { scheme: 'rsa_pkcs1_sha1' },
      frames: [4, 5, 6],
    },
    {
      name: 'the certificate that others got has an RSA key, the client takes ECDSA alone (Go)',
      connection: connection({ ...refused, clientHello: ecdsaOnly }),
      others: [rsa],
      support: 'supported',
      explanation: 'otherConnections',
      data: { keys: ['RSA'], schemes: ['ecdsa_secp256r1_sha256', 'ecdsa_secp384r1_sha384'] },
      frames: [4, 6, 25],
    },
    {
      name: 'the same a minute later: the server may refuse everybody by now',
      connection: connection({ ...refused, clientHello: ecdsaOnly }),
      others: [{ ...rsa, startedAt: at(-60) }],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'TLS 1.3 alone: the curve of the key has no scheme (OpenSSL)',
      connection: connection({
        ...refused,
        clientHello: { supportedVersions: ['TLS 1.3'], signatureSchemes: ['ecdsa_secp384r1_sha384'] },
      }),
      others: [
        connection({ id: '2', serverHello: { frame: 25 }, serverCertificates: [ecdsa] }),
        connection({ id: '3', serverHello: { frame: 35, version: 'TLS 1.3' } }),
      ],
      support: 'supported',
      explanation: 'otherConnections',
      data: { keys: ['ECDSA secp256r1'] },
      frames: [4, 6, 25],
    },
    {
      name: 'the curve is not among the groups, but a server of TLS 1.2 shares no cipher suite with the client either',
      connection: connection({
        ...refused,
        clientHello: {
          ...ecdsaAndRsa,
          supportedVersions: ['TLS 1.3', 'TLS 1.2'],
          supportedGroups: usualGroups,
          cipherSuites: ['TLS_AES_128_GCM_SHA256', 'TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256'],
        },
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 }, serverCertificates: [p521] })],
      basis: 'alert',
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'others got a certificate on a curve that is not among the groups of this client, but by another name',
      connection: connection({
        ...refused,
        clientHello: { ...ecdsaAndRsa, supportedVersions: ['TLS 1.3', 'TLS 1.2'], supportedGroups: usualGroups },
      }),
      others: [
        connection({
          id: '2',
          clientHello: { serverName: 'other.example.com' },
          serverHello: { frame: 25 },
          serverCertificates: [p521],
        }),
      ],
      basis: 'alert',
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'others got a certificate on a curve that is not among the groups of this client (Chromium, P-521)',
      connection: connection({
        ...refused,
        clientHello: { ...ecdsaAndRsa, supportedVersions: ['TLS 1.3', 'TLS 1.2'], supportedGroups: usualGroups },
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 }, serverCertificates: [p521] })],
      support: 'supported',
      explanation: 'otherCurve',
      data: { keys: ['ECDSA secp521r1'], groups: usualGroups },
      frames: [4, 6, 25],
    },
    {
      name: 'ECDSA alone, with the suites that go with it: TLS 1.3 would do without these (OpenSSL)',
      connection: connection({
        ...refused,
        clientHello: {
          ...ecdsaOnly,
          cipherSuites: ['TLS_AES_128_GCM_SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
        },
      }),
      others: [rsa],
      support: 'supported',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'Ed25519 alone, nothing is known of the server',
      connection: connection({ ...refused, clientHello: { signatureSchemes: ['ed25519'], serverName: null } }),
      support: 'supported',
      explanation: 'unusual',
      data: { lacking: 'RSA or ECDSA' },
      frames: [4, 6],
    },
    {
      name: 'SHA-1 alone, which current servers do not sign with',
      connection: connection({ ...refused, clientHello: { signatureSchemes: ['rsa_pkcs1_sha1', 'ecdsa_sha1'] } }),
      support: 'supported',
      explanation: 'unusual',
      frames: [4, 6],
    },
    {
      name: 'ECDSA alone, nothing is known of the server',
      connection: connection({ ...refused, clientHello: ecdsaOnly }),
      support: 'open',
      explanation: 'unusual',
      data: { lacking: 'RSA' },
      frames: [4, 6],
    },
    {
      name: 'TLS 1.3 hides the key of the certificate: all that got through take a scheme that this client lacks',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      others: [
        connection({
          id: '2',
          clientHello: {
            signatureSchemes: ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256', 'rsa_pkcs1_sha256', 'ed25519'],
          },
          serverHello: { frame: 25, version: 'TLS 1.3' },
        }),
      ],
      support: 'open',
      explanation: 'eliminated',
      data: { lacking: ['ed25519'] },
      frames: [4, 6, 25],
    },
    {
      name: 'nothing but the list of schemes is new, and nearly every server has one of them: the server may have changed',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      others: ['ed25519', 'ed448'].map((scheme, index) =>
        connection({
          id: `${index + 2}`,
          clientHello: { signatureSchemes: ['ecdsa_secp256r1_sha256', scheme] },
          serverHello: { frame: 25, version: 'TLS 1.3' },
        }),
      ),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'the usual schemes',
      connection: connection(refused),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'the suites differ as well',
      connection: connection({
        ...refused,
        clientHello: { ...ecdsaOnly, cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'] },
      }),
      others: [rsa],
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'another server has that certificate',
      connection: connection({
        ...refused,
        clientHello: { signatureSchemes: ['rsa_pss_rsae_sha256', 'ecdsa_secp256r1_sha256'] },
      }),
      others: [connection({ id: '2', server: { address: '198.51.100.99', port: 443 } })],
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
  ],
  silent: [
    {
      name: 'the certificate that others got is signed with MD5, and the client names no signatures of certificates',
      connection: connection(refused),
      others: [gotSigned('md5')],
    },
    {
      name: 'the certificate that others got is signed with SHA-1, which may be among those for certificates alone (Go)',
      connection: connection(namesForCertificates),
      others: [gotSigned('sha1')],
    },
    {
      name: 'the client offers the signature of the certificate that it cannot verify',
      connection: connection(ofChain({}, { signatureSchemes: ['rsa_pss_rsae_sha256', 'ecdsa_secp521r1_sha512'] })),
    },
    {
      name: 'signatures of certificates have a list of their own',
      connection: connection(ofChain({}, { extensions: ['signature_algorithms_cert'] })),
    },
    {
      name: 'nobody verifies the signature of a root',
      connection: connection(ofChain({ selfIssued: true })),
    },
    {
      name: 'a signature of SHA-1 is weak, whatever the client offers',
      connection: connection(ofChain({ signatureAlgorithm: 'ecdsa-with-SHA1', signatureHash: 'sha1' })),
    },
    {
      name: 'the client refuses the certificate by another alert',
      connection: connection({ ...ofChain(), alerts: [alert({ code: 48, name: 'unknown_ca', from: 'client' })] }),
    },
    {
      name: 'the curve is not among the groups, but TLS 1.3 binds it to a scheme, which the client offers',
      connection: connection({
        ...refused,
        clientHello: {
          signatureSchemes: [...ecdsaAndRsa.signatureSchemes, 'ecdsa_secp521r1_sha512'],
          supportedVersions: ['TLS 1.3', 'TLS 1.2'],
          supportedGroups: usualGroups,
        },
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 }, serverCertificates: [p521] })],
    },
    {
      name: 'the server gives up behind its certificate, and the client takes what its key can sign by',
      connection: connection(gaveUp),
    },
    {
      name: 'TLS 1.3: another client got through with no more schemes than this one',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      others: [connection({ id: '2', serverHello: { frame: 25, version: 'TLS 1.3' } })],
    },
    { name: 'the server signs by an offered scheme', connection: signed('rsa_pkcs1_sha256') },
    { name: 'TLS 1.1 names no scheme', connection: signed(null) },
    { name: 'an alert about the certificate', connection: signed('rsa_pkcs1_sha1', 48, 'unknown_ca') },
    { name: 'the usual schemes, and a other', connection: connection(refused), others: [rsa] },
    {
      name: 'a client without the extension',
      connection: connection({ ...refused, clientHello: { signatureSchemes: [] } }),
      others: [rsa],
    },
    {
      name: 'the alert names the version',
      connection: connection({
        phase: 'client-hello',
        clientHello: ecdsaOnly,
        alerts: [alert({ code: 70, name: 'protocol_version' })],
      }),
      others: [rsa],
    },
  ],
});
