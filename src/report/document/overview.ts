/** Everything in a report but its diagnoses: the verdict, the captures, the causes at a glance, risks, warnings. */
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { CaptureSummary } from '../../capture/open.js';
import type { Results } from '../../diagnose/results.js';
import type { Diagnosis } from '../../diagnose/finding.js';
import { newText, noveltyOf } from './baseline.js';
import { occurrenceOf, kindsOf, describedCauses, type Cause } from './causes.js';
import { spanText, type Clock } from '../phrases.js';
import { partialText } from '../partial.js';
import type { Selection } from '../selection.js';
import { UTC, type TimeZone } from '../time-zone.js';
import { ENGLISH_WORDING, type Wording } from '../wording.js';
import { actionOf, explanationOf, ruleWords, warningOf } from '../words.js';
import { code, wire, type Text } from './text.js';
import { unreadLinesText } from './ends.js';
import { keyLines, keyWarnings } from './keys.js';
import { unresolvedLines } from './names.js';
import type { Scope } from './scope.js';
import { unreadText } from './unread.js';

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
export function verdictOf(results: Results, words: Wording = ENGLISH_WORDING): string {
  const { connections, established, failed, incomplete, notTls } = results.summary;
  const say = words.verdict;
  const partial = partialText(results, words);
  const limits = partial === null ? '' : say.limits({ partial });
  const handshakes = connections - notTls;
  if (connections === 0 && results.notSelected > 0) return say.noneSelected({ count: results.notSelected, limits });
  if (connections === 0) {
    if (results.captures.every(({ packets }) => packets === 0)) return say.noPacket({ limits });
    const unread = unreadText(results, words);
    return unread === null ? say.noConnection({ limits }) : say.noConnectionBut({ unread, limits });
  }
  if (handshakes === 0) return say.notTls({ count: connections, limits });
  // Also those that were not meant to lead to a session: probes, surveys, lost races.
  const broken = incomplete === 0 ? '' : say.broken({ count: incomplete });
  if (failed > 0) {
    const unknown = countUnexplained(results);
    const hasCauses = results.diagnoses.length > 0;
    const why = [
      ...(hasCauses ? [causesText(results.diagnoses, words)] : []),
      ...(unknown > 0 ? [hasCauses ? say.someUnknown({ count: unknown }) : say.noneKnown] : []),
    ].join(words.joins.items);
    return say.failed({ failed, count: handshakes, why, fresh: newText(results, words), broken, limits });
  }
  if (established === 0) return say.noneFailed({ broken, limits });
  if (established === handshakes && limits === '') return say.allSucceeded({ count: established });
  return say.succeeded({ count: established, broken, limits });
}

