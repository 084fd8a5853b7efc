import type { Connection } from '../../../src/connection/connection.js';
import { party } from '../../../src/message.js';
import { notice } from '../../../src/notices.js';
import { clientSpeaksPlaintext } from '../../../src/diagnose/rules/client-speaks-plaintext.js';
import { alert, at, connection, reset, type ConnectionOverrides } from '../../support/connections.js';
import { BEFORE_TLS, demand, preamble, words } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

const notTls = { ...BEFORE_TLS, outcome: 'not-tls' } as const;
const closed = {
  ending: { by: 'server', how: 'close', frame: 6 },
  transport: { server: { bytes: 0 } },
} as const;

const syslog = (left = at(0.06)): Connection =>
  connection({
    ...notTls,
    ...closed,
    ending: { ...closed.ending, at: left },
    server: { address: '198.51.100.20', port: 6514 },
    plaintext: [words('client', 4, '<13>Nov 27 23:00:00 host app: hello')],
  });

/** A server that closes 20 ms after the first words of a client. */
const closedAtOnce = (port: number, text: string, left = at(0.07)): Connection =>
  connection({
    ...notTls,
    ...closed,
    ending: { ...closed.ending, at: left },
    server: { address: '198.51.100.20', port },
    plaintext: [words('client', 4, text)],
  });
const HTTP2_PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const MQTT_CONNECT = '\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04test';

/** A client at the port of IMAP over TLS; nobody says anything until it leaves. */
const mute = (left: number, overrides: ConnectionOverrides = {}): Connection =>
  connection({
    ...notTls,
    server: { address: '198.51.100.20', port: 993 },
    transport: { client: { bytes: 0 }, server: { bytes: 0 } },
    ending: { by: 'client', how: 'close', frame: 6, at: at(left) },
    ...overrides,
  });

const atPort = (port: number) => ({ server: { address: '198.51.100.20', port } });

/** A request for a tunnel that is answered by a close, at once. */
const connectClosed = (port: number) => ({
  ...closedAtOnce(port, 'CONNECT a.example:443 HTTP/1.1\r\n'),
  preamble: preamble({ kind: 'http-connect', state: 'requested', reply: null }),
});

/** A line end before the ClientHello, upon which the server closes. */
const behindLineEnd = {
  phase: 'client-hello',
  outcome: 'failed',
  clientHello: { frame: 5 },
  plaintext: [words('client', 4, '\r\n')],
} as const;
const startsWithTls = connection({ id: '2', serverHello: { frame: 25 } });
/** ApiVersions, version 0. */
const KAFKA_REQUEST = '\0\0\0\x0b\0\x12\0\0\0\0\0\x01\0\x01a';

