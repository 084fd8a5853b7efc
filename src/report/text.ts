import type { Connection } from '../connection/connection.js';
import type { Results } from '../diagnose/results.js';
import type { Diagnosis, Finding, Remedy } from '../diagnose/rule.js';
import { connectionTable, listedConnections, wantedConnections } from './connection-table.js';
import { DEFAULTS, writeReport, type ReportOptions, type ReportWriter } from './format.js';
import { columnsOf, pad, shorten, wrap, wrapCommand } from './layout.js';
import {
  actorNames,
  byActor,
  captureLines,
  causeKinds,
  certaintyPhrases,
  connectionsText,
  count,
  countUnexplained,
  endpointText,
  exampleOf,
  hasEnded,
  examplesText,
  grouped,
  listed,
  moreCausesText,
  riskPlaces,
  RISKS_HEADING,
  selectionText,
  spanText,
  toldCauses,
  unexplained,
  unexplainedText,
  verdict,
  warningText,
} from './phrases.js';
import type { Selection } from './selection.js';
import { storyOf } from './story.js';
import { verboseBlocks } from './text-details.js';
import { ladderLines } from './text-ladder.js';
import { createPage, INDENT, row, type Page, type TextFormat } from './text-page.js';
import { actionOf, commandOf, explanationOf, factOf } from './words.js';

const MOST_OVERVIEW = 8;
/** Causes told in full. */
const MOST_CAUSES = 12;
const MOST_KINDS = 6;
const MOST_WARNINGS = 12;
const MOST_NAMES = 4;
const MOST_IDS = 12;

/** The report for a terminal: it begins with the verdict, so nothing is written before the end. */
export function createTextWriter(options: ReportOptions): ReportWriter {
  return { connection: () => '', end: (results) => writeSections(results, options) };
}

/** The report for a terminal, of an analysis that is over. */
export function writeText(results: Results, options: Partial<ReportOptions> = {}): Iterable<string> {
  return writeReport(createTextWriter({ ...DEFAULTS, ...options }), results);
}

/** Verdict, diagnoses worst first, what is wrong with the capture, then the connections; with `verbose` each in detail. */
function* writeSections(results: Results, { only, verbose, selection, ...look }: ReportOptions): Iterable<string> {
  const page = createPage(look, results.captures);
  const { failed, incomplete } = results.summary;
  const causes = results.diagnoses;
  const isSingle = failed + incomplete === 0;

  yield page.print(verdictLines(results, selection, page));
  if (causes.length > 1) yield page.print(overviewLines(causes, page));
  const { told, others } = toldCauses(causes, MOST_CAUSES);
  for (const index of told.keys()) yield page.print(diagnosisLines(results, told, index, page));
  yield page.print(moreCausesLines(others, page));
  yield page.print(unexplainedLines(results, page));
  yield page.print(riskLines(results, page));
  yield page.print(warningLines(results, page));
  // When all is well, a list of what is well only hides that it is.
  if (!isSingle || verbose) yield page.print(connectionTable(results, only, page));
  if (verbose) yield* verboseBlocks(listedConnections(results, only), wantedConnections(results, only), page);
}

function verdictLines(results: Results, selection: Selection, { style, width, paths, escape }: Page): string[] {
  const { failed, established, incomplete } = results.summary;
  const format: TextFormat =
    failed > 0 ? ['bold', 'red'] : established > 0 && incomplete === 0 ? ['bold', 'green'] : 'bold';
  const selected = selectionText(selection, escape);
  return [
    ...wrap(verdict(results), width).map((line) => style(format, line)),
    ...(selected === null
      ? []
      : wrap(`Selected: ${selected}. Other connections are not counted.`, width).map((line) => style('yellow', line))),
    ...captureLines(results.captures, paths)
      .flatMap((line) => wrap(line, width))
      .map((line) => style('dim', line)),
  ];
}

