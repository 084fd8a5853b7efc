import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Connection, Outcome } from '../../src/connection/connection.js';
import { createFallbacks } from '../../src/diagnose/evidence/fallbacks.js';
import { createLooks } from '../../src/diagnose/evidence/looks.js';
import { createProxyChallenges } from '../../src/diagnose/evidence/proxy-challenges.js';
import { withCorrectedOutcome } from '../../src/diagnose/healthy.js';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { NO_ROOTS } from '../../src/x509/roots.js';
import {
  alert,
  at,
  certificate,
  certificateRequest,
  connection,
  encryptedRecord,
  message,
  reset,
  sighting,
  type ConnectionOverrides,
} from '../support/connections.js';
import { contextOf } from '../support/context.js';
import { GNUTLS_HELLO, GO_HELLO } from '../support/hellos.js';
import { BEFORE_TLS, preamble, words } from '../support/plaintext.js';
import { hiddenAnswer } from '../support/rule-tester.js';
import { quicConnection, type QuicOverrides } from '../support/quic-connections.js';

const NO_ANCHORS = createTrustAnchors(parseCertificate, { roots: () => NO_ROOTS });
let id = 0;
const next = (overrides: ConnectionOverrides): Connection => connection({ id: String(++id), ...overrides });

/** Outcomes of the first of these connections among all of them, in whatever order they ended. */
function outcomeAmong(first: Connection, others: readonly Connection[]): Outcome {
  const outcomes = [
    [first, ...others],
    [...others, first],
  ].map((all) => withCorrectedOutcome(first, contextOf(all, NO_ANCHORS)).outcome);
  assert.equal(outcomes[0], outcomes[1], 'the order in which they end does not matter');
  return outcomes[0]!;
}

const refused = (port: number, address = '198.51.100.20', client = '192.0.2.10'): Connection =>
  next({
    phase: 'tcp-connect',
    client: { address: client, port: 50000 },
    server: { address, port },
    ending: { by: 'server', how: 'reset', frame: 2 },
    transport: { resets: [reset({ frame: 2 })] },
  });

/** The client goes on sending its SYN, although each is answered. */
const unheard = (port: number): Connection =>
  next({
    phase: 'tcp-connect',
    server: { address: '198.51.100.20', port },
    clientHello: null,
    ending: { by: 'none', how: 'timeout', frame: 6 },
    transport: {
      syns: [1, 3, 5].map((frame) => sighting('client', frame)),
      synAck: sighting('server', 2),
      synAcks: [2, 4, 6].map((frame) => sighting('server', frame)),
      client: { bytes: 0 },
      server: { bytes: 0 },
    },
  });

