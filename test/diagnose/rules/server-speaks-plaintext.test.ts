import { serverSpeaksPlaintext } from '../../../src/diagnose/rules/server-speaks-plaintext.js';
import type { Connection } from '../../../src/connection/connection.js';
import { alert, at, connection, message } from '../../support/connections.js';
import { dtlsConnection, NO_DATAGRAMS } from '../../support/datagrams.js';
import { GO_HELLO } from '../../support/hellos.js';
import { BEFORE_TLS, preamble, words } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

/** The server closes on the ClientHello, without a word. */
const closes = (port: number): Connection =>
  connection({
    phase: 'client-hello',
    outcome: 'failed',
    server: { address: '198.51.100.20', port },
    ending: { by: 'server', how: 'close', frame: 6, at: at(0.06) },
    transport: { server: { bytes: 0 } },
  });

/** The server acknowledges the ClientHello, and the client waits in vain for twelve seconds. */
const waits = (port: number, acknowledged = true): Connection =>
  connection({
    phase: 'client-hello',
    outcome: 'failed',
    server: { address: '198.51.100.20', port },
    ending: { by: 'client', how: 'close', frame: 6, at: at(12) },
    transport: { server: { bytes: 0 }, client: { acknowledged } },
  });

const inRedis = (port: number): Connection =>
  connection({
    id: '2',
    outcome: 'not-tls',
    clientHello: null,
    serverHello: null,
    server: { address: '198.51.100.20', port },
    plaintext: [words('client', 24, 'PING\r\n'), words('server', 25, '+PONG\r\n')],
  });

const REGISTRY = { address: '198.51.100.20', port: 5000 };
/** A client that asks a registry in plaintext, at this time. */
const asksRegistry = (id: string, seconds: number): Connection =>
  connection({
    ...BEFORE_TLS,
    id,
    outcome: 'not-tls',
    server: REGISTRY,
    startedAt: at(seconds),
    plaintext: [words('client', 24, 'GET /v2/ HTTP/1.1'), words('server', 25, 'HTTP/1.1 200 OK')],
  });

