import type { ConnectionRow } from '../document/connections.js';
import type { CertificateSection } from '../document/certificates.js';
import type { DiagnosisSection } from '../document/diagnosis.js';
import type { TextTable } from '../document/ends.js';
import { documentOf, type ReportDocument } from '../document/document.js';
import type { Limits } from '../document/scope.js';
import type { Ladder } from '../document/ladder.js';
import { code, plain, prose, strong } from '../document/text.js';
import { attempt } from '../attempt.js';
import { DEFAULTS, type CertificatePrinter, type ReportOptions, type ReportWriter } from '../format.js';
import { generator } from '../generator.js';
import type { Wording } from '../wording.js';
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
    detailed: LIMITS.detailsOf(options),
    connection: () => '',
    end: (results) =>
      drawDocument(documentOf(results, options, { limits: LIMITS, printCertificate: print }), options.verbose),
  };
}

function* drawDocument(document: ReportDocument, isVerbose: boolean): Iterable<string> {
  const { words, verdict, diagnoses, moreCauses, unexplained, risks, postmortem } = document;
  const { markdown: say, labels, faults } = words;
  yield blocks(`# ${sentence(words.summary.title({ verdict }))}`, `## ${say.summary}`, ...summary(document));
  if (diagnoses.length > 0) {
    const head = [say.cause, say.failed, say.ofAll, say.clients, say.servers, say.serverNames];
    yield blocks(
      `## ${say.impact}`,
      table(
        head,
        postmortem.impact.map((row) => row.map(cell)),
      ),
      postmortem.places.length === 0
        ? ''
        : table(
            [say.serverAndName, say.cause, say.ofAllThere, timeHead(words.places.first, document), words.places.last],
            postmortem.places.map((row) => row.map(cell)),
          ),
    );
  }
  if (diagnoses.length > 0 || unexplained !== null) {
    yield blocks(`## ${say.detection}`, bullets([say.noticedBy, say.noticedAt, say.noticedHow]));
    const events = postmortem.events.map(({ time, what }) => [time, cell(what)]);
    yield blocks(
      `## ${say.timeline}`,
      table([timeHead(words.diagnosis.time, document), say.what], events),
      `## ${say.rootCause}`,
    );
  }
  for (const section of diagnoses) {
    yield attempt(
      faults.numberedCause({ number: section.number }),
      () => diagnosisSection(section, document, isVerbose),
      (fault) => blocks(sentence(prose(fault))),
      words,
    );
  }
  if (moreCauses !== null) yield blocks(sentence(moreCauses));
  if (unexplained !== null) {
    const { text, observed, ladder } = unexplained;
    const what = observed === null ? '' : `**${labels.observed}:** ${sentence(observed)}`;
    const drawing = ladder === null ? '' : ladderBlock(ladder, words);
    yield blocks(`### ${words.unexplained.heading}`, sentence(text), what, drawing);
  }
  const { whatIf } = document;
  if (whatIf !== null) {
    yield blocks(`## ${words.whatIf.heading}`, ...tableBlocks(whatIf.table), sentence(whatIf.note));
  }
  const tasks = diagnoses.flatMap((section) => tasksOf(section, diagnoses.length > 1, say));
  if (tasks.length > 0) yield blocks(`## ${labels.remedies}`, ...tasks);
  if (diagnoses.length > 0 || unexplained !== null) {
    yield blocks(`## ${say.resolution}`, bullets([say.resolvedAt, say.resolvedBy, say.confirmedBy]));
  }
  if (risks.length > 0) {
    const items = risks.map(({ rule, title, where, explanation }) =>
      say.risk({ title: strong(title), where, explanation, command: code(`${generator.name} explain ${rule}`) }),
    );
    yield blocks(`## ${words.risks.heading}`, bullets(items.map(sentence)));
  }
  if (document.gone.length > 0) yield blocks(`## ${words.baseline.gone}`, bullets(document.gone.map(sentence)));
  yield attempt(
    faults.connections,
    () => blocks(`## ${say.appendix}`, ...connections(document)),
    (fault) => blocks(sentence(prose(fault))),
    words,
  );
  const { shown, others } = document.certificates;
  if (shown.length > 0) {
    yield blocks(
      `### ${words.certificates.heading}`,
      ...shown.flatMap((one) => certificate(one, say)),
      others > 0 ? say.certificatesNotShown({ count: others }) : '',
    );
  }
  const { commands, others: files } = postmortem;
  if (commands.length > 0) {
    yield blocks(
      `### ${say.reproduce}`,
      codeBlock(commands.map(plain).join('\n'), 'sh'),
      files > 0 ? say.filesNotNamed({ count: files }) : '',
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
function timeHead(head: string, { date, timeZone: zone, words: { markdown: say } }: ReportDocument): string {
  return date === null ? say.timeIn({ head, zone }) : say.timeOn({ head, zone, date });
}

function summary({
  words,
  selection,
  tallies,
  overview,
  otherKinds,
  captures,
  files,
  warnings,
  moreCauses,
}: ReportDocument): string[] {
  const { markdown: say, counts } = words;
  return [
    selection === null ? '' : sentence(selection),
    bullets([
      tallies.map(({ label, number }) => `${label}: **${String(number)}**`).join(words.joins.items),
      ...overview.map(({ title, number, handshakes, where, since, certainty }) => {
        const values = {
          title: strong(title),
          handshakes: counts.handshakes({ count: handshakes }),
          where,
          since,
          certainty,
        };
        return sentence(
          overview.length > 1 && number > 0 ? say.numberedGlance({ ...values, number }) : say.glance(values),
        );
      }),
      ...(otherKinds > 0 ? [counts.moreKinds({ count: otherKinds })] : []),
      ...(moreCauses === null ? [] : [words.overview.someCauses]),
    ]),
    bullets([...captures, ...files].map(sentence)),
    warnings.length === 0 ? '' : `${words.captures.warnings}:\n\n${bullets(warnings.map(sentence))}`,
  ];
}

function diagnosisSection(section: DiagnosisSection, document: ReportDocument, isVerbose: boolean): string {
  const { number, title, handshakes, observed, explanation, certainty, settledBy } = section;
  const { differential, facts, source, evidence, notes, ladder } = section;
  const { words } = document;
  const { labels, diagnosis: say, places, markdown } = words;
  return blocks(
    `### ${number}. ${sentence(title)}`,
    observed === null ? '' : `**${labels.observed}:** ${sentence(observed)}`,
    `**${labels.explanation}:** ${sentence(explanation)}`,
    `**${labels.certainty}:** ${certainty}`,
    settledBy === null ? '' : `**${labels.settledBy}:** ${sentence(settledBy)}`,
    differential.rivals.length === 0
      ? ''
      : `**${labels.rivals}:**\n\n${bullets(
          differential.rivals.map(({ title: fault, explanation: why, settledBy: settles }) => {
            const rival = { title: fault, explanation: why };
            return sentence(settles === null ? say.rival(rival) : say.rivalToSettle({ ...rival, settledBy: settles }));
          }),
        )}`,
    isVerbose && differential.excluded.length > 0
      ? `**${labels.excluded}:**\n\n${bullets(differential.excluded.map((fault) => sentence(say.excluded(fault))))}`
      : '',
    bullets([
      `${places.failed}: ${handshakes}`,
      ...facts.map(({ label, text }) => `${label}: ${sentence(text)}`),
      ...notes.map((note) => `${labels.note}: ${sentence(note)}`),
    ]),
    section.places === null
      ? ''
      : table(
          [places.failed, places.worked, timeHead(places.first, document), places.last, places.where],
          section.places.rows.map(({ failed, worked, first, last, where }) => [
            failed,
            worked,
            first,
            last,
            cell(where),
          ]),
        ),
    section.places !== null && section.places.others > 0
      ? say.sentence({ text: places.more({ count: section.places.others }) })
      : '',
    sentence(markdown.evidence({ evidence: strong(labels.evidence), source })),
    table(
      [say.frame, timeHead(say.time, document), say.from, say.shows],
      evidence.map(({ place, time, side, text }) => [place, time, side, cell(text)]),
    ),
    ...endsBlocks(section, words),
    ladderBlock(ladder, words),
  );
}

/** What the files of the ends say. */
function endsBlocks({ ends }: DiagnosisSection, { labels, ends: say }: Wording): string[] {
  if (ends === null) return [];
  return [
    ends.facts.length === 0
      ? ''
      : `**${labels.ends}:**\n\n${bullets(ends.facts.map((fact) => sentence(say.fact(fact))))}`,
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

function ladderBlock(ladder: Ladder, words: Wording): string {
  const lines = ladderLines(ladder, createPage({ ...DEFAULTS, width: WIDTH }, words));
  return codeBlock(lines.map((line) => line.trimEnd()).join('\n'), 'text');
}

/** Tasks, each with what confirms it. */
function tasksOf({ remedies, number }: DiagnosisSection, isOfSeveral: boolean, say: Wording['markdown']): string[] {
  return remedies.map(({ actor, text, command }) => {
    const values = { actor: strong(actor), text };
    const task = `- [ ] ${sentence(isOfSeveral ? say.taskOfCause({ ...values, number }) : say.task(values))}`;
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
  const { connections: say, markdown } = document.words;
  const { rows, others } = document.connections;
  if (rows.length === 0) return [markdown.nothingFailed];
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
  const head = [
    '#',
    say.frames,
    timeHead(say.start, document),
    say.client,
    say.server,
    say.serverName,
    'TLS',
    say.result,
  ];
  return [
    `### ${say.heading}`,
    table(head, rows.map(row)),
    ...others.map((text) => sentence(markdown.sentence({ text }))),
  ];
}

function certificate({ where, facts, inFull }: CertificateSection, say: Wording['markdown']): string[] {
  const heading = sentence(where);
  return [
    `${heading.charAt(0).toUpperCase()}${heading.slice(1)}:`,
    table(
      [say.field, say.value],
      facts.map(({ label, text, fault = null }) => [
        label,
        cell(text) + (fault === null ? '' : ` — **${cell(fault)}**`),
      ]),
    ),
    inFull.length === 0 ? '' : codeBlock(inFull.join('\n'), 'text'),
  ];
}