describe('a handshake that only asks', () => {
  const asked = (hello: ConnectionOverrides['clientHello'], overrides: ConnectionOverrides = {}): Connection =>
    next({
      serverHello: null,
      clientHello: hello ?? null,
      alerts: [alert()],
      ending: { by: 'server', how: 'close', frame: 6 },
      ...overrides,
    });
  const random = (text: string): string => Buffer.from(`\x55\x1c\xa7\xe4${text}`, 'latin1').toString('hex');

  test("Nmap's probes have their answer", () => {
    const probe = asked({ random: random('random1random2random3random4') });
    assert.equal(outcomeAmong(probe, []), 'incomplete');
    const old = asked({ random: '3f47d7f7ba2ceeeab2607ef300fd827bb9d596c8779be6c4db3c3ddb6fef106e' });
    assert.equal(outcomeAmong(old, []), 'incomplete');
    const script = asked({ supportedVersions: ['TLS 1.2', 'TLS 1.1', 'TLS 1.3', 'SSL 3.0'] });
    assert.equal(outcomeAmong(script, []), 'incomplete');
    assert.equal(outcomeAmong(asked({ supportedVersions: ['TLS 1.3', 'TLS 1.2', 'TLS 1.1'] }), []), 'failed');
  });

  /** One ClientHello of a program that nobody knows, with some list of cipher suites. */
  const offer = (list: number, overrides: ConnectionOverrides = {}): Connection =>
    asked(
      { extensions: ['supported_groups', 'ec_point_formats'], ja3: String(list).padStart(32, '0') },
      { messages: [message('client_hello', 'client', 4)], ...overrides },
    );

  test('five lists of cipher suites of one program are a survey', () => {
    assert.equal(
      outcomeAmong(
        offer(1),
        [2, 3, 4, 5].map((list) => offer(list)),
      ),
      'incomplete',
    );
    assert.equal(
      outcomeAmong(
        offer(1),
        [2, 3, 4, 4].map((list) => offer(list)),
      ),
      'failed',
    );
  });

  test('so are those of gnutls-cli-debug, which offers every signature scheme that GnuTLS has; of another on GnuTLS they are not', () => {
    const gnutls = (signatureSchemes: readonly string[]) => (list: number) =>
      asked(
        { ...GNUTLS_HELLO, signatureSchemes, ja3: String(list).padStart(32, '0') },
        { messages: [message('client_hello', 'client', 4)] },
      );
    const among = (program: (list: number) => Connection): Outcome =>
      outcomeAmong(program(1), [1, 1, 1, 2, 3, 4, 5].map(program));
    assert.equal(among(gnutls([...GNUTLS_HELLO.signatureSchemes, '0x0841', '0x0840'])), 'incomplete');
    assert.equal(among(gnutls(GNUTLS_HELLO.signatureSchemes)), 'failed');
  });

  test('gnutls-cli-debug also asks by handshakes that it completes, and gives up early where a certificate is needed', () => {
    const asks = (list: number, extensions: readonly string[], overrides: ConnectionOverrides = {}) =>
      asked(
        {
          ...GNUTLS_HELLO,
          signatureSchemes: [...GNUTLS_HELLO.signatureSchemes, '0x0841', '0x0840'],
          extensions,
          ja3: String(list).padStart(32, '0'),
        },
        overrides,
      );
    const completed = (list: number): Connection =>
      asks(list, [...GNUTLS_HELLO.extensions, String(list)], {
        phase: 'finished',
        serverHello: {},
        alerts: [alert({ level: 'fatal', name: 'handshake_failure', code: 40 })],
        messages: [
          message('client_hello', 'client', 4),
          message('server_hello', 'server', 5),
          message('client_key_exchange', 'client', 5),
        ],
      });
    assert.equal(outcomeAmong(completed(1), [completed(2)]), 'incomplete');
    assert.equal(outcomeAmong(completed(1), []), 'failed');
    const old = () => asked({ ...GNUTLS_HELLO, supportedVersions: ['TLS 1.0'], ja3: 'f'.repeat(32) });
    assert.equal(outcomeAmong(old(), [completed(1), old(), old(), completed(2)]), 'incomplete');
    assert.equal(outcomeAmong(old(), [old(), old()]), 'failed');
  });

  test('so are five lists of signature schemes', () => {
    const schemes = (list: number): Connection =>
      asked(
        { extensions: ['signature_algorithms'], ja4: String(list) },
        { messages: [message('client_hello', 'client', 4)] },
      );
    assert.equal(outcomeAmong(schemes(1), [2, 3, 4, 5].map(schemes)), 'incomplete');
  });

  test('of other programs, of other clients, and at other servers they are none', () => {
    const others = [2, 3, 4, 5];
    const elsewhere = { server: { address: '198.51.100.99', port: 443 } };
    assert.equal(
      outcomeAmong(
        offer(1),
        others.map((list) => offer(list, elsewhere)),
      ),
      'failed',
    );
    const client = { client: { address: '192.0.2.99', port: 50000 } };
    assert.equal(
      outcomeAmong(
        offer(1),
        others.map((list) => offer(list, client)),
      ),
      'failed',
    );
    const program = (list: number): Connection =>
      asked({ extensions: [`0x${String(list)}`], ja3: String(list) }, { messages: [] });
    assert.equal(outcomeAmong(program(1), others.map(program)), 'failed');
  });

  const openssl = (list: number, overrides: ConnectionOverrides = {}): Connection =>
    asked(
      {
        extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
        cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        ja3: `openssl${String(list)}`,
      },
      { messages: [message('client_hello', 'client', 4)], ...overrides },
    );

  test('of a library that serves many programs, it takes eight lists without a long pause', () => {
    assert.equal(
      outcomeAmong(
        openssl(1),
        [2, 3, 4, 5, 6, 7, 8].map((list) => openssl(list)),
      ),
      'incomplete',
    );
    assert.equal(
      outcomeAmong(
        openssl(1),
        [2, 3, 4, 5, 6, 7].map((list) => openssl(list)),
      ),
      'failed',
    );
    const slow = [2, 3, 4, 5, 6, 7, 8].map((list) => openssl(list, { startedAt: at(list * 60) }));
    assert.equal(outcomeAmong(openssl(1), slow), 'failed');
  });

  test('what fails as often as a client that means it is no survey, though it is tried beside one', () => {
    const survey = [1, 2, 3, 4, 5].map((list) => offer(list, { startedAt: at(list * 8) }));
    const client = (seconds: number): Connection => openssl(1, { startedAt: at(seconds) });
    assert.equal(outcomeAmong(client(20), survey), 'incomplete', 'once');
    assert.equal(outcomeAmong(client(20), [client(21), client(22), ...survey]), 'failed', 'three times');
    assert.equal(outcomeAmong(client(20), [client(60), ...survey]), 'failed', 'once within, once after it');
    assert.equal(outcomeAmong(client(60), survey), 'failed', 'after it');
    assert.equal(
      outcomeAmong(client(20), [
        client(120),
        ...survey,
        ...[12, 13, 14, 15, 16].map((list) => offer(list, { startedAt: at(list * 8) })),
      ]),
      'incomplete',
      'once in each of two',
    );
  });

  test('who refuses the certificate by an alert wanted more than to ask, whatever others do behind its address', () => {
    const alerts = [alert({ from: 'client', code: 45, name: 'certificate_expired' })];
    const lists = [2, 3, 4, 5, 6, 7, 8];
    for (const client of [offer, openssl])
      assert.equal(
        outcomeAmong(
          client(1, { alerts }),
          lists.map((list) => client(list, { alerts })),
        ),
        'failed',
      );
    assert.equal(
      outcomeAmong(
        openssl(1, { alerts }),
        lists.map((list) => offer(list)),
      ),
      'failed',
    );
  });

  test('nor is an unknown program part of a survey that fails outside of it, or all the time', () => {
    const survey = [1, 2, 3, 4, 5].map((list) => offer(list, { startedAt: at(list * 8) }));
    const unknown = (seconds: number): Connection =>
      asked(
        { extensions: ['server_name', 'supported_groups'], ja3: 'unknown' },
        { messages: [message('client_hello', 'client', 4)], startedAt: at(seconds) },
      );
    assert.equal(outcomeAmong(unknown(20), survey), 'incomplete', 'once within it');
    assert.equal(outcomeAmong(unknown(600), survey), 'failed', 'after it');
    const often = Array.from({ length: 30 }, (_, second) => unknown(10 + second));
    assert.equal(outcomeAmong(unknown(20), [...survey, ...often]), 'failed', 'every second');
  });

  test('who goes on with the handshake asks for more', () => {
    const goesOn = { messages: [message('client_key_exchange', 'client', 5)] };
    assert.equal(
      outcomeAmong(
        offer(1, goesOn),
        [2, 3, 4, 5].map((list) => offer(list)),
      ),
      'failed',
    );
  });
});

