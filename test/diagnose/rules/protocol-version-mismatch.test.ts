import { protocolVersionMismatch } from '../../../src/diagnose/rules/protocol-version-mismatch.js';
import { alert, at, connection, message, sighting } from '../../support/connections.js';
import { dtlsConnection } from '../../support/datagrams.js';
import { quicConnection } from '../../support/quic-connections.js';
import { eapConnection } from '../../support/eap-connections.js';
import { BEFORE_TLS, preamble, words } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

const protocolVersion = { code: 70, name: 'protocol_version' } as const;
const closeNotify = { code: 0, name: 'close_notify' } as const;
/** As OpenSSL names a single version: without supported_versions, older ones are offered with it. */
const legacy = (version: string) => ({
  supportedVersions: [version],
  extensions: ['server_name', 'supported_groups', 'signature_algorithms'],
});
const announced = preamble({
  kind: 'proxy-protocol',
  state: 'announced',
  reply: null,
  steps: [
    { step: 'request', from: 'client', frame: 3, at: at(0.03), text: 'PROXY TCP4 192.0.2.1 198.51.100.7 51234 443' },
  ],
});
const newServer = connection({ id: '2', serverHello: { frame: 25, version: 'TLS 1.3' } });
const oldServer = connection({
  id: '3',
  serverHello: { frame: 35, version: 'TLS 1.0', cipherSuite: 'TLS_RSA_WITH_AES_128_CBC_SHA' },
});

/** The server closes upon the ClientHello, after so many milliseconds, and says nothing. */
const dropped = (newest: string, ms = 20) =>
  connection({
    phase: 'client-hello',
    outcome: 'failed',
    clientHello: legacy(newest),
    serverHello: null,
    serverCertificates: [],
    ending: { by: 'server', how: 'close', frame: 6, at: at(0.04 + ms / 1000) },
    transport: { server: { bytes: 0 } },
  });

