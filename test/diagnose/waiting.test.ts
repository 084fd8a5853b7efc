import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContext } from '../../src/diagnose/capture-context.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { DiagnosedConnection } from '../../src/diagnose/finding.js';
import { createWaiting, type WaitingLimits } from '../../src/diagnose/waiting.js';
import type { Connection } from '../../src/connection/connection.js';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { loadRoots } from '../../src/x509/roots.js';
import { alert, connection, type ConnectionOverrides } from '../support/connections.js';

const ROOTS = await loadRoots();

const refused: ConnectionOverrides = {
  phase: 'client-hello',
  clientHello: { cipherSuites: ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256'] },
  alerts: [alert()],
};

/** The ids, of failures with how sure the cause is, in the order in which they are settled; `|` is the end of the capture. */
function settledIn(order: readonly (readonly [id: number, ConnectionOverrides])[], limits?: WaitingLimits): string {
  const settled: string[] = [];
  const context = createContext(createTrustAnchors(parseCertificate, { roots: () => ROOTS }));
  const waiting = createWaiting({
    context,
    diagnose: (one) => diagnose(one, context),
    settled: ({ connection: { id }, cause }) => settled.push(cause === null ? id : `${id}:${cause.certainty}`),
    ...(limits && { limits }),
  });
  for (const [id, overrides] of order) waiting.add(connection({ id: String(id), ...overrides }));
  settled.push('|');
  waiting.finish();
  return settled.join(' ');
}

test('a connection is judged by what is known of others at the end, and they come in order', () => {
  const alone = settledIn([[2, refused]]);
  assert.equal(alone, '| 2:possible');
  const withSuccess = settledIn([
    [2, refused],
    [1, {}],
    [3, {}],
  ]);
  assert.equal(withSuccess, '| 1 2:likely 3');
});

test('no more wait than the bounds say; those that failed wait apart', () => {
  const limits = { failed: 2, others: 2, worked: 1, listed: 1 };
  const order = [1, 2, 3, 4].map((id): [number, ConnectionOverrides] => [id, {}]);
  assert.equal(settledIn(order, limits), '1 2 3 | 4');
  assert.equal(settledIn([[1, refused], ...order.slice(1), [5, refused]], limits), '2 | 1:likely 3 4 5:likely');
});

test('a connection added as evidence counts for others, and is not judged itself', () => {
  const settled: string[] = [];
  const context = createContext(createTrustAnchors(parseCertificate, { roots: () => ROOTS }));
  const waiting = createWaiting({
    context,
    diagnose: (one) => diagnose(one, context),
    settled: ({ connection: { id }, cause }) => settled.push(`${id}:${cause?.certainty ?? ''}`),
  });
  waiting.addAsEvidence(connection({ id: '1' }));
  waiting.add(connection({ id: '2', ...refused }));
  waiting.finish();
  assert.deepEqual(settled, ['2:likely']);
});

test('who reads along is told of failures once, some time after they ended, and of nothing that is settled', () => {
  const early: string[] = [];
  const context = createContext(createTrustAnchors(parseCertificate, { roots: () => ROOTS }));
  const report = ({ connection: { id } }: { connection: { id: string } }): unknown => early.push(id);
  const judge = (one: Connection): DiagnosedConnection => diagnose(one, context);
  const limits = { failed: 1, others: 4, worked: 4, listed: 1000 };
  const waiting = createWaiting({
    context,
    diagnose: judge,
    settled: () => undefined,
    limits,
    early: { after: 2000, report },
  });
  waiting.add(connection({ id: '1', ...refused }));
  waiting.add(connection({ id: '2' }));
  waiting.reportEarly(10_000);
  waiting.reportEarly(11_999);
  assert.deepEqual(early, []);
  waiting.reportEarly(12_000);
  waiting.reportEarly(20_000);
  assert.deepEqual(early, ['1']);
  waiting.add(connection({ id: '3', ...refused }));
  waiting.reportEarly(20_000);
  waiting.add(connection({ id: '4', ...refused }));
  waiting.add(connection({ id: '5', ...refused }));
  waiting.reportEarly(22_000);
  waiting.reportEarly(24_000);
  assert.deepEqual(early, ['1', '5'], 'the third and fourth were settled to make room');
});