/** `2 causes`, `76 causes of 2 kinds`. */
function causesText(diagnoses: readonly Diagnosis[], { verdict, counts }: Wording): string {
  const causes = counts.causes({ count: diagnoses.length });
  const kinds = new Set(diagnoses.map(({ rule }) => rule.id)).size;
  return kinds < diagnoses.length ? verdict.causesOfKinds({ causes, kinds: counts.kinds({ count: kinds }) }) : causes;
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
export function talliesOf(
  { summary: { failed, established, incomplete, notTls } }: Results,
  { tallies: say }: Wording,
): Tally[] {
  const tallies: readonly Tally[] = [
    { label: say.failed, number: failed, style: failed > 0 ? 'failed' : '', isWell: false },
    { label: say.established, number: established, style: 'ok', isWell: true },
    { label: say.incomplete, number: incomplete, style: '', isWell: false },
    { label: say.notTls, number: notTls, style: '', isWell: true },
  ];
  return tallies.filter(({ number }, index) => index < 2 || number > 0);
}

/** The restriction of the report: `Selected: host 192.0.2.1 or 192.0.2.2, port 443.` */
export function selectionOf(selection: Selection, { selection: say, joins, language }: Wording): Text | null {
  const { hosts, clients, servers, ports, serverNames, protocols, diagnoses, since, until } = selection;
  const kinds: readonly (readonly [(values: { readonly values: string }) => string, readonly string[]])[] = [
    [say.host, hosts],
    [say.client, clients],
    [say.server, servers],
    [say.port, ports.map(String)],
    [say.serverName, serverNames],
    [say.protocol, protocols],
    [say.diagnosis, diagnoses],
    [say.since, since === null ? [] : [since.text]],
    [say.until, until === null ? [] : [until.text]],
  ];
  const given = kinds.filter(([, values]) => values.length > 0);
  if (given.length === 0) return null;
  const all = given.map(([kind, values]) => kind({ values: language.list(values.map(code), 'alternatives', 0) }));
  return say.selected({ all: all.join(joins.items) });
}

/** How a report names a capture. */
export function captureName({ captures }: Pick<Results, 'captures'>, index: number, { captures: say }: Wording): Text {
  const path = captures[index]?.path ?? '';
  return path === '-' ? say.standardInput : code(path);
}

/** A summary of what was read: `incident.pcap: 1,204 packets, 2026-03-02 10:00:00 to 10:41:12 UTC (41 min 12 s)`. */
export function captureLines(results: Results, zone: TimeZone, words: Wording): Text[] {
  const { captures, summary } = results;
  const say = words.captures;
  // If there is no connection, the verdict already says what was not analysed.
  const unread = summary.connections === 0 ? null : unreadText(results, words);
  const more = [
    ...(zone === UTC ? [] : [say.zone({ zone: code(zone.name) })]),
    ...(unread === null ? [] : [say.notAnalysed({ unread })]),
    ...unresolvedLines(results, words),
    ...keyLines(results, words),
    ...unreadLinesText(results, words),
  ];
  if (captures.length < 2) {
    const lines = captures.map((one, index) => extentText(captureName({ captures }, index, words), one, zone, words));
    return [...lines, ...more];
  }
  const times = captures
    .flatMap(({ firstPacketAt, lastPacketAt }) => [firstPacketAt, lastPacketAt])
    .filter((time) => time !== null)
    .sort((a, b) => millisecondsBetween(b, a));
  const packets = captures.reduce((sum, one) => sum + one.packets, 0);
  const whole = { packets, firstPacketAt: times[0] ?? null, lastPacketAt: times.at(-1) ?? null };
  return [extentText(words.counts.files({ count: captures.length }), whole, zone, words), say.numbers, ...more];
}

/** The files, one per line, with the numbers used in frames; nothing for a single file. */
export function fileLines({ captures }: Results, zone: TimeZone, words: Wording): Text[] {
  if (captures.length < 2) return [];
  const lines = captures.map((one, index) => {
    const name = captureName({ captures }, index, words);
    return extentText(words.captures.file({ number: String(index + 1), name }), one, zone, words);
  });
  return upTo(lines, MOST_CAPTURES, words.counts.moreFiles);
}

/** `incident.pcap: 1,204 packets, 2026-03-02 10:00:00 to 10:41:12 UTC (41 min 12 s)`. */
function extentText(
  what: Text,
  { packets: count, firstPacketAt, lastPacketAt }: Pick<CaptureSummary, 'packets' | 'firstPacketAt' | 'lastPacketAt'>,
  zone: TimeZone,
  words: Wording,
): Text {
  const packets = words.counts.packets({ count });
  return firstPacketAt && lastPacketAt
    ? words.captures.extentAndTime({ what, packets, period: spanText(firstPacketAt, lastPacketAt, words, zone) })
    : words.captures.extent({ what, packets });
}

/** At most so many, and a count of the others. */
function upTo(texts: readonly Text[], most: number, others: Wording['counts']['more']): Text[] {
  return texts.length > most ? [...texts.slice(0, most), others({ count: texts.length - most })] : [...texts];
}

/** What is wrong with the captures. */
export function warningsOf({ captures, keys }: Results, words: Wording): Text[] {
  const warnings = captures.flatMap((summary, index) =>
    summary.warnings.map((one) => {
      const warning = warningOf(one, wire, words.language);
      return captures.length > 1
        ? words.captures.warningOf({ capture: captureName({ captures }, index, words), warning })
        : warning;
    }),
  );
  return upTo([...warnings, ...keyWarnings({ keys }, words)], MOST_WARNINGS, words.counts.moreWarnings);
}

/** A cause, or the causes of one kind, at a glance. */
export interface CauseSummary {
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
export function overviewOf({ results, described, clock, naming, words }: Scope): {
  readonly glances: readonly CauseSummary[];
  readonly others: number;
} {
  const { diagnoses: causes } = results;
  const isByKind = causes.length > MOST_OVERVIEW;
  const kinds = isByKind ? kindsOf(causes) : describedCauses(causes, Infinity).described;
  const glances = kinds.slice(0, MOST_OVERVIEW).map((kind): CauseSummary => {
    const { id, rule, servers, serverNames } = kind;
    const first = described.findIndex((cause) => cause.id === id || (cause.rule.id === rule.id && isByKind));
    // Certainty and remedy are those of the diagnosis below to which the number leads.
    const { certainty, finding } = described[first] ?? kind;
    const [remedy] = finding.remedies;
    const at =
      servers.length > 2
        ? words.counts.servers({ count: servers.length })
        : words.list(
            servers.map((server) => code(server) + naming.behind(server, serverNames)),
            2,
          );
    return {
      number: first + 1,
      title: ruleWords(rule, words.language).title,
      handshakes: kind.count,
      where:
        serverNames.length === 0 || serverNames.length > 2
          ? at
          : words.overview.nameAt({ names: words.list(serverNames.map(code), 2), servers: at }),
      since: [
        ...(results.baseline === undefined ? [] : [noveltyOf(kind, results, words)]),
        spanOfCause(kind, results.captures, clock, words.overview),
      ].join(words.joins.items),
      certainty: words.certainties[certainty],
      remedy:
        remedy === undefined
          ? null
          : { actor: words.actors[remedy.who], text: actionOf(finding.rule, remedy, wire, words.language) },
    };
  });
  // In the order of the diagnoses below; those without a number have none there.
  const inOrder = glances.sort((a, b) => (a.number || Infinity) - (b.number || Infinity));
  return { glances: inOrder, others: kinds.length - glances.length };
}

function spanOfCause(
  cause: Cause,
  captures: readonly CaptureSummary[],
  clock: Clock,
  say: Wording['overview'],
): string {
  switch (occurrenceOf(cause, extentOf(captures))) {
    case 'once':
      return say.at({ time: clock.shortTime(cause.firstSeenAt) });
    case 'ended':
      return say.until({ time: clock.shortTime(cause.lastSeenAt) });
    case 'throughout':
      return say.throughout;
    case 'on-and-off':
      return say.onAndOff;
    case 'began':
    case 'unknown':
      return say.since({ time: clock.shortTime(cause.firstSeenAt) });
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
export function moreCausesText(causes: readonly Diagnosis[], words: Wording): Text | null {
  if (causes.length === 0) return null;
  const kinds = kindsOf(causes).map(({ rule, count }) => `${rule.id} (${words.counts.handshakes({ count })})`);
  return words.overview.moreCauses({ count: causes.length, kinds: words.list(kinds, MOST_NAMES) });
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
export function risksOf({ results: { risks }, naming, words }: Scope): Risk[] {
  return risks.map(({ finding, servers, serverNames, count }) => ({
    rule: finding.rule.id,
    title: ruleWords(finding.rule, words.language).title,
    where: words.risks.where({
      count,
      servers: words.list(
        servers.map((server) => code(server) + naming.behind(server, serverNames)),
        MOST_NAMES,
      ),
    }),
    explanation: explanationOf(finding, wire, words.language),
  }));
}
