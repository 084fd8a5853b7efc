import { BOUNDS } from '../../bounds.js';
import { createBoundedMap } from '../../bounded-map.js';
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import type { MemoryHolder } from '../../memory.js';
import { createRepeatSearch } from '../../repeat-search.js';
import { topicOf } from '../../knowledge/services/device-management.js';
import type { Certificate } from '../../x509/certificate.js';
import { periodOf } from '../../x509/validity.js';
import type { CaptureContext } from '../capture-context.js';
import { connectTo } from '../evidence/places.js';
import { forgedReset } from '../evidence/resets.js';
import { CHURNING, firstEnd, type ServerHistory } from '../evidence/server-history.js';
import type { DiagnosedConnection } from '../finding.js';
import { withCorrectedOutcome } from '../healthy.js';
import { canOnlyHaveRisks } from '../risks.js';
import { isSlow } from '../rules/slow-handshake.js';

/**
 * Failures that repeat an earlier one: the same facts at the same server, apart from frames, times, randoms and the
 * client's address, and the same answers to everything that rules ask about other connections. They share its verdict,
 * which cites the frames of the earlier one: enough for a report that only counts them.
 *
 * Plain version: `diagnose`. Held equal by: test/diagnose/fast-path/shared-verdicts.test.ts. Gain: four tenths of the time of `failures`
 * of the benchmark; nothing where none repeats. Cost: this file.
 */
export interface RepeatedVerdicts {
  /** The verdict of an earlier connection, if this one repeats it and `mayShare`; else that of `judgeInFull` (`diagnose`). */
  judge(
    connection: Connection,
    judgeInFull: (connection: Connection) => DiagnosedConnection,
    mayShare: boolean,
  ): DiagnosedConnection;
  readonly holder: MemoryHolder;
}

/** A connection that was judged, and failed: the first of its kind. */
export interface Example {
  readonly connection: Connection;
  readonly diagnosed: DiagnosedConnection;
  readonly answers: Answers;
  /** Its certificates are judged at this time. */
  readonly judgedAt: number;
  /** Made when it is compared for the first time. */
  pace: Pace | null;
}

/** Different failures with the same beginning that are kept. */
const MOST_ALIKE = 4;
/** A successful search saves as much time as this many unsuccessful ones take. */
export const GAIN = 8;
/** Nominal bytes of an example. */
const EXAMPLE_BYTES = 8192;
const HOUR_MS = 3_600_000;

/** Nothing was judged yet. */
export function createSharedVerdicts(context: CaptureContext): RepeatedVerdicts {
  const known = createKnownFailures<Example>();
  const search = createRepeatSearch(GAIN);
  return {
    judge(connection, judgeInFull, mayShare) {
      if (connection.transport.kind !== 'tcp' || !canRepeat(connection) || !search.isDue())
        return judgeInFull(connection);
      const key = beginningOf(connection);
      const examples = known.of(key);
      const place = examples.findIndex((one) => hasSameFacts(one, connection));
      const example = examples[place];
      const judgedAt = context.judgedAt(connection);
      const isShared =
        example !== undefined &&
        // A verdict without findings cites nothing.
        (mayShare || example.diagnosed.findings.length === 0) &&
        // Of the two, the example is the one that a report shows.
        Number(example.connection.id) < Number(connection.id) &&
        hasSameAnswers(example, connection, judgedAt, context);
      if (isShared) {
        search.found();
        const hasFailed = example.diagnosed.connection.outcome === 'failed';
        return { ...example.diagnosed, connection: hasFailed ? asFailed(connection) : connection };
      }
      if (mayShare) search.notFound();
      const givenUp = context.work.givenUp();
      const diagnosed = judgeInFull(connection);
      const answers = answersFor(connection, context);
      if (isSharable(diagnosed, answers) && context.work.givenUp() === givenUp) {
        known.keep(key, place, { connection, diagnosed, answers, judgedAt, pace: null });
      }
      return diagnosed;
    },
    holder: known.holder,
  };
}

/** Failures that others may repeat, by how they begin: a few of each beginning. */
export function createKnownFailures<One>() {
  const known = createBoundedMap<string, One[]>({ size: BOUNDS.repeatedFailures.value, whenFull: 'forget oldest' });
  return {
    of: (key: string): readonly One[] => known.get(key) ?? [],
    /** Keeps one, in the place of the one that it repeats, if that is not -1. */
    keep(key: string, place: number, one: One): void {
      const alike = known.get(key) ?? [];
      if (place >= 0) alike[place] = one;
      else if (alike.length < MOST_ALIKE) alike.push(one);
      // Set again, a beginning with a single one is the newest.
      if (alike.length === 1) known.set(key, alike);
    },
    holder: {
      what: null,
      bytes: () => known.size * EXAMPLE_BYTES,
      giveUp() {
        const count = known.size;
        known.clear();
        return count;
      },
    },
  };
}

