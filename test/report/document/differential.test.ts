/** What else may have been the cause, in each report for people. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Candidate } from '../../../src/diagnose/finding.js';
import type { Verdict } from '../../../src/diagnose/verdict.js';
import { differentialOf } from '../../../src/report/document/differential.js';
import { plain } from '../../../src/report/document/text.js';
import { DEFAULTS, writeReport, type ReportWriter } from '../../../src/report/format.js';
import { createHtmlWriter } from '../../../src/report/html/page.js';
import { createMarkdownWriter } from '../../../src/report/markdown/markdown.js';
import { createTextWriter } from '../../../src/report/text/text.js';
import { ENGLISH_WORDING } from '../../../src/report/wording.js';
import { alert, connection } from '../../support/connections.js';
import { capture, diagnosed, explaining, finding, results, rule } from '../../support/results.js';

const candidate = (id: string, support: Verdict['support'], basis: Verdict['basis'] = 'fact'): Candidate => ({
  rule: rule({ id, title: `Title of ${id}`, settledBy: `Look at ${id}.`, messages: explaining(`It was ${id}.`) }),
  verdict: { ...finding(), support, basis, explanation: { id: 'expired', data: {} } },
});
const excluded: Candidate = {
  rule: rule({
    id: 'elsewhere',
    title: 'Title of elsewhere',
    messages: { ...explaining(''), exclusions: { worked: 'The same chain worked for {client}.' } },
  }),
  verdict: { support: 'excluded', because: { id: 'worked', data: { client: '192.0.2.77' } }, evidence: [] },
};
const possible = finding({ certainty: 'possible', support: 'open' });
const CANDIDATES = [
  { rule: possible.rule, verdict: possible },
  candidate('open-one', 'open'),
  candidate('how-it-ended', 'confirmed', 'ending'),
  candidate('supported-one', 'supported', 'alert'),
  excluded,
];

describe('the differential of a diagnosis', () => {
  test('rivals say why, the best supported first; neither the cause nor what only describes the end is one', () => {
    const { rivals } = differentialOf(possible, CANDIDATES, { words: ENGLISH_WORDING });
    assert.deepEqual(rivals, [
      { title: 'Title of supported-one', explanation: 'It was supported-one.', settledBy: 'Look at supported-one.' },
      { title: 'Title of open-one', explanation: 'It was open-one.', settledBy: 'Look at open-one.' },
    ]);
  });

  test('what is certain has no rivals; what is excluded is told', () => {
    const { rivals, excluded: others } = differentialOf(finding(), CANDIDATES, { words: ENGLISH_WORDING });
    assert.deepEqual(rivals, []);
    assert.deepEqual(
      others.map(({ title, because }) => [title, plain(because)]),
      [['Title of elsewhere', 'The same chain worked for 192.0.2.77.']],
    );
  });
});

describe('reports show it', () => {
  const failed = connection({ alerts: [alert({ from: 'client', code: 45, name: 'certificate_expired' })] });
  const report = (writer: ReportWriter, of = possible): string =>
    [...writeReport(writer, results([{ ...diagnosed(failed, [of]), differential: CANDIDATES }], [capture()]))].join('');
  const flat = (text: string): string =>
    text
      .replace(/<[^>]*>|[\\`]/g, '')
      .replaceAll('&#39;', "'")
      .replace(/\s+/g, ' ');
  const verbose = { ...DEFAULTS, verbose: true };

  for (const [format, createWriter] of Object.entries({
    text: createTextWriter,
    markdown: createMarkdownWriter,
    html: createHtmlWriter,
  })) {
    test(`${format}: what happened, why, what else, and what settles each`, () => {
      const text = flat(report(createWriter(DEFAULTS)));
      assert.match(text, /Happened:?(\*\*)? The client sent fatal alert certificate_expired \(45\)/);
      assert.match(text, /Why:?(\*\*)? The certificate of www\.example\.com ended/);
      assert.match(text, /To settle:?(\*\*)? The client's log\./);
      assert.match(
        text,
        /Also possible.* Title of supported-one\. It was supported-one\. To settle it: Look at supported-one\..* Title of open-one\. It was open-one\./,
      );
      assert.doesNotMatch(text, /how-it-ended/);
    });

    test(`${format}: nothing of it where the cause is certain`, () => {
      const text = flat(report(createWriter(DEFAULTS), finding()));
      assert.doesNotMatch(text, /Also possible|settle/i);
    });

    test(`${format}: what is excluded on request`, () => {
      const text = flat(report(createWriter(verbose)));
      assert.match(text, /Excluded.* Title of elsewhere\. The same chain worked for 192\.0\.2\.77\./);
      if (format !== 'html') assert.doesNotMatch(report(createWriter(DEFAULTS)), /The same chain worked/);
    });
  }
});
