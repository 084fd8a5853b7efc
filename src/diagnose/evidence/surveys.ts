import { BOUNDS } from '../../bounds.js';
import { createBoundedSet } from '../../bounded-map.js';
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
import type { ClientHello, Connection } from '../../connection/connection.js';
import { offersEverySignature } from '../../knowledge/probes.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { memoize, memoizeLast } from '../../memoize.js';
import type { MemoryHolder } from '../../memory.js';
import { createLooks } from './looks.js';
import { connectTo } from './places.js';
import { createProbes } from './probes.js';
import { isServed } from './progress.js';
import { refusalByClient } from './refusals.js';

// Which handshakes only ask what a server supports: one list of cipher suites, groups or signature schemes after the other
// (Nmap's ssl-enum-ciphers, sslscan, testssl.sh, gnutls-cli-debug). And which connections only look for services.

/** The surveys among the connections of a capture. */
export interface Surveys {
  /**
   * Whether a handshake that failed, or led to no request, is one of many by which a program asks a server what it
   * supports, or which protocol it speaks, or by which a monitor or a scanner looks at servers.
   */
  has(connection: Connection): boolean;
  /** Whether a renegotiation that the server refused only tests, beside a survey, whether the server allows any. */
  asksForRenegotiation(connection: Connection): boolean;
}

/** So many different offers of one program to one server are a survey; a fallback makes two or three. */
const OFFERS = 5;
/** The same for a library that many programs use: behind one address, some may have another configuration. */
const OFFERS_OF_LIBRARY = 8;
/** The same for gnutls-cli-debug, which is unmistakable, and gives up early if the server requires a client certificate. */
const OFFERS_OF_DEBUG = 2;
/** A survey does not pause for longer, in milliseconds. */
const PAUSE_MS = 10_000;
/** An offer of a library that fails more often than this within a survey comes from a client that wants to connect. */
const TIMES = 2;
/** The same for an unknown program: testssl.sh makes one offer eleven times. */
const TIMES_OF_UNKNOWN = 20;
/** A survey made with a library makes no offer more often than this, on average. */
const TIMES_ON_AVERAGE = 3;

/** Surveys are counted again when the attempts have grown by this factor. */
const RECOUNT_GROWTH = 1.1;

const MAX_PROGRAMS = BOUNDS.surveyedServers.value;
const MAX_ATTEMPTS = BOUNDS.surveyAttempts.value;
/** Nominal bytes of a program's offers. */
const PROGRAM_BYTES = 1024;
/** Nominal bytes of an attempt. */
const ATTEMPT_BYTES = 256;

/** Whether the client refused the certificate by an alert. A survey accepts any certificate, and may end with close_notify. */
function refusesCertificate(connection: Connection): boolean {
  if (connection.clientHello !== null && offersEverySignature(connection.clientHello)) return false;
  if (connection.alerts.every(({ from }) => from === 'server')) return false;
  const refusal = refusalByClient(connection);
  return refusal?.how === 'encrypted-alert' || (refusal?.how === 'alert' && refusal.isExplicit);
}

/** Whether a connection led at most to a handshake, and the client did not refuse the certificate. */
const isInVain = (connection: Connection): boolean =>
  connection.outcome === 'failed'
    ? !refusesCertificate(connection)
    : // One that repeats an earlier connection was served as that was.
      connection.outcome === 'established' && connection.repeats === undefined && !isServed(connection);

/**
 * Whether the handshake of an unknown program may be part of a survey: it failed, and the client sent nothing but its
 * ClientHello. Only gnutls-cli-debug is recognised by the ClientHello itself.
 */
const mayAsk = ({ clientHello, messages, outcome }: Connection): boolean =>
  clientHello !== null &&
  (offersEverySignature(clientHello) ||
    (outcome === 'failed' && messages.every(({ from, type }) => from === 'server' || type === 'client_hello')));

/** Whether a connection may be a probe for services: it began without TLS, or with the ClientHello of no known library. */
const mayBeProbe = (connection: Connection): boolean =>
  connection.clientHello === null ? connection.preamble === null : isUnknown(connection) && mayAsk(connection);

/** Versions that programs on GnuTLS no longer offer without a newer one, except in a survey. */
const OLD: ReadonlySet<string> = new Set(['TLS 1.1', 'TLS 1.0', 'SSL 3.0']);

const isOldAlone = (hello: ClientHello): boolean =>
  libraryOf(hello) === 'GnuTLS' && hello.supportedVersions.every((version) => OLD.has(version));

const isUnknown = ({ clientHello }: Connection): boolean =>
  clientHello === null ||
  libraryOf(clientHello) === null ||
  offersEverySignature(clientHello) ||
  isOldAlone(clientHello);

/**
 * Whether the client asked for a renegotiation before any data, and the server refused: a program that has nothing to ask for
 * only tests whether the server allows it (testssl.sh, sslscan).
 */
