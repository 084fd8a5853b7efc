import { millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import type { Results } from '../diagnose/results.js';
import type { Actor, DiagnosedConnection, Diagnosis } from '../diagnose/rule.js';
import { certificatesOf, dateFault, keyText, placeText, sentAt, type SeenCertificate } from './certificates.js';
import { listedConnections } from './connection-table.js';
import { bound, showUnprintable } from './escape.js';
import { DEFAULTS, type ReportOptions, type ReportWriter } from './format.js';
import { code, codeBlock, codeCell, inCell, inSentence, ownText, table } from './markdown-text.js';
import {
  certaintyPhrases,
  count,
  countUnexplained,
  endpointText,
  exampleOf,
  listed,
  selectionText,
  spanText,
  timeText,
  unexplained,
  unexplainedText,
  verdict,
  warningText,
} from './phrases.js';
import { ladderLines } from './text-ladder.js';
import { createPage } from './text-page.js';
import { actionOf, commandOf, explanationOf, factOf, quoteForShell } from './words.js';

const MOST_NAMES = 6;
const MOST_IDS = 20;
const MOST_ROWS = 100;
const MOST_CERTIFICATES = 30;
const MOST_WARNINGS = 30;
const MOST_FRAMES = 200;

const ACTORS: Readonly<Record<Actor, string>> = { server: 'Server', client: 'Client', network: 'Network' };

/** The report in sections for a postmortem document, in the Markdown of GitHub and GitLab. */
export function createMarkdownWriter(options: ReportOptions): ReportWriter {
  return { connection: () => '', end: (results) => writeMarkdown(results, options) };
}

function* writeMarkdown(results: Results, options: ReportOptions): Iterable<string> {
  const causes = results.diagnoses;
  yield blocks(`# TLS postmortem: ${ownText(verdict(results))}`, summary(results, causes, options));
  if (results.summary.failed > 0) {
    yield blocks('## Impact', impact(results, causes));
    yield blocks('## Timeline', timeline(results, causes));
    yield blocks('## Root cause');
    for (const [index, cause] of causes.entries()) yield diagnosisSection(results, cause, index + 1, causes.length);
    yield unexplainedSection(results);
    if (causes.some(({ finding }) => finding.remedies.length > 0)) yield blocks('## What to change', changes(causes));
  }
  yield risks(results);
  yield blocks('## Appendix', appendixConnections(results, options));
  yield certificates(results, options);
  yield reproduction(results, causes);
}

/** Paragraphs, lists and the like, an empty line after each. */
function blocks(...parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .map((part) => `${part}\n\n`)
    .join('');
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** Phrases keep words together with no-break spaces, which have no place in a document that people edit. */
function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}

function summary(results: Results, causes: readonly Diagnosis[], { selection }: ReportOptions): string {
  const { failed, established, incomplete, notTls } = results.summary;
  const selected = selectionText(selection, code);
  const captures = results.captures.map(({ path, packets, firstPacketAt, lastPacketAt }) => [
    path === '-' ? 'standard input' : codeCell(path),
    packets.toLocaleString('en-US'),
    firstPacketAt && lastPacketAt ? plain(spanText(firstPacketAt, lastPacketAt)) : '—',
  ]);
  return blocks(
    selected === null ? '' : `Only connections of ${selected} are counted and shown.`,
    bullets([
      `**${count(failed, 'handshake')} failed**, ${established.toLocaleString('en-US')} succeeded` +
        (incomplete > 0 ? `, ${incomplete.toLocaleString('en-US')} were not captured to the end` : '') +
        (notTls > 0 ? `; ${count(notTls, 'connection')} without TLS` : ''),
      ...causes.map(
        ({ rule, count: number, servers, firstSeenAt, certainty }) =>
          `${number.toLocaleString('en-US')} × **${ownText(rule.title)}** at ${listed(servers.map(code), 3)}, first at ` +
          `${timeText(firstSeenAt)} (${certainty})`,
      ),
    ]),
    table(['Capture', 'Packets', 'Time'], captures),
    warnings(results),
  ).trimEnd();
}

function warnings({ captures }: Results): string {
  const all = captures.flatMap(({ path, warnings: own }) =>
    own.map(
      (warning) => (captures.length > 1 ? `${code(path)}: ` : '') + inSentence(` ${warningText(warning)}`).trim(),
    ),
  );
  if (all.length === 0) return '';
  const more = all.length > MOST_WARNINGS ? [count(all.length - MOST_WARNINGS, 'more warning')] : [];
  return `About the capture:\n\n${bullets([...all.slice(0, MOST_WARNINGS), ...more].map(plain))}`;
}

function impact({ summary: { connections, notTls } }: Results, causes: readonly Diagnosis[]): string {
  const names = (values: readonly string[]): string => listed(values.map(codeCell), MOST_NAMES) || '—';
  const share = (number: number): string => `${Math.round((1000 * number) / (connections - notTls)) / 10} %`;
  return table(
    ['Cause', 'Failed', 'Of all handshakes', 'Clients', 'Servers', 'Server names'],
    causes.map(({ rule, count: number, clients, servers, serverNames }) => [
      ownText(rule.title),
      number.toLocaleString('en-US'),
      share(number),
      names(clients),
      names(servers),
      names(serverNames),
    ]),
  );
}

/** What happened when, as far as the capture tells: its ends, and of each cause the last success before, the first and the last failure. */
function timeline(results: Results, causes: readonly Diagnosis[]): string {
  const events: { readonly at: Timestamp; readonly what: string }[] = [];
  const add = (at: Timestamp | null, what: string): void => {
    if (at !== null) events.push({ at, what });
  };
  for (const { path, firstPacketAt, lastPacketAt } of results.captures) {
    const name = path === '-' ? 'standard input' : codeCell(path);
    add(firstPacketAt, `The capture ${name} begins`);
    add(lastPacketAt, `The capture ${name} ends`);
  }
  for (const [index, { rule, example, firstSeenAt, lastSeenAt, count: number }] of causes.entries()) {
    const name = `cause ${index + 1} (${ownText(rule.title)})`;
    const server = endpointText(example.server);
    const success = results.connections.findLast(
      ({ connection }) =>
        connection.outcome === 'established' &&
        endpointText(connection.server) === server &&
        millisecondsBetween(connection.startedAt, firstSeenAt) > 0,
    );
    if (success !== undefined) {
      add(
        success.connection.startedAt,
        `Last success at ${code(server)} before ${name}: connection ${success.connection.id}`,
      );
    }
    add(firstSeenAt, `**First failure** of ${name}`);
    if (number > 1) add(lastSeenAt, `Last of the ${number.toLocaleString('en-US')} failures of ${name}`);
  }
  events.sort((a, b) => millisecondsBetween(b.at, a.at));
  return table(
    ['Time (UTC)', 'What'],
    events.map(({ at, what }) => [timestampText(at), what]),
  );
}

function timestampText(time: Timestamp): string {
  return plain(spanText(time, time)).replace(/ UTC$/, '');
}

function diagnosisSection(results: Results, diagnosis: Diagnosis, number: number, of: number): string {
  const { rule, finding, example, certainty, connections, firstSeenAt, lastSeenAt } = diagnosis;
  return blocks(
    `### ${of > 1 ? `${number}. ` : ''}${ownText(rule.title)}`,
    explanationOf(finding, inSentence, ownText),
    bullets([
      `Seen in ${count(connections.length, 'connection')}: ${listed(connections, MOST_IDS)}`,
      `When: ${plain(spanText(firstSeenAt, lastSeenAt))}`,
      `How sure: ${ownText(certaintyPhrases[certainty])}`,
      `Rule: ${code(rule.id)} (${rule.sources.map(ownText).join(', ')})`,
    ]),
    `Evidence from connection ${example.id}, ${code(endpointText(example.client))} → ${code(endpointText(example.server))}` +
      ` in ${code(results.captures[example.capture]?.path ?? '')}:`,
    table(
      ['Frame', 'Time (UTC)', 'From', 'What it shows'],
      finding.evidence.map((item) => [
        (item.capture === undefined ? '' : `${codeCell(results.captures[item.capture]?.path ?? '')} `) +
          String(item.frame),
        timeText(item.at),
        item.from,
        factOf(rule, item, inCell, ownText),
      ]),
    ),
    ladder(exampleOf(results, diagnosis)),
  );
}

function ladder(example: DiagnosedConnection): string {
  const page = createPage({ ...DEFAULTS, width: 84 }, []);
  return codeBlock(
    ladderLines(example, page, false)
      .map((line) => line.trimEnd())
      .join('\n'),
    'text',
  );
}

function unexplainedSection(results: Results): string {
  const number = countUnexplained(results);
  if (number === 0) return '';
  const held = unexplained(results);
  const [example] = results.connections.filter(({ connection }) => connection === held[0]);
  return blocks(
    `### Unexplained`,
    `The capture does not show why ${count(number, 'connection')} failed: ${unexplainedText(results, MOST_IDS)}.`,
    example === undefined ? '' : ladder(example),
  );
}

/** Tasks, with what confirms each. */
function changes(causes: readonly Diagnosis[]): string {
  const tasks = causes.flatMap(({ finding: { rule, remedies } }, index) => {
    const actors = [...new Set(remedies.map(({ who }) => who))];
    return actors.flatMap((who) =>
      remedies
        .filter((remedy) => remedy.who === who)
        .map((remedy) => {
          const why = causes.length > 1 ? ` (cause ${index + 1})` : '';
          const task = `- [ ] **${ACTORS[who]}**${why}: ${actionOf(rule, remedy, inSentence, ownText)}`;
          const command = commandOf(rule, remedy, showUnprintable);
          return command === null ? task : `${task}\n\n${indented(codeBlock(command, 'sh'))}`;
        }),
    );
  });
  return tasks.join('\n\n');
}

/** As part of a list item. */
function indented(block: string): string {
  return block
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}

function risks(results: Results): string {
  if (results.risks.length === 0) return '';
  return blocks(
    '## Risks',
    bullets(
      results.risks.map((risk) => {
        const { finding } = risk;
        const where = `${count(risk.count, 'connection')} to ${listed(risk.servers.map(code), MOST_NAMES)}`;
        return `**${ownText(finding.rule.title)}** (${where}): ${explanationOf(finding, inSentence, ownText)}`;
      }),
    ),
  );
}

function appendixConnections(results: Results, { only, verbose }: ReportOptions): string {
  const { failed, connections: all, notTls } = results.summary;
  const wanted = verbose ? only : 'failed';
  const connections = listedConnections(results, wanted);
  const rows = connections.slice(0, MOST_ROWS);
  if (rows.length === 0) return 'No connection failed.';
  const hidden = (wanted === 'failed' ? failed : all - notTls) - rows.length;
  return blocks(
    wanted === 'failed' ? '### Failed connections' : '### Connections',
    table(
      ['#', 'Frames', 'Start (UTC)', 'Client', 'Server', 'Server name', 'TLS', 'Result'],
      rows.map(({ connection, cause }) => [
        connection.id,
        `${connection.firstFrame}–${connection.lastFrame}`,
        timeText(connection.startedAt),
        code(endpointText(connection.client)),
        code(endpointText(connection.server)),
        codeCell(connection.clientHello?.serverName ?? ''),
        ownText(connection.serverHello?.version ?? '—'),
        cause === null ? connection.outcome : code(cause.rule.id),
      ]),
    ),
    hidden > 0 ? `${count(hidden, 'more connection')} not shown; \`--format json\` has all.` : '',
  ).trimEnd();
}

function certificates(results: Results, { verbose, only }: ReportOptions): string {
  const wanted = listedConnections(results, verbose ? only : 'failed').map(({ connection }) => connection);
  const all = certificatesOf(wanted);
  if (all.length === 0) return '';
  return blocks(
    '### Certificates',
    ...all.slice(0, MOST_CERTIFICATES).map(certificateBlock),
    all.length > MOST_CERTIFICATES ? `${count(all.length - MOST_CERTIFICATES, 'more certificate')} not shown.` : '',
  );
}

function certificateBlock(seen: SeenCertificate): string {
  const { certificate, from, connections } = seen;
  const place = placeText(seen);
  const ids = connections.map(({ id }) => id);
  const heading = `${place.charAt(0).toUpperCase()}${place.slice(1)}, in connection${ids.length === 1 ? '' : 's'} ${listed(ids, MOST_IDS)}:`;
  if (certificate.error !== null) {
    const rows = [
      ['Unreadable', codeCell(certificate.error)],
      ['SHA-256', code(certificate.sha256)],
    ];
    return `${heading}\n\n${table(['', ''], rows)}`;
  }
  const { dns, ip } = certificate.subjectAltNames;
  const fault = dateFault(certificate, sentAt(connections[0] as Connection, from));
  const names = [...dns, ...ip];
  const rows = [
    ['Subject', codeCell(certificate.subject)],
    ['Issuer', codeCell(certificate.issuer)],
    ['Serial number', codeCell(certificate.serialNumber)],
    ['Begins', certificate.notBefore],
    ['Ends', certificate.notAfter + (fault === null ? '' : ` — **${plain(fault)} it was sent**`)],
    ['Names', names.length === 0 ? '—' : listed(names.map(codeCell), 20)],
    ['Key', codeCell(`${keyText(certificate)}, signed ${certificate.signatureAlgorithm}`)],
    ['SHA-256', code(certificate.sha256)],
  ];
  return `${heading}\n\n${table(['', ''], rows)}`;
}

/** How a reader gets to the same result, and to the frames. */
function reproduction({ captures }: Results, causes: readonly Diagnosis[]): string {
  const files = captures.map(({ path }) => path).filter((path) => path !== '-');
  if (files.length === 0) return '';
  const commands = [`tls-postmortem ${files.map(shellWord).join(' ')}`];
  const frames = [
    ...new Set(
      causes.flatMap(({ finding }) =>
        finding.evidence.filter(({ capture }) => capture === undefined).map(({ frame }) => frame),
      ),
    ),
  ];
  const [file] = files;
  if (files.length === 1 && file !== undefined && frames.length > 0) {
    const list = frames.sort((a, b) => a - b).slice(0, MOST_FRAMES);
    commands.push(`tshark -r ${shellWord(file)} -Y 'frame.number in {${list.join(', ')}}'`);
  }
  return blocks('### To reproduce', codeBlock(commands.join('\n'), 'sh'));
}

function shellWord(path: string): string {
  return quoteForShell(bound(showUnprintable(path)));
}