testRule(protocolVersionMismatch, {
  basis: 'fact',
  fires: [
    {
      name: 'the server agreed to TLS, and closes at once upon an offer of TLS 1.3 and 1.2 (SQL Server 2012)',
      connection: {
        ...dropped('TLS 1.3'),
        clientHello: connection().clientHello,
        preamble: preamble({ kind: 'mssql' }),
      },
      support: 'open',
      basis: 'fact',
      explanation: 'left',
      frames: [4, 6],
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
      name: 'the server closes at once upon an offer of TLS 1.1 at most (Dovecot 2.3.19)',
      connection: dropped('TLS 1.1'),
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'it does upon one of TLS 1.2, which nearly every server takes (Dovecot 2.3.19, slapd 2.5.13 with TLS 1.3 alone)',
      connection: dropped('TLS 1.2'),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'it does, and accepts a newer version from others',
      connection: dropped('TLS 1.1'),
      others: [newServer],
      support: 'supported',
      explanation: 'dropped',
      data: { accepted: ['TLS 1.3'] },
      frames: [4, 6, 25],
    },
    {
      name: 'it does, and accepts a newer version from others, with suites that this client lacks',
      connection: dropped('TLS 1.1'),
      others: [
        connection({
          id: '2',
          serverHello: { frame: 25, version: 'TLS 1.3', cipherSuite: 'TLS_CHACHA20_POLY1305_SHA256' },
        }),
      ],
      support: 'open',
      explanation: 'dropped',
      frames: [4, 6, 25],
    },
    {
      name: 'it does, and accepted a newer version from others long before',
      connection: { ...dropped('TLS 1.1'), startedAt: at(60) },
      others: [newServer],
      support: 'open',
      explanation: 'dropped',
      frames: [4, 6, 25],
    },
    {
      name: 'QUIC: the server negotiates, and the client goes no further',
      connection: quicConnection({
        quic: {
          offeredVersions: ['0x1a2a3a4a', 'draft-29'],
          versionNegotiations: [{ ...sighting('server', 6), versions: ['0xfafafafa', 'QUIC v1'] }],
        },
      }),
      support: 'confirmed',
      explanation: 'quic',
      data: { offered: 'draft-29', accepted: 'QUIC v1' },
      remedies: ['client quicClient'],
      frames: [1, 6],
    },
    {
      name: 'QUIC: the client speaks the version in general use, and the server another one',
      connection: quicConnection({
        quic: {
          offeredVersions: ['QUIC v1'],
          versionNegotiations: [{ ...sighting('server', 6), versions: ['0x709a50c4'] }],
        },
      }),
      support: 'confirmed',
      explanation: 'quic',
      remedies: ['server quicServer'],
      frames: [1, 6],
    },
    {
      name: 'QUIC: the capture ends there',
      connection: quicConnection({
        quic: {
          offeredVersions: ['draft-29'],
          versionNegotiations: [{ ...sighting('server', 6), versions: ['QUIC v1', 'QUIC v2'] }],
        },
        ending: { how: 'none' },
      }),
      support: 'supported',
      explanation: 'quic',
      data: { accepted: 'QUIC v1 and QUIC v2' },
      frames: [1, 6],
    },
    {
      name: 'EAP-Failure as the answer to an offer of TLS 1.1 at most',
      connection: eapConnection({
        phase: 'client-hello',
        outcome: 'failed',
        alerts: [],
        clientHello: { supportedVersions: ['TLS 1.1'], extensions: [] },
        eap: { result: { ...sighting('server', 9), isSuccess: false } },
        ending: { by: 'server', how: 'close', frame: 9 },
      }),
      support: 'supported',
      explanation: 'eap',
      frames: [4, 9],
    },
    {
      name: 'a new client: a server of TLS 1.3 alone on OpenSSL says so of a missing or unfit certificate, too',
      connection: connection({ phase: 'client-hello', alerts: [alert(protocolVersion)] }),
      support: 'open',
      explanation: 'serverRefuses',
      data: { offered: ['TLS 1.3', 'TLS 1.2'] },
      frames: [4, 6],
    },
    {
      name: 'an old client at a server whose security level leaves it no signature: internal_error (OpenSSL 3)',
      connection: connection({
        phase: 'client-hello',
        clientHello: legacy('TLS 1.0'),
        alerts: [alert({ code: 80, name: 'internal_error' })],
      }),
      support: 'supported',
      explanation: 'tooWeak',
      data: { offered: ['TLS 1.0 at most'] },
      frames: [4, 6],
    },
    {
      name: 'TLS 1.3 alone, at a server without it: handshake_failure (GnuTLS)',
      connection: connection({
        phase: 'client-hello',
        clientHello: {
          supportedVersions: ['TLS 1.3'],
          cipherSuites: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'],
          supportedGroups: ['x25519', 'secp256r1', 'secp384r1'],
        },
        alerts: [alert()],
      }),
      support: 'open',
      explanation: 'onlyNewest',
      frames: [4, 6],
    },
    {
      name: 'DTLS 1.3 alone, at a server that asks for a cookie by HelloVerifyRequest',
      connection: dtlsConnection({
        phase: 'client-hello',
        outcome: 'failed',
        clientHello: { supportedVersions: ['DTLS 1.3'], extensions: ['supported_versions'] },
        serverHello: null,
        messages: [message('client_hello', 'client', 1), message('hello_verify_request', 'server', 2)],
        alerts: [alert({ frame: 3, from: 'client', code: 70, name: 'protocol_version' })],
      }),
      support: 'confirmed',
      explanation: 'cookieRefused',
      data: { offered: ['DTLS 1.3'] },
      frames: [1, 2, 3],
    },
    {
      name: 'DTLS 1.0 alone, at a server that refuses it once the cookie was right',
      connection: dtlsConnection({
        phase: 'client-hello',
        outcome: 'failed',
        clientHello: legacy('DTLS 1.0'),
        serverHello: null,
        messages: [message('client_hello', 'client', 1), message('hello_verify_request', 'server', 2)],
        alerts: [alert({ frame: 4, code: 70, name: 'protocol_version' })],
      }),
      support: 'confirmed',
      explanation: 'serverRefuses',
      frames: [1, 4],
    },
    {
      name: 'an old server at a client whose security level takes none of its signatures: internal_error (OpenSSL 3)',
      connection: connection({
        phase: 'server-certificate',
        serverHello: { version: 'TLS 1.0' },
        clientHello: legacy('TLS 1.2'),
        alerts: [alert({ from: 'client', code: 80, name: 'internal_error' })],
      }),
      support: 'supported',
      explanation: 'clientTooWeak',
      data: { chosen: 'TLS 1.0' },
      frames: [4, 5, 6],
    },
    {
      name: 'suites of TLS 1.2 alone: handshake_failure in a TLS 1.0 record, by an old server, or by BoringSSL for a name',
      connection: connection({
        phase: 'client-hello',
        clientHello: legacy('TLS 1.2'),
        alerts: [alert({ recordVersion: 'TLS 1.0' })],
      }),
      support: 'open',
      explanation: 'oldRecord',
      data: { record: 'TLS 1.0' },
      frames: [4, 6],
    },
    {
      name: 'TLS 1.3 alone: OpenSSL says protocol_version of a missing certificate, too',
      connection: connection({
        clientHello: { supportedVersions: ['TLS 1.3'] },
        phase: 'client-hello',
        alerts: [alert(protocolVersion)],
      }),
      support: 'supported',
      explanation: 'serverRefuses',
      frames: [4, 6],
    },
    {
      name: 'TLS 1.3 alone, by a server that speaks it with others under another name: this one may lead to another server',
      connection: connection({
        clientHello: { supportedVersions: ['TLS 1.3'] },
        phase: 'client-hello',
        alerts: [alert(protocolVersion)],
      }),
      others: [
        connection({
          id: '4',
          serverHello: { frame: 45, version: 'TLS 1.3' },
          clientHello: { serverName: 'b.example' },
        }),
      ],
      support: 'open',
      explanation: 'serverRefuses',
      frames: [4, 6, 45],
    },
    {
      name: 'TLS 1.3 and older, by a server that speaks TLS 1.2 with others: another service at that port may not',
      connection: connection({ phase: 'client-hello', alerts: [alert(protocolVersion)] }),
      others: [
        connection({
          id: '4',
          serverHello: { frame: 45, version: 'TLS 1.2' },
          clientHello: { serverName: 'b.example' },
        }),
      ],
      support: 'open',
      explanation: 'serverRefuses',
      frames: [4, 6, 45],
    },
    {
      name: 'TLS 1.3 and older, refused in an old record',
      connection: connection({
        clientHello: { supportedVersions: ['TLS 1.3', 'TLS 1.2'] },
        phase: 'client-hello',
        alerts: [alert({ ...protocolVersion, recordVersion: 'TLS 1.0' })],
      }),
      support: 'confirmed',
      explanation: 'serverRefuses',
      frames: [4, 6],
    },
    ...(['TLS 1.2', 'TLS 1.3'] as const).map((version) => ({
      name: `${version} behind a PROXY header, which the server may mean`,
      connection: connection({
        clientHello: { supportedVersions: [version] },
        phase: 'client-hello',
        preamble: announced,
        alerts: [alert(protocolVersion)],
      }),
      support: version === 'TLS 1.2' ? ('supported' as const) : ('open' as const),
      explanation: 'serverRefuses' as const,
      frames: [4, 6],
    })),
    ...(
      [
        [['TLS 1.2'], 'supported'],
        [['TLS 1.3'], 'supported'],
        [['TLS 1.3', 'TLS 1.2'], 'open'],
      ] as const
    ).map(([supportedVersions, support]) => ({
      name: `a server that accepted the same offer of ${supportedVersions.join(' and ')} in another connection`,
      connection: connection({
        clientHello: { supportedVersions },
        phase: 'client-hello',
        alerts: [alert(protocolVersion)],
      }),
      others: [connection({ id: '2', serverHello: { frame: 25, version: supportedVersions[0] } })],
      support,
      explanation: 'serverRefusesElsewhere' as const,
      frames: [4, 6, 25],
    })),
    {
      name: 'an old version behind a PROXY header',
      connection: connection({
        clientHello: legacy('TLS 1.1'),
        phase: 'client-hello',
        preamble: announced,
        alerts: [alert(protocolVersion)],
      }),
      support: 'confirmed',
      explanation: 'serverRefuses',
      frames: [4, 6],
    },
    {
      name: 'TLS 1.3 and older, by a server that speaks an old version with others',
      connection: connection({
        clientHello: { supportedVersions: ['TLS 1.3', 'TLS 1.2'] },
        phase: 'client-hello',
        alerts: [alert(protocolVersion)],
      }),
      others: [oldServer],
      support: 'confirmed',
      explanation: 'serverRefusesKnown',
      frames: [4, 6, 35],
    },
    {
      name: 'TLS 1.3 alone, where the server has refused another client for another reason',
      connection: connection({
        clientHello: { supportedVersions: ['TLS 1.3'] },
        phase: 'client-hello',
        alerts: [alert(protocolVersion)],
      }),
      others: [connection({ id: '2', phase: 'client-hello', alerts: [alert()] })],
      support: 'open',
      explanation: 'serverRefuses',
      frames: [4, 6],
    },
    {
      name: 'an old client at a new server, without a server name',
      connection: connection({
        clientHello: { ...legacy('TLS 1.0'), serverName: null },
        phase: 'client-hello',
        alerts: [alert(protocolVersion)],
      }),
      support: 'confirmed',
      explanation: 'serverRefuses',
      data: { offered: ['TLS 1.0 at most'] },
      frames: [4, 6],
    },
    {
      name: 'an old client, where others got through with a new version',
      connection: connection({
        clientHello: legacy('TLS 1.1'),
        phase: 'client-hello',
        alerts: [alert(protocolVersion)],
      }),
      others: [newServer],
      support: 'confirmed',
      explanation: 'serverRefusesKnown',
      data: { accepted: ['TLS 1.3'] },
      frames: [4, 6, 25],
    },
    {
      name: 'a client that needs TLS 1.3 where others got through with an old version',
      connection: connection({
        clientHello: { supportedVersions: ['GREASE_0x0A0A', 'TLS 1.3'] },
        phase: 'client-hello',
        alerts: [alert(protocolVersion)],
      }),
      others: [oldServer],
      support: 'confirmed',
      explanation: 'serverRefusesKnown',
      data: { offered: ['TLS 1.3'], accepted: ['TLS 1.0'] },
      frames: [4, 6, 35],
    },
    {
      name: 'a client that offers TLS 1.1 alone where others got through with an older version',
      connection: connection({
        clientHello: { supportedVersions: ['TLS 1.1'] },
        phase: 'client-hello',
        alerts: [alert(protocolVersion)],
      }),
      others: [oldServer],
      support: 'confirmed',
      explanation: 'serverRefusesKnown',
      data: { accepted: ['TLS 1.0'] },
      frames: [4, 6, 35],
    },
    {
      name: 'a capture of the server alone',
      connection: connection({
        clientHello: null,
        serverHello: null,
        phase: 'client-hello',
        alerts: [alert(protocolVersion)],
      }),
      support: 'open',
      explanation: 'unseen',
      frames: [6],
    },
    {
      name: 'the client refuses what the server chose',
      connection: connection({
        clientHello: legacy('TLS 1.2'),
        serverHello: { version: 'TLS 1.0' },
        phase: 'server-hello',
        alerts: [alert({ ...protocolVersion, from: 'client' })],
      }),
      support: 'confirmed',
      explanation: 'clientRefuses',
      data: { offered: ['TLS 1.2 at most'], chosen: 'TLS 1.0' },
      frames: [4, 5, 6],
    },
    {
      name: 'the client closes without a word on a version that it did not offer (Node.js)',
      connection: connection({
        serverHello: { version: 'TLS 1.0' },
        phase: 'server-certificate',
        outcome: 'failed',
        ending: { by: 'client', how: 'close', frame: 6 },
      }),
      support: 'confirmed',
      explanation: 'clientRefuses',
      data: { chosen: 'TLS 1.0' },
      frames: [4, 5, 6],
    },
    {
      name: 'the client refuses a version that it did not offer with another alert',
      connection: connection({
        serverHello: { version: 'TLS 1.1' },
        phase: 'server-hello',
        alerts: [alert({ code: 47, name: 'illegal_parameter', from: 'client' })],
      }),
      support: 'confirmed',
      explanation: 'clientRefuses',
      frames: [4, 5, 6],
    },
    {
      name: 'the fatal close_notify of an old server, or of a program that wants no connection',
      connection: connection({
        clientHello: legacy('TLS 1.2'),
        phase: 'client-hello',
        alerts: [alert({ ...closeNotify, recordVersion: 'TLS 1.0' })],
      }),
      support: 'open',
      explanation: 'closeNotify',
      data: { record: 'TLS 1.0' },
      frames: [4, 6],
    },
    {
      name: 'the same, where others got through with TLS 1.0',
      connection: connection({
        phase: 'client-hello',
        alerts: [alert({ ...closeNotify, recordVersion: 'TLS 1.0' })],
      }),
      others: [oldServer],
      support: 'confirmed',
      explanation: 'closeNotify',
      frames: [4, 6, 35],
    },
    {
      name: 'handshake_failure, where others got through with older versions alone, and a suite that this client lacks',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      others: [oldServer],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 35],
    },
    {
      name: 'handshake_failure to a list of versions without the one by which others got through (a range with a hole)',
      connection: connection({
        phase: 'client-hello',
        clientHello: { supportedVersions: ['TLS 1.3', 'TLS 1.1'] },
        alerts: [alert()],
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'supported',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'handshake_failure, where others got through with older versions alone, and a suite of this client',
      connection: connection({
        phase: 'client-hello',
        clientHello: { cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_128_CBC_SHA'] },
        alerts: [alert()],
      }),
      others: [oldServer],
      support: 'supported',
      explanation: 'otherConnections',
      data: { accepted: ['TLS 1.0'], alert: 'handshake_failure (40)' },
      frames: [4, 6, 35],
    },
    {
      name: 'handshake_failure to TLS 1.0, in a record of TLS 1.2 (rustls)',
      connection: connection({
        clientHello: {
          supportedVersions: ['TLS 1.0'],
          extensions: ['server_name', 'supported_groups'],
          cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA'],
        },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'supported',
      explanation: 'newerRecord',
      data: { record: 'TLS 1.2' },
      frames: [4, 6],
    },
    {
      name: 'handshake_failure to SSL 3.0',
      connection: connection({
        clientHello: {
          supportedVersions: ['SSL 3.0'],
          serverName: null,
          extensions: [],
          cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA'],
        },
        phase: 'client-hello',
        alerts: [alert({ recordVersion: 'SSL 3.0' })],
      }),
      support: 'supported',
      explanation: 'ssl3',
      frames: [4, 6],
    },
    {
      name: 'handshake_failure to TLS 1.0, in a record of TLS 1.0',
      connection: connection({
        clientHello: {
          supportedVersions: ['TLS 1.0'],
          extensions: ['server_name', 'supported_groups'],
          cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA'],
        },
        phase: 'client-hello',
        alerts: [alert({ recordVersion: 'TLS 1.0' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'handshake_failure in a TLS 1.0 record, and the client has suites for it',
      connection: connection({
        phase: 'client-hello',
        clientHello: { ...legacy('TLS 1.2'), cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA'] },
        alerts: [alert({ recordVersion: 'TLS 1.0' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'TLS 1.3 alone, but without a name that the server may want',
      connection: connection({
        phase: 'client-hello',
        clientHello: { supportedVersions: ['TLS 1.3'], serverName: null },
        alerts: [alert()],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'TLS 1.3 alone, with a group that few servers have',
      connection: connection({
        phase: 'client-hello',
        clientHello: { supportedVersions: ['TLS 1.3'], supportedGroups: ['x448'] },
        alerts: [alert()],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'handshake_failure for a legacy client, which offers everything older too',
      connection: connection({ clientHello: legacy('TLS 1.2'), phase: 'client-hello', alerts: [alert()] }),
      others: [oldServer],
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'close_notify in a record of the newest version offered',
      connection: connection({
        clientHello: legacy('TLS 1.2'),
        phase: 'client-hello',
        alerts: [alert({ ...closeNotify, recordVersion: 'TLS 1.2' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'close_notify as a warning: it takes its leave, and the record is of an old version',
      connection: connection({
        phase: 'client-hello',
        alerts: [alert({ ...closeNotify, level: 'warning', recordVersion: 'TLS 1.0' })],
      }),
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
  ],
  silent: [
    {
      name: 'the alert is about a PROXY header: the server speaks the version with others',
      connection: connection({
        clientHello: { supportedVersions: ['TLS 1.2'] },
        phase: 'client-hello',
        preamble: announced,
        alerts: [alert(protocolVersion)],
      }),
      others: [connection({ id: '2', serverHello: { version: 'TLS 1.2' } })],
    },
    {
      name: 'the server had received plaintext, which offers no version',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, 'PING')],
        alerts: [alert(protocolVersion)],
      }),
    },
    {
      name: 'close_notify in a record of TLS 1.2 to a client of TLS 1.3: servers of TLS 1.3 write that, too',
      connection: connection({
        phase: 'client-hello',
        alerts: [alert({ ...closeNotify, recordVersion: 'TLS 1.2' })],
      }),
    },
    {
      name: 'a HelloVerifyRequest over TCP, where no version has one: its type was altered (OpenSSL 3.0.22, Go 1.19)',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        serverHello: null,
        messages: [message('client_hello', 'client', 4), message('hello_verify_request', 'server', 5)],
        alerts: [alert({ frame: 6, from: 'client', code: 10, name: 'unexpected_message' })],
      }),
    },
    {
      name: 'the client refuses a record, of a version that it offered itself: what came was none',
      connection: connection({
        serverHello: { version: 'TLS 1.2' },
        phase: 'server-hello',
        alerts: [alert({ ...protocolVersion, from: 'client' })],
      }),
    },
    {
      name: 'the server closes at once upon an offer of the newest version',
      connection: { ...dropped('TLS 1.3'), clientHello: connection().clientHello },
    },
    { name: 'the server closes after a while: it has waited for something', connection: dropped('TLS 1.1', 5000) },
    {
      name: 'the server closes at once, but accepts that version from others',
      connection: dropped('TLS 1.0'),
      others: [oldServer],
    },
    ...(
      [
        ['the client says that it can speak one', { availableVersions: ['QUIC v1'] }, 6],
        ['it had offered one', { offeredVersions: ['draft-29', 'QUIC v1'] }, 6],
        ['it offers reserved versions alone', { offeredVersions: ['0x1a2a3a4a'] }, 6],
        ['it goes on', {}, 5],
        ['the server answers later', { version: 'draft-29' }, 6],
      ] as const
    ).map(([name, quic, frame]) => ({
      name: `QUIC: the server negotiates; ${name}`,
      connection: quicConnection({
        quic: {
          offeredVersions: ['draft-29'],
          versionNegotiations: [{ ...sighting('server', frame), versions: ['QUIC v1'] }],
          ...quic,
        },
      }),
    })),
    {
      name: 'QUIC: alert handshake_failure, which over TCP may be about the version',
      connection: quicConnection({ alerts: [alert({ recordVersion: 'TLS 1.2' })] }),
    },
    {
      name: 'internal_error, and the client offers a current version',
      connection: connection({ phase: 'client-hello', alerts: [alert({ code: 80, name: 'internal_error' })] }),
    },
    {
      name: 'internal_error, where others got through with the old version of the client',
      connection: connection({
        phase: 'client-hello',
        clientHello: legacy('TLS 1.0'),
        alerts: [alert({ code: 80, name: 'internal_error' })],
      }),
      others: [oldServer],
    },
    {
      name: 'handshake_failure, and nothing is known of the server',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
    },
    {
      name: 'handshake_failure, where others got through with a version that this client offers',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      others: [newServer, oldServer],
    },
    {
      name: 'another server accepts older versions alone',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      others: [{ ...oldServer, server: { address: '198.51.100.21', port: 443 } }],
    },
    {
      name: 'the alert names the server name',
      connection: connection({ phase: 'client-hello', alerts: [alert({ code: 112, name: 'unrecognized_name' })] }),
      others: [oldServer],
    },
    {
      name: 'the client refuses the certificate of an old server',
      connection: connection({
        clientHello: legacy('TLS 1.2'),
        serverHello: { version: 'TLS 1.0' },
        alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca' })],
      }),
    },
    {
      name: 'a capture of the server alone, with another alert',
      connection: connection({ clientHello: null, serverHello: null, phase: 'client-hello', alerts: [alert()] }),
    },
  ],
});