function diagnosisLines(results: Results, told: readonly Diagnosis[], index: number, page: Page): string[] {
  const diagnosis = told[index];
  if (diagnosis === undefined) return [];
  const { rule, finding, example } = diagnosis;
  return [
    '',
    ...titleLines(`${index + 1}. ${rule.title}`, count(diagnosis.count, 'handshake'), page),
    ...wrap(explanationOf(finding, page.escape), page.width - 3).map((line) => `   ${line}`),
    '',
    ...whoRows(diagnosis, page),
    ...row('When', spanText(diagnosis.firstSeenAt, diagnosis.lastSeenAt), page),
    ...storyOf(diagnosis, told, { clock: page.clock, write: page.escape }).flatMap(({ label, text }) =>
      row(label, text, page),
    ),
    ...(diagnosis.count > 1 ? row('Seen in', seenText(diagnosis), page) : []),
    ...row('Certainty', certaintyPhrases[diagnosis.certainty], page),
    '',
    ...row('Evidence', evidenceHeading(example, page), page, 'dim'),
    ...evidenceLines(finding, page),
    ...example.notes.slice(0, 3).flatMap(({ message }) => row('Note', page.escape(message), page)),
    ...(finding.remedies.length > 0 ? [''] : []),
    ...byActor(finding.remedies).flatMap((remedy) => remedyLines(finding, remedy, page)),
    '',
    ...ladderLines(exampleOf(results, diagnosis), page, false),
  ];
}

function seenText(diagnosis: Diagnosis): string {
  const examples = examplesText(diagnosis);
  const where = `connections ${connectionsText(diagnosis, MOST_IDS)}`;
  return examples === null ? where : `${where}; look first at ${examples}`;
}

/** The causes at a glance, where there are several; the same at many servers in one line. */
function overviewLines(causes: readonly Diagnosis[], { style, width, clock }: Page): string[] {
  const kinds = causes.length > MOST_OVERVIEW ? causeKinds(causes) : causes;
  const numbers = kinds.map((kind) => grouped(kind.count));
  const numberWidth = Math.max(...numbers.map((number) => number.length));
  return [
    '',
    ...kinds.slice(0, MOST_OVERVIEW).map((kind, index) => {
      const { rule, servers, firstSeenAt, lastSeenAt } = kind;
      const since = hasEnded(kind) ? `until ${clock.shortTime(lastSeenAt)}` : `since ${clock.shortTime(firstSeenAt)}`;
      const where = servers.length === 1 ? (servers[0] ?? '') : count(servers.length, 'server');
      const room = width - numberWidth - since.length - 5;
      const what = shorten(`${rule.title}, ${where}`, room, 'end');
      return ` ${style(['bold', 'red'], (numbers[index] ?? '').padStart(numberWidth))}  ${pad(what, room)}  ${style('dim', since)}`;
    }),
    ...(kinds.length > MOST_OVERVIEW ? [` ${count(kinds.length - MOST_OVERVIEW, 'more kind')} of cause`] : []),
  ];
}

function moreCausesLines(causes: readonly Diagnosis[], { style, width }: Page): string[] {
  if (causes.length === 0) return [];
  return ['', ...wrap(moreCausesText(causes, MOST_KINDS), width).map((line) => style('yellow', line))];
}

function titleLines(title: string, aside: string, { style, width }: Page): string[] {
  const room = width - columnsOf(aside) - 2;
  const titleStyle: TextFormat = ['bold', 'red'];
  const [first = '', ...rest] = wrap(title, columnsOf(title) <= room ? room : width);
  const heading =
    columnsOf(title) <= room
      ? [`${style(titleStyle, pad(first, room))}  ${aside}`]
      : [...[first, ...rest].map((line) => style(titleStyle, line)), `   ${aside}`];
  return [...heading, style('dim', '─'.repeat(width))];
}

function whoRows({ clients, servers, serverNames }: Diagnosis, page: Page): string[] {
  const names = serverNames.map(page.escape);
  if (clients.length === 1 && servers.length === 1 && names.length <= 1) {
    const name = names.length === 1 ? ` (${names.join('')})` : '';
    return row('Who', `${clients.join('')} → ${servers.join('')}${name}`, page);
  }
  const several = (label: string, items: readonly string[]): string[] =>
    items.length === 0 ? [] : row(items.length === 1 ? label : `${label}s`, listed(items, MOST_NAMES), page);
  return [...several('Client', clients), ...several('Server', servers), ...several('Name', names)];
}

