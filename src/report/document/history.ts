/** The history of a diagnosis in the capture, in words, as facts of its diagnosis. */
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
import { MAX_FAILURES, type Attempt, type OfferChange, type Try } from '../../diagnose/evidence/attempts.js';
import type { Timeline, Success, Successes } from '../../diagnose/evidence/timeline.js';
import type { Diagnosis } from '../../diagnose/finding.js';
import type { Evidence } from '../../diagnose/verdict.js';
import { count, durationText, grouped, listed, type Clock } from '../phrases.js';
import { code, connectionId, type Text } from './text.js';

const MOST_NAMES = 4;
const MOST_VALUES = 3;
/** Differences described of a try; with more, it is "another ClientHello". */
const MOST_CHANGES = 2;
/** Tries described of an attempt, besides the last. */
const MOST_TRIES = 3;

/** A statement about a diagnosis, with a label. */
export interface Statement {
  readonly label: 'Change' | 'Works' | 'Retries';
  readonly text: Text;
}

/**
 * What is worth saying, in order. `causes` are all that the report describes: an attempt that met several of them is
 * described once.
 */
export function historyOf(diagnosis: Diagnosis, causes: readonly Diagnosis[], clock: Clock): readonly Statement[] {
  const { timeline } = diagnosis;
  const statements: [Statement['label'], Text | null][] = [
    ['Change', timeline && changeText(diagnosis, timeline, clock)],
    ['Works', timeline && worksText(diagnosis, timeline, clock)],
    ['Retries', retriesText(diagnosis, causes)],
  ];
  return statements.flatMap(([label, text]) => (text === null ? [] : [{ label, text }]));
}

/** Whether it is a frame of another connection, one that worked. */
export function isOfOtherConnection({ id }: Evidence): boolean {
  return id === 'seenOtherConnection';
}

/** Whether the same clients had success; otherwise the change concerns other clients. */
export function isOwn({ before, meanwhile, after }: Timeline): boolean {
  return before.count + meanwhile.count + after.count > 0;
}

function changeText(diagnosis: Diagnosis, timeline: Timeline, clock: Clock): string | null {
  const { change, meanwhile } = timeline;
  const { clients, firstSeenAt, lastSeenAt, retries } = diagnosis;
  const { time, success } = wordsOf(diagnosis, timeline, clock);
  const own = isOwn(timeline);
  const { before, after } = own ? timeline : timeline.others;
  const isOnce = millisecondsBetween(firstSeenAt, lastSeenAt) === 0;
  const whose = (some: Successes): string => (own ? '' : ` for ${count(some.clients.length, 'other client')}`);
  // A success right after a failure is described as its retry.
  if (retries !== null && retries.succeeded === retries.attempts) return null;
  switch (change) {
    case 'none':
      return isLasting(diagnosis, timeline) ? 'none: it failed every time' : null;
    case 'comes-and-goes': {
      const same = clients.length === 1 ? 'the same client' : 'the same clients';
      return meanwhile.count > 0
        ? `comes and goes: between its failures ${same} succeeded ${count(meanwhile.count, 'time')} too, last ${success(meanwhile.last)}`
        : `comes and goes: the clients that failed succeeded before and after`;
    }
    case 'began':
      if (isAfter(before.last, firstSeenAt)) {
        return `began at ${time(firstSeenAt)}, but not for all at once: the last success of a client before its own failures was ${success(before.last)}`;
      }
      return `worked${whose(before)} until ${success(before.last, '')}, ${isOnce ? 'failed at' : 'fails since'} ${time(firstSeenAt)}`;
    case 'ended':
      if (isBefore(after.first, lastSeenAt)) {
        return `ended at ${time(lastSeenAt)}, but not for all at once: the first success of a client after its own failures was ${success(after.first)}`;
      }
      return `failed until ${time(lastSeenAt)}, works${whose(after)} since ${success(after.first, '')}`;
    case 'began-and-ended': {
      const failed = isOnce
        ? `failed at ${time(firstSeenAt)}`
        : `failed from ${time(firstSeenAt)} to ${time(lastSeenAt)}`;
      return `worked${whose(before)} until ${success(before.last, '')}, ${failed}, works${whose(after)} again since ${success(after.first, '')}`;
    }
  }
}

/** In a short capture of only failures it would mean nothing. */
const LASTING_MS = 10_000;

/** Whether "every time" means anything: failures of several attempts, over some time or while something else works. */
function isLasting({ count: failures, firstSeenAt, lastSeenAt }: Diagnosis, timeline: Timeline): boolean {
  const { before, meanwhile, after } = timeline.others;
  const others = before.count + meanwhile.count + after.count + timeline.otherNames.count + timeline.elsewhere.count;
  return failures > 1 && (others > 0 || millisecondsBetween(firstSeenAt, lastSeenAt) >= LASTING_MS);
}