describe('a SYN that came to nothing', () => {
  test('alone it has failed, whatever the port', () => {
    assert.equal(outcomeAmong(refused(31069), []), 'failed');
    assert.equal(outcomeAmong(refused(443), [refused(31069), connection({ id: 'b' })]), 'failed');
  });

  test('one of several ports without a sign of TLS that a client tries in vain is no failure', () => {
    const tries = [refused(3001), refused(7777)];
    assert.equal(outcomeAmong(refused(31069), tries), 'not-tls');
    assert.equal(outcomeAmong(refused(443), tries), 'failed', 'a port of TLS');
    assert.equal(outcomeAmong(refused(31069, '198.51.100.20', '192.0.2.99'), tries), 'failed', 'another client');
    const speaker = next({ server: { address: '198.51.100.20', port: 31069 } });
    assert.equal(outcomeAmong(refused(31069), [...tries, speaker]), 'failed', 'others speak TLS there');
  });

  test('in a capture of other traffic it is no failure where nothing tells of TLS', () => {
    const talk = next({ protocol: null, outcome: 'not-tls', server: { address: '203.0.113.9', port: 5001 } });
    assert.equal(outcomeAmong(refused(31069), [talk]), 'not-tls');
    assert.equal(outcomeAmong(refused(443), [talk]), 'failed', 'a port of TLS');
    const neighbour = next({ server: { address: '198.51.100.20', port: 8443 } });
    assert.equal(outcomeAmong(refused(31069), [talk, neighbour]), 'failed', 'the host speaks TLS on another port');
    const member = next({ server: { address: '203.0.113.9', port: 31069 } });
    assert.equal(
      outcomeAmong(refused(31069), [talk, member]),
      'failed',
      'the client speaks TLS at that port of another',
    );
    assert.equal(
      outcomeAmong(refused(31069, '198.51.100.20', '192.0.2.99'), [talk, member]),
      'not-tls',
      'another client',
    );
  });

  test('an answer that the client does not hear is none', () => {
    const talk = next({ protocol: null, outcome: 'not-tls', server: { address: '203.0.113.9', port: 5001 } });
    assert.equal(outcomeAmong(unheard(31069), []), 'failed');
    assert.equal(outcomeAmong(unheard(31069), [talk]), 'not-tls', 'nothing tells of TLS');
    assert.equal(outcomeAmong(unheard(443), [talk]), 'failed', 'a port of TLS');
  });

  test('a sweep over many hosts at a port of TLS, by a client that says nothing', () => {
    const hosts = Array.from({ length: 7 }, (_, host) => refused(443, `203.0.113.${host}`));
    assert.equal(outcomeAmong(refused(443), hosts), 'not-tls');
    const talk = next({ server: { address: '203.0.113.99', port: 443 } });
    assert.equal(outcomeAmong(refused(443), [...hosts, talk]), 'failed', 'it talks to others');
    const unanswered = next({ phase: 'tcp-connect', server: { address: '203.0.113.98', port: 443 } });
    assert.equal(outcomeAmong(unanswered, hosts), 'not-tls', 'each is tried once');
    assert.equal(outcomeAmong(unanswered, [...hosts, unanswered]), 'failed', 'it tries one again: a firewall drops so');
    const syns = [1, 3, 5].map((frame) => sighting('client', frame));
    const patient = next({ phase: 'tcp-connect', server: unanswered.server, transport: { syns } });
    assert.equal(outcomeAmong(patient, hosts), 'failed', 'it waits for an answer');
    assert.equal(outcomeAmong(unanswered, [...hosts, refused(443)]), 'not-tls', 'many others refuse');
    assert.equal(outcomeAmong(unanswered, [...hosts, refused(443), talk]), 'failed', 'it talks to others');
    const rejected = (host: number): Connection => {
      const address = `203.0.113.${host}`;
      const error = { frame: 2, at: at(0), router: address, about: 'client', type: 3, code: 3, mtu: null } as const;
      const icmp = [{ ...error, meaning: 'port-unreachable' }] as const;
      return next({ phase: 'tcp-connect', server: { address, port: 443 }, transport: { icmp } });
    };
    const rejecting = Array.from({ length: 7 }, (_, host) => rejected(host));
    assert.equal(outcomeAmong(rejected(97), rejecting), 'not-tls', 'each rejects it by ICMP');
  });

  test('a sweep over many hosts at one port', () => {
    const hosts = (count: number): Connection[] =>
      Array.from({ length: count }, (_, host) => refused(31069, `203.0.113.${host}`));
    assert.equal(outcomeAmong(refused(31069), hosts(7)), 'not-tls');
    assert.equal(outcomeAmong(refused(31069), hosts(6)), 'failed');
  });

  test("a port scanner's own SYNs, at more than one port", () => {
    const scanned = (port: number, window = 1024): Connection => {
      const refusal = refused(port);
      const { transport } = refusal;
      assert.ok(transport.kind === 'tcp');
      return { ...refusal, transport: { ...transport, client: { ...transport.client, window } } };
    };
    assert.equal(outcomeAmong(scanned(993), [scanned(8443)]), 'not-tls');
    assert.equal(outcomeAmong(scanned(993), []), 'failed', 'a small device');
    assert.equal(outcomeAmong(scanned(993, 64240), [scanned(8443, 64240)]), 'failed');
  });

  test('a scan of a host takes the ports of TLS with it', () => {
    const ports = [21, 22, 23, 25, 110, 143, 8443].map((port) => refused(port));
    assert.equal(outcomeAmong(refused(443), ports), 'not-tls');
    assert.equal(outcomeAmong(refused(443, '198.51.100.21'), ports), 'failed', 'another host');
  });
});

describe('QUIC beside other connections', () => {
  const negotiated = quicConnection({
    id: 'negotiated',
    quic: {
      offeredVersions: ['draft-29'],
      versionNegotiations: [{ ...sighting('server', 6), versions: ['QUIC v1'] }],
    },
  });

  test('whoever comes back with a version that the server speaks has not failed', () => {
    assert.equal(outcomeAmong(negotiated, []), 'failed');
    const next = (overrides: QuicOverrides): Connection =>
      quicConnection({ id: 'next', outcome: 'established', startedAt: at(0.1), ...overrides });
    assert.equal(outcomeAmong(negotiated, [next({})]), 'incomplete');
    assert.equal(outcomeAmong(negotiated, [next({ startedAt: at(9) })]), 'failed', 'much later');
    const other = { address: '203.0.113.9', port: 443 };
    assert.equal(outcomeAmong(negotiated, [next({ server: other })]), 'failed', 'another server');
    assert.equal(outcomeAmong(negotiated, [connection({ id: 'tcp' })]), 'failed', 'over TCP');
  });

  test('a browser that tries QUIC and TCP at once gives up the one that is later', () => {
    const later = next({
      phase: 'client-hello',
      clientHello: { ja4: 't13d' },
      ending: { by: 'client', how: 'close', frame: 9, at: at(0.08) },
    });
    const quic = quicConnection({
      id: 'quic',
      outcome: 'established',
      clientHello: { ja4: 'q13d' },
      timing: { handshakeMs: 30 },
    });
    assert.equal(outcomeAmong(later, [quic]), 'incomplete');
    const elsewhere = quicConnection({
      id: 'quic',
      outcome: 'established',
      clientHello: { serverName: 'other.example' },
      timing: { handshakeMs: 30 },
    });
    assert.equal(outcomeAmong(later, [elsewhere]), 'failed');
  });
});