/** Whether everything that rules ask beyond a connection's own facts has the same answers for an example and a connection. */
export const hasSameAnswers = (
  example: Pick<Example, 'answers' | 'judgedAt'>,
  connection: Connection,
  judgedAt: number,
  context: CaptureContext,
): boolean =>
  isSameTime(connection, example.judgedAt, judgedAt) &&
  areEqual(example.answers, answersFor(connection, context)) &&
  context.lookups.of(connection) === null &&
  isAlone(connection, context);

/**
 * Whether rules judge a connection only by facts that can repeat. A stapled OCSP response has dates of its own, missing
 * bytes may be missing anywhere, and topics of push certificates are compared with those of other connections.
 */
export const canRepeat = (connection: Connection): boolean =>
  connection.outcome !== 'incomplete' &&
  connection.eap === null &&
  connection.quic === null &&
  connection.transport.client.missing + connection.transport.server.missing === 0 &&
  connection.path === undefined &&
  connection.repeats === undefined &&
  connection.certificateStatus === null &&
  !isSlow(connection.timing) &&
  topicOf(connection) === undefined &&
  (connection.outcome === 'failed' || !canOnlyHaveRisks(connection));

/**
 * Whether it failed, and nothing in the verdict is only about this client, how its address was found, or the session
 * that it belongs to.
 */
export const canBeExample = (
  { connection, lookup, findings }: DiagnosedConnection,
  { ftpControlOf }: Answers,
): boolean =>
  connection.outcome === 'failed' &&
  lookup === null &&
  ftpControlOf === undefined &&
  findings.every(({ subject }) => subject?.includes(connection.client.address) !== true);

/** Whether others may share a verdict: that of a failure, or that a handshake which led to no request has no fault. */
const isSharable = (diagnosed: DiagnosedConnection, answers: Answers): boolean =>
  canBeExample(diagnosed, answers) ||
  (diagnosed.connection.outcome === 'established' && diagnosed.findings.length === 0 && diagnosed.lookup === null);

/** Whether it remains a failure in view of the other connections. */
const isAlone = (connection: Connection, context: CaptureContext): boolean =>
  connection.outcome === 'failed'
    ? withCorrectedOutcome(connection, context) === connection
    : !context.surveys.has(connection);

/** As `diagnose` has a connection that failed only by its diagnosis. */
export const asFailed = (connection: Connection): Connection =>
  connection.outcome === 'failed' ? connection : { ...connection, outcome: 'failed' };

/** The same for failures that repeat each other, and different for most others. */
export const beginningOf = (connection: Connection): string => {
  const { client, server } = connection.transport;
  return `${connectTo(connection)} ${String(client.bytes)} ${String(server.bytes)}`;
};

export type Answers = ReturnType<typeof answersFor>;

/** The answers to what rules may ask about other connections than this one. */
export const answersFor = (
  connection: Connection,
  { serverHistory: history, issuance, knownIssuers }: CaptureContext,
) =>
  ({
    acceptedBy: history.acceptedBy(connection),
    extent: extentOf(history.acceptedBy(connection)),
    isServing: connection.outcome === 'failed' && history.isServing(connection),
    // Below, no rule says anything.
    churnOf: connection.outcome === 'established' ? Math.max(history.churnOf(connection).most, CHURNING - 1) : 0,
    // Asked for push certificates alone.
    clientCertificatesOf: null,
    ftpControlOf: history.ftpControlOf(connection),
    acceptedAround: history.acceptedAround(connection),
    refusedShort: history.shortRefusals(connection),
    shortRefusals: null,
    refusedNames: connection.outcome === 'failed' ? history.refusedNames(connection).size : 0,
    unverifiedAt: history.unverifiedAt(connection),
    answeredInTls: history.answeredInTls(connection),
    plaintextAt: history.plaintextAt(connection),
    acceptedChain: history.acceptedChain(connection, 'anybody') !== undefined,
    chainTakenOnHost: history.acceptedChain(connection, 'same-host') !== undefined,
    nameUsedOnHost: history.acceptedChain(connection, 'same-host')?.nameUsed,
    chainTakenByProgram: history.acceptedChain(connection, 'same-program') !== undefined,
    acceptedUntil: (history.acceptedUntil(connection)?.until ?? Infinity) <= firstEnd(connection.serverCertificates),
    calledExpired: history.calledExpired(connection) !== undefined,
    markOf: issuance.markOf(connection),
    serialTwinOf: issuance.serialTwinOf(connection),
    ownHelloOf: issuance.ownHelloOf(connection),
    issuers: connection.serverCertificates.length + connection.clientCertificates.length === 0 ? 0 : knownIssuers(),
  }) satisfies Record<keyof ServerHistory, unknown> & Readonly<Record<string, unknown>>;

