import { certificateWeak } from '../../../src/diagnose/rules/certificate-weak.js';
import { alert, certificate, connection, issuingCa } from '../../support/connections.js';
import { eapConnection } from '../../support/eap-connections.js';
import { testRule } from '../../support/rule-tester.js';

const said = (code: number, name: string) => [alert({ from: 'client', code, name })];
const small = certificate({ keyBits: 1024 });
const sha1 = { signatureAlgorithm: 'sha1WithRSAEncryption', signatureHash: 'sha1' } as const;

const suiteB = (keyBits: number) =>
  eapConnection({
    outcome: 'failed',
    phase: 'server-certificate',
    clientHello: {
      serverName: null,
      extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
      cipherSuites: [
        'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
        'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384',
        'TLS_EMPTY_RENEGOTIATION_INFO_SCSV',
      ],
    },
    serverCertificates: [certificate({ keyBits })],
    alerts: said(80, 'internal_error'),
  });

testRule(certificateWeak, {
  basis: 'fact',
  fires: [
    {
      name: 'a supplicant in the 192-bit mode: internal_error (wpa_supplicant 2.10 on OpenSSL)',
      connection: suiteB(2048),
      support: 'supported',
      explanation: 'suiteB',
      data: { bits: 2048, type: 'RSA' },
      frames: [5, 6],
    },
    {
      name: 'RSA with 1024 bits: bad_certificate (OpenSSL: "ee key too small")',
      connection: connection({ serverCertificates: [small, issuingCa()], alerts: said(42, 'bad_certificate') }),
      support: 'supported',
      explanation: 'key',
      data: { bits: 1024, type: 'RSA' },
      frames: [5, 6],
    },
    {
      name: 'an intermediate signed with SHA-1: certificate_unknown (Java)',
      connection: connection({
        clientHello: { serverName: null },
        serverCertificates: [certificate(), issuingCa(sha1)],
        alerts: said(46, 'certificate_unknown'),
      }),
      support: 'supported',
      explanation: 'signature',
      data: { hash: 'SHA1', subject: 'CN=Example Issuing CA,O=Example Corp,C=CH' },
      frames: [5, 6],
    },
    {
      name: 'RSA with 1024 bits: unsupported_certificate (Java, whose security properties want more)',
      connection: connection({
        clientHello: { extensions: ['supported_versions', 'signature_algorithms_cert'] },
        serverCertificates: [small, issuingCa()],
        alerts: said(43, 'unsupported_certificate'),
      }),
      support: 'supported',
      explanation: 'key',
      frames: [5, 6],
    },
    {
      name: 'SHA-1: insufficient_security (GnuTLS)',
      connection: connection({
        serverCertificates: [certificate(sha1), issuingCa()],
        alerts: said(71, 'insufficient_security'),
      }),
      support: 'confirmed',
      explanation: 'signature',
      frames: [5, 6],
    },
    {
      name: 'the client closes after the handshake, without a word',
      connection: connection({
        serverCertificates: [small, issuingCa()],
        phase: 'finished',
        outcome: 'established',
        lastFrame: 8,
      }),
      support: 'supported',
      explanation: 'key',
      frames: [5, 8],
    },
  ],
  silent: [
    { name: 'a supplicant in the 192-bit mode, and a key that is large enough', connection: suiteB(3072) },
    { name: 'a strong one', connection: connection({ alerts: said(42, 'bad_certificate') }) },
    {
      name: 'weak, and unsupported_certificate of a client that is not Java: its use',
      connection: connection({
        serverCertificates: [small, issuingCa()],
        alerts: said(43, 'unsupported_certificate'),
      }),
    },
    {
      name: 'weak, and the authority is unknown, says the client',
      connection: connection({ serverCertificates: [small, issuingCa()], alerts: said(48, 'unknown_ca') }),
    },
    {
      name: 'weak, and the client closes: weak ones were in order once',
      connection: connection({
        serverCertificates: [small, issuingCa()],
        phase: 'finished',
        outcome: 'established',
        lastFrame: 8,
      }),
      at: '2015-06-01T00:00:00Z',
    },
    {
      name: 'a root signed with SHA-1: nobody needs its signature',
      connection: connection({
        serverCertificates: [
          certificate(),
          issuingCa({ issuer: 'CN=Example Issuing CA,O=Example Corp,C=CH', ...sha1 }),
        ],
        alerts: said(42, 'bad_certificate'),
      }),
    },
    {
      name: 'weak and self-signed: nobody vouches for it',
      connection: connection({
        serverCertificates: [certificate({ keyBits: 1024, issuer: 'CN=www.example.com,O=Example Corp,C=CH' })],
        alerts: said(42, 'bad_certificate'),
      }),
    },
  ],
});
