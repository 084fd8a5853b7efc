import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BaselineError, compareWithBaseline, parseBaseline } from '../../src/diagnose/baseline.js';
import { alert, connection } from '../support/connections.js';
import { diagnosed, results } from '../support/results.js';

const EXPIRED = 'certificate-expired-1f3a5c7e9b2d';
const RESET = 'connection-reset-000000000000';
const report = {
  schemaVersion: 1,
  diagnoses: [{ id: EXPIRED, title: 'Expired', servers: ['192.0.2.1:443', 7] }],
  risks: [{ id: RESET }],
};

describe('a baseline is', () => {
  const expected = [
    { id: EXPIRED, title: 'Expired', servers: ['192.0.2.1:443'] },
    { id: RESET, title: null, servers: [] },
  ];
  test('a report in JSON', () => {
    assert.deepEqual([...parseBaseline(JSON.stringify(report, null, 2)).values()], expected);
  });
  test('one in NDJSON, of which the last line tells', () => {
    const text = `${JSON.stringify({ id: '1', diagnosis: 'certificate-expired' })}\n${JSON.stringify(report)}\n\n`;
    assert.deepEqual([...parseBaseline(text).values()], expected);
  });
  test('a list of ids with comments', () => {
    const text = `# known since May\r\n${EXPIRED}\r\n\n  ${RESET} # the old balancer\n`;
    assert.deepEqual([...parseBaseline(text).keys()], [EXPIRED, RESET]);
    assert.equal(parseBaseline('# nothing is known\n').size, 0);
  });
  test('either behind a byte order mark', () => {
    for (const text of [EXPIRED, JSON.stringify({ diagnoses: [{ id: EXPIRED }] })])
      assert.deepEqual([...parseBaseline(`\ufeff${text}`).keys()], [EXPIRED]);
  });
});

test('what is no baseline is refused, with the line', () => {
  assert.throws(
    () => parseBaseline(`${EXPIRED}\ncertificate-expired\n`),
    /^BaselineError: line 2 is no id of a diagnosis/,
  );
  const half = JSON.stringify(report, null, 2).slice(0, -20);
  for (const text of [half, '{"id":"1"}\n{"id":"2"}', '{}', '{"diagnoses":3}', '', '\ufeff \n'])
    assert.throws(() => parseBaseline(text), /neither a report in JSON or NDJSON that was written to its end/);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((json) => `{"diagnoses":${json}}`),
      ),
      (text) => {
        try {
          for (const { id } of parseBaseline(text).values()) assert.match(id, /^[a-z0-9-]+$/);
        } catch (error) {
          assert.ok(error instanceof BaselineError);
        }
      },
    ),
  );
});

test('failures of known causes are not new; those without a cause are', () => {
  const failed = (id: string) => diagnosed(connection({ id, outcome: 'failed', alerts: [alert({ from: 'client' })] }));
  const one = results([failed('1'), failed('2'), failed('3')]);
  const [cause] = one.diagnoses;
  assert.ok(cause);
  const now = {
    ...one,
    diagnoses: [
      { ...cause, count: 2 },
      { ...cause, id: EXPIRED, count: 1 },
    ],
  };
  const { known, newFailures, newRisks, gone } = compareWithBaseline(now, parseBaseline(`${EXPIRED}\n${RESET}`));
  assert.deepEqual([[...known], newFailures, newRisks], [[EXPIRED], 2, 0]);
  assert.deepEqual(
    gone.map(({ id }) => id),
    [RESET],
  );
  assert.equal(compareWithBaseline({ ...now, diagnoses: [] }, new Map()).newFailures, 3);
});