function areEqual(one: Answers, other: Answers): boolean {
  for (const question in one) {
    if (one[question as keyof Answers] !== other[question as keyof Answers]) return false;
  }
  return true;
}

/** Grows with each new fact about what a server accepted, but not with their counts. */
const extentOf = (accepted: ReturnType<ServerHistory['acceptedBy']>): number =>
  Math.min(accepted.count, 1) +
  accepted.beginnings.size +
  accepted.versions.size +
  accepted.cipherSuites.size +
  accepted.serverNames.size +
  accepted.groups.size +
  accepted.applicationProtocols.size +
  accepted.keys.size +
  accepted.signatureSchemes.size +
  accepted.programs.size +
  accepted.certificates.size +
  Number(accepted.full !== null) +
  Number(accepted.resumed !== null) +
  Number(accepted.withoutClientCertificate !== null) +
  Number(accepted.split !== null) +
  (accepted.longestClientHello?.[0] ?? 0);

/** Whether certificates get the same judgement at both times: in the same hour, with no validity that begins or ends between. */
function isSameTime({ serverCertificates, clientCertificates }: Connection, one: number, other: number): boolean {
  if (one === other) return true;
  if (Math.floor(one / HOUR_MS) !== Math.floor(other / HOUR_MS)) return false;
  const isBetween = (date: number): boolean => Math.min(one, other) <= date && date <= Math.max(one, other);
  const changes = (certificate: Certificate): boolean => {
    const { begins, ends } = periodOf(certificate);
    return isBetween(begins) || isBetween(ends);
  };
  return !serverCertificates.some(changes) && !clientCertificates.some(changes);
}

/** The frames that a connection's facts cite, and their times, in milliseconds since it began. */
export interface Moments {
  readonly frames: number[];
  readonly times: number[];
  /** The same times as the capture has them. */
  readonly stamps: Timestamp[];
  startedAt: Timestamp | null;
}

export const newMoments = (): Moments => ({ frames: [], times: [], stamps: [], startedAt: null });

/** Of the connection that is judged. */
const latest = newMoments();

/** The moments of a connection, in the order of its fields. */
export function momentsOf(connection: Connection): Moments {
  const own = newMoments();
  isSameConnection(connection, connection, own);
  return own;
}

/**
 * Whether a connection has the facts of an example, in the same order, after pauses that rules take for the same.
 * @param moments takes those of the connection
 */
export function hasSameFacts(
  example: Pick<Example, 'connection'> & { pace: Pace | null },
  connection: Connection,
  moments: Moments = latest,
): boolean {
  const first = example.connection;
  if (!isSameConnection(first, connection, moments)) return false;
  example.pace ??= paceOf(momentsOf(first));
  return hasPace(moments, example.pace) && forgedReset(first)?.mark === forgedReset(connection)?.mark;
}

/**
 * A connection's own, or derived: timing from the moments, messages and encrypted records from the transcript over TCP,
 * where nothing is missing.
 */
const NOT_COMPARED: ReadonlySet<string> = new Set(['id', 'client', 'timing']);
const OF_TRANSCRIPT: ReadonlySet<string> = new Set(['messages', 'encryptedRecords']);

/** Compares the facts of two connections, and notes the moments of the second. */
function isSameConnection(one: Connection, other: Connection, moments: Moments): boolean {
  if (one.messages.length !== other.messages.length) return false;
  moments.frames.length = moments.times.length = moments.stamps.length = 0;
  moments.startedAt = other.startedAt;
  const isTcp = other.transport.kind === 'tcp';
  for (const field in other) {
    if (NOT_COMPARED.has(field) || (isTcp && OF_TRANSCRIPT.has(field))) continue;
    const name = field as keyof Connection;
    if (!isSameField(field, one[name], other[name], moments)) return false;
  }
  return true;
}