function isRenegotiationTest({ messages, encryptedRecords, alerts: [first] }: Connection): boolean {
  if (encryptedRecords.some(({ contentType }) => contentType === 'application_data')) return false;
  const [, second] = messages.filter(
    ({ encrypted, decrypted, from }) => (encrypted || decrypted === true) && from === 'client',
  );
  return second !== undefined && first?.from === 'server' && first.frame >= second.frame;
}

/** So many different offers that end as those of testssl.sh do are a survey. */
const LOOKS = 2;
/** A script that only looks at the answer leaves within so many milliseconds. */
const LOOK_MS = 1000;

/**
 * Whether the client ended the handshake by a fatal close_notify as soon as it had the answer, as testssl.sh does, which writes
 * its records itself. Small libraries do so, too, where they refuse a certificate: one such end alone is no survey.
 */
function isScriptsLook({ clientHello, serverHello, transport, messages, alerts: [first] }: Connection): boolean {
  if (clientHello === null || serverHello === null || libraryOf(clientHello) !== null) return false;
  if (transport.kind !== 'tcp' || first?.from !== 'client' || first.name !== 'close_notify') return false;
  const answer = messages.findLast(({ from, frame }) => from === 'server' && frame < first.frame) ?? serverHello;
  return first.level === 'fatal' && !first.encrypted && millisecondsBetween(answer.at, first.at) <= LOOK_MS;
}

/** Takes the programs of such ends for surveyors once they made different offers. */
function noteLook(pair: Pair, { clientHello }: Connection, program: string): void {
  if (pair.looks === NO_LOOKS) pair.looks = new Map();
  const { looks } = pair;
  if (looks.size < LOOKS) looks.set(offerOf(clientHello), program);
  else addSurveyor(pair, program);
  if (looks.size >= LOOKS) for (const one of looks.values()) addSurveyor(pair, one);
}

const pairOf = memoizeLast((connection: Connection): string => `${connection.client.address} ${connectTo(connection)}`);

/** The part of a ClientHello that a survey does not change; gnutls-cli-debug changes the extensions, too. */
const programOf = (hello: ClientHello): string => (offersEverySignature(hello) ? DEBUG : joined(hello.extensions));
/** ClientHellos of one program share their lists. */
const joined = memoize((names: readonly string[]): string => names.join());
const DEBUG = 'gnutls-cli-debug';

/** The part that a survey changes: JA3 covers cipher suites and groups, JA4 the signature schemes. */
const offerOf = (hello: ClientHello | null): string => (hello === null ? '' : `${hello.ja3} ${hello.ja4}`);

/** A handshake that led to no request. */
interface Attempt {
  readonly offer: string;
  /** null where the capture lacks the ClientHello. */
  readonly program: string | null;
  /** No library is known to write such a ClientHello. */
  readonly isOfUnknown: boolean;
  readonly at: Timestamp;
}

/** What a program offered without success, without a long pause in between. */
interface Run {
  /** The different offers. */
  readonly offers: Set<string>;
  /** All attempts. */
  times: number;
  last: Timestamp;
}

interface Counts {
  /** Of each offer, how often it was made in each survey; null where it was made outside of any. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<number, number> | null>;
  /** How many attempts were counted. */
  readonly of: number;
}

/** The attempts of one client at one server. */
interface Pair {
  readonly programs: Map<string, Run>;
  /** The programs that make surveys; the same object for all pairs without any. */
  surveyors: Set<string>;
  /** The programs of offers that ended as those of testssl.sh do, up to `LOOKS`; the same object for all pairs without any. */
  looks: Map<string, string>;
  /** In the order in which the connections ended; sorted when they are counted. */
  readonly attempts: Attempt[];
  counts: Counts | null;
}

const NO_SURVEYORS: Set<string> = createBoundedSet(0);
const NO_LOOKS = new Map<string, string>();

function addSurveyor(pair: Pair, program: string): void {
  if (pair.surveyors === NO_SURVEYORS) pair.surveyors = new Set();
  pair.surveyors.add(program);
}

const newPair = (): Pair => ({
  programs: new Map(),
  surveyors: NO_SURVEYORS,
  looks: NO_LOOKS,
  attempts: [],
  counts: null,
});

const byTime = (a: Attempt, b: Attempt): number => millisecondsBetween(b.at, a.at);

/**
 * Counts how often each offer was made in each survey. A survey is a series of attempts of its programs, and of unknown
 * ones, without a long pause in between.
 */
function countsOf({ attempts, surveyors }: Pair): Counts {
  const isSurveyors = ({ program }: Attempt): boolean => program !== null && surveyors.has(program);
  const sorted = attempts.slice().sort(byTime);
  const asked = sorted.filter((attempt) => attempt.isOfUnknown || isSurveyors(attempt));
  const surveys: { readonly first: Attempt; last: Attempt; isSurvey: boolean }[] = [];
  for (const attempt of asked) {
    const open = surveys.at(-1);
    if (open !== undefined && millisecondsBetween(open.last.at, attempt.at) <= PAUSE_MS) {
      open.last = attempt;
      open.isSurvey ||= isSurveyors(attempt);
    } else surveys.push({ first: attempt, last: attempt, isSurvey: isSurveyors(attempt) });
  }
  const counts = new Map<string, Map<number, number> | null>();
  let next = 0;
  for (const attempt of sorted) {
    while (byTime(surveys[next]?.last ?? attempt, attempt) < 0) next++;
    const survey = surveys[next];
    const known = counts.get(attempt.offer);
    if (survey?.isSurvey !== true || byTime(attempt, survey.first) < 0) counts.set(attempt.offer, null);
    else if (known === undefined) counts.set(attempt.offer, new Map([[next, 1]]));
    else known?.set(next, (known.get(next) ?? 0) + 1);
  }
  return { counts, of: attempts.length };
}