testRule(clientSpeaksPlaintext, {
  basis: 'fact',
  fires: [
    {
      name: 'the end of a request for a tunnel, passed on by a proxy before the ClientHello, where others begin with TLS (OpenSSL)',
      connection: connection({ ...behindLineEnd, ...closed }),
      others: [startsWithTls],
      support: 'supported',
      explanation: 'before',
      data: { how: 'by closing the connection' },
      frames: [4, 5, 6, 25],
    },
    {
      name: 'the same, refused with an alert, where others say the same first: it may be a way to TLS',
      connection: connection({ ...behindLineEnd, alerts: [alert({ code: 70, name: 'protocol_version', frame: 6 })] }),
      others: [connection({ id: '2', serverHello: { frame: 25 }, plaintext: [words('client', 23, '\r\n')] })],
      support: 'open',
      explanation: 'before',
      frames: [4, 5, 6],
    },
    {
      name: 'HTTP/2 to a port that shows no TLS, and the server closes at once, without SETTINGS (etcd 3.4.23)',
      connection: closedAtOnce(2379, HTTP2_PREFACE),
      support: 'open',
      explanation: 'closedAtOnce',
      data: { protocol: 'HTTP/2' },
      frames: [4, 6],
    },
    {
      name: 'a client that waits for the greeting of IMAP at the port of IMAP over TLS (curl 7.88.1, Dovecot 2.3.19)',
      connection: mute(30),
      support: 'open',
      explanation: 'waited',
      data: { protocol: 'IMAP', port: 993 },
      frames: [2, 6],
    },
    {
      name: 'a client that waits ten seconds for the greeting of MySQL, where a proxy ends TLS (MariaDB 10.11, HAProxy 2.6)',
      connection: mute(9.8, atPort(3306)),
      support: 'open',
      explanation: 'ungreeted',
      remedies: ['server greet', 'server hung'],
      data: { protocol: 'MySQL', way: 'MySQL SSLRequest' },
      frames: [2, 6],
    },
    {
      name: 'the same of ManageSieve',
      connection: mute(30, atPort(4190)),
      support: 'open',
      explanation: 'ungreeted',
      data: { protocol: 'ManageSieve', way: 'ManageSieve STARTTLS' },
      frames: [2, 6],
    },
    {
      name: 'a log-in to a server that begins in plaintext and wants TLS first (vsftpd)',
      connection: connection({
        ...notTls,
        ending: { by: 'client', how: 'close', frame: 7 },
        plaintext: [
          words('server', 4, '220 (vsFTPd 3.0.3)'),
          words('client', 5, 'USER a'),
          demand('ftp', 6, '530 Non-anonymous sessions must use encryption.'),
        ],
      }),
      support: 'confirmed',
      explanation: 'demanded',
      data: { protocol: 'FTP' },
      frames: [4, 5, 6, 7],
    },
    {
      name: 'the same of LDAP, whose bytes are told as the result that they are (slapd)',
      connection: connection({
        ...notTls,
        ending: { by: 'client', how: 'close', frame: 7 },
        plaintext: [words('client', 5, '0\x0c\x02'), demand('ldap', 6, '0$\x02\x01\x02e\x1f')],
      }),
      support: 'confirmed',
      explanation: 'demanded',
      data: { protocol: 'LDAP', answer: 'confidentialityRequired (13)' },
      frames: [5, 6, 7],
    },
    {
      name: 'the same of MySQL, without the head of its packet',
      connection: connection({
        ...notTls,
        ending: { by: 'client', how: 'close', frame: 7 },
        plaintext: [
          words('client', 5, '\x01'),
          demand('mysql', 6, 'a\0\0\x02\xffW\x0c#08004Connections using insecure transport are prohibited'),
        ],
      }),
      support: 'confirmed',
      explanation: 'demanded',
      data: { protocol: 'MySQL', answer: 'Connections using insecure transport are prohibited' },
      frames: [5, 6, 7],
    },
    {
      name: 'EHLO to the port of SMTP over TLS, without waiting for a greeting (OpenSSL closes)',
      connection: closedAtOnce(465, 'EHLO client.example\r\n'),
      support: 'supported',
      explanation: 'closedByPort',
      data: { protocol: 'SMTP', port: 465 },
      frames: [4, 6],
    },
    {
      name: 'StartTLS of LDAP to a server with which others begin with TLS, and it closes',
      connection: connection({
        ...notTls,
        ...closed,
        preamble: preamble({ kind: 'ldap-starttls', state: 'requested' }),
        plaintext: [words('client', 4, '0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037')],
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'supported',
      explanation: 'closed',
      data: { protocol: 'LDAP' },
      frames: [4, 6, 25],
    },
    {
      name: 'HTTP, answered with unexpected_message',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, 'GET / HTTP/1.1\r\n')],
        alerts: [alert({ code: 10, name: 'unexpected_message', frame: 6 })],
      }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { words: 'GET / HTTP/1.1' },
      frames: [4, 6],
    },
    {
      name: 'HTTP, answered with close_notify (GnuTLS)',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, 'GET / HTTP/1.1\r\n')],
        alerts: [alert({ level: 'warning', code: 0, name: 'close_notify', frame: 6 })],
      }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'bytes that an alert answers, but behind others that the capture lacks',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, '\x63\x03\x03')],
        notes: [{ ...notice('missing-segments', 'side', { bytes: 517, side: party('client') }), frame: null }],
        alerts: [alert({ code: 10, name: 'unexpected_message', frame: 6 })],
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'the same in a capture that began later',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, '\x63\x03\x03')],
        transport: { syns: [], synAck: null, synAcks: [] },
        alerts: [alert({ code: 47, name: 'illegal_parameter', frame: 6 })],
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'HTTP, answered with status 400 in plaintext, where others speak TLS (nginx)',
      connection: connection({
        ...notTls,
        plaintext: [words('client', 4, 'GET / HTTP/1.1\r\n'), words('server', 5, 'HTTP/1.1 400 Bad Request')],
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'confirmed',
      explanation: 'badRequest',
      data: { answer: 'HTTP/1.1 400 Bad Request' },
      frames: [4, 5, 25],
    },
    {
      name: 'a request for TLS of PostgreSQL, answered with status 400 where others speak TLS (nginx)',
      connection: connection({
        ...notTls,
        preamble: preamble({ kind: 'postgres', state: 'requested' }),
        plaintext: [words('client', 4, '\0\0\0\x08\x04\xd2\x16\x2f'), words('server', 5, 'HTTP/1.1 400 Bad Request')],
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'confirmed',
      explanation: 'answered',
      remedies: ['client elsewhere'],
      data: { protocol: 'PostgreSQL' },
      frames: [4, 5, 25],
    },
    {
      name: 'CONNECT to a web server that speaks TLS',
      connection: connection({
        ...BEFORE_TLS,
        preamble: preamble({ kind: 'http-connect', state: 'refused', reply: 'HTTP/1.1 400 Bad Request' }),
        plaintext: [
          words('client', 4, 'CONNECT a.example:443 HTTP/1.1\r\n'),
          words('server', 5, 'HTTP/1.1 400 Bad Request'),
        ],
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'confirmed',
      explanation: 'badRequest',
      frames: [4, 5, 25],
    },
    {
      name: 'bytes of no known protocol to a server with which others speak TLS, and it closes',
      connection: connection({ ...notTls, ...closed, plaintext: [words('client', 4, '\x04\0\0\0\x05')] }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'open',
      explanation: 'closedUnknown',
      frames: [4, 6, 25],
    },
    {
      name: 'LDAP to port 636, and the server closes (slapd 2.5 on GnuTLS 3.7.9)',
      connection: connection({
        ...notTls,
        ...closed,
        server: { address: '198.51.100.20', port: 636 },
        plaintext: [words('client', 4, '0\x0c\x02\x01\x01`\x07\x02\x01\x03\x04\0\x80\0')],
      }),
      support: 'supported',
      explanation: 'closedByPort',
      data: { protocol: 'LDAP' },
      frames: [4, 6],
    },
    {
      name: 'StartTLS of LDAP to port 636, and the server closes',
      connection: connection({
        ...notTls,
        ...closed,
        server: { address: '198.51.100.20', port: 636 },
        preamble: preamble({ kind: 'ldap-starttls', state: 'requested' }),
        plaintext: [words('client', 4, '0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037')],
      }),
      support: 'supported',
      explanation: 'closedByPort',
      data: { protocol: 'LDAP', port: 636 },
      frames: [4, 6],
    },
    {
      name: 'HTTP to port 443, and the server closes (OpenSSL, HAProxy, Node.js)',
      connection: connection({ ...notTls, ...closed, plaintext: [words('client', 4, 'GET / HTTP/1.1\r\n')] }),
      support: 'supported',
      explanation: 'closedByPort',
      data: { port: 443 },
      frames: [4, 6],
    },
    {
      name: 'PRELOGIN of SQL Server to a server that begins with TLS, if only with a client that it refuses (TDS 8.0)',
      connection: connection({
        ...notTls,
        ...closed,
        preamble: preamble({ kind: 'mssql', state: 'requested' }),
        plaintext: [words('client', 4, '\x12\x01\x00\x10\x00\x00\x00\x00\x00\x00\x1a\x00\x06\x01\x00\xff')],
      }),
      others: [
        connection({
          id: '2',
          serverHello: { frame: 25 },
          alerts: [alert({ from: 'server', code: 120, name: 'no_application_protocol', frame: 26 })],
        }),
      ],
      support: 'supported',
      explanation: 'closed',
      frames: [4, 6, 25],
    },
    {
      name: 'HTTP to a server with which others speak TLS, and it closes',
      connection: connection({ ...notTls, ...closed, plaintext: [words('client', 4, 'GET / HTTP/1.1\r\n')] }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'supported',
      explanation: 'closed',
      frames: [4, 6, 25],
    },
    {
      name: 'HTTP, and the server says what it expects, on any port (Go)',
      connection: connection({
        ...notTls,
        server: { address: '198.51.100.7', port: 8081 },
        plaintext: [
          words('client', 4, 'GET / HTTP/1.1\r\n'),
          words('server', 5, 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'),
        ],
      }),
      support: 'confirmed',
      explanation: 'said',
      frames: [4, 5],
    },
    {
      name: 'MQTT to a server with which others speak TLS, and it closes',
      connection: connection({
        ...notTls,
        ...closed,
        plaintext: [words('client', 4, '\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04test')],
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'supported',
      explanation: 'closed',
      data: { protocol: 'MQTT' },
      frames: [4, 6, 25],
    },
    {
      name: 'syslog to the port of syslog over TLS, and the server closes at once',
      connection: syslog(),
      support: 'supported',
      explanation: 'closedByPort',
      data: { protocol: 'syslog' },
      frames: [4, 6],
    },
    {
      name: 'syslog to the port of syslog over TLS, and the server resets what it did not read after the client left (rsyslog, logger)',
      connection: connection({
        ...notTls,
        server: { address: '198.51.100.20', port: 6514 },
        plaintext: [words('client', 4, '<13>1 2026-11-28T07:00:00Z host app - - - hello')],
        ending: { by: 'client', how: 'close', frame: 5, at: at(0.05) },
        transport: { server: { bytes: 0 }, resets: [reset({ from: 'server', frame: 6 })] },
      }),
      support: 'supported',
      explanation: 'closedByPort',
      frames: [4, 6],
    },
    {
      name: 'a request to the port that Redis shares with TLS, closed at once without an answer (Redis 7.0)',
      connection: closedAtOnce(6379, '*1\r\n$4\r\nPING\r\n'),
      support: 'open',
      explanation: 'closedAtOnce',
      data: { protocol: 'Redis' },
      frames: [4, 6],
    },
    {
      name: 'the SSLRequest of PostgreSQL 17 or later, which also takes TLS at once, or of what stands before an older one, and it closes',
      connection: connection({
        ...notTls,
        ...closed,
        preamble: preamble({ kind: 'postgres', state: 'requested' }),
        plaintext: [words('client', 4, '\0\0\0\x08\x04\xd2\x16\x2f')],
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'open',
      explanation: 'closed',
      data: { protocol: 'PostgreSQL' },
      frames: [4, 6, 25],
    },
    {
      name: 'SSH to a server with which others speak TLS, and it closes',
      connection: connection({ ...notTls, ...closed, plaintext: [words('client', 4, 'SSH-2.0-OpenSSH_9.2')] }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'supported',
      explanation: 'closed',
      remedies: ['client elsewhere'],
      data: { protocol: 'SSH' },
      frames: [4, 6, 25],
    },
    {
      name: 'the start of a session without TLS at the port of PostgreSQL, closed at once (HAProxy 2.6)',
      connection: closedAtOnce(5432, '\0\0\0\x10\0\x03\0\0user\0a\0\0'),
      support: 'open',
      explanation: 'closedAtOnce',
      remedies: ['client direct', 'client port'],
      data: { protocol: 'PostgreSQL' },
      frames: [4, 6],
    },
    {
      name: 'a request of Kafka, closed at once (HAProxy 2.6)',
      connection: closedAtOnce(9092, KAFKA_REQUEST),
      support: 'open',
      explanation: 'closedAtOnce',
      data: { protocol: 'Kafka' },
      frames: [4, 6],
    },
    {
      name: 'MQTT to a port of nothing in particular, closed at once without an answer (Mosquitto 2.0.11)',
      connection: closedAtOnce(8884, MQTT_CONNECT),
      support: 'open',
      explanation: 'closedAtOnce',
      data: { protocol: 'MQTT' },
      frames: [4, 6],
    },
    {
      name: 'CONNECT to a port of nothing in particular, closed at once without an answer (OpenSSL)',
      connection: connectClosed(4585),
      support: 'open',
      explanation: 'closedAtOnce',
      data: { protocol: 'HTTP' },
      frames: [4, 6],
    },
    {
      name: 'XMPP to the port where it begins with TLS (Prosody 0.12)',
      connection: closedAtOnce(5223, "<?xml version='1.0'?><stream:stream to='a'>"),
      support: 'supported',
      explanation: 'closedByPort',
      frames: [4, 6],
    },
    {
      name: 'DNS to the port of DNS over TLS, and the server closes',
      connection: connection({
        ...notTls,
        ...closed,
        server: { address: '198.51.100.53', port: 853 },
        plaintext: [words('client', 4, '\0\x1d\x1a\x2b\x01\x20\0\x01\0\0\0\0\0\0\x01a\x07example\0\0\x01\0\x01')],
      }),
      support: 'supported',
      explanation: 'closedByPort',
      data: { protocol: 'DNS' },
      frames: [4, 6],
    },
    {
      name: 'a protocol without a name of its own inside TLS, refused with an alert',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, 'hello there')],
        alerts: [alert({ code: 10, name: 'unexpected_message', frame: 6 })],
      }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [4, 6],
    },
  ],
  silent: [
    {
      name: 'a line end before a ClientHello that the server answered',
      connection: connection({ ...behindLineEnd, ...closed, serverHello: { frame: 6 } }),
    },
    {
      name: 'a line end before a ClientHello, upon which the client leaves',
      connection: connection({ ...behindLineEnd, ending: { by: 'client', how: 'close', frame: 6 } }),
    },
    {
      name: 'a client that PostgreSQL refuses: the fallback of a client whose user it does not know (sslmode=prefer)',
      connection: connection({
        ...notTls,
        ending: { by: 'server', how: 'close', frame: 6 },
        plaintext: [
          words('client', 4, '\0\0\0\x17\0\x03\0\0user\0a\0\0'),
          words('server', 5, 'E\0\0\0SFATAL\0Mno pg_hba.conf entry for host "192.0.2.10", user "a", no encryption\0'),
        ],
      }),
    },
    {
      name: 'a server that wants TLS first, whose offer a firewall overwrote: see starttls-not-offered',
      connection: connection({
        ...notTls,
        preamble: preamble({ state: 'masked' }),
        ending: { by: 'client', how: 'close', frame: 7 },
        plaintext: [
          words('server', 4, '220 mx ESMTP'),
          words('client', 5, 'EHLO a'),
          demand('smtp', 6, '530 5.7.0 Must issue a STARTTLS command first'),
        ],
      }),
    },
    {
      name: 'HTTP, closed without an answer, where others speak TLS, and others HTTP: the port takes both',
      connection: connection({ ...notTls, ...closed, plaintext: [words('client', 4, 'GET / HTTP/1.1\r\n')] }),
      others: [
        connection({ id: '2', serverHello: { frame: 25 } }),
        connection({
          ...notTls,
          id: '3',
          plaintext: [words('client', 34, 'GET / HTTP/1.1\r\n'), words('server', 35, 'HTTP/1.1 200 OK\r\n')],
        }),
      ],
    },
    {
      name: 'CONNECT, reset at once in the name of the server with the TTL of another machine',
      connection: connection({
        ...connectClosed(4585),
        ending: { by: 'server', how: 'reset', frame: 6, at: at(0.07) },
        transport: { server: { bytes: 0 }, resets: [reset({ ttl: 64 })] },
      }),
    },
    { name: 'CONNECT to the port of a proxy, closed at once without an answer', connection: connectClosed(8080) },
    { name: 'HTTP/2 at a port of HTTP, whose server may not know it', connection: closedAtOnce(8080, HTTP2_PREFACE) },
    {
      name: 'a client that holds a connection to the port of IMAP over TLS for some seconds, as a monitor may',
      connection: mute(15),
    },
    { name: 'a check that only connects to MySQL', connection: mute(5, atPort(3306)) },
    {
      name: 'a client without a greeting from a server that greets others: it hangs',
      connection: mute(30, atPort(3306)),
      others: [
        connection({
          ...notTls,
          ...atPort(3306),
          id: '2',
          plaintext: [words('server', 24, 'J\0\0\0\n8.0.36\0'), words('client', 25, 'U\0\0\x01')],
        }),
      ],
    },
    { name: 'a client that waits at a port of mail, whose TLS has another', connection: mute(60, atPort(25)) },
    {
      name: 'a page that quotes what a mail server says',
      connection: connection({
        ...notTls,
        server: { address: '198.51.100.7', port: 80 },
        ending: { by: 'server', how: 'close', frame: 6 },
        plaintext: [
          words('client', 4, 'GET / HTTP/1.1\r\n'),
          words('server', 5, 'HTTP/1.1 200 OK\r\n\r\nMust issue a STARTTLS command first'),
        ],
      }),
    },
    {
      name: 'a client that says nothing at a port where clients without TLS speak first',
      connection: mute(60, { server: { address: '198.51.100.20', port: 443 } }),
    },
    {
      name: 'a client that is still silent when the capture ends',
      connection: mute(60, { ending: { by: 'none', how: 'none', frame: null, at: null } }),
    },
    {
      name: 'a client of which the capture lacks what it said',
      connection: mute(60, { transport: { client: { bytes: 0, missing: 517 }, server: { bytes: 0 } } }),
    },
    {
      name: 'a request of PostgreSQL to cancel, which nobody answers, where others speak TLS at once',
      connection: connection({
        ...notTls,
        ...closed,
        plaintext: [words('client', 4, '\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x01\0\0\0\x02')],
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
    },
    {
      name: 'syslog without TLS by agreement, whose server never answers, and is stopped later',
      connection: syslog(at(60)),
    },
    {
      name: 'a request to Redis, closed much later without an answer',
      connection: closedAtOnce(6379, '*1\r\n$4\r\nPING\r\n', at(30)),
    },
    {
      name: 'MQTT to the port of MQTT without TLS, closed at once',
      connection: closedAtOnce(1883, MQTT_CONNECT),
    },
    {
      name: 'a request to a server that spoke the same protocol in plaintext with another client',
      connection: closedAtOnce(6379, '*1\r\n$4\r\nPING\r\n'),
      others: [
        connection({
          ...notTls,
          id: '2',
          server: { address: '198.51.100.20', port: 6379 },
          plaintext: [words('client', 14, '*1\r\n$4\r\nPING\r\n'), words('server', 15, '+PONG')],
        }),
      ],
    },
    {
      name: 'LDAP to port 389, and the server closes',
      connection: connection({
        ...notTls,
        ...closed,
        server: { address: '198.51.100.20', port: 389 },
        plaintext: [words('client', 4, '0\x0c\x02\x01\x01`\x07\x02\x01\x03\x04\0\x80\0')],
      }),
    },
    {
      name: 'SSH to port 443, where nobody speaks TLS',
      connection: connection({ ...notTls, ...closed, plaintext: [words('client', 4, 'SSH-2.0-OpenSSH_9.2\r\n')] }),
    },
    {
      name: 'HTTP to a port that may be for HTTP, and the server closes',
      connection: connection({
        ...notTls,
        ...closed,
        server: { address: '198.51.100.7', port: 8081 },
        plaintext: [words('client', 4, 'GET / HTTP/1.1\r\n')],
      }),
    },
    {
      name: 'HTTP to port 443, and the server answers as one',
      connection: connection({
        ...notTls,
        plaintext: [words('client', 4, 'GET / HTTP/1.1\r\n'), words('server', 5, 'HTTP/1.1 200 OK')],
      }),
    },
    {
      name: 'something else to port 443, and the server closes',
      connection: connection({ ...notTls, ...closed, plaintext: [words('client', 4, 'SSH-2.0-OpenSSH_9.2')] }),
    },
    {
      name: 'no alert: the server may speak plaintext too',
      connection: connection({ ...BEFORE_TLS, plaintext: [words('client', 4, 'GET / HTTP/1.1\r\n')], alerts: [] }),
    },
    {
      name: 'the server spoke first',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('server', 4, '220 mx'), words('client', 5, 'EHLO')],
        alerts: [alert({ frame: 6 })],
      }),
    },
    { name: 'a ClientHello was sent', connection: connection({ phase: 'client-hello', alerts: [alert()] }) },
  ],
});