/** Connections share the certificates that they have in common. */
const isSameChain = (one: readonly Certificate[], other: readonly Certificate[]): boolean =>
  one === other || (one.length === other.length && one.every((certificate, index) => certificate === other[index]));

function isSameField(field: string, one: unknown, other: unknown, moments: Moments): boolean {
  switch (field) {
    case 'random':
    case 'initialSequence':
    case 'ipId':
      return true;
    case 'frame':
    case 'firstFrame':
    case 'lastFrame':
    case 'follows':
      if (typeof other === 'number') moments.frames.push(other);
      return typeof one === typeof other;
    case 'at':
    case 'startedAt':
    case 'endedAt':
      if (typeof other !== 'object' || other === null) return one === other;
      moments.times.push(millisecondsBetween(moments.startedAt as Timestamp, other as Timestamp));
      moments.stamps.push(other as Timestamp);
      return typeof one === 'object' && one !== null;
    case 'serverCertificates':
    case 'clientCertificates':
      return isSameChain(one as readonly Certificate[], other as readonly Certificate[]);
    default:
      return isSameFact(one, other, moments);
  }
}

function isSameFact(one: unknown, other: unknown, moments: Moments): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  if (Array.isArray(one)) return Array.isArray(other) && isSameList(one, other, moments);
  if (ArrayBuffer.isView(one)) return one === other;
  const before = one as Readonly<Record<string, unknown>>;
  const now = other as Readonly<Record<string, unknown>>;
  let more = 0;
  for (const field in before) if (before[field] !== undefined) more++;
  for (const field in now) {
    if (now[field] === undefined) continue;
    more--;
    if (!isSameField(field, before[field], now[field], moments)) return false;
  }
  return more === 0;
}

function isSameList(one: readonly unknown[], other: readonly unknown[], moments: Moments): boolean {
  if (one.length !== other.length) return false;
  if (one === other && typeof one[0] !== 'object') return true;
  for (let index = 0; index < one.length; index++) {
    if (!isSameFact(one[index], other[index], moments)) return false;
  }
  return true;
}

/** Milliseconds that rules compare pauses with. */
const PAUSES = [2, 100, 500, 1000, 2000, 3000];

/** Tells apart pauses that some rule may take for different. */
function kindOf(pause: number): number {
  if (pause <= 0) return Math.sign(pause);
  let kind = 1;
  for (const limit of PAUSES) {
    if (pause < limit) break;
    kind += pause === limit ? 1 : 2;
  }
  return kind;
}

/** In which order moments follow each other, and the kinds of the pauses between them. */
export interface Pace {
  /** Places of the frames, in order; and those that are the same as the one before. */
  readonly order: readonly number[];
  readonly isRepeated: readonly boolean[];
  /** For each time, the place of the first that is the same; and the places of these. */
  readonly same: readonly number[];
  readonly different: readonly number[];
  /** The kind of each pause between two of these. */
  readonly kinds: readonly number[];
}

function paceOf({ frames, times }: Moments): Pace {
  const order = [...frames.keys()].sort((a, b) => (frames[a] as number) - (frames[b] as number));
  const same = times.map((time) => times.indexOf(time));
  const different = [...times.keys()].filter((place) => same[place] === place);
  return {
    order,
    isRepeated: order.map((place, index) => frames[place] === frames[order[index - 1] ?? -1]),
    same,
    different,
    kinds: kindsBetween(times, different),
  };
}

const kindsBetween = (times: readonly number[], different: readonly number[]): number[] =>
  different.flatMap((place, index) =>
    different.slice(0, index).map((other) => kindOf((times[place] as number) - (times[other] as number))),
  );

function hasPace({ frames, times }: Moments, { order, isRepeated, same, different, kinds }: Pace): boolean {
  if (frames.length !== order.length || times.length !== same.length) return false;
  for (let index = 1; index < order.length; index++) {
    const since = (frames[order[index] as number] as number) - (frames[order[index - 1] as number] as number);
    if (since < 0 || (since === 0) !== isRepeated[index]) return false;
  }
  for (let place = 0; place < times.length; place++) if (times[place] !== times[same[place] as number]) return false;
  let next = 0;
  for (let index = 0; index < different.length; index++) {
    const time = times[different[index] as number] as number;
    for (let other = 0; other < index; other++) {
      if (kindOf(time - (times[different[other] as number] as number)) !== kinds[next++]) return false;
    }
  }
  return true;
}