describe('a client that refuses over QUIC', () => {
  const refused = quicConnection({
    id: 'quic',
    alerts: [alert({ from: 'client', code: 46, name: 'certificate_unknown' })],
  });
  const taken = (overrides: ConnectionOverrides = {}): Connection =>
    connection({ id: 'tcp', outcome: 'established', ...overrides });

  test('has not failed if it takes the same name over TCP', () => {
    assert.equal(outcomeAmong(refused, [taken()]), 'incomplete');
    const unseen = quicConnection({ id: 'quic', clientHello: null, outcome: 'failed', alerts: refused.alerts });
    assert.equal(outcomeAmong(unseen, [taken()]), 'incomplete', 'or a name that the capture lacks');
    assert.equal(outcomeAmong(refused, [taken({ clientHello: null, serverHello: null })]), 'incomplete');
  });

  test('has failed otherwise', () => {
    assert.equal(outcomeAmong(refused, []), 'failed');
    assert.equal(outcomeAmong(refused, [taken({ clientHello: { serverName: 'other.example' } })]), 'failed');
    assert.equal(outcomeAmong(refused, [taken({ startedAt: at(30) })]), 'failed', 'much later');
    assert.equal(outcomeAmong(refused, [taken({ server: { address: '203.0.113.9', port: 443 } })]), 'failed');
    const alerts = [alert({ from: 'server', code: 116, name: 'certificate_required' })];
    assert.equal(outcomeAmong(quicConnection({ id: 'quic', alerts }), [taken()]), 'failed', 'the server refuses');
  });
});

describe('a capture of one direction', () => {
  const unanswered = (address: string): Connection => ({
    ...quicConnection({ udp: { client: { datagrams: 4 }, server: { datagrams: 0, bytes: 0 } } }),
    id: String(++id),
    outcome: 'failed',
    server: { address, port: 443 },
  });
  const [first, second, third] = ['203.0.113.1', '203.0.113.2', '203.0.113.3'].map(unanswered);
  assert.ok(first && second && third);

  test('proves no silence of servers: several, and none says anything', () => {
    assert.equal(outcomeAmong(first, [second, third]), 'incomplete');
    assert.equal(outcomeAmong(first, [second]), 'failed', 'two may be silent');
    assert.equal(outcomeAmong(first, [second, third, next({})]), 'failed', 'another server is heard');
  });
});

describe('a client that looks for services', () => {
  const WAYS = ['GET / HTTP/1.0\r\n', 'EHLO a\r\n', 'SSH-2.0-a\r\n', 'HELP\r\n'];
  const said = (text: string, overrides: ConnectionOverrides = {}): Connection =>
    next({ ...BEFORE_TLS, plaintext: [words('client', 4, text)], ...overrides });
  const ways = WAYS.map((text) => said(text));
  const [first, ...others] = ways;
  assert.ok(first);

  test('begins in one way after the other at a port', () => {
    assert.equal(outcomeAmong(first, others), 'incomplete');
    assert.equal(outcomeAmong(first, others.slice(1)), 'failed', 'three programs may run behind one address');
    const later = WAYS.slice(1).map((text, index) => said(text, { startedAt: at(60 * (index + 1)) }));
    assert.equal(outcomeAmong(first, later), 'failed', 'with longer pauses');
    const measured = [1, 2, 3, 4].map((value) => said(`cpu.load ${String(value)}\n`));
    assert.equal(outcomeAmong(first, measured), 'failed', 'an unknown protocol is one way, whatever it says');
  });

  test('at another port, or as another client, it may be none', () => {
    const elsewhere = others.map((one) => ({ ...one, server: { ...one.server, port: 8443 } }));
    assert.equal(outcomeAmong(first, elsewhere), 'failed');
    const client = { address: '192.0.2.99', port: 50000 };
    assert.equal(
      outcomeAmong(
        first,
        others.map((one) => ({ ...one, client })),
      ),
      'failed',
    );
  });

  test("sends Nmap's ClientHello soon before or after", () => {
    const probe = (seconds: number, overrides: ConnectionOverrides = {}): Connection =>
      next({
        serverHello: null,
        clientHello: { random: '3f47d7f7ba2ceeeab2607ef300fd827bb9d596c8779be6c4db3c3ddb6fef106e' },
        alerts: [alert()],
        startedAt: at(seconds),
        ...overrides,
      });
    assert.equal(outcomeAmong(first, [probe(10)]), 'incomplete');
    assert.equal(outcomeAmong(first, [probe(60)]), 'failed', 'later');
    const server = { address: '198.51.100.20', port: 993 };
    assert.equal(outcomeAmong(first, [probe(10, { server })]), 'failed', 'at another port');
  });
});

const CHROMIUM = {
  extensions: ['GREASE (0x1a1a)', 'extended_master_secret', 'renegotiation_info'],
  signatureSchemes: ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256', 'rsa_pkcs1_sha256'],
};

