/** The causes at a glance lead to the ones that are told, and say the same of them. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyze } from '../../../src/analyze.js';
import { documentOf } from '../../../src/report/document/document.js';
import type { Limits } from '../../../src/report/document/scope.js';
import { DEFAULTS } from '../../../src/report/format.js';
import { ROOT } from '../../support/schema.js';

const LIMITS: Limits = {
  causes: 12,
  rungs: 10,
  rows: 10,
  rowsOf: () => 'all',
  details: () => 0,
  detailsOf: () => 'all',
  detailRungs: 10,
  certificates: 0,
};

test('where kinds share lines, a line has the title, certainty and remedy of the cause that it leads to, in their order', async () => {
  const folder = join(ROOT, 'samples');
  const files = readdirSync(folder).filter((name) =>
    /^(?:alpn|certificate|chain|cipher|sni|version).*\.pcap$/.test(name),
  );
  const results = await analyze(files.map((file) => join(folder, file)));
  const { overview, diagnoses, otherKinds } = documentOf(results, DEFAULTS, { limits: LIMITS });
  assert.ok(otherKinds > 0, 'so many causes that kinds share lines');
  for (const { number, title, certainty, remedy } of overview.filter((glance) => glance.number > 0)) {
    const told = diagnoses[number - 1];
    assert.equal(title, told?.title);
    assert.equal(certainty, told?.certainty.split(':')[0]);
    assert.ok(
      told?.remedies.some(({ text }) => text.startsWith(remedy?.text ?? '')),
      title,
    );
  }
  const numbers = overview.map(({ number }) => number || Infinity);
  assert.deepEqual(
    numbers,
    [...numbers].sort((a, b) => a - b),
  );
});
