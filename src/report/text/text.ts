import type { ConnectionDetails } from '../document/connections.js';
import type { CertificateSection } from '../document/certificates.js';
import type { DiagnosisSection, RemedyText } from '../document/diagnosis.js';
import type { Fact } from '../document/text.js';
import { documentOf, type ReportDocument } from '../document/document.js';
import type { Limits } from '../document/scope.js';
import { prose, word, type Text } from '../document/text.js';
import { attempt } from '../attempt.js';
import type { CertificatePrinter, ReportOptions, ReportWriter } from '../format.js';
import { connectionTable } from './connection-table.js';
import { ladderLines } from './ladder.js';
import { columnsOf, pad, padStart, wrap, wrapCommand } from './layout.js';
import { tableLines } from './table.js';
import { createPage, INDENT, labelText, row, type Page, type TextFormat } from './page.js';

const LIMITS: Limits = {
  causes: 12,
  rungs: 14,
  rows: 50,
  rowsOf: ({ only }) => only,
  details: ({ verbose }) => (verbose ? 50 : 0),
  detailsOf: ({ only }) => only,
  detailRungs: undefined,
  certificates: 100,
};

/** More files are listed after the causes. */
const FEW_FILES = 3;

/** The report for a terminal: it begins with the verdict, so nothing is written before the end. */
export function createTextWriter(options: ReportOptions, print?: CertificatePrinter): ReportWriter {
  return {
    detailed: LIMITS.details(options) > 0 ? LIMITS.detailsOf(options) : 'failed',
    connection: () => '',
    end: (results) => drawDocument(documentOf(results, options, { limits: LIMITS, printCertificate: print }), options),
  };
}

function* drawDocument(document: ReportDocument, { verbose, ...look }: ReportOptions): Iterable<string> {
  const { words } = document;
  const page = createPage(look, words);
  yield page.print(headLines(document, page));
  for (const section of document.diagnoses) {
    yield page.print(
      attempted(words.faults.numberedCause({ number: section.number }), page, () =>
        diagnosisLines(section, verbose, page),
      ),
    );
  }
  yield page.print([
    ...(document.moreCauses === null ? [] : ['', ...paragraph(document.moreCauses, page, 'yellow')]),
    ...whatIfLines(document, page),
    ...unexplainedLines(document, page),
    ...riskLines(document, page),
    ...listLines(words.baseline.gone, document.gone, page),
    ...warningLines(document, page),
    ...(document.files.length > FEW_FILES
      ? ['', page.style('bold', words.captures.files), ...document.files.flatMap((line) => paragraph(line, page))]
      : []),
    // If all is well, a list of what is well would only hide that.
    ...(document.tallies.some(({ isWell, number }) => !isWell && number > 0) || verbose
      ? attempted(words.faults.connectionList, page, () => connectionTable(document.connections, page))
      : []),
  ]);
  if (verbose) yield* verboseLines(document, page);
  // Where a terminal stops scrolling.
  if (document.outlook === 'failed') yield page.print(['', ...paragraph(document.verdict, page, ['bold', 'red'])]);
}

/** The lines of one part, or a line that it cannot be shown. */
function attempted(what: string, page: Page, draw: () => string[]): string[] {
  return attempt(what, draw, (sentence) => ['', ...paragraph(prose(sentence), page)], page.words);
}

function* verboseLines(document: ReportDocument, page: Page): Iterable<string> {
  const { certificates, connections, faults } = page.words;
  for (const each of document.details) {
    yield page.print(attempted(faults.connection({ id: each.id }), page, () => detailLines(each, page)));
  }
  if (document.otherDetails > 0) {
    const more = prose(connections.moreInDetail({ count: document.otherDetails }));
    yield page.print(['', ...paragraph(more, page, 'dim')]);
  }
  const { shown, others } = document.certificates;
  if (shown.length > 0) yield page.print(['', page.style('bold', certificates.heading)]);
  for (const each of shown) yield page.print(attempted(faults.certificate, page, () => certificateLines(each, page)));
  if (others > 0) yield page.print(['', page.style('dim', certificates.more({ count: others }))]);
}

function paragraph(text: Text, { style, width, say }: Page, format?: TextFormat): string[] {
  return wrap(say(text), width).map((line) => (format === undefined ? line : style(format, line)));
}

/** The verdict, what it is about, and the causes at a glance if there are several. */
function headLines(
  { verdict, outlook, selection, captures, files, overview, otherKinds }: ReportDocument,
  page: Page,
): string[] {
  const format: TextFormat = outlook === 'failed' ? ['bold', 'red'] : outlook === 'good' ? ['bold', 'green'] : 'bold';
  const { style, width, say, words } = page;
  const numbers = overview.map(({ handshakes }) => words.number(handshakes));
  const numberWidth = Math.max(...numbers.map((number) => number.length));
  const glances = overview.flatMap(({ title, where, since }, index) => {
    const room = width - numberWidth - since.length - 5;
    const both = `${title}, ${say(where)}`;
    const [first = '', ...rest] = columnsOf(both) <= room ? [both] : [...wrap(title, room), ...wrap(say(where), room)];
    return [
      ` ${style(['bold', 'red'], (numbers[index] ?? '').padStart(numberWidth))}  ${pad(first, room)}  ${style('dim', since)}`,
      ...rest.map((line) => ' '.repeat(numberWidth + 3) + line),
    ];
  });
  return [
    ...paragraph(verdict, page, format),
    ...(selection === null ? [] : paragraph(selection, page, 'yellow')),
    ...[...captures, ...(files.length > FEW_FILES ? [] : files)].flatMap((line) => paragraph(line, page, 'dim')),
    ...(overview.length < 2 ? [] : ['', ...glances]),
    ...(otherKinds > 0 ? [` ${words.counts.moreKinds({ count: otherKinds })}`] : []),
  ];
}