function evidenceHeading(connection: Connection, { paths }: Page): string {
  const file = paths.length > 1 ? ` of ${paths[connection.capture] ?? ''}` : '';
  const { id, client, server } = connection;
  return `connection ${id}${file}: ${endpointText(client)} → ${endpointText(server)}`;
}

function evidenceLines({ rule, evidence }: Finding, page: Page): string[] {
  const { style, width, paths, clock } = page;
  const frameWidth = Math.max(...evidence.map(({ frame }) => String(frame).length), 0);
  return evidence.flatMap((item) => {
    const place = `frame ${String(item.frame).padStart(frameWidth)}  ${clock.time(item.at)}  ${item.from}  `;
    const file = item.capture === undefined ? '' : `in ${paths[item.capture] ?? ''}: `;
    const fact = file + factOf(rule, item, page.escape);
    const room = width - INDENT - place.length;
    // Beside its place, or below it where that breaks it less.
    const below = wrap(fact, width - INDENT - 2);
    const narrow = room < 24 ? [] : wrap(fact, room);
    const beside = narrow.length > 0 && narrow.length <= below.length;
    const [first = '', ...rest] = beside ? narrow : below;
    const placed = style(item.from === 'client' ? 'cyan' : 'magenta', place.trimEnd());
    const indent = ' '.repeat(INDENT);
    return beside
      ? [`${indent}${placed}  ${first}`, ...rest.map((line) => indent + ' '.repeat(place.length) + line)]
      : [indent + placed, ...[first, ...rest].map((line) => `${indent}  ${line}`)];
  });
}

function remedyLines({ rule }: Finding, remedy: Remedy, page: Page): string[] {
  const { style, fullWidth } = page;
  const actor = `${actorNames[remedy.who]}:`;
  const [first = '', ...rest] = row('To do', `${actor} ${actionOf(rule, remedy, page.escape)}`, page);
  const command = commandOf(rule, remedy, page.escapeWhole);
  const commandLines = (command ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => wrapCommand(line, fullWidth, INDENT));
  return [
    first.replace(actor, style('bold', actor)),
    ...rest,
    ...commandLines.map((line, index) => {
      const label = index === 0 ? `   ${style('bold', 'Confirm')}${' '.repeat(INDENT - 10)}` : '';
      return label + style('green', index === 0 ? line.slice(INDENT) : line);
    }),
  ];
}

function unexplainedLines(results: Results, page: Page): string[] {
  const number = countUnexplained(results);
  if (number === 0) return [];
  const held = unexplained(results);
  const ids = unexplainedText(results, MOST_NAMES);
  const subject = number === 1 ? 'connection' : 'connections';
  const [example] = results.connections.filter(({ connection }) => connection === held[0]);
  return [
    '',
    ...wrap(`The capture does not show why ${subject} ${ids} failed.`, page.width).map((line) =>
      page.style('yellow', line),
    ),
    ...(example === undefined ? [] : ['', ...ladderLines(example, page, false)]),
  ];
}

function riskLines({ risks }: Results, page: Page): string[] {
  if (risks.length === 0) return [];
  return [
    '',
    page.style('bold', RISKS_HEADING),
    ...risks.flatMap((risk) => {
      const where = riskPlaces(risk, MOST_NAMES, (server) => server);
      return item(`${risk.finding.rule.title} (${where}): ${explanationOf(risk.finding, page.escape)}`, page);
    }),
  ];
}

function warningLines({ captures }: Results, page: Page): string[] {
  const warnings = captures.flatMap((capture, index) =>
    capture.warnings.map((warning) => {
      const file = captures.length > 1 ? `${page.paths[index] ?? ''}: ` : '';
      return file + page.escape(warningText(warning));
    }),
  );
  if (warnings.length === 0) return [];
  const hidden = warnings.length - MOST_WARNINGS;
  return [
    '',
    page.style('bold', 'About the capture'),
    ...warnings.slice(0, MOST_WARNINGS).flatMap((warning) => item(warning, page)),
    ...(hidden > 0 ? item(`${count(hidden, 'more warning')}, all in --format json`, page) : []),
  ];
}

function item(text: string, { style, width }: Page): string[] {
  return wrap(text, width - 3).map((line, index) => (index === 0 ? ` ${style('yellow', '!')} ${line}` : `   ${line}`));
}
