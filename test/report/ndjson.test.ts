import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS, writeReport } from '../../src/report/format.js';
import type { JsonConclusion, JsonConnection, JsonReport } from '../../src/report/json/contract.js';
import { createJsonWriter } from '../../src/report/json/json.js';
import { createNdjsonWriter } from '../../src/report/ndjson.js';
import { connection } from '../support/connections.js';
import { diagnosed, results } from '../support/results.js';
import { assertValidLine } from '../support/schema.js';
import { incident } from './incident.js';

test('every connection is a valid line, the last line all else: together the JSON report', () => {
  const text = [...writeReport(createNdjsonWriter(DEFAULTS), incident())].join('');
  assert.ok(text.endsWith('}\n'));
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonConnection | JsonConclusion);
  lines.forEach(assertValidLine);
  const json = JSON.parse([...writeReport(createJsonWriter(DEFAULTS), incident())].join('')) as JsonReport;
  assert.deepEqual({ ...(lines.at(-1) as JsonConclusion), connections: lines.slice(0, -1) }, json);
});

test('a connection is written when it is settled', () => {
  const writer = createNdjsonWriter(DEFAULTS);
  const line = writer.connection(diagnosed());
  assert.equal(line.indexOf('\n'), line.length - 1);
  assert.equal((JSON.parse(line) as JsonConnection).diagnosis, 'certificate-expired');
});

test('with --only failed the others are counted, and not listed', () => {
  const writer = createNdjsonWriter({ ...DEFAULTS, only: 'failed' });
  assert.equal(writer.connection(diagnosed(connection())), '');
  const [last] = writer.end(results([diagnosed(connection())]));
  assert.equal((JSON.parse(last ?? '') as JsonConclusion).summary.established, 1);
});

test('what was written early is written again only if its final result differs, and then amends the first', () => {
  const writer = createNdjsonWriter({ ...DEFAULTS, only: 'failed' });
  const failed = diagnosed();
  assert.equal((JSON.parse(writer.early?.(failed) ?? '') as JsonConnection).amends, undefined);
  assert.equal(writer.connection(failed), '');
  writer.early?.(failed);
  const settled = JSON.parse(writer.connection(diagnosed(failed.connection, []))) as JsonConnection;
  assertValidLine(settled);
  assert.deepEqual([settled.amends, settled.diagnosis], [true, null]);
  writer.early?.(failed);
  const healthy = JSON.parse(writer.connection(diagnosed(connection()))) as JsonConnection;
  assert.deepEqual([healthy.amends, healthy.outcome], [true, 'established']);
});
