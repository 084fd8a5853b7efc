import { styleText } from 'node:util';
import type { Connection } from '../connection/connection.js';
import type { Results } from '../diagnose/results.js';
import type { Actor, Diagnosis, Finding, Remedy } from '../diagnose/rule.js';
import { connectionTable } from './connection-table.js';
import { escapeTerminal, showUnprintable } from './escape.js';
import type { ReportOptions } from './format.js';
import { columnsOf, pad, wrap, wrapCommand } from './layout.js';
import {
  captureLine,
  causesOf,
  certaintyPhrases,
  count,
  endpointText,
  listed,
  risksOf,
  spanText,
  timeText,
  unexplained,
  verdict,
  warningText,
} from './phrases.js';
import { actionOf, commandOf, explanationOf, factOf } from './words.js';

/** Lines longer than this are hard to read, however wide the terminal. Tables may use all of it. */
const WIDEST_PROSE = 100;
/** Narrower terminals get lines that the terminal itself will wrap. */
const NARROWEST = 60;
/** Column where a diagnosis' values start, after their labels. */
const INDENT = 13;
const MOST_WARNINGS = 12;
const MOST_NAMES = 4;
const MOST_IDS = 12;

type Format = Parameters<typeof styleText>[0];
type Style = (format: Format, text: string) => string;

/** What the sections of the report share. */
interface Page {
  readonly style: Style;
  /** Columns for running text. */
  readonly width: number;
  /** Columns of the terminal. */
  readonly fullWidth: number;
  /** The captures' paths, shown only where there are several. */
  readonly paths: readonly string[];
}

/** The report for a terminal: verdict, diagnoses worst first, what is wrong with the capture, then the connections. */
export function* writeText(results: Results, { color, width }: ReportOptions): Iterable<string> {
  const fullWidth = Math.max(width, NARROWEST);
  const page: Page = {
    // The caller has decided on colour; newer Node.js would otherwise ask the terminal again.
    style: color ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text,
    width: Math.min(fullWidth, WIDEST_PROSE),
    fullWidth,
    paths: results.captures.map(({ path }) => (path === '-' ? 'standard input' : escapeTerminal(path))),
  };
  const { failed, incomplete } = results.summary;
  const causes = causesOf(results);

  yield* lines(verdictLines(results, page));
  for (const [index, diagnosis] of causes.entries()) yield* lines(diagnosisLines(diagnosis, index + 1, page));
  yield* lines(unexplainedLines(unexplained(results), page));
  yield* lines(riskLines(results, page));
  yield* lines(warningLines(results, page));
  // When all is well, a list of what is well only hides that it is.
  if (failed > 0 || incomplete > 0) {
    yield* lines(connectionTable(results, { width: fullWidth, style: page.style }));
  }
}

function* lines(block: readonly string[]): Iterable<string> {
  if (block.length > 0) yield `${block.join('\n')}\n`;
}

function verdictLines(results: Results, { style, width, paths }: Page): string[] {
  const { failed, established, incomplete } = results.summary;
  const format: Format =
    failed > 0 ? ['bold', 'red'] : established > 0 && incomplete === 0 ? ['bold', 'green'] : 'bold';
  return [
    ...wrap(verdict(results), width).map((line) => style(format, line)),
    ...results.captures
      .flatMap((capture, index) => wrap(captureLine(capture, paths[index] ?? ''), width))
      .map((line) => style('dim', line)),
  ];
}

function diagnosisLines(diagnosis: Diagnosis, number: number, page: Page): string[] {
  const { rule, finding, example } = diagnosis;
  return [
    '',
    ...titleLines(`${number}. ${rule.title}`, count(diagnosis.count, 'handshake'), page),
    ...wrap(explanationOf(finding, escapeTerminal), page.width - 3).map((line) => `   ${line}`),
    '',
    ...whoRows(diagnosis, page),
    ...row('When', spanText(diagnosis.firstSeenAt, diagnosis.lastSeenAt), page),
    ...row('Certainty', certaintyPhrases[diagnosis.certainty], page),
    ...(diagnosis.count > 1 ? row('Seen in', `connections ${listed(diagnosis.connections, MOST_IDS)}`, page) : []),
    '',
    ...row('Evidence', evidenceHeading(example, page), page, 'dim'),
    ...evidenceLines(finding, page),
    ...example.notes.slice(0, 3).flatMap(({ message }) => row('Note', escapeTerminal(message), page)),
    ...(finding.remedies.length > 0 ? [''] : []),
    ...byActor(finding.remedies).flatMap((remedy) => remedyLines(finding, remedy, page)),
  ];
}

