import { createBoundedMap } from '../../bounded-map.js';
import { BOUNDS } from '../../bounds.js';
import { lowerBound } from '../../lower-bound.js';
import type { Timestamp } from '../../capture/timestamp.js';
import { toMilliseconds } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import { memoize } from '../../memoize.js';
import { libraryOf, type Library } from '../../knowledge/stacks/recognise.js';
import type { Aim, Timelines } from './timeline.js';
import { isSinceTls12, newestOffered, versionRank, withoutGreaseAndSignals } from './offers.js';
import type { Offer, Offers } from './offers.js';

/** A client that fails and tries again: to its user, a single attempt. */
export interface Attempt {
  /** Address. */
  readonly client: string;
  /** Whether the last try worked. */
  readonly succeeded: boolean;
  readonly count: number;
  /** In order of time: the first ones, and the last. */
  readonly tries: readonly Try[];
}

/** One connection of an attempt. */
export interface Try {
  /** Its id. */
  readonly connection: string;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp;
  /** `address:port`. */
  readonly server: string;
  readonly serverName: string | null;
  /** The newest version that it offers; null if the ClientHello does not show it. */
  readonly version: string | null;
  /** Rule of the cause; null if it worked, or if the capture does not show why it failed. */
  readonly diagnosis: string | null;
  /** What differs from the try before. */
  readonly changes: readonly OfferChange[];
}