describe('a browser that is asked for a client certificate', () => {
  /** It leaves upon the encrypted flight, and the server says so. */
  const left = (overrides: ConnectionOverrides = {}): Connection =>
    next({
      clientHello: CHROMIUM,
      serverHello: { version: 'TLS 1.3' },
      outcome: 'failed',
      phase: 'server-certificate',
      encryptedRecords: hiddenAnswer(),
      ending: { by: 'client', how: 'close', frame: 6, at: at(0.06) },
      alerts: [alert({ from: 'server', encrypted: true, frame: 8 })],
      ...overrides,
    });
  const back = (overrides: ConnectionOverrides = {}): Connection =>
    next({ clientHello: { ...CHROMIUM, at: at(0.44) }, startedAt: at(0.4), timing: { handshakeMs: 30 }, ...overrides });

  test('leaves, comes back, and goes through: nothing failed', () => {
    assert.equal(outcomeAmong(left(), [back()]), 'incomplete');
  });

  test('nor where the request is visible, before TLS 1.3', () => {
    const asked = left({
      serverHello: { version: 'TLS 1.2' },
      encryptedRecords: [],
      alerts: [],
      certificateRequest: certificateRequest(),
      messages: [message('client_hello', 'client', 4), message('server_hello_done', 'server', 5)],
    });
    assert.equal(outcomeAmong(asked, [back({ serverHello: { version: 'TLS 1.2' } })]), 'incomplete');
    assert.equal(outcomeAmong({ ...asked, certificateRequest: null }, [back()]), 'failed', 'it was not asked');
  });

  test('nor is a browser alone in that', () => {
    const asked = left({
      clientHello: {},
      serverHello: { version: 'TLS 1.2' },
      encryptedRecords: [],
      alerts: [],
      certificateRequest: certificateRequest(),
      messages: [message('client_hello', 'client', 4), message('server_hello_done', 'server', 5)],
    });
    const again = { clientHello: { at: at(0.44) }, serverHello: { version: 'TLS 1.2' } } as const;
    assert.equal(outcomeAmong(asked, [back(again)]), 'incomplete');
    assert.equal(outcomeAmong({ ...asked, certificateRequest: null }, [back(again)]), 'failed', 'it was not asked');
    const renewed = back({ ...again, serverCertificates: [certificate({ sha256: 'f'.repeat(64) })] });
    assert.equal(outcomeAmong(asked, [renewed]), 'failed', 'it may have left for the certificate');
  });

  test('nor did its first connection fail where it comes back without a certificate, and that is refused', () => {
    const asked = {
      serverHello: { version: 'TLS 1.2' },
      encryptedRecords: [],
      alerts: [],
      certificateRequest: certificateRequest(),
      messages: [message('client_hello', 'client', 4), message('server_hello_done', 'server', 5)],
    };
    const none = message('certificate', 'client', 15, { length: 3 });
    const refused = back({
      ...asked,
      outcome: 'failed',
      messages: [message('client_hello', 'client', 14), none],
      alerts: [alert({ from: 'server', code: 40, name: 'handshake_failure', frame: 16 })],
    });
    assert.equal(outcomeAmong(left(asked), [refused]), 'incomplete');
    assert.equal(outcomeAmong(refused, [left(asked)]), 'failed');
    const unanswered = { ...refused, messages: [message('client_hello', 'client', 14)] };
    assert.equal(outcomeAmong(left(asked), [unanswered]), 'failed', 'nothing shows that it went on');
  });

  test('has failed if it does not come back at once, or is another program, or had complained', () => {
    // CertificateRequest makes five records of the flight.
    const asked = left({ encryptedRecords: [encryptedRecord('server', 5, 60), ...hiddenAnswer()] });
    assert.equal(outcomeAmong(asked, []), 'failed');
    assert.equal(outcomeAmong(asked, [back({ startedAt: at(9) })]), 'failed', 'much later');
    assert.equal(
      outcomeAmong(left({ clientHello: {} }), [back({ clientHello: { at: at(0.44) } })]),
      'failed',
      'no browser',
    );
    const complaint = [alert({ from: 'client', code: 46, name: 'certificate_unknown', frame: 6 })];
    assert.equal(outcomeAmong(left({ alerts: complaint }), [back()]), 'failed', 'it rejects the certificate');
  });
});

describe('a script that writes its records itself (testssl.sh)', () => {
  const left = (
    ja4: string,
    overrides: ConnectionOverrides = {},
    said: Partial<Connection['alerts'][number]> = {},
  ): Connection =>
    next({
      clientHello: { ja4 },
      outcome: 'failed',
      phase: 'server-certificate',
      alerts: [
        alert({ from: 'client', code: 0, name: 'close_notify', level: 'fatal', frame: 6, at: at(0.1), ...said }),
      ],
      ...overrides,
    });
  const other = (): Connection => left('other');

  test('leaves by a fatal close_notify once it has the answers to different offers', () => {
    assert.equal(outcomeAmong(left('one'), [other()]), 'incomplete');
  });

  test('has failed if it made one offer, had no answer, or waited; a library, or a warning, says something else', () => {
    assert.equal(outcomeAmong(left('one'), [left('one')]), 'failed');
    assert.equal(outcomeAmong(left('one', { serverHello: null }), [other()]), 'failed');
    assert.equal(outcomeAmong(left('one', {}, { at: at(30) }), [other()]), 'failed');
    assert.equal(outcomeAmong(left('one', { clientHello: GNUTLS_HELLO }), [other()]), 'failed');
    assert.equal(outcomeAmong(left('one', {}, { level: 'warning' }), [other()]), 'failed');
  });
});

describe('a browser whose page is left', () => {
  const left = (overrides: ConnectionOverrides = {}): Connection =>
    next({
      clientHello: CHROMIUM,
      serverHello: { version: 'TLS 1.3' },
      outcome: 'failed',
      phase: 'server-certificate',
      encryptedRecords: hiddenAnswer(),
      ending: { by: 'client', how: 'reset', frame: 6, at: at(0.06) },
      transport: { resets: [reset({ from: 'client', frame: 6, ttl: 64 })] },
      ...overrides,
    });

  test('gives up a handshake without a word, which it has of certificates that it refuses', () => {
    assert.equal(outcomeAmong(left(), []), 'incomplete');
    const closed = left({ ending: { by: 'client', how: 'close', frame: 6, at: at(0.06) } });
    assert.equal(outcomeAmong(closed, []), 'incomplete');
  });

  test('has failed if it complained, waited for the flight, or is another program', () => {
    const alerts = [alert({ from: 'client', encrypted: true, frame: 6 })];
    assert.equal(outcomeAmong(left({ alerts }), []), 'failed');
    assert.equal(outcomeAmong(left({ encryptedRecords: [] }), []), 'failed');
    assert.equal(outcomeAmong(left({ clientHello: {} }), []), 'failed');
  });
});

