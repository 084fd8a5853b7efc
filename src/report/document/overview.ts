/** Everything in a report but its diagnoses: the verdict, the captures, the causes at a glance, risks, warnings. */
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { CaptureSummary } from '../../capture/open.js';
import type { Results } from '../../diagnose/results.js';
import type { Diagnosis } from '../../diagnose/finding.js';
import { newText, noveltyOf } from './baseline.js';
import { occurrenceOf, kindsOf, toldCauses, type Cause } from './causes.js';
import { actorNames, count, grouped, listed, spanText, type Clock } from '../phrases.js';
import type { Language } from '../messages/language.js';
import { partialText } from '../partial.js';
import type { Selection } from '../selection.js';
import { UTC, type TimeZone } from '../time-zone.js';
import { actionOf, explanationOf, ruleWords, warningOf } from '../words.js';
import { code, wire, type Text } from './text.js';
import { unreadLinesText } from './ends.js';
import { keyLines, keyWarnings } from './keys.js';
import { unresolvedLines } from './names.js';
import type { Scope } from './scope.js';
import { unreadText } from './unread.js';

/** Above the risks. */
export const RISKS_HEADING = 'Risks: nothing has failed because of these yet';
/** Above the warnings. */
export const WARNINGS_HEADING = 'About the capture';

/** Values of a list that are named; the others are counted. */
export const MOST_NAMES = 6;
const MOST_WARNINGS = 30;
const MOST_CAPTURES = 30;
/** Causes at a glance; if there are more, those of one kind share a line. */
const MOST_OVERVIEW = 8;

/** How many failed without a known cause, whether or not the results hold them. */
export function countUnexplained({ summary, diagnoses }: Results): number {
  return summary.failed - diagnoses.reduce((sum, each) => sum + each.count, 0);
}

/** The report in one line: how many handshakes failed, with how many causes; and whether everything could be read. */
export function verdictOf(results: Results): string {
  const partial = partialText(results);
  return verdictOfWhatWasRead(results, partial === null ? '' : ` (${partial})`);
}

/** @param limits what could not be read, in brackets; empty if everything could be */
function verdictOfWhatWasRead(results: Results, limits: string): string {
  const { connections, established, failed, incomplete, notTls } = results.summary;
  const handshakes = connections - notTls;
  if (connections === 0 && results.notSelected > 0) {
    return `No connection is selected, of ${grouped(results.notSelected)} in the capture${limits}.`;
  }
  if (connections === 0) {
    if (results.captures.every(({ packets }) => packets === 0)) return `No packet in the capture${limits}.`;
    const unread = unreadText(results);
    return `No TCP, DTLS or QUIC connection in the capture${unread === null ? '' : `; not analysed: ${unread}`}${limits}.`;
  }
  if (handshakes === 0) {
    return `No TLS handshake in the capture: ${connections === 1 ? 'its one connection is' : `its ${count(connections, 'connection')} are`} not TLS${limits}.`;
  }
  // Also those that were not meant to lead to a session: probes, surveys, lost races.
  const cut = incomplete === 0 ? '' : `, ${grouped(incomplete)} broken off or not captured to the end`;
  if (failed > 0) {
    const causes = results.diagnoses.length;
    const unknown = countUnexplained(results);
    const why = [
      ...(causes > 0 ? [causesText(results.diagnoses)] : []),
      ...(unknown > 0 ? [`${causes > 0 ? grouped(unknown) : 'cause'} unknown`] : []),
    ];
    return `${grouped(failed)} of ${count(handshakes, 'handshake')} failed, ${why.join(', ')}${newText(results)}${cut}${limits}`;
  }
  if (established === 0) return `No handshake failed${cut}${limits}.`;
  if (established === handshakes && limits === '')
    return established === 1 ? 'The one handshake succeeded.' : `All ${count(established, 'handshake')} succeeded.`;
  return `${count(established, 'handshake')} succeeded, none failed${cut}${limits}.`;
}

/** `2 causes`, `76 causes of 2 kinds`. */
function causesText(causes: readonly Diagnosis[]): string {
  const kinds = new Set(causes.map(({ rule }) => rule.id)).size;
  return count(causes.length, 'cause') + (kinds < causes.length ? ` of ${count(kinds, 'kind')}` : '');
}

/** How many connections went how. */
export interface Tally {
  readonly label: string;
  readonly number: number;
  readonly style: 'failed' | 'ok' | '';
  /** Whether these need no attention: they worked, or are not TLS. */
  readonly isWell: boolean;
}