/** Values that a retry no longer offers, and new ones, the first thirty-two of each. */
export interface OfferChange {
  readonly field: keyof Offer | 'serverName' | 'server';
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** How the failures of one cause are spread over attempts. */
export interface Retries {
  /** Attempts that these failures belong to, including those with a single try. */
  readonly attempts: number;
  /** Those of several tries. */
  readonly retried: number;
  /** Attempts that worked in the end. */
  readonly succeeded: number;
  /** Those in which each try came so soon after the last that no person was involved. */
  readonly mended: number;
  /** The most informative one: with tries that differ, that worked, the first. */
  readonly example: Attempt | null;
}

/** What clients do after a failure. */
export interface Attempts {
  /** A connection has failed; the reason is not known yet. */
  noteFailure(connection: Connection, aim: Aim): void;
  /** A connection passed to `noteFailure` has not failed after all. */
  withdraw(connection: Connection): void;
  /**
   * A connection is judged; a failed one was passed to `noteFailure` before. `key` is that of its diagnosis, `rule` its
   * cause, if any.
   */
  add(connection: Connection, aim: Aim, key: string | null, rule: string | null): void;
  /** For the diagnosis with that key; null if none of its failures was followed by another try. */
  retriesOf(key: string): Retries | null;
  /** Its memory, in nominal bytes. */
  readonly bytes: () => number;
  /** Forgets everything; returns the number of failures. */
  giveUp(): number;
}

/** Milliseconds after a failure within which a connection counts as its retry. */
const RETRY_MS = 10_000;
/** Within so many milliseconds nobody can accept a certificate by hand, or reload a page. */
const AT_ONCE_MS = 2000;
/** Failures that are followed: the first of the capture. */
export const MAX_FAILURES = BOUNDS.followedFailures.value;
/** Successes that may be the retry of one failure, the first ones. */
const MAX_FOLLOWERS = BOUNDS.followers.value;
/** Failures of one client that another connection is compared with. */
const MAX_COMPARED = BOUNDS.comparedFailures.value;
const MAX_TRIES = BOUNDS.tries.value;
const MAX_VALUES = BOUNDS.changedValues.value;
/** Nominal bytes of a connection, without the name of its server. */
const CONNECTION_BYTES = 512;

/** A connection that failed, or one that worked soon after. */
interface TriedConnection {
  readonly connection: Pick<Connection, 'id' | 'startedAt' | 'endedAt'>;
  readonly aim: Aim;
  readonly address: string;
  readonly port: number;
  /** Null if there is none, or no ClientHello. */
  readonly serverName: string | null;
  readonly version: string | null;
  readonly offer: Offer | null;
  /** The stack that wrote the ClientHello; null if unknown. */
  readonly library: Library | null;
  readonly failed: boolean;
  readonly start: number;
  /** When the client could know. */
  readonly end: number;
  key: string | null;
  rule: string | null;
  /** Successes that began soon after it. */
  readonly followers: TriedConnection[];
}

/** Tries in a row, each but the last failed. */
interface Chain {
  readonly tries: TriedConnection[];
  /** Whether the client had just succeeded with the same ClientHello: then its next connection need not be a retry. */
  readonly isBusy: boolean;
  /** The one stack that its tries show; null while none does. */
  library: Library | null;
}

/** Nothing has happened yet. */
export function createAttempts(timelines: Timelines, offers: Offers): Attempts {
  const failures = createBoundedMap<string, TriedConnection>({ size: MAX_FAILURES, whenFull: 'refuse' });
  /** By address, in order of their coming. */
  const byClient = new Map<string, TriedConnection[]>();
  let linked: ReadonlyMap<string, Retries> | undefined;
  let bytes = 0;

  return {
    bytes: () => bytes,
    giveUp() {
      const { size } = failures;
      failures.clear();
      byClient.clear();
      linked = undefined;
      bytes = 0;
      return size;
    },
    noteFailure(connection, aim) {
      const tried = failures.getOrAdd(connection.id, () => triedOf(connection, aim, offers));
      if (tried === undefined) return;
      bytes += weigh(tried);
      const own = byClient.get(tried.address);
      if (own === undefined) byClient.set(tried.address, [tried]);
      else own.push(tried);
    },
    withdraw({ id }) {
      const tried = failures.get(id);
      if (tried === undefined) return;
      failures.delete(id);
      bytes -= weigh(tried);
      const own = byClient.get(tried.address) ?? [];
      own.splice(own.indexOf(tried), 1);
      linked = undefined;
    },
    add(connection, aim, key, rule) {
      if (connection.outcome === 'failed') {
        const tried = failures.get(connection.id);
        if (tried === undefined) return;
        tried.key = key;
        tried.rule = rule;
      } else if (connection.outcome === 'established') {
        if (byClient.size === 0) return;
        const own = byClient.get(connection.client.address);
        if (own === undefined) return;
        const start = toMilliseconds(connection.startedAt);
        const name = connection.clientHello?.serverName ?? null;
        const failure = recent(own, start).reduce<TriedConnection | undefined>((best, one) => {
          const isNear = start - one.end <= RETRY_MS && start >= one.start;
          const isAlike = one.aim.server === aim.server || one.serverName === name || one.version === null;
          return isNear && isAlike && (best === undefined || best.end < one.end) ? one : best;
        }, undefined);
        if (failure === undefined) return;
        const { followers } = failure;
        if (followers.length >= MAX_FOLLOWERS && start > last(followers).start) return;
        followers.push(triedOf(connection, aim, offers));
        bytes += weigh(last(followers));
        followers.sort(byStart);
        if (followers.length > MAX_FOLLOWERS) bytes -= weigh(followers.pop() as TriedConnection);
      }
      linked = undefined;
    },
    retriesOf(key) {
      linked ??= sumUp(link([...failures.values()], timelines));
      const retries = linked.get(key);
      return retries === undefined || retries.retried === 0 ? null : retries;
    },
  };
}

/** Failures of a client around that time: long connections end, and are added, late. */
function recent(failures: readonly TriedConnection[], time: number): readonly TriedConnection[] {
  const low = lowerBound(failures.length, (index) => (failures[index] as TriedConnection).end <= time);
  return failures.slice(Math.max(0, low - MAX_COMPARED / 2), low + MAX_COMPARED / 2);
}

function triedOf(connection: Connection, aim: Aim, offers: Offers): TriedConnection {
  const { id, startedAt, endedAt, client, server, clientHello, outcome } = connection;
  return {
    connection: { id, startedAt, endedAt },
    aim,
    address: client.address,
    port: server.port,
    serverName: clientHello?.serverName ?? null,
    version: newestOffered(connection),
    offer: offers.offerOf(connection),
    library: clientHello === null ? null : libraryOf(clientHello),
    failed: outcome === 'failed',
    start: toMilliseconds(startedAt),
    end: toMilliseconds(failedAt(connection)),
    key: null,
    rule: null,
    followers: [],
  };
}

/** Names come from the wire and may be long, and each is stored a second time, as a key. */
function weigh({ serverName }: TriedConnection): number {
  return CONNECTION_BYTES + 2 * (serverName?.length ?? 0);
}

/** A client retries as soon as it knows, while the old connection is still being closed. */
function failedAt({ alerts, ending, endedAt }: Connection): Timestamp {
  const alert = alerts.find(({ level, encrypted }) => level === 'fatal' || encrypted);
  return alert?.at ?? ending.at ?? endedAt;
}

function byStart(a: TriedConnection, b: TriedConnection): number {
  return a.start - b.start || Number(a.connection.id) - Number(b.connection.id);
}

/** Each failure is in a chain; a success belongs to at most one. */
function link(failures: readonly TriedConnection[], timelines: Timelines): readonly Chain[] {
  const chains: Chain[] = [];
  const open = new Map<string, Chain[]>();
  for (const tried of failures.flatMap((failure) => [failure, ...failure.followers]).sort(byStart)) {
    const own = (open.get(tried.address) ?? []).filter(({ tries }) => tried.start - last(tries).end <= RETRY_MS);
    open.set(tried.address, own);
    const chain = own
      .filter((one) => isRetry(tried, one, timelines))
      .reduce<Chain | undefined>(
        (a, b) => (a !== undefined && last(a.tries).end >= last(b.tries).end ? a : b),
        undefined,
      );
    if (chain !== undefined) {
      chain.tries.push(tried);
      chain.library ??= tried.library;
      if (!tried.failed) own.splice(own.indexOf(chain), 1);
    } else if (tried.failed) {
      const { address, aim, start, library } = tried;
      const started = { tries: [tried], isBusy: timelines.hasJustWorked(address, aim, start, RETRY_MS), library };
      chains.push(started);
      own.push(started);
      if (own.length > MAX_COMPARED) own.shift();
    }
  }
  return chains;
}

function last(tries: readonly TriedConnection[]): TriedConnection {
  return tries[tries.length - 1] as TriedConnection;
}

/** By which a program says that it offers less than it could (RFC 7507). */
const FALLBACK = 'TLS_FALLBACK_SCSV';

/** The cipher suites that an offer with this newest version may hold, in one word. */
function suitesUpTo({ cipherSuites }: Offer, newest: string): string {
  const rank = versionRank(newest);
  const isUsable = (suite: string): boolean =>
    rank >= versionRank('TLS 1.3') ||
    (suite.includes('_WITH_') && (rank >= versionRank('TLS 1.2') || !isSinceTls12(suite)));
  return withoutGreaseAndSignals(cipherSuites).filter(isUsable).sort().join();
}

/**
 * Whether two tries may be of one program: one that tries an older version keeps the cipher suites that it has for that, or says that
 * it falls back.
 */
function mayBeOneProgram(before: TriedConnection, after: TriedConnection): boolean {
  const { offer: old, version: a } = before;
  const { offer: now, version: b } = after;
  if (old === null || now === null || old === now || a === null || b === null) return true;
  if ([old, now].some(({ cipherSuites }) => cipherSuites.includes(FALLBACK))) return true;
  const older = versionRank(a) < versionRank(b) ? a : b;
  return suitesUpTo(old, older) === suitesUpTo(now, older);
}

/** A program may offer an older version when it tries again, but its stack stays. */
function isRetry(tried: TriedConnection, { tries, isBusy, library }: Chain, timelines: Timelines): boolean {
  const before = last(tries);
  if (library !== null && tried.library !== null && library !== tried.library) return false;
  if (!mayBeOneProgram(before, tried)) return false;
  const isSameServer = tried.aim.server === before.aim.server;
  if (isBusy && isSameServer && tried.aim.ability === before.aim.ability) return false;
  if (isSameServer) {
    const isNameless = tried.serverName === null || before.serverName === null;
    return tried.start >= before.end && (isNameless || tried.serverName === before.serverName);
  }
  if (tried.port !== before.port || tried.serverName === null) return false;
  if (tried.serverName === before.serverName) return tried.start >= before.end;
  // Without a ClientHello, the name is known from other connections; clients of RFC 8305 do not wait until an address
  // has failed.
  return before.version === null && timelines.isAsked(before.aim.server, tried.serverName);
}

/** Retries while they are counted: the heaviest chain is the example. */
type Sum = { -readonly [Field in Exclude<keyof Retries, 'example'>]: Retries[Field] } & {
  chain: Chain | null;
  weight: number;
};

function sumUp(chains: readonly Chain[]): ReadonlyMap<string, Retries> {
  const sums = new Map<string, Sum>();
  for (const chain of chains) {
    const isRetried = chain.tries.length > 1;
    const weight = isRetried ? weightOf(chain) : 0;
    for (const key of new Set(chain.tries.map((tried) => tried.key))) {
      if (key === null) continue;
      const sum = sums.get(key) ?? { attempts: 0, retried: 0, succeeded: 0, mended: 0, chain: null, weight: 0 };
      sums.set(key, sum);
      sum.attempts++;
      if (isRetried) sum.retried++;
      if (!last(chain.tries).failed) sum.succeeded++;
      if (!last(chain.tries).failed && isAtOnce(chain)) sum.mended++;
      if (isRetried && (sum.chain === null || weight > sum.weight)) {
        sum.chain = chain;
        sum.weight = weight;
      }
    }
  }
  // A long chain may be the example of as many diagnoses as it has tries.
  const exampleOf = memoize(attemptOf);
  return new Map(
    Array.from(sums, ([key, { attempts, retried, succeeded, mended, chain }]) => [
      key,
      { attempts, retried, succeeded, mended, example: chain === null ? null : exampleOf(chain) },
    ]),
  );
}

function isAtOnce({ tries }: Chain): boolean {
  return tries.every((tried, index) => tried.start - (tries[index - 1]?.end ?? tried.start) <= AT_ONCE_MS);
}

/** Chains come in order of time: of equal ones, the first is shown. */
function weightOf({ tries }: Chain): number {
  const isChanged = tries.some(
    (tried, index) => index > 0 && changesBetween(tries[index - 1] as TriedConnection, tried).length > 0,
  );
  return (isChanged ? 2 : 0) + (last(tries).failed ? 0 : 1);
}

function attemptOf({ tries }: Chain): Attempt {
  const listed: Try[] = [];
  for (const [index, tried] of tries.entries()) {
    if (index >= MAX_TRIES - 1 && index < tries.length - 1) continue;
    const { connection, aim, serverName, version, rule } = tried;
    const before = tries[index - 1];
    listed.push({
      connection: connection.id,
      startedAt: connection.startedAt,
      endedAt: connection.endedAt,
      server: aim.server,
      serverName,
      version,
      diagnosis: rule,
      changes: before === undefined ? [] : changesBetween(before, tried),
    });
  }
  return {
    client: (tries[0] as TriedConnection).address,
    succeeded: !last(tries).failed,
    count: tries.length,
    tries: listed,
  };
}

const OFFER_FIELDS = [
  'supportedVersions',
  'cipherSuites',
  'extensions',
  'supportedGroups',
  'keyShareGroups',
  'signatureSchemes',
  'alpn',
] as const satisfies readonly (keyof Offer)[];

function changesBetween(before: TriedConnection, after: TriedConnection): OfferChange[] {
  const changes: OfferChange[] = [];
  const compare = (field: OfferChange['field'], old: readonly string[], now: readonly string[]): void => {
    const removed = old.filter((value) => !now.includes(value));
    const added = now.filter((value) => !old.includes(value));
    if (removed.length + added.length > 0) {
      changes.push({ field, removed: removed.slice(0, MAX_VALUES), added: added.slice(0, MAX_VALUES) });
    }
  };
  compare('server', [before.aim.server], [after.aim.server]);
  if (before.version === null || after.version === null) return changes;
  const names = ({ serverName }: TriedConnection): string[] => (serverName === null ? [] : [serverName]);
  compare('serverName', names(before), names(after));
  const { offer: old } = before;
  const { offer: now } = after;
  // Equal offers are the same object.
  if (old !== null && now !== null && old !== now) {
    for (const field of OFFER_FIELDS) compare(field, old[field], now[field]);
  }
  return changes;
}