describe('a race between connections', () => {
  const winner = (overrides: ConnectionOverrides = {}): Connection =>
    next({ timing: { handshakeMs: 30 }, ...overrides });
  const loser = (overrides: ConnectionOverrides = {}): Connection =>
    next({ phase: 'server-certificate', ending: { by: 'client', how: 'reset', frame: 9, at: at(0.08) }, ...overrides });

  test('the client gave up a connection when another to the same service was ready', () => {
    assert.equal(outcomeAmong(loser(), [winner()]), 'incomplete');
    const overIpv6 = {
      client: { address: '2001:db8::10', port: 50000 },
      server: { address: '2001:db8::20', port: 443 },
    };
    assert.equal(outcomeAmong(loser(overIpv6), [winner()]), 'incomplete', 'Happy Eyeballs');
  });

  test('no other was ready then', () => {
    assert.equal(outcomeAmong(loser(), []), 'failed');
    const late = winner({ startedAt: at(1), clientHello: { at: at(1.03) } });
    assert.equal(outcomeAmong(loser(), [late]), 'failed', 'a retry');
    const patient = loser({ ending: { by: 'client', how: 'reset', frame: 9, at: at(1.2) } });
    const again = (begun: number): Connection =>
      winner({ startedAt: at(begun), clientHello: { at: at(begun + 0.01) } });
    assert.equal(outcomeAmong(patient, [again(1.21)]), 'failed', 'it began when the first was given up');
    assert.equal(outcomeAmong(loser(), [again(0.09)]), 'incomplete', 'a page that is loaded again');
    const early = winner({ startedAt: at(0), clientHello: { at: at(0.005) }, timing: { handshakeMs: 1 } });
    assert.equal(outcomeAmong(loser(), [early]), 'failed', 'it was ready before');
  });

  test('another service, another program, another host', () => {
    assert.equal(outcomeAmong(loser(), [winner({ clientHello: { serverName: 'api.example.com' } })]), 'failed');
    assert.equal(outcomeAmong(loser(), [winner({ clientHello: { ja4: 't13d0000h2_0_0' } })]), 'failed');
    assert.equal(outcomeAmong(loser(), [winner({ client: { address: '192.0.2.11', port: 50000 } })]), 'failed');
  });

  test('what the client complains of, or waited for in vain, is a failure', () => {
    const complaint = [alert({ from: 'client', code: 48, name: 'unknown_ca' })];
    assert.equal(outcomeAmong(loser({ alerts: complaint }), [winner()]), 'failed');
    const waited = loser({
      phase: 'client-hello',
      ending: { by: 'client', how: 'close', frame: 9, at: at(5) },
      transport: { server: { bytes: 0 } },
    });
    assert.equal(outcomeAmong(waited, [winner()]), 'failed');
    const heard = (frame: number) =>
      loser({
        ending: { by: 'client', how: 'close', frame: 9, at: at(5) },
        transport: { server: { firstData: sighting('server', frame, at(frame / 2)) } },
      });
    const atLast = winner({ startedAt: at(2.9), clientHello: { at: at(2.91) }, timing: { handshakeMs: 2050 } });
    assert.equal(outcomeAmong(heard(12), [atLast]), 'failed', 'the server answers once it has left');
    assert.equal(outcomeAmong(heard(6), [atLast]), 'incomplete');
    const answered = (frame: number) =>
      loser({
        phase: 'client-hello',
        plaintext: [
          {
            ...sighting('server', frame),
            text: '220 mail.example ESMTP',
            protocol: 'smtp',
            expectsTls: false,
            demandsTls: false,
          },
        ],
      });
    assert.equal(outcomeAmong(answered(6), [winner()]), 'failed', 'the server does not speak TLS');
    assert.equal(outcomeAmong(answered(3), [winner()]), 'incomplete', 'its greeting stands before STARTTLS');
  });

  test('segments that got lost are a failure of the path, whoever was ready first', () => {
    const resent = (times: number) => ({ transport: { client: { resentInVain: { bytes: 1400, times } } } });
    assert.equal(outcomeAmong(loser(resent(1)), [winner()]), 'incomplete', 'it may only be slow');
    assert.equal(outcomeAmong(loser(resent(2)), [winner()]), 'failed');
    assert.equal(outcomeAmong(loser({ transport: { server: { lost: 2800 } } }), [winner()]), 'failed');
  });

  test('a handshake beside one of the other family that the capture does not show in full', () => {
    const overIpv6 = loser({
      client: { address: '2001:db8::10', port: 50000 },
      server: { address: '2001:db8::20', port: 443 },
    });
    const unreadable = (begun: number, answered: number): Connection =>
      next({
        outcome: 'established',
        clientHello: null,
        startedAt: at(begun),
        transport: {
          client: { firstData: sighting('client', 4, at(begun + 0.01)) },
          server: { firstData: sighting('server', 5, at(answered)) },
        },
      });
    assert.equal(outcomeAmong(overIpv6, [unreadable(0.02, 0.07)]), 'incomplete');
    const patient = { ...overIpv6, ending: { by: 'client', how: 'reset', frame: 9, at: at(1.2) } } as const;
    assert.equal(outcomeAmong(patient, [unreadable(1.21, 1.24)]), 'failed', 'the client tried again');
  });

  test('a SYN over IPv6 that was not sent again once IPv4 was ready', () => {
    const syns = [sighting('client', 1, at(0.01)), sighting('client', 3, at(0.03))];
    const overIpv6 = (transport: object): Connection =>
      next({
        phase: 'tcp-connect',
        client: { address: '2001:db8::10', port: 50000 },
        server: { address: '2001:db8::20', port: 443 },
        transport,
      });
    assert.equal(outcomeAmong(overIpv6({ syns }), [winner()]), 'incomplete');
    const insistent = [...syns, sighting('client', 30, at(3))];
    assert.equal(outcomeAmong(overIpv6({ syns: insistent }), [winner()]), 'failed');
    const unanswered = { synAck: null, synAcks: [], client: { bytes: 0 }, server: { bytes: 0 } };
    const spoken = (seconds: number): Connection =>
      next({
        outcome: 'incomplete',
        clientHello: null,
        startedAt: at(seconds - 0.01),
        transport: {
          synAck: sighting('server', 2),
          client: { firstData: sighting('client', 4, at(seconds)) },
        },
      });
    assert.equal(
      outcomeAmong(overIpv6({ syns, ...unanswered }), [spoken(0.04)]),
      'incomplete',
      'the capture does not show how that went',
    );
    assert.equal(
      outcomeAmong(overIpv6({ syns: insistent, ...unanswered }), [spoken(0.04)]),
      'failed',
      'it went on trying',
    );
    assert.equal(outcomeAmong(overIpv6({ syns, ...unanswered }), [spoken(-1)]), 'failed', 'it had spoken there before');
    const overIpv6Too = {
      client: { address: '2001:db8::10', port: 50000 },
      server: { address: '2001:db8::20', port: 443 },
    };
    assert.equal(outcomeAmong(loser(overIpv6Too), [spoken(0.04)]), 'failed', 'a handshake, beside one of unknown end');
  });
});

