import { millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import type { Results } from '../diagnose/results.js';
import type { Success } from '../diagnose/evidence/timeline.js';
import type { DiagnosedConnection, Diagnosis } from '../diagnose/rule.js';
import { certificatesOf, dateFault, keyText, placeText, sentAt, type SeenCertificate } from './certificates.js';
import { listedConnections, wantedConnections } from './connection-table.js';
import { bound, showUnprintable } from './escape.js';
import { DEFAULTS, type ReportOptions, type ReportWriter } from './format.js';
import { code, codeBlock, codeCell, inCell, inSentence, ownText, table } from './markdown-text.js';
import {
  actorNames,
  byActor,
  certaintyPhrases,
  connectionsText,
  count,
  countUnexplained,
  endpointText,
  exampleOf,
  examplesText,
  frameText,
  grouped,
  listed,
  moreCausesText,
  riskPlaces,
  RISKS_HEADING,
  selectionText,
  spanText,
  toldCauses,
  clockOf,
  unexplained,
  unexplainedText,
  type Clock,
  verdict,
  warningText,
} from './phrases.js';
import { isOwn, storyOf } from './story.js';
import { ladderLines } from './text-ladder.js';
import { createPage } from './text-page.js';
import { actionOf, commandOf, explanationOf, factOf, quoteForShell } from './words.js';

/** Causes told in full. */
const MOST_CAUSES = 20;
const MOST_CAPTURES = 30;
const MOST_NAMES = 6;
const MOST_IDS = 20;
const MOST_ROWS = 100;
const MOST_CERTIFICATES = 30;
const MOST_WARNINGS = 30;
const MOST_FRAMES = 200;
const MOST_COMMANDS = 10;

/** The report in sections for a postmortem document, in the Markdown of GitHub and GitLab. */
export function createMarkdownWriter(options: ReportOptions): ReportWriter {
  return {
    connection: () => '',
    end(results) {
      const { told: causes, others } = toldCauses(results.diagnoses, MOST_CAUSES);
      return writeDocument({ results, options, causes, others, clock: clockOf(results.captures) });
    },
  };
}

interface Document {
  readonly results: Results;
  readonly options: ReportOptions;
  /** Those told in full. */
  readonly causes: readonly Diagnosis[];
  readonly others: readonly Diagnosis[];
  readonly clock: Clock;
}

function* writeDocument(document: Document): Iterable<string> {
  const { results, causes, others } = document;
  yield blocks(`# TLS postmortem: ${ownText(verdict(results))}`, '## Summary', summary(document));
  if (results.summary.failed > 0) {
    if (causes.length > 0) yield blocks('## Impact', impact(document));
    yield blocks('## Timeline', timeline(document));
    yield blocks('## Root cause');
    for (const [index, cause] of causes.entries()) yield diagnosisSection(document, cause, index + 1);
    if (others.length > 0) yield blocks(ownText(moreCausesText(others, MOST_NAMES)));
    yield unexplainedSection(document);
    if (causes.some(({ finding }) => finding.remedies.length > 0)) yield blocks('## What to change', changes(causes));
  }
  yield risksSection(document);
  yield blocks('## Appendix', appendixConnections(document));
  yield certificates(document);
  yield reproduction(document);
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

function summary({ results, causes, others, options }: Document): string {
  const { failed, established, incomplete, notTls } = results.summary;
  const selected = selectionText(options.selection, code);
  const isSeveral = results.captures.length > 1;
  const unknown = countUnexplained(results);
  return blocks(
    selected === null ? '' : `Only connections of ${selected} are counted and shown.`,
    bullets([
      `**${count(failed, 'handshake')} failed**, ${grouped(established)} succeeded` +
        (incomplete > 0 ? `, ${grouped(incomplete)} not captured to the end` : '') +
        (notTls > 0 ? `; ${count(notTls, 'connection')} without TLS` : ''),
      ...causes.map((cause, index) => causeSentence(cause, causes.length > 1 ? index + 1 : null)),
      ...(others.length > 0 ? [`${count(others.length, 'more cause')}, see below`] : []),
      ...(unknown > 0 ? [`**Cause unknown**: ${count(unknown, 'handshake')}`] : []),
    ]),
    table(
      [...(isSeveral ? ['File'] : []), 'Capture', 'Packets', 'Time'],
      results.captures
        .slice(0, MOST_CAPTURES)
        .map(({ packets, firstPacketAt, lastPacketAt }, index) => [
          ...(isSeveral ? [String(index + 1)] : []),
          captureName(results, index),
          grouped(packets),
          firstPacketAt && lastPacketAt ? plain(spanText(firstPacketAt, lastPacketAt)) : '—',
        ]),
    ),
    results.captures.length > MOST_CAPTURES
      ? `${count(results.captures.length - MOST_CAPTURES, 'more capture')} not listed.`
      : '',
    isSeveral ? 'A frame is written with the number of its file: `2:469` is frame 469 of file 2.' : '',
    warnings(results),
  ).trimEnd();
}

/** `**Server certificate expired**: 9 handshakes with a.example at 192.0.2.1:443, 2026-03-02 10:00:00 to 10:05:00 UTC (5 min); certain`. */
function causeSentence(cause: Diagnosis, index: number | null): string {
  const { rule, servers, serverNames, firstSeenAt, lastSeenAt, certainty } = cause;
  const names = serverNames.length === 0 ? '' : ` with ${listed(serverNames.map(code), 3)}`;
  return (
    `**${ownText(rule.title)}**${index === null ? '' : ` (cause ${index})`}: ${count(cause.count, 'handshake')}${names} at ` +
    `${listed(servers.map(code), 3)}, ${plain(spanText(firstSeenAt, lastSeenAt))}; ${certainty}`
  );
}

/** For a cell. */
function captureName({ captures }: Results, index: number): string {
  const path = captures[index]?.path ?? '';
  return path === '-' ? 'standard input' : codeCell(path);
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

function impact({ results, causes }: Document): string {
  const { connections, notTls } = results.summary;
  const names = (values: readonly string[]): string => listed(values.map(codeCell), MOST_NAMES) || '—';
  const share = (number: number): string => `${Math.round((1000 * number) / (connections - notTls)) / 10} %`;
  return table(
    ['Cause', 'Failed', 'Of all handshakes', 'Clients', 'Servers', 'Server names'],
    causes.map(({ rule, count: number, clients, servers, serverNames }) => [
      ownText(rule.title),
      grouped(number),
      share(number),
      names(clients),
      names(servers),
      names(serverNames),
    ]),
  );
}

/** What happened when, as far as the capture tells: its ends, of each cause its first and last failure, and what it changed. */
function timeline({ results, causes, clock }: Document): string {
  const events: { readonly at: Timestamp; readonly what: string }[] = [];
  const add = (at: Timestamp | null, what: string): void => {
    if (at !== null) events.push({ at, what });
  };
  for (const [index, { firstPacketAt, lastPacketAt }] of results.captures.slice(0, MOST_CAPTURES).entries()) {
    add(firstPacketAt, `The capture ${captureName(results, index)} begins`);
    add(lastPacketAt, `The capture ${captureName(results, index)} ends`);
  }
  for (const [index, { rule, timeline, firstSeenAt, lastSeenAt, count: number }] of causes.entries()) {
    const name = causes.length > 1 ? `cause ${index + 1} (${ownText(rule.title)})` : ownText(rule.title);
    if (timeline !== null && timeline.change !== 'none' && timeline.change !== 'comes-and-goes') {
      const { before, after } = isOwn(timeline) ? timeline : timeline.others;
      const success = (which: string, one: Success | null): void => {
        if (one !== null) add(one.at, `${which} ${name}: connection ${one.connection} of ${code(one.client)}`);
      };
      success('Last success before', before.last);
      success('First success after', after.first);
    }
    add(firstSeenAt, `**First failure**: ${name}`);
    if (number > 1) add(lastSeenAt, `Last of the ${grouped(number)} failures: ${name}`);
  }
  events.sort((a, b) => millisecondsBetween(b.at, a.at));
  return table(
    [timeHead(clock), 'What'],
    events.map(({ at, what }) => [clock.time(at), what]),
  );
}

/** The date once, above the times, where there is only one. */
function timeHead({ date }: Clock): string {
  return date === null ? 'Time (UTC)' : `Time (UTC, ${date})`;
}

function diagnosisSection({ results, causes, clock }: Document, diagnosis: Diagnosis, number: number): string {
  const { rule, finding, example, certainty, firstSeenAt, lastSeenAt } = diagnosis;
  const { captures } = results;
  const examples = examplesText(diagnosis);
  return blocks(
    `### ${causes.length > 1 ? `${number}. ` : ''}${ownText(rule.title)}`,
    explanationOf(finding, inSentence, ownText),
    bullets([
      `Seen in ${count(diagnosis.count, 'connection')}: ${connectionsText(diagnosis, MOST_IDS)}` +
        (examples === null ? '' : `; look first at ${examples}`),
      `When: ${plain(spanText(firstSeenAt, lastSeenAt))}`,
      ...storyOf(diagnosis, causes, { clock, write: code }).map(({ label, text }) => `${label}: ${plain(text)}`),
      `How sure: ${ownText(certaintyPhrases[certainty])}`,
      `Rule: ${code(rule.id)} (${rule.sources.map(ownText).join(', ')})`,
    ]),
    `Evidence from connection ${example.id}, ${code(endpointText(example.client))} → ${code(endpointText(example.server))}` +
      ` in ${code(captures[example.capture]?.path ?? '')}:`,
    table(
      ['Frame', timeHead(clock), 'From', 'What it shows'],
      finding.evidence.map((item) => [
        frameText(item.frame, item.capture ?? example.capture, captures),
        clock.time(item.at),
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

function unexplainedSection({ results }: Document): string {
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
    return byActor(remedies).map((remedy) => {
      const why = causes.length > 1 ? ` (cause ${index + 1})` : '';
      const task = `- [ ] **${actorNames[remedy.who]}**${why}: ${actionOf(rule, remedy, inSentence, ownText)}`;
      const command = commandOf(rule, remedy, showUnprintable);
      return command === null ? task : `${task}\n\n${indented(codeBlock(command, 'sh'))}`;
    });
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

function risksSection({ results: { risks } }: Document): string {
  if (risks.length === 0) return '';
  return blocks(
    `## ${RISKS_HEADING}`,
    bullets(
      risks.map((risk) => {
        const { finding } = risk;
        const where = riskPlaces(risk, MOST_NAMES, code);
        return `**${ownText(finding.rule.title)}** (${where}): ${explanationOf(finding, inSentence, ownText)}`;
      }),
    ),
  );
}

function appendixConnections({ results, options: { only, verbose }, clock }: Document): string {
  const wanted = verbose ? only : 'failed';
  const rows = listedConnections(results, wanted).slice(0, MOST_ROWS);
  if (rows.length === 0) return 'No connection failed.';
  const hidden = wantedConnections(results, wanted) - rows.length;
  return blocks(
    wanted === 'failed' ? '### Failed connections' : '### Connections',
    table(
      ['#', 'Frames', timeHead(clock).replace('Time', 'Start'), 'Client', 'Server', 'Server name', 'TLS', 'Result'],
      rows.map(({ connection, cause }) => [
        connection.id,
        `${frameText(connection.firstFrame, connection.capture, results.captures)}–` +
          frameText(connection.lastFrame, connection.lastCapture ?? connection.capture, results.captures),
        clock.time(connection.startedAt),
        code(endpointText(connection.client)),
        code(endpointText(connection.server)),
        codeCell(connection.clientHello?.serverName ?? ''),
        ownText(connection.serverHello?.version.replace(/^TLS /, '') ?? '—'),
        cause === null ? connection.outcome : code(cause.rule.id),
      ]),
    ),
    hidden > 0 ? `${count(hidden, 'more connection')} not shown; \`--format json\` has all.` : '',
  ).trimEnd();
}

function certificates({ results, options: { verbose, only } }: Document): string {
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
    return `${heading}\n\n${table(['Field', 'Value'], rows)}`;
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
  return `${heading}\n\n${table(['Field', 'Value'], rows)}`;
}

/** How a reader gets to the same result, and to the frames that prove it. */
function reproduction({ results: { captures }, causes, options: { selection } }: Document): string {
  const files = captures.map(({ path }) => path).filter((path) => path !== '-');
  if (files.length === 0) return '';
  const selected = [
    ...selection.hosts.map((host) => `--host ${shellWord(host)}`),
    ...selection.ports.map((port) => `--port ${port}`),
    ...selection.serverNames.map((name) => `--server-name ${shellWord(name)}`),
    ...selection.diagnoses.map((id) => `--diagnosis ${shellWord(id)}`),
  ];
  const shown = files.slice(0, MOST_CAPTURES).map(shellWord);
  const commands = [['tls-postmortem', ...selected, ...shown].join(' ')];
  for (const [index, { path }] of captures.entries()) {
    const frames = causes.flatMap(({ finding, example }) =>
      finding.evidence.filter(({ capture }) => (capture ?? example.capture) === index).map(({ frame }) => frame),
    );
    if (path === '-' || frames.length === 0 || commands.length > MOST_COMMANDS) continue;
    const list = [...new Set(frames)].sort((a, b) => a - b).slice(0, MOST_FRAMES);
    commands.push(`tshark -r ${shellWord(path)} -Y 'frame.number in {${list.join(', ')}}'`);
  }
  return blocks(
    '### To reproduce',
    codeBlock(commands.join('\n'), 'sh'),
    files.length > shown.length ? `${count(files.length - shown.length, 'more file')} not named here.` : '',
  );
}

function shellWord(path: string): string {
  return quoteForShell(bound(showUnprintable(path)));
}