function titleLines(title: string, aside: string, { style, width }: Page): string[] {
  const room = width - columnsOf(aside) - 2;
  const titleStyle: Format = ['bold', 'red'];
  const [first = '', ...rest] = wrap(title, columnsOf(title) <= room ? room : width);
  const heading =
    columnsOf(title) <= room
      ? [`${style(titleStyle, pad(first, room))}  ${aside}`]
      : [...[first, ...rest].map((line) => style(titleStyle, line)), `   ${aside}`];
  return [...heading, style('dim', '─'.repeat(width))];
}

/** A label, and its text beside it. */
function row(label: string, text: string, { style, width }: Page, format?: Format): string[] {
  return wrap(text, width - INDENT).map(
    (line, index) =>
      (index === 0 ? `   ${style('bold', label)}${' '.repeat(INDENT - 3 - label.length)}` : ' '.repeat(INDENT)) +
      (format === undefined ? line : style(format, line)),
  );
}

function whoRows({ clients, servers, serverNames }: Diagnosis, page: Page): string[] {
  const names = serverNames.map(escapeTerminal);
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

function evidenceLines({ rule, evidence }: Finding, { style, width }: Page): string[] {
  const frameWidth = Math.max(...evidence.map(({ frame }) => String(frame).length), 0);
  return evidence.flatMap((item) => {
    const place = `frame ${String(item.frame).padStart(frameWidth)}  ${timeText(item.at)}  ${item.from}  `;
    const fact = factOf(rule, item, escapeTerminal);
    const room = width - INDENT - place.length;
    // Beside its place, or in a narrow terminal below it.
    const beside = room >= 24;
    const [first = '', ...rest] = wrap(fact, beside ? room : width - INDENT - 2);
    const placed = style(item.from === 'client' ? 'cyan' : 'magenta', place.trimEnd());
    const indent = ' '.repeat(INDENT);
    return beside
      ? [`${indent}${placed}  ${first}`, ...rest.map((line) => indent + ' '.repeat(place.length) + line)]
      : [indent + placed, ...[first, ...rest].map((line) => `${indent}  ${line}`)];
  });
}

const ACTORS: Readonly<Record<Actor, string>> = { server: 'Server', client: 'Client', network: 'Network' };

/** What one side has to do stands together; the sides keep the order in which the rule names them. */
function byActor(remedies: readonly Remedy[]): Remedy[] {
  const actors = [...new Set(remedies.map(({ who }) => who))];
  return actors.flatMap((actor) => remedies.filter(({ who }) => who === actor));
}

function remedyLines({ rule }: Finding, remedy: Remedy, page: Page): string[] {
  const { style, fullWidth } = page;
  const actor = `${ACTORS[remedy.who]}:`;
  const [first = '', ...rest] = row('To do', `${actor} ${actionOf(rule, remedy, escapeTerminal)}`, page);
  const command = commandOf(rule, remedy, showUnprintable);
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

function unexplainedLines(connections: readonly Connection[], page: Page): string[] {
  if (connections.length === 0) return [];
  const ids = listed(
    connections.map(({ id, firstFrame }) => `${id} (from\u00a0frame\u00a0${firstFrame})`),
    MOST_NAMES,
  );
  const subject = connections.length === 1 ? 'connection' : 'connections';
  return [
    '',
    ...wrap(`The capture does not show why ${subject} ${ids} failed.`, page.width).map((line) =>
      page.style('yellow', line),
    ),
  ];
}

function riskLines({ connections }: Results, page: Page): string[] {
  const risks = risksOf(connections);
  if (risks.length === 0) return [];
  return [
    '',
    page.style('bold', 'Nothing failed of these yet'),
    ...risks.flatMap(({ finding, connections: at }) => {
      const servers = [...new Set(at.map(({ server }) => endpointText(server)))];
      const where = `${count(at.length, 'connection')} to ${listed(servers, MOST_NAMES)}`;
      return item(`${finding.rule.title} (${where}): ${explanationOf(finding, escapeTerminal)}`, page);
    }),
  ];
}

function warningLines({ captures }: Results, page: Page): string[] {
  const warnings = captures.flatMap((capture, index) =>
    capture.warnings.map((warning) => {
      const file = captures.length > 1 ? `${page.paths[index] ?? ''}: ` : '';
      return file + escapeTerminal(warningText(warning));
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
