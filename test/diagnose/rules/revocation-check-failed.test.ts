import { revocationCheckFailed } from '../../../src/diagnose/rules/revocation-check-failed.js';
import { alert, certificate, certificateRequest, connection } from '../../support/connections.js';
import { ERLANG_HELLO, NODE_HELLO } from '../../support/hellos.js';
import { clientCertificateMessages, hiddenAnswer, testRule } from '../../support/rule-tester.js';

const leaf = certificate({ subject: 'CN=device 0815', issuer: 'CN=Issuing CA,O=Example' });
const intermediate = certificate({ subject: 'CN=Issuing CA,O=Example', issuer: 'CN=Root CA,O=Example', isCa: true });
const sent = {
  phase: 'client-certificate',
  certificateRequest: certificateRequest({ certificateAuthorities: [] }),
  serverCertificates: [certificate({ issuer: 'CN=Root CA,O=Example' })],
  messages: clientCertificateMessages(),
  clientCertificates: [leaf, intermediate],
} as const;
const unknownCa = [alert({ code: 48, name: 'unknown_ca', frame: 7 })];
const byClient = {
  clientHello: {
    extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
    cipherSuites: ['TLS_AES_256_GCM_SHA384'],
  },
  serverCertificates: [
    certificate({ issuer: 'CN=Root CA,O=Example' }),
    certificate({ subject: 'CN=Root CA,O=Example', issuer: 'CN=Root CA,O=Example', isCa: true, selfIssued: true }),
  ],
} as const;

testRule(revocationCheckFailed, {
  basis: 'fact',
  fires: [
    {
      name: 'unknown_ca, and the chain ends at the root of the server itself',
      connection: connection({ ...sent, alerts: unknownCa }),
      support: 'open',
      explanation: 'missing',
      data: { authority: 'CN=Root CA,O=Example' },
      frames: [5, 6, 7],
    },
    {
      name: 'certificate_expired, and all that the client sent is valid up to an authority in the list',
      connection: connection({
        ...sent,
        certificateRequest: certificateRequest({ certificateAuthorities: ['CN=root ca,O=Example'] }),
        serverCertificates: [certificate()],
        alerts: [alert({ code: 45, name: 'certificate_expired', frame: 7 })],
      }),
      support: 'open',
      explanation: 'outdated',
      frames: [5, 6, 7],
    },
    {
      name: 'a client on OpenSSL says unknown_ca of a chain up to an authority of its own',
      connection: connection({ ...byClient, alerts: [alert({ code: 48, name: 'unknown_ca', from: 'client' })] }),
      support: 'open',
      basis: 'alert',
      explanation: 'missingAtClient',
      frames: [5, 6],
    },
    {
      name: 'a client on OpenSSL says unknown_ca of a certificate that signed itself, which it may trust',
      connection: connection({
        ...byClient,
        serverCertificates: [certificate({ issuer: 'CN=www.example.com,O=Example Corp,C=CH', selfIssued: true })],
        alerts: [alert({ code: 48, name: 'unknown_ca', from: 'client' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'missingAtClient',
      frames: [5, 6],
    },
    {
      name: 'certificate_expired of a chain that a client on the same host took in another connection',
      connection: connection({
        ...byClient,
        alerts: [alert({ code: 45, name: 'certificate_expired', from: 'client' })],
      }),
      others: [
        connection({
          ...byClient,
          id: '2',
          serverHello: { frame: 14 },
          phase: 'application-data',
          outcome: 'established',
        }),
      ],
      support: 'open',
      explanation: 'outdatedAtClient',
      frames: [5, 6, 14],
    },
    {
      name: 'the issuer of the only certificate, unlike its name, may be a root that the client knows',
      connection: connection({
        ...byClient,
        serverCertificates: [certificate({ issuer: 'CN=Acme Issuing CA,O=Acme' })],
        alerts: [alert({ code: 48, name: 'unknown_ca', from: 'client' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'missingAtClient',
      frames: [5, 6],
    },
    {
      name: 'a client on OpenSSL says certificate_expired of a chain that is valid',
      connection: connection({
        ...byClient,
        alerts: [alert({ code: 45, name: 'certificate_expired', from: 'client' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'outdatedAtClient',
      frames: [5, 6],
    },
    {
      name: 'a client on OpenSSL says unknown_ca of a chain that TLS 1.3 hides',
      connection: connection({
        clientHello: byClient.clientHello,
        serverHello: { version: 'TLS 1.3' },
        encryptedRecords: hiddenAnswer(19),
        alerts: [alert({ code: 48, name: 'unknown_ca', from: 'client' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'unseen',
      frames: [5, 6],
    },
    {
      name: 'Erlang says bad_certificate of a chain that is valid: no_relevant_crls',
      connection: connection({
        ...byClient,
        clientHello: ERLANG_HELLO,
        alerts: [alert({ code: 42, name: 'bad_certificate', from: 'client' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'missingAtClient',
      frames: [5, 6],
    },
    {
      name: 'Node.js leaves when the handshake is complete, whatever it misses',
      connection: connection({
        ...byClient,
        clientHello: NODE_HELLO,
        phase: 'finished',
        outcome: 'established',
        lastFrame: 8,
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'unsaidAtClient',
      frames: [5, 8],
    },
  ],
  silent: [
    {
      name: 'Erlang says unknown_ca, as of an authority that it does not know',
      connection: connection({
        ...byClient,
        clientHello: ERLANG_HELLO,
        alerts: [alert({ code: 48, name: 'unknown_ca', from: 'client' })],
      }),
    },
    {
      name: 'a client of another stack says unknown_ca',
      connection: connection({
        ...byClient,
        clientHello: {},
        alerts: [alert({ code: 48, name: 'unknown_ca', from: 'client' })],
      }),
    },
    {
      name: 'the intermediate is not sent',
      connection: connection({ ...sent, clientCertificates: [leaf], alerts: unknownCa }),
    },
    {
      name: 'the server knows no such root',
      connection: connection({ ...sent, serverCertificates: [certificate()], alerts: unknownCa }),
    },
    {
      name: 'a certificate of the client has expired',
      connection: connection({
        ...sent,
        clientCertificates: [leaf, { ...intermediate, notAfter: '2026-03-01T00:00:00Z' }],
        alerts: [alert({ code: 45, name: 'certificate_expired', frame: 7 })],
      }),
    },
    {
      name: 'another alert',
      connection: connection({ ...sent, alerts: [alert({ code: 42, name: 'bad_certificate', frame: 7 })] }),
    },
    {
      name: 'the server takes it',
      connection: connection({ ...sent, phase: 'application-data', outcome: 'established' }),
    },
  ],
});
