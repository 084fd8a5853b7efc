import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection, PlaintextWords } from '../../../src/connection/connection.js';
import { acceptedConnection, createServerHistory, MAX_SERVERS } from '../../../src/diagnose/evidence/server-history.js';
import { alert, at, connection } from '../../support/connections.js';
import { preamble, words } from '../../support/plaintext.js';

function historyOf(...all: Connection[]): ReturnType<typeof createServerHistory> {
  const history = createServerHistory();
  for (const each of all) history.add(each);
  return history;
}

const tls13 = connection({ id: '2', serverHello: { version: 'TLS 1.3' }, clientHello: { serverName: null } });

test('what a server accepted, each with its first example', () => {
  const first = connection({ id: '1' });
  const accepted = historyOf(first, tls13, connection({ id: '3' })).acceptedBy(connection());
  assert.equal(accepted.count, 3);
  assert.deepEqual(
    [...accepted.versions],
    [
      ['TLS 1.2', acceptedConnection(first)],
      ['TLS 1.3', acceptedConnection(tls13)],
    ],
  );
  assert.deepEqual(
    [...accepted.cipherSuites],
    [
      ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', acceptedConnection(first)],
      ['TLS_AES_128_GCM_SHA256', acceptedConnection(tls13)],
    ],
  );
  assert.deepEqual(
    [...accepted.serverNames],
    [
      ['www.example.com', acceptedConnection(first)],
      [null, acceptedConnection(tls13)],
    ],
  );
});

test('a proxy, and apart from it each server to which it agreed to lead', () => {
  const through = (target: string, state: 'accepted' | 'refused' = 'accepted') =>
    connection({ preamble: preamble({ kind: 'http-connect', target, state }) });
  const one = through('a.example:443');
  const history = historyOf(one, through('b.example:443'));
  assert.deepEqual([...history.acceptedBy(one).beginnings], [['http-connect', acceptedConnection(one)]]);
  assert.equal(history.acceptedBy(one).count, 1);
  assert.equal(history.acceptedBy(through('c.example:443')).count, 0);
  assert.equal(history.acceptedBy(through('a.example:443', 'refused')).count, 2);
  assert.equal(history.acceptedBy(connection()).count, 2);
});

test('groups, application protocols, keys and the longest ClientHello', () => {
  const first = connection({ id: '1' });
  const resumed = connection({
    id: '4',
    serverHello: { resumed: true, cipherSuite: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', group: null, alpn: null },
  });
  const accepted = historyOf(first, tls13, resumed).acceptedBy(connection());
  assert.deepEqual([...accepted.groups], [['x25519', acceptedConnection(first)]]);
  assert.deepEqual([...accepted.applicationProtocols], [['h2', acceptedConnection(first)]]);
  assert.deepEqual(
    [...accepted.keys],
    [
      ['RSA', acceptedConnection(first)],
      ['ECDSA', acceptedConnection(resumed)],
    ],
  );
  assert.deepEqual(accepted.longestClientHello, [313, acceptedConnection(first)]);
});

test('short connections, where they are densest', () => {
  const all = [0, 1, 2, 70, 71, 72, 73].map((start) => connection({ startedAt: at(start), endedAt: at(start + 0.5) }));
  const long = connection({ startedAt: at(0), endedAt: at(50) });
  const failed = connection({ alerts: [alert()] });
  const history = historyOf(...all.toReversed(), long, failed);
  assert.deepEqual(history.churnOf(connection()), { most: 4, count: 7 });
  assert.deepEqual(history.churnOf(connection(), 4), { most: 4, count: 7 });
  assert.deepEqual(history.churnOf(connection(), 5), { most: 0, count: 0 });
  const stranger = { address: '192.0.2.99', port: 50000 };
  assert.deepEqual(history.churnOf(connection({ client: stranger })), { most: 0, count: 0 });
});

test('another address or another port is another server', () => {
  const history = historyOf(connection());
  for (const server of [
    { address: '198.51.100.20', port: 8443 },
    { address: '198.51.100.21', port: 443 },
  ]) {
    assert.equal(history.acceptedBy(connection({ server })).count, 0);
  }
});

test('what did not work, and what began before the capture, tells nothing', () => {
  const history = historyOf(
    connection({ alerts: [alert()] }),
    connection({ outcome: 'incomplete' }),
    connection({ outcome: 'established', phase: 'application-data', clientHello: null }),
    connection({ outcome: 'established', phase: 'application-data', serverHello: null }),
  );
  assert.equal(history.acceptedBy(connection()).count, 0);
});

test('of very many servers the first are remembered', () => {
  const at = (port: number): Connection => connection({ server: { address: '192.0.2.1', port } });
  const history = historyOf(...Array.from({ length: MAX_SERVERS + 1 }, (_, port) => at(port)));
  assert.equal(history.acceptedBy(at(MAX_SERVERS - 1)).count, 1);
  assert.equal(history.acceptedBy(at(MAX_SERVERS)).count, 0);
});

test('a server with very many names is remembered by some of them', () => {
  const all = Array.from({ length: 1000 }, (_, index) =>
    connection({ clientHello: { serverName: `${index}.example.com` } }),
  );
  const { count, serverNames } = historyOf(...all).acceptedBy(connection());
  assert.equal(count, 1000);
  assert.ok(serverNames.size >= 100 && serverNames.size < 1000);
});

test('of one that took a chain no more is kept than cites it, as one is kept for every client', () => {
  const taken = connection({ id: '1', phase: 'application-data', serverHello: { frame: 5 } });
  const { client, startedAt, serverHello } = taken;
  assert.deepEqual(historyOf(taken).acceptedChain(connection({ id: '2' }), 'same-host'), {
    client,
    startedAt,
    nameUsed: 'www.example.com',
    serverHello: { frame: 5, at: serverHello?.at },
  });
});

test('what both sides spoke in plaintext, unless it was a way to TLS or a mistake', () => {
  const spoken = (...plaintext: readonly PlaintextWords[]) =>
    historyOf(connection({ id: '2', outcome: 'not-tls', clientHello: null, serverHello: null, plaintext })).plaintextAt(
      connection(),
    )?.protocol;
  assert.equal(spoken(words('client', 4, 'PING\r\n'), words('server', 5, '+PONG\r\n')), 'redis');
  assert.equal(spoken(words('client', 4, 'PING\r\n')), undefined);
  assert.equal(spoken(words('client', 4, 'GET / HTTP/1.1\r\n'), words('server', 5, 'HTTP/1.1 200 OK\r\n')), 'http');
  assert.equal(spoken(words('client', 4, 'GET / HTTP/1.1\r\n'), words('server', 5, 'HTTP/1.1 400 No\r\n')), undefined);
  assert.equal(spoken(words('client', 4, 'GET / HTTP/1.1\r\n'), words('server', 5, 'HTTP/1.1 307 To\r\n')), undefined);
});
