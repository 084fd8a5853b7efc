import type { ConnectionRow } from '../document/connections.js';
import type { CertificateSection } from '../document/certificates.js';
import type { DiagnosisSection } from '../document/diagnosis.js';
import type { TextTable } from '../document/ends.js';
import type { Rival } from '../document/differential.js';
import { documentOf, type ReportDocument } from '../document/document.js';
import type { Limits } from '../document/scope.js';
import type { Ladder } from '../document/ladder.js';
import { GONE_HEADING } from '../document/baseline.js';
import { LABELS, PLACE_HEADS } from '../document/labels.js';
import { RISKS_HEADING, WARNINGS_HEADING } from '../document/overview.js';
import { plain, prose } from '../document/text.js';
import { attempt } from '../attempt.js';
import { DEFAULTS, type CertificatePrinter, type ReportOptions, type ReportWriter } from '../format.js';
import { generator } from '../generator.js';
import { count } from '../phrases.js';
import { ladderLines } from '../text/ladder.js';
import { createPage } from '../text/page.js';
import { cell, codeBlock, sentence, table } from './inline.js';

const LIMITS: Limits = {
  causes: 20,
  rungs: 14,
  rows: 100,
  rowsOf: ({ verbose, only }) => (verbose ? only : 'failed'),
  details: () => 100,
  detailsOf: ({ verbose, only }) => (verbose ? only : 'failed'),
  detailRungs: 14,
  certificates: 30,
};

/** Columns of a ladder. */
const WIDTH = 84;

/** The report in sections for a postmortem document, in the Markdown of GitHub and GitLab. */
export function createMarkdownWriter(options: ReportOptions, print?: CertificatePrinter): ReportWriter {
  return {
    isOfResultsAlone: true,
    connection: () => '',
    end: (results) =>
      drawDocument(documentOf(results, options, { limits: LIMITS, printCertificate: print }), options.verbose),
  };
}

function* drawDocument(document: ReportDocument, isVerbose: boolean): Iterable<string> {
  const { verdict, diagnoses, moreCauses, unexplained, risks, postmortem } = document;
  yield blocks(`# TLS postmortem: ${sentence(verdict)}`, '## Summary', ...summary(document));
  if (diagnoses.length > 0) {
    const head = ['Cause', 'Failed', 'Of all handshakes', 'Clients', 'Servers', 'Server names'];
    yield blocks(
      '## Impact',
      table(
        head,
        postmortem.impact.map((row) => row.map(cell)),
      ),
      postmortem.places.length === 0
        ? ''
        : table(
            ['Server and name', 'Cause', 'Failed of all there since the first', timeHead('First', document), 'Last'],
            postmortem.places.map((row) => row.map(cell)),
          ),
    );
  }
  if (diagnoses.length > 0 || unexplained !== null) {
    yield blocks('## Detection', bullets(['Noticed by: …', 'Noticed at: …', 'How: …']));
    const events = postmortem.events.map(({ time, what }) => [time, cell(what)]);
    yield blocks('## Timeline', table([timeHead('Time', document), 'What'], events), '## Root cause');
  }
  for (const section of diagnoses) {
    yield attempt(
      `cause ${section.number}`,
      () => diagnosisSection(section, document, isVerbose),
      (fault) => blocks(sentence(prose(fault))),
    );
  }
  if (moreCauses !== null) yield blocks(sentence(moreCauses));
  if (unexplained !== null) {
    const { text, observed, ladder } = unexplained;
    const what = observed === null ? '' : `**${LABELS.observed}:** ${sentence(observed)}`;
    yield blocks('### Cause unknown', sentence(text), what, ladder === null ? '' : ladderBlock(ladder));
  }
  const { whatIf } = document;
  if (whatIf !== null) yield blocks('## Would it have worked?', ...tableBlocks(whatIf.table), sentence(whatIf.note));
  const tasks = diagnoses.flatMap((section) => tasksOf(section, diagnoses.length > 1));
  if (tasks.length > 0) yield blocks(`## ${LABELS.remedies}`, ...tasks);
  if (diagnoses.length > 0 || unexplained !== null) {
    yield blocks('## Resolution', bullets(['Resolved at: …', 'By: …', 'Confirmed by: …']));
  }
  if (risks.length > 0) {
    const items = risks.map(
      ({ rule, title, where, explanation }) =>
        `**${sentence(title)}** (${sentence(where)}): ${sentence(explanation)} More: \`${generator.name} explain ${rule}\``,
    );
    yield blocks(`## ${RISKS_HEADING}`, bullets(items));
  }
  if (document.gone.length > 0) yield blocks(`## ${GONE_HEADING}`, bullets(document.gone.map(sentence)));
  yield attempt(
    'the connections',
    () => blocks('## Appendix', ...connections(document)),
    (fault) => blocks(sentence(prose(fault))),
  );
  const { shown, others } = document.certificates;
  if (shown.length > 0) {
    yield blocks(
      '### Certificates',
      ...shown.flatMap(certificate),
      others > 0 ? `${count(others, 'more certificate')} not shown.` : '',
    );
  }
  const { commands, others: files } = postmortem;
  if (commands.length > 0) {
    yield blocks(
      '### To reproduce',
      codeBlock(commands.map(plain).join('\n'), 'sh'),
      files > 0 ? `${count(files, 'more file')} not named here.` : '',
    );
  }
}