function diagnosisLines(section: DiagnosisSection, isVerbose: boolean, page: Page): string[] {
  const { labels } = page.words;
  return [
    '',
    ...titleLines(`${section.number}. ${section.title}`, section.handshakes, page),
    ...(section.observed === null ? [] : row(labels.observed, section.observed, page)),
    ...row(labels.explanation, section.explanation, page),
    ...row(labels.certainty, section.certainty, page),
    ...(section.settledBy === null ? [] : row(labels.settledBy, section.settledBy, page)),
    ...rivalLines(section, page),
    '',
    ...factLines(section.facts, page),
    ...placeLines(section, page),
    ...(isVerbose ? excludedLines(section, page) : []),
    '',
    ...row(labels.evidence, section.source, page, 'dim'),
    ...evidenceLines(section, page),
    ...section.notes.flatMap((note) => row(labels.note, note, page)),
    ...endsLines(section, page),
    ...(section.remedies.length > 0 ? [''] : []),
    ...section.remedies.flatMap((remedy) => remedyLines(remedy, page)),
    '',
    ...ladderLines(section.ladder, page),
  ];
}

/** A line for each place, below a heading; in a narrow terminal, the place takes further lines. */
function placeLines({ places }: DiagnosisSection, { style, say, width, words }: Page): string[] {
  if (places === null) return [];
  const { failed, worked, first, last, where: lastHead, moreInJson } = words.places;
  const heads = [failed, worked, first, last];
  const cells = places.rows.map((place) => [place.failed, place.worked, place.first, place.last]);
  const widths = heads.map((head, index) =>
    Math.max(columnsOf(head), ...cells.map((cell) => cell[index]?.length ?? 0)),
  );
  const line = (values: readonly string[]): string =>
    `   ${values.map((value, index) => (index < 2 ? padStart : pad)(value, widths[index] ?? 0)).join('  ')}  `;
  const left = columnsOf(line(heads));
  const room = width - left;
  return [
    '',
    style('bold', line(heads) + lastHead),
    ...places.rows.flatMap(({ where }, index) => {
      const start = line(cells[index] ?? []);
      const text = say(where);
      if (columnsOf(text) <= room) return [start + text];
      return [start.trimEnd(), ...wrap(text, width - 6).map((part) => `      ${part}`)];
    }),
    ...(places.others > 0 ? [style('dim', `   ${moreInJson({ count: places.others })}`)] : []),
  ];
}

/** The faults that may be the cause too, each with what settles it. */
function rivalLines({ differential: { rivals } }: DiagnosisSection, page: Page): string[] {
  const { labels, diagnosis: say } = page.words;
  return listLines(
    `${labels.rivals}:`,
    rivals.map(({ title, explanation, settledBy }) =>
      settledBy === null ? say.rival({ title, explanation }) : say.rivalToSettle({ title, explanation, settledBy }),
    ),
    page,
  );
}

function excludedLines({ differential: { excluded } }: DiagnosisSection, page: Page): string[] {
  const { labels, diagnosis: say } = page.words;
  return listLines(`${labels.excluded}:`, excluded.map(say.excluded), page);
}

/** A heading, and items below it; nothing without items. */
function listLines(heading: string, items: readonly Text[], { style, width, say }: Page): string[] {
  if (items.length === 0) return [];
  return [
    '',
    `   ${style('bold', heading)}`,
    ...items.flatMap((text) =>
      wrap(say(text), width - 5).map((line, index) => `${index === 0 ? '   - ' : '     '}${line}`),
    ),
  ];
}

function factLines(facts: readonly Fact[], page: Page): string[] {
  return facts.flatMap(({ label, text }) => row(label, text, page));
}

function titleLines(title: string, aside: string, { style, width }: Page): string[] {
  const room = width - columnsOf(aside) - 2;
  const titleStyle: TextFormat = ['bold', 'red'];
  const heading =
    columnsOf(title) <= room
      ? [`${style(titleStyle, pad(title, room))}  ${aside}`]
      : [...wrap(title, width).map((line) => style(titleStyle, line)), `   ${aside}`];
  return [...heading, style('dim', '─'.repeat(width))];
}

