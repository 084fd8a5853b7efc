import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectResults } from '../../src/diagnose/results.js';
import type { DiagnosedConnection } from '../../src/diagnose/finding.js';
import { alert, connection } from '../support/connections.js';
import { diagnosed, risk } from '../support/results.js';

const worked = (id: number): DiagnosedConnection => diagnosed(connection({ id: String(id) }));
const failed = (id: number): DiagnosedConnection => diagnosed(connection({ id: String(id), alerts: [alert()] }));

test('everything is counted; what is held is bounded, failures apart, in order of the first frame', () => {
  const collector = collectResults(undefined, 2);
  for (const one of [failed(4), worked(1), failed(2), worked(3), failed(5), worked(6)]) collector.add(one);
  const { summary, diagnoses, connections } = collector.results([]);
  assert.deepEqual(summary, { connections: 6, established: 3, failed: 3, incomplete: 0, notTls: 0 });
  assert.deepEqual(
    diagnoses.map(({ count }) => count),
    [3],
  );
  assert.deepEqual(
    connections.map(({ connection: { id } }) => id),
    ['1', '2', '3', '4'],
  );
});

test('risks are grouped by rule, over all servers', () => {
  const collector = collectResults();
  for (const id of [1, 2]) {
    const server = { address: '198.51.100.20', port: id };
    const of = connection({ id: String(id), server });
    collector.add(
      diagnosed(of, [risk({ id: 'obsolete-protocol' }), risk({ id: 'no-forward-secrecy', severity: 'info' })]),
    );
  }
  const { diagnoses, risks } = collector.results([]);
  assert.deepEqual(diagnoses, []);
  assert.deepEqual(
    risks.map(({ rule, count, servers }) => [rule.id, count, servers]),
    [
      ['obsolete-protocol', 2, ['198.51.100.20:1', '198.51.100.20:2']],
      ['no-forward-secrecy', 2, ['198.51.100.20:1', '198.51.100.20:2']],
    ],
  );
});