/** What else works, as far as it narrows the fault down. */
function worksText(diagnosis: Diagnosis, timeline: Timeline, clock: Clock): string | null {
  const { others, otherOffers, otherNames, elsewhere, change } = timeline;
  const { time } = wordsOf(diagnosis, timeline, clock);
  const placed = (one: Success | null): string =>
    one === null ? '' : `at ${time(one.at)}: connection ${connectionId(one.connection)} of ${code(one.client)}`;
  const own = isOwn(timeline);
  const same = diagnosis.clients.length === 1 ? 'the same client' : 'the same clients';
  const known = [...new Set([others.meanwhile, others.before, others.after].flatMap(({ clients }) => clients))];
  const total = others.before.count + others.meanwhile.count + others.after.count;
  const isTold = !own && change !== 'none';
  // The evidence already describes a single other connection.
  const isCited = (number: number): boolean => number === 1 && diagnosis.finding.evidence.some(isOfOtherConnection);
  const parts: string[] = [];
  if (total > 0 && !isTold && !isCited(total)) {
    const when =
      total === others.before.count
        ? `, the last ${placed(others.before.last)}`
        : total === others.after.count
          ? `, the first ${placed(others.after.first)}`
          : '';
    const who = known.length === 0 ? 'others' : count(known.length, 'other client');
    const names = known.length < 2 ? '' : `${listed(known.map(code), MOST_NAMES)}; `;
    parts.push(`for ${who} with the same server and name (${names}${count(total, 'handshake')}${when})`);
  }
  if (otherOffers.count > 0 && !isCited(otherOffers.count) && (diagnosis.retries?.succeeded ?? 0) === 0) {
    parts.push(`for ${same} with another ClientHello (connection ${connectionId(otherOffers.last?.connection ?? '')})`);
  }
  if (!own && elsewhere.count > 0) {
    parts.push(
      `for ${same} at ${elsewhere.servers.length > 2 ? count(elsewhere.servers.length, 'other server') : listed(elsewhere.servers.map(code), 2)} (${count(elsewhere.count, 'handshake')})`,
    );
  }
  if (!own && total === 0 && otherNames.count > 0 && !isCited(otherNames.count)) {
    const names = otherNames.serverNames.length === 0 ? 'none' : listed(otherNames.serverNames.map(code), MOST_NAMES);
    parts.push(`at the same server with another name: ${names} (${count(otherNames.count, 'handshake')})`);
  }
  return parts.length === 0 ? null : parts.join('; ');
}

function wordsOf(
  { firstSeenAt, lastSeenAt, clients }: Diagnosis,
  { before, after, others }: Timeline,
  clock: Clock,
): { time: (at: Timestamp) => string; success: (success: Success | null, preposition?: string) => string } {
  const times = [
    firstSeenAt,
    lastSeenAt,
    ...[before.last, after.first, others.before.last, others.after.first].map((one) => one?.at),
  ];
  const different = (text: (at: Timestamp) => string): number =>
    new Set(times.flatMap((at) => (at === undefined ? [] : [text(at)]))).size;
  const isFine = different((at) => clock.shortTime(at)) < different((at) => clock.time(at));
  const time = (at: Timestamp): string => (isFine ? clock.time(at) : clock.shortTime(at));
  return {
    time,
    success(success, preposition = 'at ') {
      if (success === null) return '';
      const who = clients.length === 1 && clients[0] === success.client ? '' : `${code(success.client)}, `;
      return `${preposition}${time(success.at)} (${who}connection ${connectionId(success.connection)})`;
    },
  };
}

function isAfter(success: Success | null, time: Timestamp): boolean {
  return success !== null && millisecondsBetween(time, success.at) > 0;
}

function isBefore(success: Success | null, time: Timestamp): boolean {
  return success !== null && millisecondsBetween(time, success.at) < 0;
}

/** Milliseconds within which no person tries again, and no program that polls. */
const AT_ONCE_MS = 2000;

function retriesText(diagnosis: Diagnosis, causes: readonly Diagnosis[]): string | null {
  const { retries, count: failures } = diagnosis;
  const example = retries?.example;
  if (retries === null || example === undefined || example === null) return null;
  const { attempts, succeeded, mended } = retries;
  const all = attempts < failures ? `${count(failures, 'handshake')} in ${count(attempts, 'attempt')}` : null;
  if (succeeded === 0 && !isChanged(example)) {
    // That a client fails again means nothing, unless it makes failures look like more than they are.
    const isAtOnce = durationOf(example) <= AT_ONCE_MS * (example.count - 1);
    return all !== null && isAtOnce ? `${all}: the client tries again at once, in the same way` : null;
  }
  const told = causes.findIndex((cause) => idOf(cause) === idOf(diagnosis));
  const text = causes[told] === diagnosis ? attemptText(example) : `the attempt told of cause ${told + 1}`;
  if (succeeded === 0 && all === null) return attempts > 1 ? `for example ${text}` : text;
  const isEvery = succeeded === attempts && failures <= MAX_FAILURES;
  const users = isEvery && mended === attempts ? '; users may have seen no failure' : '';
  const parts = [
    all ?? (isEvery ? '' : count(attempts, 'attempt')),
    isEvery
      ? `${all === null ? '' : 'which '}worked in the end${users}`
      : succeeded > 0
        ? `of which ${grouped(succeeded)} worked in the end`
        : '',
  ];
  return `${parts.filter((part) => part !== '').join(', ')}: ${attempts > 1 ? 'for example ' : ''}${text}`;
}

