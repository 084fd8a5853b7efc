import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../src/connection/connection.js';
import { createLooks } from '../../../src/diagnose/evidence/looks.js';
import { connection, message } from '../../support/connections.js';

const START = Date.UTC(2026, 2, 2, 10) / 1000;

/** A client that leaves as soon as it has the server's answer, so many seconds after the first. */
const look = (id: number, seconds: number, server = '198.51.100.20', client = '192.0.2.10'): Connection => {
  const at = { seconds: START + seconds, nanoseconds: 0, digits: 6 };
  const made = connection({
    id: String(id),
    outcome: 'failed',
    phase: 'server-certificate',
    client: { address: client, port: 50_000 + id },
    server: { address: server, port: 443 },
    messages: [message('client_hello', 'client', 4), message('server_hello_done', 'server', 6)],
    encryptedRecords: [],
    alerts: [],
  });
  const transcript = made.messages.map((one) => ({ ...one, at }));
  return { ...made, startedAt: at, transcript, ending: { by: 'client', how: 'close', frame: 9, at } };
};

/** Whether the last of these is a look. */
const isLook = (...all: readonly Connection[]): boolean => {
  const looks = createLooks();
  for (const one of all) looks.add(one);
  return looks.has(all.at(-1) as Connection);
};

test('a client that leaves at regular times only looks; one that goes on now and then does not', () => {
  const regular = [0, 10, 20, 30, 40].map((seconds, index) => look(index + 1, seconds));
  assert.equal(isLook(...regular), true);
  assert.equal(isLook(...regular.slice(0, 3)), false, 'too few');
  assert.equal(isLook(...[0, 9, 33, 41, 70].map((seconds, index) => look(index + 1, seconds))), false, 'irregular');
  assert.equal(isLook(...[0, 1, 2, 3, 4].map((seconds, index) => look(index + 1, seconds))), false, 'retries');
  const other = look(9, 5);
  const worked = connection({ id: '9', client: other.client, clientHello: other.clientHello });
  assert.equal(isLook(worked, ...regular), false, 'the same program went on');
  assert.equal(
    isLook(connection({ id: '9', client: { address: '192.0.2.99', port: 1 } }), ...regular),
    true,
    'another',
  );
});

test('other programs of the same host that go on say nothing about one that only looks, unless they are too many to tell', () => {
  const regular = [0, 10, 20, 30, 40].map((seconds, index) => look(index + 1, seconds));
  const programs = (count: number): Connection[] =>
    Array.from({ length: count }, (_, index) =>
      connection({
        id: String(100 + index),
        client: { address: '192.0.2.10', port: 1 },
        clientHello: { ja4: `t13d15${String(index)}h2_8daaf6152771_02713d6af862` },
      }),
    );
  assert.equal(isLook(...programs(8), ...regular), true);
  assert.equal(isLook(...programs(9), ...regular), false);
});

test('a client that leaves so at many servers only looks', () => {
  const servers = (count: number): Connection[] =>
    Array.from({ length: count }, (_, index) => look(index + 1, index * index, `198.51.100.${String(index + 1)}`));
  assert.equal(isLook(...servers(10)), true);
  assert.equal(isLook(...servers(9)), false);
});

test('where more clients went on than are remembered, none is said to look', () => {
  const looks = createLooks();
  for (let index = 0; index < 4200; index++) {
    const address = `10.0.${String(index >> 8)}.${String(index & 255)}`;
    looks.add(connection({ id: String(100 + index), client: { address, port: 1 } }));
  }
  const regular = [0, 10, 20, 30, 40].map((seconds, index) => look(index + 1, seconds));
  for (const one of regular) looks.add(one);
  assert.equal(looks.has(regular[4] as Connection), false);
});
