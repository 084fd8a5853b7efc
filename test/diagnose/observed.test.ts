import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from '../../src/analyze.js';
import { observe } from '../../src/diagnose/observed.js';
import { observationOf } from '../../src/report/words.js';
import { at, connection } from '../support/connections.js';
import { ROOT } from '../support/schema.js';

test('of a silence over QUIC: the last packet that was sent, though nobody can read it', async () => {
  const { connections } = await analyze([`${ROOT}/samples/quic-authority-unknown.pcap`]);
  const observed = connections[0]?.observed;
  assert.ok(observed);
  assert.equal(
    observationOf(observed, (value) => value),
    'Nothing new came after an encrypted packet from the client.',
  );
  assert.deepEqual(
    observed.sightings.map(({ frame }) => frame),
    [13],
  );
});

test('of an alert: the warning that came before it, if that is all', async () => {
  const { connections } = await analyze([`${ROOT}/samples/client-certificate-untrusted.pcap`]);
  const [diagnosed] = connections;
  const [alert] = diagnosed?.connection.alerts ?? [];
  assert.ok(diagnosed && alert);
  const { connection } = diagnosed;
  const observed = observe({
    ...connection,
    messages: connection.messages.filter(({ from }) => from === 'server'),
    encryptedRecords: [],
    alerts: [{ ...alert, from: 'client', level: 'warning', frame: alert.frame - 1 }, alert],
  });
  assert.match(
    observationOf(observed, (value) => value),
    /^The server sent fatal alert unknown_ca \(48\) after it received warning alert .* from the client\.$/,
  );
});

test('of bytes whose beginning is missing: they may be TLS, and are not called plaintext', async () => {
  const { connections } = await analyze([`${ROOT}/samples/certificate-expired-go.pcap`]);
  const [{ connection }] = connections as unknown as readonly [(typeof connections)[number]];
  const frame = connection.alerts[0]?.frame ?? 0;
  const words = {
    text: '\x17\x03',
    protocol: null,
    expectsTls: false,
    demandsTls: false,
    frame: frame - 1,
    at: 0,
    from: 'server',
  } as const;
  const observed = (missing: number, protocol: 'http' | null): string => {
    const { transport } = connection;
    const cut = { ...transport, server: { ...transport.server, missing } } as typeof transport;
    const plaintext = [{ ...words, protocol }] as unknown as typeof connection.plaintext;
    return observationOf(observe({ ...connection, transport: cut, messages: [], plaintext }), (value) => value);
  };
  assert.match(observed(0, null), /after it received plaintext from the server\.$/);
  assert.match(observed(888, null), /after it received bytes from the server whose beginning is not in the capture\.$/);
  assert.match(observed(888, 'http'), /plaintext from the server\.$/);
});

test('of an alert after bytes that the capture lacks: they may be what it is about', async () => {
  const { connections } = await analyze([`${ROOT}/samples/certificate-expired-go.pcap`]);
  const [{ connection }] = connections as unknown as readonly [(typeof connections)[number]];
  const { transport } = connection;
  const cut = { ...transport, server: { ...transport.server, missing: 888 } } as typeof transport;
  assert.match(
    observationOf(observe({ ...connection, transport: cut }), (value) => value),
    /after it received at least the server's ServerHelloDone\.$/,
  );
});

test('of a SYN: the error of ICMP that answered it', () => {
  const error = { frame: 2, at: at(0), router: '203.0.113.1', about: 'client', type: 3, code: 1, mtu: null } as const;
  const icmp = [{ ...error, meaning: 'host-unreachable' }] as const;
  const observed = observe(connection({ phase: 'tcp-connect', transport: { icmp } }));
  assert.equal(
    observationOf(observed, (value) => value),
    'An ICMP error answered what the client sent.',
  );
  assert.deepEqual(
    observed.sightings.map(({ frame }) => frame),
    [1, 2],
  );
});

test('of a server that nobody answers: its last SYN-ACK', async () => {
  const { connections } = await analyze([`${ROOT}/test/reports/ack-lost-at-the-server.pcap`]);
  const observed = connections[0]?.observed;
  assert.ok(observed);
  assert.equal(
    observationOf(observed, (value) => value),
    'Nothing new came after the SYN-ACK of the server.',
  );
  assert.deepEqual(
    observed.sightings.map(({ frame }) => frame),
    [1, 6],
  );
});
