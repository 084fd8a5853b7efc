import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBaseline, compareWithBaseline } from '../../src/diagnose/baseline.js';
import { DEFAULTS, writeReport } from '../../src/report/format.js';
import { formats } from '../../src/report/index.js';
import { hostile } from './hostile.js';
import { incident } from './incident.js';
import type { Results } from '../../src/diagnose/results.js';

interface Result {
  readonly ruleId: string;
  readonly ruleIndex?: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly occurrenceCount?: number;
  readonly baselineState?: string;
  readonly partialFingerprints?: Readonly<Record<string, string>>;
  readonly locations?: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
  }[];
}
interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly results: readonly Result[];
}

async function runOf(results: Results): Promise<Run> {
  const create = await formats['sarif']?.load();
  assert.ok(create);
  const log = JSON.parse([...writeReport(create(DEFAULTS), results)].join('')) as { version: string; runs: Run[] };
  assert.equal(log.version, '2.1.0');
  const [run] = log.runs;
  assert.ok(run);
  for (const { ruleId, ruleIndex, level, message, locations } of run.results) {
    // SARIF 2.1.0 §3.27.6 and §3.27.10.
    if (ruleIndex !== undefined) assert.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId);
    assert.ok(['error', 'warning', 'note'].includes(level));
    assert.notEqual(message.text, '');
    for (const { physicalLocation } of locations ?? []) {
      assert.match(physicalLocation.artifactLocation.uri, /^[\w.!~*'()%/-]+$/);
    }
  }
  return run;
}

test('each diagnosis and risk is a result of its rule, all failures are counted', async () => {
  const results = incident();
  const { results: found } = await runOf(results);
  assert.deepEqual(
    found.map(({ ruleId, occurrenceCount, partialFingerprints }) => [ruleId, occurrenceCount, partialFingerprints]),
    [...results.diagnoses, ...results.risks].map(({ id, rule, count }) => [rule.id, count, { 'diagnosis/v1': id }]),
  );
  assert.match(found[0]?.message.text ?? '', /Frames of connection \d+: \d+/);
});

test('failures without a known cause are a result too', async () => {
  const results = { ...incident(), diagnoses: [], risks: [] };
  const { results: found } = await runOf(results);
  assert.deepEqual(
    found.map(({ ruleId, occurrenceCount }) => [ruleId, occurrenceCount]),
    [['cause-unknown', results.summary.failed]],
  );
});

test('beside a baseline each says whether it is new, and what is gone is there', async () => {
  const results = incident();
  const [first] = results.diagnoses;
  assert.ok(first);
  const known = parseBaseline(`${first.id}\nconnection-reset-000000000000`);
  const { results: found } = await runOf({ ...results, baseline: compareWithBaseline(results, known) });
  const states = found.map(({ ruleId, baselineState }) => `${ruleId} ${baselineState ?? ''}`);
  assert.ok(states.includes(`${first.rule.id} unchanged`));
  assert.ok(states.includes('connection-reset absent'));
  assert.equal(
    states.filter((state) => state.endsWith(' new')).length,
    results.diagnoses.length + results.risks.length - 1,
  );
});

test('hostile text stays text', async () => {
  await runOf(hostile());
  const create = await formats['sarif']?.load();
  assert.ok(create);
  assert.doesNotMatch([...writeReport(create(DEFAULTS), hostile())].join(''), /[\p{Cc}\p{Cf}](?<!\n)/u);
});
