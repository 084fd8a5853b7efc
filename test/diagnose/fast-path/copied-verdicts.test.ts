import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { Connection } from '../../../src/connection/connection.js';
import type { CaptureContext } from '../../../src/diagnose/capture-context.js';
import { diagnose } from '../../../src/diagnose/diagnose.js';
import type { DiagnosedConnection } from '../../../src/diagnose/finding.js';
import { createCopiedVerdicts } from '../../../src/diagnose/fast-path/copied-verdicts.js';
import { createConnectionText } from '../../../src/report/json/fast-path/connection-text.js';
import { jsonConnection } from '../../../src/report/json/connection.js';
import { again, connectionsOf, newContext, SAMPLES } from '../../support/again.js';
import { alert, connection, type ConnectionOverrides } from '../../support/connections.js';

/** The same facts again, of the same client address. */
const repeated = (original: Connection, turn: number, pace = 1): Connection => {
  const { address, port } = original.client;
  return { ...again(original, turn, pace), client: { address, port: port + turn } };
};

const isFailure = (diagnosed: DiagnosedConnection): boolean => diagnosed.connection.outcome === 'failed';

test('failures of the samples that repeat others get the verdict that they get in full, and many do', async () => {
  let copied = 0;
  let failed = 0;
  for (const sample of readdirSync(SAMPLES).filter((name) => /\.pcap(ng)?$/.test(name))) {
    const context = newContext();
    const repeats = createCopiedVerdicts(context);
    const textOf = createConnectionText();
    const first = await connectionsOf(sample);
    for (const [turn, pace] of [1, 1, 1, 1.3, 0.7, 1, 5, 40, 1].entries()) {
      const connections = turn === 0 ? first : first.map((one) => repeated(one, turn, pace));
      for (const one of connections) context.add(one);
      for (const one of connections) {
        const diagnosed = repeats.judge(one, (each) => diagnose(each, context), true);
        const expected = diagnose(one, context);
        if (isFailure(expected) && turn > 1) failed++;
        const { repeats: model, ...said } = diagnosed;
        if (model !== undefined) copied++;
        assert.deepEqual(said, expected, `${sample}, connection ${one.id}`);
        assert.equal(textOf(diagnosed), JSON.stringify(jsonConnection(diagnosed)), `${sample}, connection ${one.id}`);
      }
    }
  }
  assert.ok(copied > failed / 4, `${String(copied)} of ${String(failed)}`);
});

const refused: ConnectionOverrides = {
  phase: 'client-hello',
  clientHello: { cipherSuites: ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256'] },
  alerts: [alert()],
};

/** Which of some connections get the verdict of an earlier one; each is evidence for those behind it. */
function areCopied(connections: readonly Connection[], context: CaptureContext = newContext()): boolean[] {
  const repeats = createCopiedVerdicts(context);
  return connections.map((one) => {
    context.add(one);
    const diagnosed = repeats.judge(one, (each) => diagnose(each, context), true);
    assert.deepEqual({ ...diagnosed, repeats: null }, { ...diagnose(one, context), repeats: null });
    return diagnosed.repeats !== undefined;
  });
}

test('the third failure of a kind is the first that is not judged in full', () => {
  const first = connection({ id: '1', ...refused });
  const [second, third, fourth] = [1, 2, 3].map((turn) => repeated(first, turn)) as [
    Connection,
    Connection,
    Connection,
  ];
  assert.deepEqual(areCopied([first, second, third, fourth]), [false, false, true, true]);
  const samePort = { ...second, client: first.client };
  assert.deepEqual(areCopied([first, samePort, third, fourth]), [false, false, false, true]);
  const other = { ...third, client: { ...third.client, address: '192.0.2.200' } };
  assert.deepEqual(areCopied([first, second, other, fourth]), [false, false, false, true]);
});

test('a failure is judged in full where another handshake has worked since', () => {
  const first = connection({ id: '1', ...refused });
  const [second, third, fourth, fifth] = [1, 2, 3, 4].map((turn) => repeated(first, turn)) as [
    Connection,
    Connection,
    Connection,
    Connection,
  ];
  const worked = connection({ id: '2', client: { address: '192.0.2.77', port: 40_000 } });
  assert.deepEqual(areCopied([first, second, third, worked, fourth, fifth]), [false, false, true, false, false, false]);
});

test('a verdict that says how long something took is of one connection alone', () => {
  // It names the time that the client waited.
  const ended = connection({
    id: '1',
    phase: 'client-hello',
    alerts: [alert({ from: 'client', name: 'user_canceled', code: 90 })],
  });
  const all = [ended, ...[1, 2, 3].map((turn) => repeated(ended, turn))];
  assert.deepEqual(areCopied(all), [false, false, false, false]);
});