/** Always failed and succeeded ones, others if there are any. */
export function talliesOf({ summary: { failed, established, incomplete, notTls } }: Results): Tally[] {
  const tallies: readonly Tally[] = [
    { label: 'Handshakes failed', number: failed, style: failed > 0 ? 'failed' : '', isWell: false },
    { label: 'Succeeded', number: established, style: 'ok', isWell: true },
    { label: 'Not captured to the end', number: incomplete, style: '', isWell: false },
    { label: 'Not TLS', number: notTls, style: '', isWell: true },
  ];
  return tallies.filter(({ number }, index) => index < 2 || number > 0);
}

/** The restriction of the report: `Selected: host 192.0.2.1 or 192.0.2.2, port 443.` */
export function selectionOf(selection: Selection): Text | null {
  const { hosts, clients, servers, ports, serverNames, protocols, diagnoses, since, until } = selection;
  const kinds: readonly [string, readonly string[]][] = [
    ['host', hosts],
    ['client', clients],
    ['server', servers],
    ['port', ports.map(String)],
    ['server name', serverNames],
    ['protocol', protocols],
    ['diagnosis', diagnoses],
    ['since', since === null ? [] : [since.text]],
    ['until', until === null ? [] : [until.text]],
  ];
  const given = kinds.filter(([, values]) => values.length > 0);
  if (given.length === 0) return null;
  const all = given.map(([kind, values]) => `${kind} ${values.map(code).join(' or ')}`).join(', ');
  return `Selected: ${all}. Other connections are not counted.`;
}

/** How a report names a capture. */
export function captureName({ captures }: Pick<Results, 'captures'>, index: number): Text {
  const path = captures[index]?.path ?? '';
  return path === '-' ? 'standard input' : code(path);
}

/** A summary of what was read: `incident.pcap: 1,204 packets, 2026-03-02 10:00:00 to 10:41:12 UTC (41 min 12 s)`. */
export function captureLines(results: Results, zone: TimeZone): Text[] {
  const { captures, summary } = results;
  // If there is no connection, the verdict already says what was not analysed.
  const unread = summary.connections === 0 ? null : unreadText(results);
  const more = [
    ...(zone === UTC ? [] : [`Times are those of ${code(zone.name)}`]),
    ...(unread === null ? [] : [`Not analysed: ${unread}`]),
    ...unresolvedLines(results),
    ...keyLines(results),
    ...unreadLinesText(results),
  ];
  if (captures.length < 2) {
    return [...captures.map((one, index) => `${captureName({ captures }, index)}: ${extentText(one, zone)}`), ...more];
  }
  const times = captures
    .flatMap(({ firstPacketAt, lastPacketAt }) => [firstPacketAt, lastPacketAt])
    .filter((time) => time !== null)
    .sort((a, b) => millisecondsBetween(b, a));
  const packets = captures.reduce((sum, one) => sum + one.packets, 0);
  const whole = { packets, firstPacketAt: times[0] ?? null, lastPacketAt: times.at(-1) ?? null };
  return [
    `${count(captures.length, 'file')}: ${extentText(whole, zone)}`,
    'A frame is written with the number of its file: 2:469 is frame 469 of file 2.',
    ...more,
  ];
}

/** The files, one per line, with the numbers used in frames; nothing for a single file. */
export function fileLines({ captures }: Results, zone: TimeZone): Text[] {
  if (captures.length < 2) return [];
  const lines = captures.map(
    (one, index) => `File\u00a0${index + 1}, ${captureName({ captures }, index)}: ${extentText(one, zone)}`,
  );
  return upTo(lines, MOST_CAPTURES, 'more file');
}

/** `1,204 packets, 2026-03-02 10:00:00 to 10:41:12 UTC (41 min 12 s)`. */
function extentText(
  { packets, firstPacketAt, lastPacketAt }: Pick<CaptureSummary, 'packets' | 'firstPacketAt' | 'lastPacketAt'>,
  zone: TimeZone,
): string {
  const when = firstPacketAt && lastPacketAt ? `, ${spanText(firstPacketAt, lastPacketAt, zone)}` : '';
  return count(packets, 'packet') + when;
}

/** At most so many, and a count of the others. */
export function upTo(texts: readonly Text[], most: number, others: string): Text[] {
  return texts.length > most ? [...texts.slice(0, most), count(texts.length - most, others)] : [...texts];
}

/** What is wrong with the captures. */
export function warningsOf({ captures, keys }: Results, language: Language | undefined): Text[] {
  const warnings = captures.flatMap((capture, index) =>
    capture.warnings.map(
      (warning) =>
        (captures.length > 1 ? `${captureName({ captures }, index)}: ` : '') + warningOf(warning, wire, language),
    ),
  );
  return upTo([...warnings, ...keyWarnings({ keys })], MOST_WARNINGS, 'more warning');
}