test('a health check by HAProxy has its answer, whatever it is', () => {
  const random = `53f00000${Buffer.from('HAPROXYSSLCHK\nHAPROXYSSLCHK\n').toString('hex')}`;
  const check = { phase: 'client-hello', clientHello: { random }, alerts: [alert()] } as const;
  assert.equal(outcomeAmong(next(check), []), 'incomplete');
  assert.equal(outcomeAmong(next({ ...check, alerts: [], transport: { server: { bytes: 0 } } }), []), 'failed');
  assert.equal(outcomeAmong(next({ ...check, clientHello: {} }), []), 'failed');
});

describe('a SYN of which nothing follows, though the server answers it again and again', () => {
  const halfOpen = (client: string): Connection =>
    next({
      phase: 'tcp-connect',
      client: { address: client, port: 50000 },
      clientHello: null,
      transport: {
        syns: [sighting('client', 1)],
        synAck: sighting('server', 2),
        synAcks: [2, 3, 4, 5].map((frame) => sighting('server', frame)),
        client: { bytes: 0 },
        server: { bytes: 0, acknowledged: false },
      },
    });
  const worked = (client: string): Connection => next({ client: { address: client, port: 50001 } });

  test('is a failure where it is all that there is, of a client that comes again, or that talks elsewhere', () => {
    assert.equal(outcomeAmong(halfOpen('192.0.2.10'), []), 'failed');
    assert.equal(outcomeAmong(halfOpen('192.0.2.10'), [worked('192.0.2.99'), halfOpen('192.0.2.10')]), 'failed');
    assert.equal(outcomeAmong(halfOpen('192.0.2.10'), [worked('192.0.2.10')]), 'failed');
  });

  test('is none beside others, or of one address among many: nobody may be there', () => {
    assert.equal(outcomeAmong(halfOpen('192.0.2.10'), [worked('192.0.2.99')]), 'not-tls');
    const flood = Array.from({ length: 31 }, (_, host) => halfOpen(`203.0.113.${host}`));
    assert.equal(outcomeAmong(halfOpen('192.0.2.10'), flood), 'not-tls');
    assert.equal(outcomeAmong(halfOpen('192.0.2.10'), flood.slice(1)), 'failed');
  });

  test('is none beside others where it came far too often, or as scanners write it', () => {
    const again = (count: number): Connection[] => Array.from({ length: count }, () => halfOpen('192.0.2.10'));
    assert.equal(outcomeAmong(halfOpen('192.0.2.10'), [worked('192.0.2.99'), ...again(31)]), 'failed');
    assert.equal(outcomeAmong(halfOpen('192.0.2.10'), [worked('192.0.2.99'), ...again(32)]), 'not-tls');
    const scanned = (): Connection => {
      const connection = halfOpen('192.0.2.10');
      assert.ok(connection.transport.kind === 'tcp');
      const client = { ...connection.transport.client, window: 1024 };
      return { ...connection, transport: { ...connection.transport, client } };
    };
    assert.equal(outcomeAmong(scanned(), [worked('192.0.2.99'), scanned()]), 'not-tls');
  });
});

describe('HTTPS that is answered in HTTP, and tried before that', () => {
  const REGISTRY = { address: '198.51.100.20', port: 5000 };
  const told = (seconds: number, overrides: ConnectionOverrides = {}): Connection =>
    next({
      phase: 'client-hello',
      server: REGISTRY,
      startedAt: at(seconds),
      clientHello: GO_HELLO,
      plaintext: [{ ...words('server', 6, 'HTTP/1.1 400 Bad Request'), at: at(seconds + 0.01) }],
      ...overrides,
    });
  const plain = (seconds: number, answer = 'HTTP/1.1 200 OK', request = 'GET /v2/ HTTP/1.1'): Connection =>
    next({
      ...BEFORE_TLS,
      outcome: 'not-tls',
      server: REGISTRY,
      startedAt: at(seconds),
      plaintext: [words('client', 12, `${request}\r\n`), words('server', 13, answer)],
    });

  test('a client that goes on in HTTP at once, each time, does without TLS', () => {
    assert.equal(outcomeAmong(told(1), [plain(1.02)]), 'incomplete');
    assert.equal(outcomeAmong(told(2), [told(1), plain(1.02), plain(1.5), plain(2.02)]), 'incomplete');
    const begunBefore = told(1, { outcome: 'incomplete' });
    assert.equal(outcomeAmong(told(2), [begunBefore, plain(1.02), plain(2.02)]), 'incomplete', 'the first one late');
  });

  test('one that does not, or speaks HTTP there anyway, has failed', () => {
    assert.equal(outcomeAmong(told(1), []), 'failed');
    assert.equal(outcomeAmong(told(1), [plain(1.5)]), 'failed', 'not at once');
    assert.equal(outcomeAmong(told(1), [plain(1.02, 'HTTP/1.1 400 Bad Request')]), 'failed', 'not answered');
    assert.equal(outcomeAmong(told(1), [plain(0.5), plain(1.02)]), 'failed', 'another program');
    assert.equal(outcomeAmong(told(1), [plain(1.02), told(2)]), 'failed', 'not each time');
    const probe = plain(1.02, 'HTTP/1.1 200 OK', 'GET /healthz HTTP/1.1');
    assert.equal(outcomeAmong(told(1), [probe]), 'failed', 'another program, which asks no registry');
    assert.equal(outcomeAmong(told(1, { clientHello: GNUTLS_HELLO }), [plain(1.02)]), 'failed', 'a test by hand');
    const elsewhere = told(1, { client: { address: '192.0.2.11', port: 50000 } });
    assert.equal(outcomeAmong(elsewhere, [plain(1.02)]), 'failed', 'another host');
  });

  test('one that goes on in HTTP at once, and spoke it before, may do without TLS', () => {
    const fallbacks = createFallbacks();
    const second = told(2);
    for (const one of [plain(1), second, plain(2.02)]) fallbacks.add(one);
    assert.deepEqual([fallbacks.hasWorked(second), fallbacks.mayHaveWorked(second)], [false, true]);
    const third = told(3);
    fallbacks.add(third);
    assert.equal(fallbacks.mayHaveWorked(third), false, 'not this time');
  });

  test('what was given up of the tries is no reason for silence', () => {
    const fallbacks = createFallbacks();
    const first = told(1);
    for (const one of [first, plain(1.02)]) fallbacks.add(one);
    assert.ok(fallbacks.hasWorked(first));
    assert.deepEqual([fallbacks.giveUp(), fallbacks.hasWorked(first)], [1, false]);
  });
});

