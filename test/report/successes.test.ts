import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLastSuccesses } from '../../src/report/successes.js';
import { alert, at, connection } from '../support/connections.js';
import { diagnosed } from '../support/results.js';

const server = { address: '198.51.100.20', port: 443 };
const worked = (id: number): ReturnType<typeof diagnosed> =>
  diagnosed(connection({ id: String(id), startedAt: at(id), server }));
const failed = (id: number): ReturnType<typeof diagnosed> =>
  diagnosed(connection({ id: String(id), startedAt: at(id), server, alerts: [alert()] }));

function before(order: readonly ReturnType<typeof diagnosed>[]): string | undefined {
  const successes = createLastSuccesses();
  for (const each of order) successes.add(each);
  return successes.before(server, 'certificate-expired')?.connection;
}

test('the last success before the first failure', () => {
  assert.equal(before([worked(1), worked(2), failed(3), worked(4), failed(5)]), '2');
});

test('in whatever order they settle', () => {
  assert.equal(before([failed(5), worked(4), failed(3), worked(1), worked(2)]), '2');
  assert.equal(before([worked(4), failed(5), failed(3), worked(2), worked(1)]), '2');
});

test('there may be none', () => {
  assert.equal(before([failed(1), worked(2)]), undefined);
  assert.equal(before([worked(1)]), undefined);
});

test('at another server does not count', () => {
  const elsewhere = diagnosed(connection({ startedAt: at(2), server: { ...server, port: 8443 } }));
  assert.equal(before([worked(1), elsewhere, failed(3)]), '1');
});

test('any number of them is kept in bounded memory', () => {
  assert.equal(before([...Array.from({ length: 5000 }, (_, index) => worked(index)), failed(9000)]), '4999');
});