function evidenceLines({ evidence }: DiagnosisSection, { style, width, say, words }: Page): string[] {
  const frameWidth = Math.max(...evidence.map(({ place }) => place.length), 0);
  return evidence.flatMap(({ place, time, from, side, text }) => {
    const where = `${words.diagnosis.citedFrame({ frame: place.padStart(frameWidth) })}  ${time}  ${side}  `;
    const fact = say(text);
    const room = width - INDENT - columnsOf(where);
    // Next to its place, or below it if that breaks it less.
    const below = wrap(fact, width - INDENT - 2);
    const narrow = room < 24 ? [] : wrap(fact, room);
    const beside = narrow.length > 0 && narrow.length <= below.length;
    const [first = '', ...rest] = beside ? narrow : below;
    const placed = style(from === 'client' ? 'cyan' : 'magenta', where.trimEnd());
    const indent = ' '.repeat(INDENT);
    return beside
      ? [`${indent}${placed}  ${first}`, ...rest.map((line) => indent + ' '.repeat(columnsOf(where)) + line)]
      : [indent + placed, ...[first, ...rest].map((line) => `${indent}  ${line}`)];
  });
}

/** What the files of the ends say. */
function endsLines({ ends }: DiagnosisSection, page: Page): string[] {
  if (ends === null) return [];
  return [
    ...(ends.facts.length > 0 ? [''] : []),
    ...ends.facts.flatMap(({ text, source }, index) =>
      row(index === 0 ? page.words.labels.ends : '', page.words.ends.fact({ text, source }), page),
    ),
    ...ends.tables.flatMap((table) => tableLines(table, page)),
  ];
}

function remedyLines({ actor, text, command }: RemedyText, page: Page): string[] {
  const { style, fullWidth, say, words } = page;
  const [first = '', ...rest] = row(words.labels.remedies, `${actor}: ${text}`, page);
  const commandLines = (command === null ? '' : say(command.text))
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => wrapCommand(line, fullWidth, INDENT));
  return [
    first.replace(`${actor}:`, style('bold', `${actor}:`)),
    ...rest,
    ...commandLines.map((line, index) => {
      const label = index === 0 ? labelText(words.labels.command, page) : '';
      return label + style('green', index === 0 ? line.slice(INDENT) : line);
    }),
  ];
}

function whatIfLines({ whatIf }: ReportDocument, page: Page): string[] {
  if (whatIf === null) return [];
  return [...tableLines(whatIf.table, page), ...paragraph(whatIf.note, page, 'dim')];
}

function unexplainedLines({ unexplained }: ReportDocument, page: Page): string[] {
  if (unexplained === null) return [];
  const { text, observed, ladder } = unexplained;
  return [
    '',
    ...paragraph(text, page, 'yellow'),
    ...(observed === null ? [] : row(page.words.labels.observed, observed, page)),
    ...(ladder === null ? [] : ['', ...ladderLines(ladder, page)]),
  ];
}

function riskLines({ risks }: ReportDocument, page: Page): string[] {
  if (risks.length === 0) return [];
  return [
    '',
    page.style('bold', page.words.risks.heading),
    ...risks.flatMap(({ title, where, explanation }) =>
      item(page.words.risks.risk({ title, where, explanation }), page),
    ),
  ];
}

function warningLines({ warnings }: ReportDocument, page: Page): string[] {
  return warnings.length === 0
    ? []
    : ['', page.style('bold', page.words.captures.warnings), ...warnings.flatMap((warning) => item(warning, page))];
}

function item(text: Text, { style, width, say }: Page): string[] {
  return wrap(say(text), width - 3).map((line, index) =>
    index === 0 ? ` ${style('yellow', '!')} ${line}` : `   ${line}`,
  );
}

function detailLines({ id, ends, facts, notes, ladder }: ConnectionDetails, page: Page): string[] {
  return [
    '',
    ...paragraph(page.words.connections.title({ id, ends }), page, 'bold'),
    page.style('dim', '─'.repeat(page.width)),
    ...factLines(facts, page),
    ...notes.flatMap((note) => row(page.words.labels.note, note, page)),
    '',
    ...ladderLines(ladder, page),
  ];
}

/** Values to copy: none is broken over lines in a terminal of 80 columns. */
function certificateLines({ where, facts, inFull }: CertificateSection, page: Page): string[] {
  return [
    '',
    ...wrap(page.say(where), page.width - 3).map((line) => `   ${line}`),
    ...facts.flatMap(({ label, text, fault = null }) => [
      ...row(label, text, page),
      ...(fault === null ? [] : row('', fault, page, 'red')),
    ]),
    ...(inFull.length === 0 ? [] : ['', ...inFull.flatMap((line) => inFullLines(page.say(word(line)), page))]),
  ];
}

/** A line of a certificate in full, at its indent; what does not fit goes on two columns further in. */
function inFullLines(line: string, page: Page): string[] {
  const text = line.trimStart();
  const indent = Math.min(3 + line.length - text.length, page.width >> 1);
  if (indent + columnsOf(text) <= page.width) return [' '.repeat(indent) + text];
  return wrap(text, page.width - indent - 2).map((part, index) => ' '.repeat(index === 0 ? indent : indent + 2) + part);
}
