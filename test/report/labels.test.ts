/** Text, Markdown and HTML draw one document: what has a label in one has the same in the others. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { REPORT } from '../../src/report/messages/report.js';
import { PROGRAM } from '../support/program.js';
import { ROOT } from '../support/schema.js';

const LABELS = Object.values(REPORT.labels);
/** In Markdown and HTML a command stands below the task that it belongs to, under a sentence that says what it shows. */
const BELOW_TASKS = REPORT.labels.command;

/** What comes before and behind a label, by format. */
const PLACES: Readonly<Record<string, (label: string) => RegExp>> = {
  text: (label) => new RegExp(`^ {3}${label}(?::$| {${Math.max(1, 10 - label.length)}}\\S)`, 'm'),
  markdown: (label) => new RegExp(`^(?:- ${label}: |\\*\\*${label}(?::\\*\\*|\\*\\* )|#+ ${label}$)`, 'm'),
  html: (label) => new RegExp(`<(dt|strong|h3|p)>${label}:?</\\1>`),
};

/** The labels of a report, of the causes alone in HTML: that shows connections too, and a legend. */
function labelsIn(format: string, sample: string): readonly string[] {
  const args = [PROGRAM, '-f', format, `samples/${sample}`];
  const { stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
  const causes = format === 'html' ? (stdout.match(/<section class="cause"[^]*?<\/section>/g) ?? []).join('') : stdout;
  return LABELS.filter((label) => PLACES[format]?.(label).test(causes));
}

for (const sample of [
  'incident.pcap',
  'access-denied.pcap',
  'quic-certificate-expired.pcap',
  'eap-method-mismatch.pcap',
]) {
  test(`of samples/${sample}`, () => {
    const inText = labelsIn('text', sample);
    assert.ok(inText.length > 7 && inText.includes(BELOW_TASKS), inText.join());
    const drawn = inText.filter((label) => label !== BELOW_TASKS);
    assert.deepEqual(labelsIn('markdown', sample), drawn);
    const inHtml = labelsIn('html', sample);
    assert.deepEqual(
      drawn.filter((label) => !inHtml.includes(label)),
      [],
    );
  });
}