/** A cause, or the causes of one kind, at a glance. */
export interface Glance {
  /** Number of the diagnosis described in full, or of the first of its kind. */
  readonly number: number;
  readonly title: string;
  readonly handshakes: number;
  /** `shop.example at 198.51.100.20:443`, `31 servers`. */
  readonly where: Text;
  /** `since 19:53:15`, `until 19:54:00` where it works again, `throughout`, `on and off`, `at 19:53:15`; to the second. */
  readonly since: string;
  /** Of the first of its kind. */
  readonly certainty: string;
  /** Who must do what first. */
  readonly remedy: { readonly actor: string; readonly text: Text } | null;
}

/**
 * The causes at a glance, and how many kinds are left out. If there are many, one line describes a kind at all its
 * servers.
 */
export function overviewOf({ results, told, clock, naming, options: { language } }: Scope): {
  readonly glances: readonly Glance[];
  readonly others: number;
} {
  const { diagnoses: causes } = results;
  const isByKind = causes.length > MOST_OVERVIEW;
  const kinds = isByKind ? kindsOf(causes) : toldCauses(causes, Infinity).told;
  const glances = kinds.slice(0, MOST_OVERVIEW).map((kind): Glance => {
    const { id, rule, servers, serverNames } = kind;
    const first = told.findIndex((cause) => cause.id === id || (cause.rule.id === rule.id && isByKind));
    // Certainty and remedy are those of the diagnosis below to which the number leads.
    const { certainty, finding } = told[first] ?? kind;
    const [remedy] = finding.remedies;
    const names = serverNames.length === 0 || serverNames.length > 2 ? '' : `${listed(serverNames.map(code), 2)} at `;
    return {
      number: first + 1,
      title: ruleWords(rule, language).title,
      handshakes: kind.count,
      where:
        names +
        (servers.length > 2
          ? count(servers.length, 'server')
          : listed(
              servers.map((server) => code(server) + naming.behind(server, serverNames)),
              2,
            )),
      since: [
        ...(results.baseline === undefined ? [] : [noveltyOf(kind, results)]),
        spanOfCause(kind, results.captures, clock),
      ].join(', '),
      certainty,
      remedy:
        remedy === undefined
          ? null
          : { actor: actorNames[remedy.who], text: actionOf(finding.rule, remedy, wire, language) },
    };
  });
  // In the order of the diagnoses below; those without a number have none there.
  const inOrder = glances.sort((a, b) => (a.number || Infinity) - (b.number || Infinity));
  return { glances: inOrder, others: kinds.length - glances.length };
}

function spanOfCause(cause: Cause, captures: readonly CaptureSummary[], clock: Clock): string {
  switch (occurrenceOf(cause, extentOf(captures))) {
    case 'once':
      return `at ${clock.shortTime(cause.firstSeenAt)}`;
    case 'ended':
      return `until ${clock.shortTime(cause.lastSeenAt)}`;
    case 'throughout':
      return 'throughout';
    case 'on-and-off':
      return 'on and off';
    case 'began':
    case 'unknown':
      return `since ${clock.shortTime(cause.firstSeenAt)}`;
  }
}

/** Milliseconds from the first packet of all to the last. */
function extentOf(captures: readonly CaptureSummary[]): number {
  const times = captures.flatMap(({ firstPacketAt, lastPacketAt }) => [firstPacketAt, lastPacketAt]);
  const known = times.filter((time) => time !== null).sort((a, b) => millisecondsBetween(b, a));
  const [first, last] = [known[0], known.at(-1)];
  return first === undefined || last === undefined ? 0 : millisecondsBetween(first, last);
}

/** What is said about causes for which a report has no room, or null. */
export function moreCausesText(causes: readonly Diagnosis[]): Text | null {
  if (causes.length === 0) return null;
  const kinds = kindsOf(causes).map(({ rule, count: number }) => `${rule.id} (${count(number, 'handshake')})`);
  return (
    `${count(causes.length, 'more cause')} not shown here: ${listed(kinds, MOST_NAMES)}. To see one, select it with ` +
    '--diagnosis and --host; all are in --format json.'
  );
}

/** A risk, without a failure because of it. */
export interface Risk {
  readonly rule: string;
  readonly title: string;
  /** `2 connections to 198.51.100.20:443`. */
  readonly where: Text;
  readonly explanation: Text;
}

/** The risks, worst first. */
export function risksOf({ results: { risks }, naming, options: { language } }: Scope): Risk[] {
  return risks.map(({ finding, servers, serverNames, count: number }) => ({
    rule: finding.rule.id,
    title: ruleWords(finding.rule, language).title,
    where: `${count(number, 'connection')} to ${listed(
      servers.map((server) => code(server) + naming.behind(server, serverNames)),
      MOST_NAMES,
    )}`,
    explanation: explanationOf(finding, wire, language),
  }));
}
