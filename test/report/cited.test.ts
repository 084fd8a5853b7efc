/** What proves a diagnosis can be seen: every frame that it cites is drawn in its ladder, in every format that draws one. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { analyze } from '../../src/analyze.js';
import type { Diagnosis } from '../../src/diagnose/finding.js';
import type { Results } from '../../src/diagnose/results.js';
import { DEFAULTS, writeReport, type CreateWriter } from '../../src/report/format.js';
import { createHtmlWriter } from '../../src/report/html/page.js';
import { createMarkdownWriter } from '../../src/report/markdown/markdown.js';
import { createTextWriter } from '../../src/report/text/text.js';
import { ROOT } from '../support/schema.js';

const FOLDER = join(ROOT, 'samples');

/** A line of a ladder of text: the mark, the frame, the time since, a rail. */
const RUNG = /^ [ ✗] +(\d+)(?: +[+-][\d.,]+ m?s| *) [├│┊]/gm;
const DRAWN = /<td class="number frame">\s*(\d+)\s*<\/td>/g;

const FORMATS: Readonly<Record<string, readonly [CreateWriter, RegExp]>> = {
  text: [createTextWriter, RUNG],
  markdown: [createMarkdownWriter, RUNG],
  html: [createHtmlWriter, DRAWN],
};

/** The frames in the ladders of a report that tells this diagnosis alone. */
function drawnFrames(
  results: Results,
  diagnosis: Diagnosis,
  [create, pattern]: readonly [CreateWriter, RegExp],
): Set<number> {
  const alone = { ...results, diagnoses: [diagnosis], connections: [] };
  const report = [...writeReport(create(DEFAULTS), alone)].join('');
  return new Set(Array.from(report.matchAll(pattern), ([, frame]) => Number(frame)));
}

describe('every frame that a diagnosis cites is drawn', () => {
  for (const file of readdirSync(FOLDER).filter((name) => /\.pcap(?:ng)?$/.test(name))) {
    test(file, async () => {
      const results = await analyze([join(FOLDER, file)]);
      for (const diagnosis of results.diagnoses) {
        for (const [name, format] of Object.entries(FORMATS)) {
          const drawn = drawnFrames(results, diagnosis, format);
          const missing = diagnosis.finding.evidence.filter(({ frame }) => !drawn.has(frame));
          assert.deepEqual(missing, [], `${diagnosis.rule.id} as ${name}, which draws ${[...drawn].join(', ')}`);
        }
      }
    });
  }
});