function isChanged({ tries }: Attempt): boolean {
  return tries.some(({ changes }) => changes.length > 0);
}

function durationOf({ tries }: Attempt): number {
  const [first, last] = [tries[0], tries.at(-1)];
  return first === undefined || last === undefined ? 0 : millisecondsBetween(first.startedAt, last.startedAt);
}

/** The connection with which the example of a diagnosis begins. */
function idOf({ retries }: Diagnosis): string | undefined {
  return retries?.example?.tries[0]?.connection;
}

/** `connection 12 (TLS 1.3) failed, 13 (TLS 1.2) failed, 14 (TLS 1.0) worked, 0.4 s after the first`. */
function attemptText({ tries, count: number, succeeded }: Attempt): string {
  const first = tries[0];
  const last = tries.at(-1);
  if (first === undefined || last === undefined) return '';
  const changed = new Set(tries.flatMap(({ changes }) => changes.map(({ field }) => field)));
  const told = tries.length > MOST_TRIES + 1 ? [...tries.slice(0, MOST_TRIES), last] : tries;
  const steps = told.map((each, index) => {
    const how = index === 0 ? firstWords(each, changed) : changeWords(each);
    const words = how.length === 0 ? '' : ` (${how.join(', ')})`;
    const skipped = each === last && number > told.length ? `${count(number - told.length, 'more', 'more')}, ` : '';
    const why = each.diagnosis === null || each.diagnosis === first.diagnosis ? '' : ` (${code(each.diagnosis)})`;
    const result = each === last && succeeded ? 'worked' : `failed${why}`;
    return `${skipped}${index === 0 ? 'connection ' : ''}${connectionId(each.connection)}${words} ${result}`;
  });
  return `${steps.join(', ')}, ${durationText(millisecondsBetween(first.startedAt, last.startedAt))} later`;
}

/** The values of the first try that later ones change, for comparison. */
function firstWords(first: Try, changed: ReadonlySet<OfferChange['field']>): string[] {
  return [
    ...(changed.has('server') ? [`at ${code(first.server)}`] : []),
    ...(changed.has('supportedVersions') && first.version !== null ? [first.version] : []),
    ...(changed.has('serverName') ? [nameWords(first)] : []),
  ];
}

function nameWords({ serverName }: Try): string {
  return serverName === null ? 'without a server name' : `for ${code(serverName)}`;
}

const FALLBACK = 'TLS_FALLBACK_SCSV';

function changeWords(of: Try): string[] {
  const change = (field: OfferChange['field']): OfferChange | undefined =>
    of.changes.find((each) => each.field === field);
  const suites = change('cipherSuites');
  const isFallback = suites?.added.includes(FALLBACK) === true;
  const own = [
    ...(change('server') === undefined ? [] : [`at ${code(of.server)}`]),
    ...(change('serverName') === undefined ? [] : [nameWords(of)]),
    ...(change('supportedVersions') === undefined || of.version === null ? [] : [of.version]),
    ...(isFallback ? [code(FALLBACK)] : []),
  ];
  // Another version brings other suites, groups and extensions with it.
  if (change('supportedVersions') !== undefined) return own;
  const isElse = (values: readonly string[] = []): boolean => values.some((value) => value !== FALLBACK);
  const isNamed = change('serverName') !== undefined;
  const others = [
    ...(isElse(suites?.removed) || isElse(suites?.added) ? ['other cipher suites'] : []),
    ...differenceWords('extension', change('extensions'), (name) => isNamed && name === 'server_name'),
    ...differenceWords('group', change('supportedGroups'), () => false),
    ...(change('supportedGroups') === undefined
      ? differenceWords('key share', change('keyShareGroups'), () => false)
      : []),
    ...(change('signatureSchemes') === undefined ? [] : ['other signature schemes']),
    ...(change('alpn') === undefined || change('extensions') !== undefined ? [] : ['other ALPN']),
  ];
  return others.length > MOST_CHANGES ? [...own, 'another ClientHello'] : [...own, ...others];
}

function differenceWords(what: string, change: OfferChange | undefined, isTold: (value: string) => boolean): string[] {
  if (change === undefined) return [];
  const words = (preposition: string, values: readonly string[]): string[] => {
    const left = values.filter((value) => !isTold(value));
    if (left.length === 0) return [];
    const all = left.length > MOST_VALUES ? count(left.length, what) : left.map(code).join(' and ');
    return [`${preposition} ${all}`];
  };
  return [...words('without', change.removed), ...words('with', change.added)];
}
