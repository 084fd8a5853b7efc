import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Connection } from '../../src/connection/connection.js';
import { createExamples } from '../../src/diagnose/examples.js';
import type { Finding } from '../../src/diagnose/finding.js';
import { alert, connection, type ConnectionOverrides } from '../support/connections.js';
import { diagnosed, evidence, finding } from '../support/results.js';
import { notice } from '../../src/notices.js';

const failed = (id: number, overrides: ConnectionOverrides = {}): Connection =>
  connection({ id: String(id), alerts: [alert()], ...overrides });
const from = (address: string): ConnectionOverrides => ({ client: { address, port: 50000 } });

function chosen(...all: readonly (readonly [Connection, Finding?])[]): readonly string[] {
  const examples = createExamples();
  for (const [one, of = finding()] of all) examples.add(of, diagnosed(one));
  const { example, connections } = examples.chosen();
  assert.equal(example.connection.id, connections[0]);
  return connections;
}

test('of clients, servers and names that are alike, one example', () => {
  assert.deepEqual(chosen([failed(1)], [failed(2)], [failed(3)]), ['1']);
});

test('the surest first, however late it comes', () => {
  const likely = finding({ certainty: 'likely' });
  assert.deepEqual(chosen([failed(1), likely], [failed(2), likely], [failed(3)]), ['3']);
});

test('one that is whole before one with holes', () => {
  const cut = { notes: [{ ...notice('message-incomplete', 'connection'), frame: 3 }] };
  assert.deepEqual(chosen([failed(1, cut)], [failed(2, { transport: { server: { missing: 9 } } })], [failed(3)]), [
    '3',
  ]);
});

test('then the one with the most evidence', () => {
  const more = finding({ evidence: [evidence('shown', 5), evidence('refused', 6), evidence('refused', 7)] });
  assert.deepEqual(chosen([failed(1)], [failed(2), more]), ['2']);
});

test('then the one without segments sent twice', () => {
  assert.deepEqual(chosen([failed(1, { transport: { client: { retransmissions: 2 } } })], [failed(2)]), ['2']);
});

test('others differ in server, client and name, what differs most first', () => {
  const server = { server: { address: '198.51.100.99', port: 443 } };
  const all = [
    [failed(1)],
    [failed(2, from('192.0.2.11'))],
    [failed(3, { ...from('192.0.2.11'), ...server })],
    [failed(4, { clientHello: { serverName: 'b.example' } })],
  ] as const;
  assert.deepEqual(chosen(...all), ['1', '3', '4', '2']);
});

test('they are few, and the same in whatever order they come', () => {
  const all = Array.from({ length: 200 }, (_, index) => failed(index + 1, from(`192.0.2.${index}`)));
  const wanted = ['1', '2', '3', '4', '5'];
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
      assert.deepEqual(chosen(...shuffled.map((one) => [one] as const)), wanted);
    }),
    { numRuns: 20 },
  );
});