/** Paragraphs, lists and the like, each followed by an empty line. */
function blocks(...parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .map((part) => `${part}\n\n`)
    .join('');
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** The date once, above the times, if there is only one. */
function timeHead(head: string, { date, timeZone }: ReportDocument): string {
  return date === null ? `${head} (${timeZone})` : `${head} (${timeZone}, ${date})`;
}

function summary({
  selection,
  tallies,
  overview,
  otherKinds,
  captures,
  files,
  warnings,
  moreCauses,
}: ReportDocument): string[] {
  return [
    selection === null ? '' : sentence(selection),
    bullets([
      tallies.map(({ label, number }) => `${label}: **${String(number)}**`).join(', '),
      ...overview.map(({ title, number, handshakes, where, since, certainty }) => {
        const which = overview.length > 1 && number > 0 ? ` (cause ${number})` : '';
        return `**${sentence(title)}**${which}: ${count(handshakes, 'handshake')}, ${sentence(where)}, ${since}; ${certainty}`;
      }),
      ...(otherKinds > 0 ? [`${count(otherKinds, 'more kind')} of cause`] : []),
      ...(moreCauses === null ? [] : ['Some causes are not told in full, see below.']),
    ]),
    bullets([...captures, ...files].map(sentence)),
    warnings.length === 0 ? '' : `${WARNINGS_HEADING}:\n\n${bullets(warnings.map(sentence))}`,
  ];
}

function rivalText({ title, explanation, settledBy }: Rival): string {
  return `${sentence(title)}. ${sentence(explanation)}${settledBy === null ? '' : ` To settle it: ${sentence(settledBy)}`}`;
}

function diagnosisSection(section: DiagnosisSection, document: ReportDocument, isVerbose: boolean): string {
  const { number, title, handshakes, observed, explanation, certainty, settledBy } = section;
  const { differential, facts, source, evidence, notes, ladder } = section;
  return blocks(
    `### ${number}. ${sentence(title)}`,
    observed === null ? '' : `**${LABELS.observed}:** ${sentence(observed)}`,
    `**${LABELS.explanation}:** ${sentence(explanation)}`,
    `**${LABELS.certainty}:** ${certainty}`,
    settledBy === null ? '' : `**${LABELS.settledBy}:** ${sentence(settledBy)}`,
    differential.rivals.length === 0 ? '' : `**${LABELS.rivals}:**\n\n${bullets(differential.rivals.map(rivalText))}`,
    isVerbose && differential.excluded.length > 0
      ? `**${LABELS.excluded}:**\n\n${bullets(differential.excluded.map(({ title: fault, because }) => `${sentence(fault)}. ${sentence(because)}`))}`
      : '',
    bullets([
      `Failed: ${handshakes}`,
      ...facts.map(({ label, text }) => `${label}: ${sentence(text)}`),
      ...notes.map((note) => `${LABELS.note}: ${sentence(note)}`),
    ]),
    section.places === null
      ? ''
      : table(
          PLACE_HEADS.map((head) => (head === 'First' ? timeHead(head, document) : head)),
          section.places.rows.map(({ failed, worked, first, last, where }) => [
            failed,
            worked,
            first,
            last,
            cell(where),
          ]),
        ),
    section.places !== null && section.places.others > 0 ? `${count(section.places.others, 'more place')}.` : '',
    `**${LABELS.evidence}** from ${sentence(source)}`,
    table(
      ['Frame', timeHead('Time', document), 'From', 'What it shows'],
      evidence.map(({ place, time, from, text }) => [place, time, from, cell(text)]),
    ),
    ...endsBlocks(section),
    ladderBlock(ladder),
  );
}

/** What the files of the ends say. */
function endsBlocks({ ends }: DiagnosisSection): string[] {
  if (ends === null) return [];
  return [
    ends.facts.length === 0
      ? ''
      : `**${LABELS.ends}:**\n\n${bullets(ends.facts.map(({ text, source }) => `${sentence(text)} (${sentence(source)})`))}`,
    ...ends.tables.flatMap(tableBlocks),
  ];
}

function tableBlocks({ title, head, rows }: TextTable): string[] {
  return [
    `${sentence(title)}${title.endsWith('?') ? '' : ':'}`,
    table(
      head,
      rows.map((row) => row.map(cell)),
    ),
  ];
}

function ladderBlock(ladder: Ladder): string {
  const lines = ladderLines(ladder, createPage({ ...DEFAULTS, width: WIDTH }));
  return codeBlock(lines.map((line) => line.trimEnd()).join('\n'), 'text');
}

/** Tasks, each with what confirms it. */
function tasksOf({ remedies, number }: DiagnosisSection, isOfSeveral: boolean): string[] {
  return remedies.map(({ actor, text, command }) => {
    const task = `- [ ] **${actor}**${isOfSeveral ? ` (cause ${number})` : ''}: ${sentence(text)} Owner: … Due: …`;
    return command === null
      ? task
      : `${task}\n\n${indented(`${sentence(command.label)}\n\n${codeBlock(plain(command.text), 'sh')}`)}`;
  });
}

/** As part of a list item. */
function indented(block: string): string {
  return block
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}

function connections(document: ReportDocument): string[] {
  const { rows, others } = document.connections;
  if (rows.length === 0) return ['No connection failed.'];
  const row = (each: ConnectionRow): string[] => [
    each.id,
    `${each.frame}–${each.lastFrame}`,
    each.time,
    cell(each.client),
    cell(each.server),
    cell(each.serverName ?? '—'),
    cell(each.version ?? '—'),
    cell(each.result),
  ];
  const head = ['#', 'Frames', timeHead('Start', document), 'Client', 'Server', 'Server name', 'TLS', 'Result'];
  return ['### Connections', table(head, rows.map(row)), ...others.map((line) => `${sentence(line)}.`)];
}

function certificate({ where, facts, inFull }: CertificateSection): string[] {
  const heading = sentence(where);
  return [
    `${heading.charAt(0).toUpperCase()}${heading.slice(1)}:`,
    table(
      ['Field', 'Value'],
      facts.map(({ label, text, fault = null }) => [
        label,
        cell(text) + (fault === null ? '' : ` — **${cell(fault)}**`),
      ]),
    ),
    inFull.length === 0 ? '' : codeBlock(inFull.join('\n'), 'text'),
  ];
}
