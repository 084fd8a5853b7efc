/** Phrases that the reports for people share. A space that no line should break at is U+00A0. */
import type { CaptureWarning } from '../capture/frame.js';
import { formatTimestamp, millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import type { Connection, Outcome } from '../connection/connection.js';
import type { CaptureSummary } from '../capture/open.js';
import type { Results } from '../diagnose/results.js';
import type { Actor, Certainty, DiagnosedConnection, Diagnosis, Remedy } from '../diagnose/rule.js';
import type { Selection } from './selection.js';
import type { Escape } from './words.js';

export { endpointText } from '../connection/endpoint.js';

/** How sure a diagnosis is, in words. */
export const certaintyPhrases: Readonly<Record<Certainty, string>> = {
  certain: 'certain: the capture shows it',
  likely: 'likely: nothing else fits what the capture shows',
  possible: 'possible: one of several causes that fit',
};

/** Who has to act. */
export const actorNames: Readonly<Record<Actor, string>> = { server: 'Server', client: 'Client', network: 'Network' };

/** What one side has to do stands together; the sides keep the order in which the rule names them. */
export function byActor(remedies: readonly Remedy[]): Remedy[] {
  const actors = [...new Set(remedies.map(({ who }) => who))];
  return actors.flatMap((actor) => remedies.filter(({ who }) => who === actor));
}

/** How a connection went. */
export const outcomePhrases: Readonly<Record<Outcome, string>> = {
  failed: 'failed',
  incomplete: 'end not captured',
  established: 'ok',
  'not-tls': 'not TLS',
};

/** A whole number, its digits in groups of three: `1,204`. What Node.js brings for this first loads a locale, for 15 ms. */
export function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1,204 packets`, `1 packet`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${grouped(number)} ${number === 1 ? singular : plural}`;
}