describe('a client that looks at the answer and leaves', () => {
  const look = (seconds: number, overrides: ConnectionOverrides = {}): Connection =>
    next({
      outcome: 'failed',
      phase: 'server-certificate',
      startedAt: at(seconds),
      messages: (['server_hello', 'certificate', 'server_hello_done'] as const).map((type) =>
        message(type, 'server', 5, { at: at(seconds + 0.05) }),
      ),
      alerts: [],
      encryptedRecords: [],
      ending: { by: 'client', how: 'close', frame: 7, at: at(seconds + 0.07) },
      transport: { server: { lastData: sighting('server', 5, at(seconds + 0.05)) } },
      ...overrides,
    });
  const regular = (...seconds: readonly number[]): Connection[] => seconds.map((time) => look(time));
  const many = (count: number, overrides: ConnectionOverrides = {}): Connection[] =>
    Array.from({ length: count }, (_, index) =>
      look(index, { server: { address: `203.0.113.${index + 1}`, port: 443 }, ...overrides }),
    );

  test('at regular times is a monitor, and at many servers a scanner', () => {
    assert.equal(outcomeAmong(look(0), regular(60, 120.5, 180)), 'incomplete');
    assert.equal(outcomeAmong(look(0), many(9)), 'incomplete');
    const alerts = [alert({ code: 50, name: 'decode_error', frame: 8 })];
    const reacting = [60, 120, 180].map((time) => look(time, { alerts }));
    assert.equal(outcomeAmong(look(0, { alerts }), reacting), 'incomplete', 'the server reacts to the end');
  });

  test('has failed otherwise, as far as is known', () => {
    assert.equal(outcomeAmong(look(0), regular(60, 120)), 'failed', 'not often enough');
    assert.equal(outcomeAmong(look(0), regular(60, 110, 180)), 'failed', 'not regular');
    assert.equal(outcomeAmong(look(0), regular(1, 2, 3)), 'failed', 'tries');
    assert.equal(outcomeAmong(look(0), many(8)), 'failed', 'few servers');
    assert.equal(
      outcomeAmong(look(0), [...regular(60, 120, 180), next({ startedAt: at(200) })]),
      'failed',
      'it goes on',
    );
    const complaint = [alert({ from: 'client', code: 48, name: 'unknown_ca', frame: 6 })];
    assert.equal(outcomeAmong(look(0, { alerts: complaint }), regular(60, 120, 180)), 'failed', 'it complains');
    const late = { ending: { by: 'client', how: 'close', frame: 7, at: at(3) } } as const;
    assert.equal(outcomeAmong(look(0, late), regular(60, 120, 180)), 'failed', 'it waited');
    const others = regular(60, 120, 180).map((one) => ({ ...one, client: { address: '192.0.2.99', port: 1 } }));
    assert.equal(outcomeAmong(look(0), others), 'failed', 'another client');
  });

  test('that was forgotten is no reason for silence', () => {
    const looks = createLooks();
    const all = regular(0, 60, 120, 180);
    for (const one of all) looks.add(one);
    assert.ok(looks.has(all[0]!));
    assert.deepEqual([looks.giveUp(), looks.has(all[0]!)], [2, false]);
  });
});

describe("a proxy's challenge", () => {
  const PROXY = { address: '198.51.100.30', port: 3128 };
  const asked = (reply: string, seconds: number, overrides: ConnectionOverrides = {}, target = 'shop.example:443') =>
    next({
      ...BEFORE_TLS,
      outcome: 'failed',
      server: PROXY,
      startedAt: at(seconds),
      endedAt: at(seconds + 0.01),
      preamble: preamble({ kind: 'http-connect', state: 'refused', target, reply }),
      ...overrides,
    });
  const CHALLENGE = 'HTTP/1.1 407 Proxy Authentication Required';
  const challenged = (seconds: number): Connection => asked(CHALLENGE, seconds);
  const admitted = (seconds: number, target = 'shop.example:443', overrides: ConnectionOverrides = {}): Connection =>
    next({
      server: PROXY,
      startedAt: at(seconds),
      preamble: preamble({ kind: 'http-connect', target, reply: 'HTTP/1.1 200 OK' }),
      ...overrides,
    });

  test('is answered by a client that comes back at once, and is let through', () => {
    assert.equal(outcomeAmong(challenged(1), [admitted(1.02)]), 'incomplete');
    assert.equal(outcomeAmong(challenged(1), [challenged(2), admitted(1.02), admitted(2.02)]), 'incomplete');
    const unseen = { preamble: preamble({ kind: 'http-connect', target: 'shop.example:443', state: 'requested' }) };
    assert.equal(
      outcomeAmong(challenged(1), [admitted(1.02, '', unseen)]),
      'incomplete',
      'its consent is not captured',
    );
    const bare = { preamble: null, plaintext: [words('server', 3, 'HTTP/1.1 200 Connection established')] };
    assert.equal(outcomeAmong(challenged(1), [admitted(1.02, '', bare)]), 'incomplete', 'the request is not captured');
  });

  test('stays a refusal otherwise', () => {
    assert.equal(outcomeAmong(challenged(1), []), 'failed');
    assert.equal(outcomeAmong(challenged(1), [admitted(3)]), 'failed', 'not at once');
    assert.equal(outcomeAmong(challenged(1), [admitted(0.5)]), 'failed', 'before');
    assert.equal(outcomeAmong(challenged(1), [admitted(1.02, 'other.example:443')]), 'failed', 'another target');
    assert.equal(outcomeAmong(challenged(1.01), [challenged(1), admitted(1.05)]), 'failed', 'one for two');
    const elsewhere = { client: { address: '192.0.2.11', port: 50000 } };
    assert.equal(
      outcomeAmong(challenged(1), [admitted(1.02, 'shop.example:443', elsewhere)]),
      'failed',
      'another host',
    );
    assert.equal(outcomeAmong(asked('HTTP/1.1 403 Forbidden', 1), [admitted(1.02)]), 'failed', 'no challenge');
  });

  test('that was forgotten is no reason for silence', () => {
    const challenges = createProxyChallenges();
    const first = challenged(1);
    for (const one of [first, admitted(1.02)]) challenges.add(one);
    assert.ok(challenges.isAnswered(first));
    assert.deepEqual([challenges.giveUp(), challenges.isAnswered(first)], [1, false]);
  });
});