/** Whether a program that surveys the server was there shortly before the connection, or after it. */
const isBesideSurvey = ({ attempts, surveyors }: Pair, { startedAt }: Connection): boolean =>
  attempts.some(
    ({ program, at }) =>
      program !== null && surveyors.has(program) && Math.abs(millisecondsBetween(at, startedAt)) <= PAUSE_MS,
  );

/** Gathers offers: `add` is called with every connection of the capture, in any order. */
export function createSurveys(): Surveys & { readonly holder: MemoryHolder; add(connection: Connection): void } {
  const pairs = new Map<string, Pair>();
  const probes = createProbes();
  const looks = createLooks();
  let programs = 0;
  let attempts = 0;
  let bytes = 0;

  function count(pair: Pair, connection: Connection, program: string): void {
    const isOfUnknown = isUnknown(connection);
    if (isScriptsLook(connection)) noteLook(pair, connection, program);
    if (pair.surveyors.has(program) || (isOfUnknown && !mayAsk(connection))) return;
    let run = pair.programs.get(program);
    if (run === undefined) {
      if (programs >= MAX_PROGRAMS) return;
      programs++;
      bytes += program.length + PROGRAM_BYTES;
      pair.programs.set(program, (run = { offers: new Set(), times: 0, last: connection.startedAt }));
    }
    if (!isOfUnknown && Math.abs(millisecondsBetween(run.last, connection.startedAt)) > PAUSE_MS) {
      run.offers.clear();
      run.times = 0;
    }
    run.last = connection.startedAt;
    run.times++;
    run.offers.add(offerOf(connection.clientHello));
    const isNew = isOfUnknown || run.offers.size * TIMES_ON_AVERAGE >= run.times;
    const least = program === DEBUG ? OFFERS_OF_DEBUG : isOfUnknown ? OFFERS : OFFERS_OF_LIBRARY;
    if (isNew && run.offers.size >= least) addSurveyor(pair, program);
  }

  return {
    add(connection) {
      const { clientHello, startedAt } = connection;
      probes.add(connection);
      looks.add(connection);
      if (attempts >= MAX_ATTEMPTS || !isInVain(connection)) return;
      const key = pairOf(connection);
      const pair: Pair = pairs.get(key) ?? newPair();
      pairs.set(key, pair);
      const program = clientHello === null ? null : programOf(clientHello);
      attempts++;
      bytes += ATTEMPT_BYTES;
      const isOfUnknown = clientHello !== null && isUnknown(connection);
      pair.attempts.push({ offer: offerOf(clientHello), program, isOfUnknown, at: startedAt });
      if (program !== null) count(pair, connection, program);
    },
    holder: {
      what: 'attempts',
      bytes: () => bytes + probes.holder.bytes(),
      giveUp() {
        const [oldest] = pairs;
        if (oldest === undefined) return probes.holder.giveUp() + looks.giveUp();
        const [key, pair] = oldest;
        pairs.delete(key);
        programs -= pair.programs.size;
        attempts -= pair.attempts.length;
        bytes -= pair.attempts.length * ATTEMPT_BYTES;
        for (const program of pair.programs.keys()) bytes -= program.length + PROGRAM_BYTES;
        return pair.attempts.length;
      },
    },
    asksForRenegotiation(connection) {
      const pair = pairs.get(pairOf(connection));
      return pair !== undefined && isRenegotiationTest(connection) && isBesideSurvey(pair, connection);
    },
    has(connection) {
      const { clientHello } = connection;
      if ((mayBeProbe(connection) && probes.has(connection)) || looks.has(connection)) return true;
      const pair = pairs.get(pairOf(connection));
      if (pair === undefined || pair.surveyors.size === 0 || !isInVain(connection)) return false;
      // Counted again only after enough new attempts: the answer is asked for each connection.
      if (pair.attempts.length > (pair.counts?.of ?? 0) * RECOUNT_GROWTH) pair.counts = null;
      pair.counts ??= countsOf(pair);
      const times = pair.counts.counts.get(offerOf(clientHello));
      // An offer that was first made after the count.
      if (times === undefined) return clientHello !== null && pair.surveyors.has(programOf(clientHello));
      const most = clientHello !== null && isUnknown(connection) ? TIMES_OF_UNKNOWN : TIMES;
      return times !== null && [...times.values()].every((inOne) => inOne <= most);
    },
  };
}
