import { alpnMismatch } from '../../../src/diagnose/rules/alpn-mismatch.js';
import { alert, at, connection, encryptedRecord } from '../../support/connections.js';
import { preamble } from '../../support/plaintext.js';
import { quicConnection } from '../../support/quic-connections.js';
import { hiddenAnswer, testRule } from '../../support/rule-tester.js';

const said = (from: 'client' | 'server') => [alert({ from, code: 120, name: 'no_application_protocol' })];
const late = { phase: 'finished', outcome: 'established', lastFrame: 8 } as const;
const http1 = connection({ id: '2', serverHello: { frame: 25, alpn: 'http/1.1' } });

/** A client without a protocol that begins directly with TLS 1.3 at the port of PostgreSQL, and an encrypted alert of the server. */
const postgres = (overrides: Parameters<typeof connection>[0] = {}) =>
  connection({
    server: { address: '198.51.100.20', port: 5432 },
    clientHello: { alpn: [] },
    serverHello: { version: 'TLS 1.3' },
    phase: 'finished',
    outcome: 'failed',
    encryptedRecords: [...hiddenAnswer(53), encryptedRecord('server', 7, 19)],
    alerts: [alert({ from: 'server', frame: 7, encrypted: true, inferred: true })],
    ending: { by: 'server', how: 'close', frame: 8 },
    ...overrides,
  });