/** The items in words, at most `most` of them: `a, b and 3 more`. */
export function listed(items: readonly string[], most: number): string {
  if (items.length > most)
    return `${items.slice(0, most).join(', ')} and ${count(items.length - most, 'more', 'more')}`;
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

/** Failed connections for which no cause was found, as far as the results hold them. */
export function unexplained(results: Results): Connection[] {
  return results.connections
    .filter(({ connection, cause }) => connection.outcome === 'failed' && cause === null)
    .map(({ connection }) => connection);
}

/** How many failed without a known cause, held or not. */
export function countUnexplained(results: Results): number {
  return results.summary.failed - results.diagnoses.reduce((sum, each) => sum + each.count, 0);
}

/** The failed connections without a known cause: `3 (from frame 12), 7 (from frame 30) and 2 more`. */
export function unexplainedText(results: Results, most: number): string {
  const ids = unexplained(results).map(({ id, firstFrame }) => `${id} (from\u00a0frame\u00a0${firstFrame})`);
  const notHeld = Array<string>(Math.max(0, countUnexplained(results) - ids.length)).fill('');
  return listed([...ids, ...notHeld], Math.min(most, ids.length));
}

/** The connection that a diagnosis shows, judged. */
export function exampleOf({ connections }: Results, { example, finding }: Diagnosis): DiagnosedConnection {
  const held = connections.find(({ connection }) => connection.id === example.id);
  return held ?? { connection: example, findings: [finding], cause: finding };
}

/** What the report was restricted to, or null: `host 192.0.2.1 or 192.0.2.2, port 443`. */
export function selectionText({ hosts, ports, serverNames, diagnoses }: Selection, escape: Escape): string | null {
  const kinds: [string, readonly string[]][] = [
    ['host', hosts],
    ['port', ports.map(String)],
    ['server name', serverNames],
    ['diagnosis', diagnoses],
  ];
  const given = kinds.filter(([, values]) => values.length > 0);
  return given.length === 0
    ? null
    : given.map(([kind, values]) => `${kind} ${values.map(escape).join(' or ')}`).join(', ');
}

/** The report in one line: how many handshakes failed, of how many causes. */
export function verdict(results: Results): string {
  const { connections, established, failed, incomplete, notTls } = results.summary;
  const handshakes = connections - notTls;
  if (connections === 0) return 'No TCP connection in the capture.';
  if (handshakes === 0) {
    return `No TLS handshake in the capture: ${connections === 1 ? 'its one connection is' : `its ${count(connections, 'connection')} are`} not TLS.`;
  }
  const cut = incomplete === 0 ? '' : `, ${grouped(incomplete)} not captured to the end`;
  if (failed > 0) {
    const causes = results.diagnoses.length;
    const unknown = countUnexplained(results);
    const why = [
      ...(causes > 0 ? [causesText(results.diagnoses)] : []),
      ...(unknown > 0 ? [`${causes > 0 ? grouped(unknown) : 'cause'} unknown`] : []),
    ];
    return `${grouped(failed)} of ${count(handshakes, 'handshake')} failed, ${why.join(', ')}${cut}`;
  }
  if (established === 0) return `No handshake failed${cut}.`;
  if (established === handshakes)
    return established === 1 ? 'The one handshake succeeded.' : `All ${count(established, 'handshake')} succeeded.`;
  return `${count(established, 'handshake')} succeeded, none failed${cut}.`;
}

/** Diagnoses of one rule together: what happened, at however many places. */
export type CauseKind = Pick<Diagnosis, 'rule' | 'count' | 'servers' | 'firstSeenAt' | 'lastSeenAt' | 'timeline'>;

/** Whether the capture shows that it works again. */
export function hasEnded({ timeline }: Pick<Diagnosis, 'timeline'>): boolean {
  return timeline?.change === 'ended' || timeline?.change === 'began-and-ended';
}

/** Most handshakes first. */
export function causeKinds(causes: readonly Diagnosis[]): readonly CauseKind[] {
  const kinds = new Map<string, CauseKind>();
  for (const cause of causes) {
    const kind = kinds.get(cause.rule.id);
    kinds.set(cause.rule.id, kind === undefined ? cause : joined(kind, cause));
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count);
}

function joined(one: CauseKind, other: CauseKind): CauseKind {
  const isBefore = (a: Timestamp, b: Timestamp): boolean => millisecondsBetween(a, b) > 0;
  return {
    rule: one.rule,
    count: one.count + other.count,
    servers: [...new Set([...one.servers, ...other.servers])],
    firstSeenAt: isBefore(other.firstSeenAt, one.firstSeenAt) ? other.firstSeenAt : one.firstSeenAt,
    lastSeenAt: isBefore(one.lastSeenAt, other.lastSeenAt) ? other.lastSeenAt : one.lastSeenAt,
    timeline: hasEnded(one) ? other.timeline : one.timeline,
  };
}

/** Above the risks. */
export const RISKS_HEADING = 'Risks: nothing has failed because of these yet';

/** Where a risk is run: `2 connections to 198.51.100.20:443`. */
export function riskPlaces(risk: Diagnosis, most: number, written: (server: string) => string): string {
  return `${count(risk.count, 'connection')} to ${listed(risk.servers.map(written), most)}`;
}

/** The ids of a diagnosis' connections, of which it holds only the first. */
export function connectionsText({ connections, count: number }: Diagnosis, most: number): string {
  const shown = connections.slice(0, most);
  return number > shown.length
    ? `${shown.join(', ')} and ${count(number - shown.length, 'more', 'more')}`
    : listed(shown, most);
}

/** Above so many connections a reader wants to know where to begin. */
const FEW = 3;

/** The ids of the connections to look at first, or null if there are few, or all are alike. */
export function examplesText({ examples, count: number }: Diagnosis): string | null {
  return number > FEW && examples.length > 1 ? listed(examples, examples.length) : null;
}

/** `2 causes`, `76 causes of 2 kinds`. */
function causesText(causes: readonly Diagnosis[]): string {
  const kinds = new Set(causes.map(({ rule }) => rule.id)).size;
  return count(causes.length, 'cause') + (kinds < causes.length ? ` of ${count(kinds, 'kind')}` : '');
}

/** More of the same kind tell their reader nothing new. */
const MOST_ALIKE = 3;

/** The causes to tell in full, at most so many and few of a kind, and the others. */
export function toldCauses(
  causes: readonly Diagnosis[],
  most: number,
): { readonly told: readonly Diagnosis[]; readonly others: readonly Diagnosis[] } {
  const told: Diagnosis[] = [];
  const others: Diagnosis[] = [];
  for (const cause of causes) {
    const alike = told.filter(({ rule }) => rule.id === cause.rule.id).length;
    (alike < MOST_ALIKE && told.length < most ? told : others).push(cause);
  }
  return { told, others };
}

/** What is said of causes for which a report has no room. */
export function moreCausesText(causes: readonly Diagnosis[], most: number): string {
  const kinds = causeKinds(causes).map(({ rule, count: number }) => `${rule.id} (${count(number, 'handshake')})`);
  return (
    `${count(causes.length, 'more cause')} not shown here: ${listed(kinds, most)}. To see one, select it with ` +
    '--diagnosis and --host; all are in --format json.'
  );
}

/**
 * `incident.pcap: 1,204 packets, 2026-03-02 10:00:00 to 10:41:12 UTC (41 min 12 s)`, and before it `File 2, ` where there
 * are several; the paths must be escaped by the caller.
 */
export function captureLines(captures: readonly CaptureSummary[], paths: readonly string[]): string[] {
  return captures.map(({ packets, firstPacketAt, lastPacketAt }, index) => {
    const when = firstPacketAt && lastPacketAt ? `, ${spanText(firstPacketAt, lastPacketAt)}` : '';
    const number = captures.length > 1 ? `File\u00a0${index + 1}, ` : '';
    return `${number}${paths[index] ?? ''}: ${count(packets, 'packet')}${when}`;
  });
}

/** How a frame is called in a table: by its number, after that of its file where there are several: `2:469`. */
export function frameText(frame: number, capture: number, { length }: readonly CaptureSummary[]): string {
  return length > 1 ? `${capture + 1}:${frame}` : String(frame);
}

/** How a report writes times: those of a capture that spans midnight (UTC) with their date. */
export interface Clock {
  /** The one date of all times, or null. */
  readonly date: string | null;
  /** To the millisecond, or the capture's resolution if that is coarser: `10:00:00.050`. */
  time(time: Timestamp): string;
  /** To the second. */
  shortTime(time: Timestamp): string;
}

export function clockOf(captures: readonly CaptureSummary[]): Clock {
  const dates = captures
    .flatMap(({ firstPacketAt, lastPacketAt }) => [firstPacketAt, lastPacketAt])
    .filter((time) => time !== null)
    .map((time) => parts(time, 0).date);
  const isOneDay = new Set(dates).size <= 1;
  const text = (time: Timestamp, digits: number): string => {
    const { date, time: ofDay } = parts(time, digits);
    return isOneDay ? ofDay : `${date} ${ofDay}`;
  };
  return {
    date: isOneDay ? (dates[0] ?? null) : null,
    time: (time) => text(time, 3),
    shortTime: (time) => text(time, 0),
  };
}

/** From when to when: `2026-03-02 10:00:00 to 10:41:12 UTC (41 min 12 s)`. */
export function spanText(first: Timestamp, last: Timestamp): string {
  const milliseconds = millisecondsBetween(first, last);
  const digits = Math.abs(milliseconds) < 60_000 ? 3 : 0;
  const start = parts(first, digits);
  const end = parts(last, digits);
  if (start.date === end.date && start.time === end.time) return `${start.date} ${start.time} UTC`;
  const until = start.date === end.date ? end.time : `${end.date} ${end.time}`;
  return `${start.date} ${start.time} to ${until} UTC (${durationText(milliseconds)})`;
}

/** `12 ms`, `1.5 s`, `12 min 31 s`, `5 h`, `5 h 12 min`, `12 days`. */
export function durationText(milliseconds: number): string {
  const size = Math.abs(milliseconds);
  if (size < 1000) return `${Math.round(size)}\u00a0ms`;
  if (size < 60_000) return `${Math.round(size / 100) / 10}\u00a0s`;
  const seconds = Math.round(size / 1000);
  const both = (large: number, unit: string, small: number, smallUnit: string): string =>
    `${large}\u00a0${unit}${small === 0 ? '' : `\u00a0${small}\u00a0${smallUnit}`}`;
  if (seconds < 3600) return both(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return both(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  return `${grouped(Math.round(minutes / 60 / 24))}\u00a0days`;
}

/** Time since what was before: `+0.04 ms`, `+8.8 ms`, `+2.5 s`. */
export function gapText(milliseconds: number): string {
  const size = Math.abs(milliseconds);
  const sign = milliseconds < 0 ? '-' : '+';
  if (size < 1) return `${sign}${size.toFixed(2)}\u00a0ms`;
  return size < 10 ? `${sign}${size.toFixed(1)}\u00a0ms` : sign + durationText(size);
}

// The date is all before the T: a hostile capture's year may have six digits and a sign.
function parts(time: Timestamp, digits: number): { date: string; time: string } {
  const [date = '', rest = ''] = formatTimestamp({ ...time, digits: Math.min(digits, time.digits) }).split('T');
  return { date, time: rest.slice(0, -1) };
}

/** A warning, with its frame unless it names that itself. */
export function warningText({ message, frame }: CaptureWarning): string {
  return frame === undefined || message.includes(`frame ${frame}`) ? message : `${message} (frame\u00a0${frame})`;
}