testRule(serverSpeaksPlaintext, {
  basis: 'fact',
  fires: [
    {
      name: 'a try of HTTPS among requests in HTTP, which another follows at once (Skopeo, recorded from the middle on)',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        clientHello: GO_HELLO,
        server: REGISTRY,
        startedAt: at(1),
        plaintext: [{ ...words('server', 6, 'HTTP/1.1 400 Bad Request'), at: at(1.01) }],
      }),
      others: [asksRegistry('2', 0.5), asksRegistry('3', 1.02)],
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'a greeting in plaintext that crosses the ClientHello, a client that leaves, and then a ServerHello (NATS)',
      connection: connection({
        phase: 'server-certificate',
        outcome: 'failed',
        serverHello: { frame: 8 },
        messages: [message('client_hello', 'client', 4), message('server_hello', 'server', 8)],
        plaintext: [words('server', 6, 'INFO {"server_id":"NX","tls_required":true}')],
        ending: { by: 'client', how: 'close', frame: 7 },
      }),
      support: 'supported',
      explanation: 'greeted',
      data: { words: 'INFO {"server_id":"NX","tls_required":true}' },
      frames: [4, 6, 7, 8],
    },
    {
      name: 'datagrams of DTLS that nothing answers (libcoap without DTLS)',
      connection: dtlsConnection({
        outcome: 'failed',
        phase: 'client-hello',
        serverHello: null,
        messages: [],
        transport: { server: NO_DATAGRAMS },
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'unreadDatagrams',
      data: { port: 443 },
      frames: [1],
    },
    {
      name: 'Modbus sends the beginning of the ClientHello back, and an error (a public capture of Zeek)',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        plaintext: [words('server', 6, '\u0016\u0003\u0001\0\0\u0003\0\u0080\u0001')],
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'a ClientHello at the port of LDAP, and the server closes (slapd 2.5.13)',
      connection: closes(389),
      support: 'open',
      explanation: 'closed',
      data: { kind: 'LDAP' },
      frames: [4, 6],
    },
    {
      name: 'a ClientHello where others ask for TLS in plaintext first, and the server closes',
      connection: closes(3890),
      others: [
        connection({
          id: '2',
          server: { address: '198.51.100.20', port: 3890 },
          preamble: preamble({ kind: 'ldap-starttls', state: 'accepted' }),
          serverHello: { frame: 25 },
        }),
      ],
      support: 'supported',
      explanation: 'closedUnlikeOthers',
      data: { kind: 'LDAP StartTLS' },
      frames: [4, 6, 25],
    },
    {
      name: 'a ClientHello at the port of HTTPS, and the server closes at its time limit',
      connection: { ...waits(443), ending: { ...waits(443).ending, by: 'server' } },
      support: 'open',
      basis: 'alert',
      explanation: 'silentUnknown',
      frames: [4, 6],
    },
    {
      name: 'a ClientHello at a port of TLS, and the server closes: TLS may be switched off there',
      connection: closes(8883),
      support: 'open',
      basis: 'alert',
      explanation: 'closedUnknown',
      frames: [4, 6],
    },
    {
      name: 'a ClientHello at a port of which nothing is known, and the server closes',
      connection: closes(9999),
      support: 'open',
      basis: 'alert',
      explanation: 'closedUnknown',
      data: { port: 9999 },
      frames: [4, 6],
    },
    {
      name: 'a ClientHello at a port of which nothing is known, and no answer',
      connection: waits(7000),
      support: 'open',
      basis: 'alert',
      explanation: 'silentUnknown',
      frames: [4, 6],
    },
    {
      name: 'a ClientHello at a port of which nothing is known, and the server closes at its time limit',
      connection: { ...waits(7000), ending: { ...waits(7000).ending, by: 'server' } },
      support: 'open',
      basis: 'alert',
      explanation: 'silentUnknown',
      frames: [4, 6],
    },
    {
      name: 'a ClientHello at the port of IRC, and no answer (ngIRCd 26)',
      connection: waits(6667),
      support: 'open',
      explanation: 'silent',
      data: { kind: 'IRC' },
      frames: [4, 6],
    },
    {
      name: 'the same in a capture without acknowledgments: nothing is sent again',
      connection: waits(6667, false),
      support: 'open',
      explanation: 'silent',
      frames: [4, 6],
    },
    {
      name: 'a ClientHello at the port of FTP, whose greeting does not come',
      connection: waits(21),
      support: 'open',
      explanation: 'silent',
      data: { kind: 'FTP' },
      frames: [4, 6],
    },
    {
      name: 'a ClientHello at the port of Redis, which waits for the rest of a request',
      connection: waits(6379),
      support: 'open',
      explanation: 'silent',
      data: { kind: 'Redis' },
      frames: [4, 6],
    },
    {
      name: 'a ClientHello where another client spoke Redis in plaintext, and no answer',
      connection: waits(7000),
      others: [inRedis(7000)],
      support: 'supported',
      explanation: 'silentUnlikeOthers',
      data: { kind: 'Redis' },
      frames: [4, 6, 25],
    },
    {
      name: 'an HTTP server',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        server: { address: '198.51.100.20', port: 8080 },
        plaintext: [words('server', 6, 'HTTP/1.1 400 Bad Request')],
      }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { words: 'HTTP/1.1 400 Bad Request' },
      frames: [4, 6],
    },
    {
      name: 'an HTTP answer at a port that speaks TLS with others: one of several servers, or a device in its place',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        plaintext: [words('server', 6, 'HTTP/1.1 403 Forbidden')],
      }),
      others: [connection({ id: '2' })],
      support: 'supported',
      explanation: 'elsewhere',
      remedies: ['server share'],
      frames: [4, 6],
    },
    {
      name: 'an HTTP/2 server, which begins with its settings (Node.js, gRPC)',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        server: { address: '198.51.100.20', port: 50_051 },
        plaintext: [words('server', 6, '\0\0\0\x04\0\0\0\0\0')],
      }),
      support: 'supported',
      explanation: 'http2',
      frames: [4, 6],
    },
    {
      name: 'a refusal of SMTP: a server at a port of TLS may refuse so, too (Exim, Postfix)',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        server: { address: '198.51.100.20', port: 465 },
        plaintext: [words('server', 6, '421 Too many concurrent SMTP connections')],
      }),
      support: 'open',
      explanation: 'refused',
      frames: [4, 6],
    },
    {
      name: 'a reply that takes the ClientHello for a command',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        plaintext: [words('server', 6, '500 5.5.1 Command unrecognized')],
      }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'a refusal of IMAP',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        plaintext: [words('server', 6, '* BYE Maximum number of connections exceeded')],
      }),
      support: 'open',
      explanation: 'refused',
      frames: [4, 6],
    },
    {
      name: 'an SSH server',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        server: { address: '198.51.100.20', port: 2222 },
        plaintext: [words('server', 3, 'SSH-2.0-OpenSSH_9.2p1')],
      }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [3, 4],
    },
    {
      name: 'a server that nobody knows',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        server: { address: '198.51.100.20', port: 9999 },
        plaintext: [words('server', 6, 'what?')],
      }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'a bad request at a port of TLS: an HTTP server, or one of TLS that got a PROXY header first',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        plaintext: [words('server', 6, 'HTTP/1.1 400 Bad Request')],
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'a banner before the ClientHello',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        plaintext: [words('server', 3, '220 mx.example ESMTP')],
      }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [3, 4],
    },
    {
      name: 'bytes of another protocol, as many as an alert in its record (the end of one of Modbus)',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        plaintext: [words('server', 6, '\x16\x03\0\0\x02\0\x80')],
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'STARTTLS, and an answer in plaintext to the ClientHello',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        preamble: preamble(),
        plaintext: [words('server', 2, '220 mx'), words('client', 3, 'EHLO me'), words('server', 6, '500 what?')],
      }),
      support: 'confirmed',
      explanation: 'agreed',
      data: { words: '500 what?', kind: 'SMTP STARTTLS' },
      frames: [2, 3, 4, 6],
    },
    {
      name: 'a proxy agreed, and plaintext came from behind it',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        preamble: preamble({ kind: 'http-connect', target: 'a.example:443' }),
        plaintext: [
          words('client', 2, 'CONNECT'),
          words('server', 3, 'HTTP/1.1 200'),
          words('server', 6, 'HTTP/1.1 400'),
        ],
      }),
      support: 'confirmed',
      explanation: 'agreed',
      frames: [2, 3, 4, 6],
    },
  ],
  excluded: [
    {
      name: 'an alert behind a header of zeros',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        plaintext: [words('server', 6, '\0\0\0\0\x02\0(')],
      }),
      because: 'alert',
      frames: [6],
    },
  ],
  silent: [
    {
      name: 'a refusal of STARTTLS, whose offer a firewall overwrote: see starttls-not-offered',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        preamble: preamble({ state: 'masked' }),
        plaintext: [words('server', 3, '220 mx ESMTP'), words('server', 6, '500 5.5.1 Command unrecognized')],
      }),
    },
    {
      name: 'an alert in a packet of SQL Server, which had agreed to TLS',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        serverHello: null,
        preamble: preamble({ kind: 'mssql' }),
        plaintext: [words('server', 6, '\x12\x01\x00\x0f\x00\x00\x00\x00')],
        alerts: [alert({ code: 70, name: 'protocol_version', frame: 6 })],
      }),
    },
    {
      name: 'a client that leaves behind the ServerHello, which a greeting came before',
      connection: connection({
        phase: 'server-certificate',
        outcome: 'failed',
        serverHello: { frame: 6 },
        plaintext: [words('server', 5, 'INFO {"server_id":"NX","tls_required":true}')],
        ending: { by: 'client', how: 'close', frame: 7 },
      }),
    },
    { name: 'no answer at a port of TLS', connection: waits(8883) },
    {
      name: 'a client that leaves Redis at once',
      connection: { ...waits(6379), ending: { by: 'client', how: 'close', frame: 6, at: at(0.06) } },
    },
    {
      name: 'no answer at the port of Redis, where others begin with TLS',
      connection: waits(6379),
      others: [connection({ id: '2', server: { address: '198.51.100.20', port: 6379 }, serverHello: { frame: 25 } })],
    },
    {
      name: 'a ClientHello at a port where others begin with TLS, and the server closes',
      connection: closes(9999),
      others: [connection({ id: '2', server: { address: '198.51.100.20', port: 9999 }, serverHello: { frame: 25 } })],
    },
    {
      name: 'a ClientHello at the port of LDAP where others begin with TLS, and the server closes',
      connection: closes(389),
      others: [connection({ id: '2', server: { address: '198.51.100.20', port: 389 }, serverHello: { frame: 25 } })],
    },
    {
      name: 'a ClientHello at a port where others begin in either way, with the same version (PostgreSQL 17)',
      connection: closes(5432),
      others: [preamble({ kind: 'postgres' }), null].map((before, index) =>
        connection({
          id: String(2 + index),
          server: { address: '198.51.100.20', port: 5432 },
          preamble: before,
          serverHello: { frame: 25 + index },
        }),
      ),
    },
    {
      name: 'STARTTLS, and no answer after it',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        preamble: preamble(),
        plaintext: [words('server', 2, '220 mx'), words('client', 3, 'EHLO me')],
      }),
    },
    {
      name: 'the rest of a record, behind segments that never arrived',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        plaintext: [words('server', 6, '\u0017\u0003\u0003')],
        transport: { server: { missing: 1448, lost: 1448 } },
      }),
    },
    {
      name: 'records without content, then an alert',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        plaintext: [words('server', 6, '\u0016\u0003\u0003\0\0\u0016\u0003\u0003\0\0')],
      }),
    },
    { name: 'no answer', connection: connection({ phase: 'client-hello', outcome: 'failed' }) },
  ],
});