/** A client of HTTP/2 alone on OpenSSL, which is not curl. */
const grpc = {
  alpn: ['grpc-exp', 'h2'],
  supportedVersions: ['TLS 1.3', 'TLS 1.2'],
  extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
  cipherSuites: ['TLS_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
};

/** internal_error of a QUIC server in answer to the ClientHello. */
const ofQuic = {
  outcome: 'failed',
  phase: 'client-hello',
  serverHello: null,
  alerts: [alert({ code: 80, name: 'internal_error', frame: 2 })],
} as const;

testRule(alpnMismatch, {
  basis: 'fact',
  fires: [
    {
      name: 'TLS 1.3: a client of HTTP/2 alone leaves without a word, and the server says good-bye behind it (gRPC for Python)',
      connection: connection({
        clientHello: { alpn: ['h2'] },
        serverHello: { version: 'TLS 1.3' },
        ...late,
        encryptedRecords: hiddenAnswer(53),
        alerts: [alert({ from: 'server', frame: 8, encrypted: true, inferred: true })],
        ending: { by: 'client', how: 'close', frame: 7, at: at(0.07) },
      }),
      support: 'supported',
      explanation: 'unansweredHidden',
      frames: [4, 5, 7],
    },
    {
      name: "TLS 1.3: the server's groups, and no room for a protocol, and the client leaves (gRPC for Python)",
      connection: connection({
        clientHello: { alpn: ['grpc-exp', 'h2'] },
        serverHello: { version: 'TLS 1.3' },
        ...late,
        encryptedRecords: [
          encryptedRecord('server', 5, 49),
          ...hiddenAnswer(53).slice(1),
          encryptedRecord('client', 7, 19),
        ],
        alerts: [alert({ from: 'client', frame: 7, encrypted: true, inferred: true })],
      }),
      support: 'supported',
      explanation: 'unansweredHidden',
      frames: [4, 5, 7],
    },
    {
      name: 'QUIC: internal_error upon a protocol that few servers speak (tquic)',
      connection: quicConnection({
        ...ofQuic,
        clientHello: { alpn: ['http/0.9'] },
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'internal',
      data: { offered: ['http/0.9'], alert: 'internal_error (80)' },
      frames: [2, 4],
    },
    {
      name: 'no_application_protocol (OpenSSL, Go, nginx)',
      connection: connection({ clientHello: { alpn: ['h2'] }, phase: 'client-hello', alerts: said('server') }),
      support: 'confirmed',
      explanation: 'said',
      data: { offered: ['h2'], alert: 'no_application_protocol (120)' },
      frames: [4, 6],
    },
    {
      name: 'a protocol with a comma, at which openssl splits its argument',
      connection: connection({
        clientHello: { alpn: ['GREASE_0x3A3A', 'a,b', 'h2'] },
        phase: 'client-hello',
        alerts: said('server'),
      }),
      support: 'confirmed',
      explanation: 'said',
      data: { wanted: 'h2' },
      frames: [4, 6],
    },
    {
      name: 'an authority that checks a name offers acme-tls/1 alone, and the web server answers',
      connection: connection({ clientHello: { alpn: ['acme-tls/1'] }, phase: 'client-hello', alerts: said('server') }),
      others: [http1],
      support: 'confirmed',
      explanation: 'saidKnown',
      data: { protocols: 'acme-tls/1' },
      frames: [4, 6, 25],
    },
    {
      name: 'over QUIC, where others are spoken',
      connection: quicConnection({ clientHello: { alpn: ['hq-interop'] }, outcome: 'failed', alerts: said('server') }),
      support: 'confirmed',
      explanation: 'said',
      data: { protocols: 'h3' },
      frames: [4, 6],
    },
    {
      name: 'no_application_protocol, and others got through with another protocol',
      connection: connection({ clientHello: { alpn: ['h2'] }, phase: 'client-hello', alerts: said('server') }),
      others: [http1],
      support: 'confirmed',
      explanation: 'saidKnown',
      data: { accepted: ['http/1.1'] },
      frames: [4, 6, 25],
    },
    ...([['h2'], []] as const).map((alpn) => ({
      name: `no_application_protocol to an offer (${alpn.join() || 'none'}) that was accepted in another connection`,
      connection: connection({ clientHello: { alpn }, phase: 'client-hello', alerts: said('server') }),
      others: [connection({ id: '2', clientHello: { alpn }, serverHello: { frame: 25 } })],
      support: 'supported' as const,
      explanation: alpn.length > 0 ? ('saidElsewhere' as const) : ('notOfferedElsewhere' as const),
      frames: [4, 6, 25],
    })),
    {
      name: 'the server needs a protocol, and the client names none',
      connection: connection({
        clientHello: { alpn: [], serverName: null },
        phase: 'client-hello',
        alerts: said('server'),
      }),
      support: 'confirmed',
      explanation: 'notOffered',
      frames: [4, 6],
    },
    {
      name: 'PostgreSQL, to which TLS 1.3 is spoken at once, and without a protocol (18, OpenSSL 3.0)',
      connection: postgres(),
      support: 'supported',
      explanation: 'demanded',
      data: { protocols: 'postgresql' },
      frames: [4, 5, 7],
    },
    {
      name: 'the client aborts: the server chose none (GnuTLS)',
      connection: connection({
        clientHello: { alpn: ['h2'] },
        serverHello: { alpn: null },
        alerts: said('client'),
      }),
      support: 'confirmed',
      explanation: 'said',
      data: { from: 'client' },
      frames: [4, 5, 6],
    },
    {
      name: 'a client of HTTP/2 alone leaves as soon as the handshake is complete (Go, gRPC)',
      connection: connection({ ...late, clientHello: { alpn: ['h2'] }, serverHello: { alpn: null } }),
      support: 'supported',
      explanation: 'unanswered',
      frames: [4, 5, 8],
    },
    {
      name: 'a client of HTTP/2 alone on OpenSSL leaves a server of TLS 1.2 without a word (gRPC for Python)',
      connection: connection({ ...late, clientHello: grpc, serverHello: { alpn: null } }),
      support: 'supported',
      explanation: 'unanswered',
      frames: [4, 5, 8],
    },
    {
      name: 'TLS 1.3: an encrypted alert in the place of the encrypted extensions (Go)',
      connection: connection({
        clientHello: { alpn: ['foo'] },
        serverHello: { version: 'TLS 1.3' },
        phase: 'server-certificate',
        outcome: 'failed',
        encryptedRecords: [encryptedRecord('server', 5, 19)],
        alerts: [alert({ encrypted: true, inferred: true, frame: 5 })],
        ending: { by: 'server', how: 'close', frame: 6 },
      }),
      support: 'supported',
      explanation: 'hidden',
      frames: [4, 5],
    },
    {
      name: 'TLS 1.3: no room for a protocol in the encrypted extensions, and the client leaves after its Finished (gRPC)',
      connection: connection({
        clientHello: { alpn: ['h2'] },
        serverHello: { version: 'TLS 1.3' },
        ...late,
        encryptedRecords: [...hiddenAnswer(53), encryptedRecord('client', 7, 19)],
        alerts: [alert({ from: 'client', frame: 7, encrypted: true, inferred: true })],
      }),
      support: 'supported',
      explanation: 'unansweredHidden',
      frames: [4, 5, 7],
    },
  ],
  silent: [
    ...(['TLS 1.2', 'TLS 1.3'] as const).map((version) => ({
      name: `${version}: OpenSSL asks for h2 alone, gets no answer to that, and leaves: a script may have looked (Python)`,
      connection: connection({
        ...late,
        clientHello: { ...grpc, alpn: ['h2'] },
        serverHello: { version, alpn: null },
        ...(version === 'TLS 1.3' ? { encryptedRecords: hiddenAnswer(53) } : {}),
        ending: { by: 'client', how: 'close', frame: 7, at: at(0.07) },
      }),
    })),
    {
      name: 'a client of HTTP/2 alone resets a server of TLS 1.2: a health check (HAProxy)',
      connection: connection({
        ...late,
        clientHello: grpc,
        serverHello: { alpn: null },
        ending: { by: 'client', how: 'reset', frame: 8 },
      }),
    },
    {
      name: 'a client of HTTP/2 alone on OpenSSL says good-bye to a server of TLS 1.2: it only looks (openssl s_client)',
      connection: connection({
        ...late,
        clientHello: grpc,
        serverHello: { alpn: null },
        alerts: [alert({ from: 'client', frame: 8, level: 'warning', code: 0, name: 'close_notify', encrypted: true })],
      }),
    },
    {
      name: 'QUIC: internal_error upon a protocol that nearly every server speaks',
      connection: quicConnection({ ...ofQuic, clientHello: { alpn: ['h3'] } }),
    },
    {
      name: 'over TCP, a server that speaks no protocol offered goes on without one',
      connection: connection({ ...ofQuic, clientHello: { alpn: ['http/0.9'] } }),
    },
    {
      name: 'TLS 1.3: the server says good-bye before a client of HTTP/2 alone leaves',
      connection: connection({
        clientHello: { alpn: ['h2'] },
        serverHello: { version: 'TLS 1.3' },
        ...late,
        encryptedRecords: hiddenAnswer(53),
        alerts: [alert({ from: 'server', frame: 7, encrypted: true, inferred: true })],
        ending: { by: 'client', how: 'close', frame: 8, at: at(0.08) },
      }),
    },
    {
      name: 'TLS 1.3: encrypted extensions whose length an answer to max_fragment_length explains, too',
      connection: connection({
        clientHello: { alpn: ['h2'], extensions: ['max_fragment_length'] },
        serverHello: { version: 'TLS 1.3' },
        ...late,
        encryptedRecords: [...hiddenAnswer(53), encryptedRecord('client', 7, 19)],
        alerts: [alert({ from: 'client', frame: 7, encrypted: true, inferred: true })],
      }),
    },
    {
      name: 'a client that looks at the certificate of PostgreSQL, and leaves first',
      connection: postgres({
        outcome: 'established',
        alerts: [
          alert({ from: 'client', frame: 6, encrypted: true, inferred: true }),
          alert({ from: 'server', frame: 7, encrypted: true, inferred: true }),
        ],
      }),
    },
    {
      name: 'a proxy at the port of PostgreSQL whose server is gone: a reset',
      connection: postgres({
        outcome: 'established',
        alerts: [],
        encryptedRecords: hiddenAnswer(53),
        ending: { by: 'server', how: 'reset', frame: 8 },
      }),
    },
    {
      name: 'PostgreSQL, asked for TLS as before version 17',
      connection: postgres({ preamble: preamble({ kind: 'postgres' }) }),
    },
    {
      name: 'TLS 1.3: OpenSSL asks for h2, gets no answer to that, and says good-bye: somebody looked',
      connection: connection({
        clientHello: {
          alpn: ['h2'],
          extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        },
        serverHello: { version: 'TLS 1.3' },
        ...late,
        encryptedRecords: [...hiddenAnswer(53), encryptedRecord('client', 7, 19)],
        alerts: [alert({ from: 'client', frame: 7, encrypted: true, inferred: true })],
      }),
    },
    {
      name: 'TLS 1.3: the client can do without h2',
      connection: connection({
        clientHello: { alpn: ['h2', 'http/1.1'] },
        serverHello: { version: 'TLS 1.3' },
        ...late,
        encryptedRecords: [...hiddenAnswer(53), encryptedRecord('client', 7, 19)],
        alerts: [alert({ from: 'client', frame: 7, encrypted: true, inferred: true })],
      }),
    },
    {
      name: 'TLS 1.3: the client sends data',
      connection: connection({ clientHello: { alpn: ['h2'] }, serverHello: { version: 'TLS 1.3' } }),
    },
    {
      name: 'TLS 1.3: an encrypted alert at that place, and the client speaks both of HTTP',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        phase: 'server-certificate',
        outcome: 'failed',
        encryptedRecords: [encryptedRecord('server', 5, 19)],
        alerts: [alert({ encrypted: true, inferred: true, frame: 5 })],
        ending: { by: 'server', how: 'close', frame: 6 },
      }),
    },
    {
      name: 'TLS 1.3: an encrypted alert behind the encrypted extensions (Java, which has no certificate)',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        phase: 'server-certificate',
        outcome: 'failed',
        encryptedRecords: [encryptedRecord('server', 5, 65), encryptedRecord('server', 6, 35)],
        alerts: [alert({ encrypted: true, inferred: true, frame: 6 })],
        ending: { by: 'server', how: 'close', frame: 7 },
      }),
    },
    {
      name: 'a client that can do without leaves as soon as the handshake is complete',
      connection: connection({ ...late, serverHello: { alpn: null } }),
    },
    {
      name: 'the server chose what the client offers',
      connection: connection({ ...late, clientHello: { alpn: ['h2'] } }),
    },
    {
      name: 'TLS 1.3 hides what the server chose, but there is room for it',
      connection: connection({
        clientHello: { alpn: ['h2'] },
        serverHello: { version: 'TLS 1.3' },
        encryptedRecords: [encryptedRecord('server', 5, 32), ...hiddenAnswer(53).slice(1)],
        phase: 'finished',
        outcome: 'established',
        lastFrame: 8,
      }),
    },
    {
      name: 'another alert',
      connection: connection({ clientHello: { alpn: ['h2'] }, phase: 'client-hello', alerts: [alert()] }),
      others: [http1],
    },
  ],
});
