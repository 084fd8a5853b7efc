import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { Connection } from '../../../src/connection/connection.js';
import type { CaptureContext } from '../../../src/diagnose/capture-context.js';
import { diagnose } from '../../../src/diagnose/diagnose.js';
import type { DiagnosedConnection } from '../../../src/diagnose/finding.js';
import { endingKey } from '../../../src/diagnose/observed.js';
import { isShort } from '../../../src/diagnose/evidence/server-history.js';
import { canOnlyHaveRisks } from '../../../src/diagnose/risks.js';
import { createSharedVerdicts } from '../../../src/diagnose/fast-path/shared-verdicts.js';
import { again, connectionsOf, newContext, SAMPLES } from '../../support/again.js';
import { alert, certificate, connection, type ConnectionOverrides } from '../../support/connections.js';

/** What a report's sums are made of. */
const sumsOf = ({ connection: { outcome }, observed, findings, cause, differential, lookup }: DiagnosedConnection) => ({
  outcome,
  ending: observed && endingKey(observed),
  findings: findings.map(({ rule, role, certainty, support, basis, subject, evidence }) => {
    return { rule: rule.id, role, certainty, support, basis, subject, evidence: evidence.length };
  }),
  cause: cause?.rule.id,
  differential: differential.map(({ rule, verdict }) => [rule.id, verdict.support]),
  lookup,
});

test('failures of the samples that repeat others are judged as in full, and most repeat', async () => {
  let shared = 0;
  let failed = 0;
  for (const sample of readdirSync(SAMPLES).filter((name) => /\.pcap(ng)?$/.test(name))) {
    const context = newContext();
    const repeats = createSharedVerdicts(context);
    const first = await connectionsOf(sample);
    // Later ones are evidence, too: each turn is judged as the captures have it by then.
    for (const [turn, pace] of [1, 1, 1.3, 0.7, 5, 40].entries()) {
      const connections = turn === 0 ? first : first.map((one) => again(one, turn, pace));
      for (const one of connections) context.add(one);
      for (const one of connections) {
        const inFull: string[] = [];
        const judgeInFull = (each: Connection): DiagnosedConnection => {
          inFull.push(each.id);
          return diagnose(each, context);
        };
        const diagnosed = repeats.judge(one, judgeInFull, true);
        const expected = diagnose(one, context);
        if (expected.connection.outcome === 'failed' && turn > 0) failed++;
        if (inFull.length > 0) continue;
        shared++;
        assert.deepEqual(sumsOf(diagnosed), sumsOf(expected), `${sample}, connection ${one.id}`);
        const { id, client, startedAt } = diagnosed.connection;
        assert.deepEqual([id, client, startedAt], [one.id, one.client, one.startedAt]);
      }
    }
  }
  assert.ok(shared > failed / 3, `${String(shared)} of ${String(failed)}`);
});

const refused: ConnectionOverrides = {
  phase: 'client-hello',
  clientHello: { cipherSuites: ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256'] },
  alerts: [alert()],
};

/** Whether the second of two connections shares the verdict on the first, if `between` happens between the two. */
function isShared(first: Connection, second: Connection, between: (context: CaptureContext) => void = () => undefined) {
  const context = newContext();
  const repeats = createSharedVerdicts(context);
  let full = 0;
  const judgeInFull = (each: Connection): DiagnosedConnection => {
    full++;
    return diagnose(each, context);
  };
  context.add(first);
  repeats.judge(first, judgeInFull, true);
  between(context);
  context.add(second);
  repeats.judge(second, judgeInFull, true);
  return full === 1;
}

test('a failure is judged in full where anything that rules look at is different', () => {
  const first = connection({ id: '1', ...refused });
  const later = (change: ConnectionOverrides = {}): Connection =>
    again(connection({ id: '1', ...refused, ...change }), 1, 1);
  const hello = { cipherSuites: ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256'] };
  assert.ok(isShared(first, later()));
  assert.ok(isShared(first, later({ clientHello: { ...hello, random: 'ab'.repeat(32) } })));
  const different: Record<string, ConnectionOverrides> = {
    'another alert': { alerts: [alert({ name: 'internal_error', code: 80 })] },
    'another server': { server: { address: '198.51.100.99', port: 443 } },
    'another name': { clientHello: { ...hello, serverName: 'other.example' } },
    'another offer': { clientHello: { cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA'] } },
    'another TTL': { transport: { server: { ttl: 50, ttls: [50, 50] } } },
    'the alert before the ClientHello': { alerts: [alert({ frame: 3 })] },
    'something is missing': { transport: { server: { missing: 10 } } },
  };
  for (const [name, change] of Object.entries(different)) assert.ok(!isShared(first, later(change)), name);
  assert.ok(!isShared(first, again(first, 1, 1000)), 'a longer pause');
  assert.ok(!isShared(later(), first), 'the example comes later');
});

test('a failure is judged in full where more is known of other connections', () => {
  const first = connection({ id: '1', ...refused });
  const worked = (id: string, change: ConnectionOverrides = {}): Connection =>
    connection({ id, client: { address: '192.0.2.77', port: 40_000 }, ...change });
  const add =
    (...others: readonly Connection[]) =>
    (context: CaptureContext): void => {
      for (const one of others) context.add(one);
    };
  assert.ok(!isShared(first, again(first, 1, 1), add(worked('2'))), 'the server accepted another client');
  const elsewhere = worked('2', { server: { address: '198.51.100.99', port: 443 } });
  assert.ok(isShared(first, again(first, 1, 1), add(elsewhere)), 'another server');
});

test('how often a client has connected matters only where a rule speaks of it', async () => {
  const [left] = await connectionsOf('health-check.pcap');
  assert.ok(left !== undefined && isShort(left) && !canOnlyHaveRisks(left));
  const second = again(left, 1, 1);
  const more = (count: number) => (context: CaptureContext) => {
    for (let turn = 2; turn < count + 2; turn++) context.add({ ...again(left, turn, 1), client: second.client });
  };
  assert.ok(isShared(left, second, more(3)));
  assert.ok(!isShared(left, second, more(25)));
});

test('a failure is judged in full when a certificate has ended since', () => {
  const rejected = (notAfter: string): Connection =>
    connection({
      id: '1',
      serverCertificates: [certificate({ notAfter })],
      alerts: [alert({ from: 'client', name: 'bad_certificate', code: 42 })],
    });
  for (const [notAfter, expected] of [
    ['2026-03-02T10:00:01Z', false],
    ['2026-03-02T10:00:03Z', true],
  ] as const) {
    const first = rejected(notAfter);
    assert.equal(isShared(first, again(first, 2000, 1)), expected, notAfter);
  }
});

test('where failures repeat none for long, few are looked at, until they repeat again', () => {
  const context = newContext();
  const repeats = createSharedVerdicts(context);
  const inFull: string[] = [];
  const judge = (one: Connection): void => {
    context.add(one);
    const judgeInFull = (each: Connection): DiagnosedConnection => {
      inFull.push(each.id);
      return diagnose(each, context);
    };
    repeats.judge(one, judgeInFull, true);
  };
  for (let turn = 1; turn <= 1100; turn++) {
    const server = { address: `198.51.100.${String(turn % 250)}`, port: 443 + turn };
    judge(again(connection({ id: '1', ...refused, server }), turn, 1));
  }
  assert.equal(inFull.length, 1100);
  for (let turn = 1101; turn <= 1800; turn++) judge(again(connection({ id: '1', ...refused }), turn, 1));
  const rest = inFull.length - 1100;
  assert.ok(rest > 30 && rest < 300, String(rest));
});
