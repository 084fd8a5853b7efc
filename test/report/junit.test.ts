import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareWithBaseline, parseBaseline } from '../../src/diagnose/baseline.js';
import type { Results } from '../../src/diagnose/results.js';
import { createFaults } from '../../src/fault.js';
import { faultWarnings } from '../../src/connection/warnings.js';
import { DEFAULTS, writeReport } from '../../src/report/format.js';
import { formats } from '../../src/report/index.js';
import { hostile } from './hostile.js';
import { incident } from './incident.js';

const TAG = /<(\/?)([a-z-]+)((?: [a-z]+="[^<>"&]*(?:&#\d+;[^<>"&]*)*")*)(\/?)>/g;

/** The names of the elements, each with its attributes; what is not well-formed fails. */
async function elementsOf(results: Results): Promise<{ name: string; attributes: string }[]> {
  const create = await formats['junit']?.load();
  assert.ok(create);
  const text = [...writeReport(create(DEFAULTS), results)].join('');
  // No control characters but line breaks: XML 1.0 §2.2.
  assert.doesNotMatch(text, /[^\n\P{Cc}]|[\ufffe\uffff]/u);
  const [declaration, body = ''] = text.split(/(?<=\?>)/);
  assert.match(declaration ?? '', /^<\?xml version="1\.0" encoding="UTF-8"\?>$/);
  const open: string[] = [];
  const elements: { name: string; attributes: string }[] = [];
  const rest = body.replace(TAG, (_, close: string, name: string, attributes: string, empty: string) => {
    if (close !== '') assert.equal(open.pop(), name);
    else {
      elements.push({ name, attributes });
      if (empty === '') open.push(name);
    }
    return '';
  });
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest.replace(/&#\d+;/g, ''), /[<>&]/);
  return elements;
}

test('a test case fails for each diagnosis, and the counts say so', async () => {
  const results = incident();
  const elements = await elementsOf(results);
  const failures = elements.filter(({ name }) => name === 'failure');
  assert.equal(failures.length, results.diagnoses.length);
  const cases = elements.filter(({ name }) => name === 'testcase');
  assert.equal(cases.length, results.diagnoses.length + 1);
  const suite = elements.find(({ name }) => name === 'testsuite');
  assert.match(suite?.attributes ?? '', new RegExp(` tests="${cases.length}" failures="${failures.length}"`));
});

test('failures without a known cause fail; what a baseline knows is skipped', async () => {
  const results = incident();
  const unknown = await elementsOf({ ...results, diagnoses: [] });
  assert.ok(unknown.some(({ name, attributes }) => name === 'testcase' && attributes.includes('"cause-unknown"')));
  const baseline = compareWithBaseline(results, parseBaseline(results.diagnoses.map(({ id }) => id).join('\n')));
  const names = (await elementsOf({ ...results, baseline })).map(({ name }) => name);
  assert.ok(!names.includes('failure'));
  assert.equal(names.filter((name) => name === 'skipped').length, results.diagnoses.length);
});

test('the output of the suite says what became of the handshakes, and what is wrong with the captures', async () => {
  const create = await formats['junit']?.load();
  assert.ok(create);
  const whole = incident();
  const faults = createFaults();
  faults.note('judge', 426, new RangeError('as <injected>'));
  const captures = whole.captures.map((one) => ({ ...one, warnings: faultWarnings(faults) }));
  const text = [...writeReport(create(DEFAULTS), { ...whole, captures })].join('');
  assert.match(text, /<system-out>\d+ of \d+ handshakes failed.*\(capture .*\)<\/system-out>/);
  assert.match(text, /<system-err>.*internal error.*RangeError: as &#60;injected&#62;.*426.*<\/system-err>/);
});

test('hostile text stays text', async () => {
  assert.ok((await elementsOf(hostile())).length > 4);
  assert.ok((await elementsOf(hostile('\ufffe\uffff\ud800 ]]> <!-- &amp; "'))).length > 4);
});
