/** The history of a diagnosis in the capture, in words, as facts of its diagnosis. */
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
import { MAX_FAILURES, type Attempt, type OfferChange, type Try } from '../../diagnose/evidence/attempts.js';
import type { Timeline, Success, Successes } from '../../diagnose/evidence/timeline.js';
import type { Diagnosis } from '../../diagnose/finding.js';
import type { Evidence } from '../../diagnose/verdict.js';
import { durationText } from '../phrases.js';
import type { Wording } from '../wording.js';
import type { Scope } from './scope.js';
import { code, connectionId, type Fact, type Text } from './text.js';

const MOST_NAMES = 4;
const MOST_VALUES = 3;
/** Differences described of a try; with more, it is "another ClientHello". */
const MOST_CHANGES = 2;
/** Tries described of an attempt, besides the last. */
const MOST_TRIES = 3;

type HistoryScope = Pick<Scope, 'described' | 'clock' | 'words'>;

/** What is worth saying, in order. An attempt that met several of the causes that the report describes is described once. */
export function historyOf(diagnosis: Diagnosis, scope: HistoryScope): Fact[] {
  const { timeline } = diagnosis;
  const { labels } = scope.words;
  const statements: [string, Text | null][] = [
    [labels.change, timeline && changeText(diagnosis, timeline, scope)],
    [labels.works, timeline && worksText(diagnosis, timeline, scope)],
    [labels.retries, retriesText(diagnosis, scope)],
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

function changeText(diagnosis: Diagnosis, timeline: Timeline, scope: HistoryScope): Text | null {
  const { change, meanwhile } = timeline;
  const { clients, firstSeenAt, lastSeenAt, retries } = diagnosis;
  const { time, success } = timesOf(diagnosis, timeline, scope);
  const say = scope.words.history;
  const own = isOwn(timeline);
  const { before, after } = own ? timeline : timeline.others;
  const isOnce = millisecondsBetween(firstSeenAt, lastSeenAt) === 0;
  const whose = (some: Successes): string => (own ? '' : say.forOthers({ count: some.clients.length }));
  const at = (one: Success | null): Text => say.at({ success: success(one) });
  // A success right after a failure is described as its retry.
  if (retries !== null && retries.succeeded === retries.attempts) return null;
  switch (change) {
    case 'none':
      return isLasting(diagnosis, timeline) ? say.never : null;
    case 'comes-and-goes': {
      if (meanwhile.count === 0) return say.comesAndGoesOutside;
      const comesAndGoes = clients.length === 1 ? say.comesAndGoes : say.comesAndGoesForAll;
      return comesAndGoes({ count: meanwhile.count, success: at(meanwhile.last) });
    }
    case 'began':
      if (isAfter(before.last, firstSeenAt)) {
        return say.beganForSome({ time: time(firstSeenAt), success: at(before.last) });
      }
      return (isOnce ? say.beganOnce : say.began)({
        whose: whose(before),
        success: success(before.last),
        time: time(firstSeenAt),
      });
    case 'ended':
      if (isBefore(after.first, lastSeenAt)) {
        return say.endedForSome({ time: time(lastSeenAt), success: at(after.first) });
      }
      return say.ended({ time: time(lastSeenAt), whose: whose(after), success: success(after.first) });
    case 'began-and-ended':
      return say.cameAndWent({
        before: whose(before),
        last: success(before.last),
        failed: isOnce
          ? say.failedOnce({ time: time(firstSeenAt) })
          : say.failedFrom({ first: time(firstSeenAt), last: time(lastSeenAt) }),
        after: whose(after),
        first: success(after.first),
      });
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
function worksText(diagnosis: Diagnosis, timeline: Timeline, scope: HistoryScope): Text | null {
  const { others, otherOffers, otherNames, elsewhere, change } = timeline;
  const { words } = scope;
  const { history: say, joins, counts } = words;
  const { time } = timesOf(diagnosis, timeline, scope);
  const placed = (one: Success | null): Text =>
    one === null
      ? ''
      : say.successAt({ time: time(one.at), connection: connectionId(one.connection), client: code(one.client) });
  const own = isOwn(timeline);
  const isOneClient = diagnosis.clients.length === 1;
  const known = [...new Set([others.meanwhile, others.before, others.after].flatMap(({ clients }) => clients))];
  const total = others.before.count + others.meanwhile.count + others.after.count;
  const isTold = !own && change !== 'none';
  // The evidence already describes a single other connection.
  const isCited = (number: number): boolean => number === 1 && diagnosis.finding.evidence.some(isOfOtherConnection);
  const parts: Text[] = [];
  if (total > 0 && !isTold && !isCited(total)) {
    const count = counts.handshakes({ count: total });
    const when =
      total === others.before.count
        ? say.othersLast({ handshakes: count, success: placed(others.before.last) })
        : total === others.after.count
          ? say.othersFirst({ handshakes: count, success: placed(others.after.first) })
          : count;
    const handshakes =
      known.length < 2 ? when : say.othersNamed({ names: words.list(known.map(code), MOST_NAMES), handshakes: when });
    parts.push(
      known.length === 0
        ? say.others({ handshakes })
        : say.otherClients({ clients: counts.otherClients({ count: known.length }), handshakes }),
    );
  }
  if (otherOffers.count > 0 && !isCited(otherOffers.count) && (diagnosis.retries?.succeeded ?? 0) === 0) {
    const otherHello = isOneClient ? say.otherHello : say.otherHelloOfAll;
    parts.push(otherHello({ connection: connectionId(otherOffers.last?.connection ?? '') }));
  }
  if (!own && elsewhere.count > 0) {
    const servers =
      elsewhere.servers.length > 2
        ? counts.otherServers({ count: elsewhere.servers.length })
        : words.list(elsewhere.servers.map(code), 2);
    const handshakes = counts.handshakes({ count: elsewhere.count });
    parts.push((isOneClient ? say.elsewhere : say.elsewhereForAll)({ servers, handshakes }));
  }
  if (!own && total === 0 && otherNames.count > 0 && !isCited(otherNames.count)) {
    const handshakes = counts.handshakes({ count: otherNames.count });
    parts.push(
      otherNames.serverNames.length === 0
        ? say.withoutName({ handshakes })
        : say.otherName({ names: words.list(otherNames.serverNames.map(code), MOST_NAMES), handshakes }),
    );
  }
  return parts.length === 0 ? null : parts.join(joins.clauses);
}

/** Times, to the millisecond only where that tells some apart; a success without its client if that is the only one. */
function timesOf(
  { firstSeenAt, lastSeenAt, clients }: Diagnosis,
  { before, after, others }: Timeline,
  { clock, words: { history: say } }: HistoryScope,
): { time: (at: Timestamp) => string; success: (success: Success | null) => Text } {
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
    success(success) {
      if (success === null) return '';
      const values = { time: time(success.at), connection: connectionId(success.connection) };
      return clients.length === 1 && clients[0] === success.client
        ? say.success(values)
        : say.successOf({ ...values, client: code(success.client) });
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

function retriesText(diagnosis: Diagnosis, { described: causes, words }: HistoryScope): Text | null {
  const { retries, count: failures } = diagnosis;
  const example = retries?.example;
  if (retries === null || example === undefined || example === null) return null;
  const { attempts: number, succeeded, mended } = retries;
  const { retries: say, counts } = words;
  const attempts = counts.attempts({ count: number });
  const all =
    number < failures ? say.inAttempts({ handshakes: counts.handshakes({ count: failures }), attempts }) : null;
  if (succeeded === 0 && !isChanged(example)) {
    // That a client fails again means nothing, unless it makes failures look like more than they are.
    const isAtOnce = durationOf(example) <= AT_ONCE_MS * (example.count - 1);
    return all !== null && isAtOnce ? say.atOnce({ attempts: all }) : null;
  }
  const described = causes.findIndex((cause) => idOf(cause) === idOf(diagnosis));
  const text =
    causes[described]?.id === diagnosis.id ? attemptText(example, words) : say.toldOfCause({ number: described + 1 });
  const attempt = number > 1 ? say.example({ attempt: text }) : text;
  if (succeeded === 0 && all === null) return attempt;
  const isEvery = succeeded === number && failures <= MAX_FAILURES;
  const isUnseen = isEvery && mended === number;
  if (isEvery && all === null) return say.told({ what: isUnseen ? say.workedUnseen : say.worked, attempt });
  const which = all ?? attempts;
  const what = isEvery
    ? (isUnseen ? say.allWorkedUnseen : say.allWorked)({ attempts: which })
    : succeeded > 0
      ? say.someWorked({ attempts: which, number: succeeded })
      : which;
  return say.told({ what, attempt });
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
function attemptText({ tries, count: number, succeeded }: Attempt, words: Wording): Text {
  const first = tries[0];
  const last = tries.at(-1);
  if (first === undefined || last === undefined) return '';
  const say = words.retries;
  const changed = new Set(tries.flatMap(({ changes }) => changes.map(({ field }) => field)));
  const described = tries.length > MOST_TRIES + 1 ? [...tries.slice(0, MOST_TRIES), last] : tries;
  const steps = described.map((each, index) => {
    const how = index === 0 ? firstWords(each, changed, words) : changeWords(each, words);
    const result =
      each === last && succeeded
        ? say.success
        : each.diagnosis === null || each.diagnosis === first.diagnosis
          ? say.failure
          : say.failureOf({ diagnosis: code(each.diagnosis) });
    const values = { connection: connectionId(each.connection), result };
    const attempt =
      how.length === 0
        ? (index === 0 ? say.first : say.next)(values)
        : (index === 0 ? say.firstWith : say.nextWith)({ ...values, how: how.join(words.joins.items) });
    const skipped = number - described.length;
    return each === last && skipped > 0
      ? say.afterMore({ more: words.counts.more({ count: skipped }), attempt })
      : attempt;
  });
  const duration = durationText(millisecondsBetween(first.startedAt, last.startedAt), words);
  return say.later({ tries: steps.join(words.joins.items), duration });
}

/** The values of the first try that later ones change, for comparison. */
function firstWords(first: Try, changed: ReadonlySet<OfferChange['field']>, { retries: say }: Wording): string[] {
  return [
    ...(changed.has('server') ? [say.at({ server: code(first.server) })] : []),
    ...(changed.has('supportedVersions') && first.version !== null ? [first.version] : []),
    ...(changed.has('serverName') ? [nameWords(first, say)] : []),
  ];
}

function nameWords({ serverName }: Try, say: Wording['retries']): string {
  return serverName === null ? say.withoutName : say.forName({ name: code(serverName) });
}

const FALLBACK = 'TLS_FALLBACK_SCSV';

function changeWords(of: Try, words: Wording): string[] {
  const say = words.retries;
  const change = (field: OfferChange['field']): OfferChange | undefined =>
    of.changes.find((each) => each.field === field);
  const suites = change('cipherSuites');
  const isFallback = suites?.added.includes(FALLBACK) === true;
  const own = [
    ...(change('server') === undefined ? [] : [say.at({ server: code(of.server) })]),
    ...(change('serverName') === undefined ? [] : [nameWords(of, say)]),
    ...(change('supportedVersions') === undefined || of.version === null ? [] : [of.version]),
    ...(isFallback ? [code(FALLBACK)] : []),
  ];
  // Another version brings other suites, groups and extensions with it.
  if (change('supportedVersions') !== undefined) return own;
  const isElse = (values: readonly string[] = []): boolean => values.some((value) => value !== FALLBACK);
  const isNamed = change('serverName') !== undefined;
  const others = [
    ...(isElse(suites?.removed) || isElse(suites?.added) ? [say.otherSuites] : []),
    ...differenceWords('extensions', change('extensions'), (name) => isNamed && name === 'server_name', say),
    ...differenceWords('groups', change('supportedGroups'), () => false, say),
    ...(change('supportedGroups') === undefined
      ? differenceWords('keyShares', change('keyShareGroups'), () => false, say)
      : []),
    ...(change('signatureSchemes') === undefined ? [] : [say.otherSchemes]),
    ...(change('alpn') === undefined || change('extensions') !== undefined ? [] : [say.otherAlpn]),
  ];
  return others.length > MOST_CHANGES ? [...own, say.otherHello] : [...own, ...others];
}

function differenceWords(
  what: 'extensions' | 'groups' | 'keyShares',
  change: OfferChange | undefined,
  isNamed: (value: string) => boolean,
  say: Wording['retries'],
): string[] {
  if (change === undefined) return [];
  const differences = (saying: typeof say.with, values: readonly string[]): string[] => {
    const unnamed = values.filter((value) => !isNamed(value));
    if (unnamed.length === 0) return [];
    return [
      saying({
        what: unnamed.length > MOST_VALUES ? say[what]({ count: unnamed.length }) : unnamed.map(code).join(say.and),
      }),
    ];
  };
  return [...differences(say.without, change.removed), ...differences(say.with, change.added)];
}
