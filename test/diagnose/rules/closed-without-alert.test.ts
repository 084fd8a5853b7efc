import { closedWithoutAlert } from '../../../src/diagnose/rules/closed-without-alert.js';
import { notice } from '../../../src/notices.js';
import {
  alert,
  at,
  certificate,
  clientHello,
  connection,
  encryptedRecord,
  message,
  sighting,
} from '../../support/connections.js';
import { quicClose, quicConnection } from '../../support/quic-connections.js';
import { preamble } from '../../support/plaintext.js';
import { eapConnection } from '../../support/eap-connections.js';
import { clientCertificateMessages, hiddenAnswer, testRule } from '../../support/rule-tester.js';

const byServer = { by: 'server', how: 'close', frame: 6 } as const;

const HAPROXY_CHECK = `6b0cc900${Buffer.from('HAPROXYSSLCHK\nHAPROXYSSLCHK\n').toString('hex')}`;

testRule(closedWithoutAlert, {
  basis: 'ending',
  fires: [
    {
      name: 'the client offers a session, and only that differs from what worked: see resumption-broken',
      connection: connection({
        phase: 'client-hello',
        clientHello: { pskOffered: true },
        messages: [message('client_hello', 'client', 4, { length: 550 })],
        ending: { by: 'server', how: 'close', frame: 6, at: at(0.06) },
        transport: { server: { bytes: 0 } },
      }),
      others: [
        connection({
          id: '2',
          serverHello: { frame: 25 },
          messages: [message('client_hello', 'client', 24, { length: 300 })],
        }),
      ],
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'only the server name differs from what worked: see sni-unrecognized',
      connection: connection({
        phase: 'client-hello',
        clientHello: { serverName: 'shop.example.com' },
        ending: { by: 'server', how: 'close', frame: 6, at: at(0.06) },
        transport: { server: { bytes: 0 } },
      }),
      others: [connection({ id: '2' })],
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'the client sent a PROXY header, and nobody who did so was accepted: see proxy-protocol-mismatch',
      connection: connection({
        phase: 'client-hello',
        preamble: preamble({ kind: 'proxy-protocol', state: 'announced', reply: null, steps: [] }),
        ending: { by: 'server', how: 'close', frame: 6, at: at(0.06) },
        transport: { server: { bytes: 0 } },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    ...(['TLS 1.2', 'TLS 1.3'] as const).map((version) => ({
      name: `${version}: the server waits for the client, closes, and only then the client goes on (VerneMQ, RabbitMQ)`,
      connection: connection({
        serverHello: { version },
        phase: 'server-certificate',
        messages: [
          message('client_hello', 'client', 4),
          message('server_hello', 'server', 5),
          ...(version === 'TLS 1.2' ? [message('client_key_exchange', 'client', 7, { at: at(7.05) })] : []),
        ],
        encryptedRecords:
          version === 'TLS 1.3' ? [...hiddenAnswer(), encryptedRecord('client', 7, 1770, { at: at(7.05) })] : [],
        ending: { by: 'server', how: 'close', frame: 6, at: at(5.05) },
        transport: { server: { lastData: sighting('server', 5, at(0.05)) } },
      }),
      support: 'open' as const,
      explanation: 'tooSlow',
      data: { silence: '5.0 seconds', later: '2.0 seconds', client: '192.0.2.10' },
      frames: [4, 5, 6],
    })),
    {
      name: 'the server closes at once, and the client goes on meanwhile: no time limit is known',
      connection: connection({
        phase: 'server-certificate',
        messages: [
          message('client_hello', 'client', 4),
          message('server_hello', 'server', 5),
          message('client_key_exchange', 'client', 7, { at: at(0.3) }),
        ],
        ending: { by: 'server', how: 'close', frame: 6, at: at(0.2) },
        transport: { server: { lastData: sighting('server', 5, at(0.05)) } },
      }),
      support: 'supported',
      explanation: 'halfway',
      frames: [4, 5, 6],
    },
    {
      name: 'upon a health check of HAProxy',
      connection: connection({
        phase: 'client-hello',
        clientHello: { random: HAPROXY_CHECK, supportedVersions: ['SSL 3.0'], serverName: null, supportedGroups: [] },
        ending: { by: 'server', how: 'close', frame: 6, at: at(0.06) },
        transport: { server: { bytes: 0 } },
      }),
      support: 'supported',
      explanation: 'check',
      frames: [4, 6],
    },
    {
      name: 'right after the ClientHello, at a port where plaintext usually begins (slapd 2.5.13)',
      connection: connection({
        phase: 'client-hello',
        server: { address: '198.51.100.20', port: 389 },
        ending: { by: 'server', how: 'close', frame: 6, at: at(0.06) },
        transport: { server: { bytes: 0 } },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: "QUIC's close with a code of no known meaning",
      connection: quicConnection({ quic: { closes: [quicClose({ code: 0x1234, name: '0x1234' })] } }),
      support: 'supported',
      explanation: 'coded',
      data: { close: '0x1234' },
      frames: [4, 6],
    },
    {
      name: 'EAP-Failure after the flight of the client',
      connection: eapConnection({
        phase: 'server-certificate',
        outcome: 'failed',
        alerts: [],
        eap: { result: { ...sighting('server', 9), isSuccess: false } },
        ending: { by: 'server', how: 'close', frame: 9 },
      }),
      support: 'open',
      explanation: 'eap',
      frames: [4, 5, 9],
    },
    ...(['http-connect', 'socks5'] as const).map((kind) => ({
      name: `behind a proxy (${kind}) that had agreed to lead to the server`,
      connection: connection({
        phase: 'client-hello',
        preamble: preamble({ kind, target: 'git.example:443' }),
        ending: byServer,
        transport: { server: { bytes: 39 } },
      }),
      support: 'supported' as const,
      explanation: 'proxied' as const,
      data: { target: 'git.example:443' },
      frames: [4, 6],
    })),
    {
      name: 'right after the ClientHello',
      connection: connection({ phase: 'client-hello', ending: byServer }),
      support: 'supported',
      explanation: 'explanation',
      data: { server: '198.51.100.20:443' },
      frames: [4, 6],
    },
    {
      name: 'right after the ClientHello, when the server had agreed to TLS (ejabberd)',
      connection: connection({
        phase: 'client-hello',
        preamble: preamble({ kind: 'xmpp-starttls' }),
        ending: byServer,
      }),
      support: 'supported',
      explanation: 'agreed',
      data: { kind: 'XMPP STARTTLS' },
      frames: [4, 6],
    },
    {
      name: 'on the client certificate, which the server may have rejected (Node.js)',
      connection: connection({
        phase: 'client-certificate',
        messages: clientCertificateMessages(),
        clientCertificates: [certificate()],
        ending: { ...byServer, frame: 7 },
      }),
      support: 'open',
      explanation: 'halfway',
      frames: [4, 5, 7],
    },
    {
      name: 'a minute after its own answer: why the client did not go on is the reason',
      connection: connection({
        phase: 'server-certificate',
        ending: { ...byServer, at: at(60) },
        transport: { server: { lastData: sighting('server', 5) } },
      }),
      support: 'open',
      explanation: 'halfway',
      frames: [4, 5, 6],
    },
    {
      name: 'before the ClientHello came',
      connection: connection({ phase: 'client-hello', ending: { ...byServer, frame: 3 } }),
      support: 'supported',
      explanation: 'before',
      frames: [3, 4],
    },
    {
      name: 'before a ClientHello that may be a copy: the connection began before the capture',
      connection: connection({
        phase: 'client-hello',
        ending: { ...byServer, frame: 3 },
        transport: { syns: [], synAck: null, synAcks: [] },
      }),
      support: 'open',
      explanation: 'before',
      frames: [3, 4],
    },
    {
      name: 'half of the ClientHello came',
      connection: connection({
        clientHello: null,
        partialClientHello: clientHello(),
        phase: 'client-hello',
        outcome: 'failed',
        ending: { ...byServer, at: at(4.04) },
        transport: { client: { bytes: 100 } },
      }),
      support: 'open',
      explanation: 'half',
      data: { waited: '4.0 seconds', bytes: 100 },
      frames: [4, 6],
    },
    {
      name: 'the snapshot length cut off the rest of the ClientHello: the client sent all of it',
      connection: connection({
        clientHello: null,
        partialClientHello: clientHello({ supportedVersions: [] }),
        phase: 'client-hello',
        ending: byServer,
        transport: { client: { bytes: 100, missing: 400, cut: 400 } },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'in the middle, without a server name, over IPv6',
      connection: connection({
        clientHello: { serverName: null },
        server: { address: '2001:db8::20', port: 443 },
        phase: 'server-certificate',
        ending: byServer,
      }),
      support: 'supported',
      explanation: 'halfway',
      data: { server: '[2001:db8::20]:443' },
      frames: [4, 5, 6],
    },
    {
      name: 'OpenSSL complains of the end with decode_error',
      connection: connection({
        phase: 'client-hello',
        ending: byServer,
        alerts: [alert({ from: 'client', code: 50, name: 'decode_error', frame: 7 })],
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'Java complains of the end with handshake_failure',
      connection: connection({
        phase: 'client-hello',
        ending: byServer,
        alerts: [alert({ from: 'client', frame: 7 })],
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [4, 6],
    },
  ],
  silent: [
    {
      name: 'a good-bye in the middle of the handshake is an alert too',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        ending: { ...byServer, frame: 7 },
        alerts: [alert({ from: 'server', level: 'warning', code: 0, name: 'close_notify' })],
      }),
    },
    {
      name: 'an alert comes first',
      connection: connection({ phase: 'client-hello', ending: { ...byServer, frame: 7 }, alerts: [alert()] }),
    },
    {
      name: 'an encrypted alert comes first',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        phase: 'finished',
        outcome: 'failed',
        ending: { ...byServer, frame: 8 },
        alerts: [alert({ encrypted: true, inferred: true, frame: 7 })],
      }),
    },
    {
      name: 'an LDAP client gives up TLS before that',
      connection: connection({
        phase: 'server-certificate',
        outcome: 'failed',
        ending: { ...byServer, frame: 8 },
        notes: [{ ...notice('ldap-unbind', 'connection'), frame: 7 }],
      }),
    },
    { name: 'the client closes', connection: connection({ phase: 'client-hello' }) },
    {
      name: 'a reset',
      connection: connection({ phase: 'client-hello', ending: { by: 'server', how: 'reset', frame: 6 } }),
    },
    {
      name: 'the capture does not show how it ended',
      connection: connection({
        phase: 'client-hello',
        outcome: 'incomplete',
        ending: { by: 'none', how: 'none', frame: null, at: null },
      }),
    },
  ],
});
