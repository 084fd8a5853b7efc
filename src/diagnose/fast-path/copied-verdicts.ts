import { isDeepStrictEqual } from 'node:util';
import type { Timestamp } from '../../capture/timestamp.js';
import type { Connection, Sighting } from '../../connection/connection.js';
import type { Data, Message, Value } from '../../message.js';
import { createRepeatSearch } from '../../repeat-search.js';
import type { CaptureContext } from '../capture-context.js';
import type { Candidate, DiagnosedConnection, Finding } from '../finding.js';
import {
  answersFor,
  asFailed,
  beginningOf,
  canBeExample,
  canRepeat,
  createKnownFailures,
  GAIN,
  hasSameFacts,
  hasSameAnswers,
  momentsOf,
  newMoments,
  type Example,
  type Moments,
  type RepeatedVerdicts,
} from './shared-verdicts.js';

/**
 * Failures that repeat an earlier one of the same client, for reports that show each of them: each gets a copy of the
 * verdict on the earlier one, in which every cited frame and time is replaced by its own. The first two are judged in full,
 * to see that their verdicts differ in nothing else.
 *
 * Plain version: `diagnose`. Held equal by: test/diagnose/fast-path/copied-verdicts.test.ts. Gain: a third of the time of a JSON report on a
 * flood of DTLS handshakes that fail alike; nothing where none repeats. Cost: this file.
 */
export function createCopiedVerdicts(context: CaptureContext): RepeatedVerdicts {
  const known = createKnownFailures<Model>();
  const search = createRepeatSearch(GAIN);
  const moments = newMoments();
  return {
    judge(connection, judgeInFull, mayShare) {
      if (!mayShare || !canRepeat(connection) || !search.isDue()) return judgeInFull(connection);
      const key = `${beginningOf(connection)} ${connection.client.address}`;
      const models = known.of(key);
      const place = models.findIndex((one) => hasSameFacts(one, connection, moments));
      const found = models[place];
      const judgedAt = context.judgedAt(connection);
      const model = found !== undefined && hasSameContext(found, connection, judgedAt, context) ? found : undefined;
      if (model?.isProven === true) {
        search.found();
        return withOwnFrames(model, connection, moments);
      }
      search.notFound();
      const givenUp = context.work.givenUp();
      const diagnosed = judgeInFull(connection);
      const different = found?.different ?? 0;
      if (different >= MOST_DIFFERENT || context.work.givenUp() !== givenUp) return diagnosed;
      if (model !== undefined && model.connection.client.port !== connection.client.port) {
        model.isProven = isSameVerdict(withOwnFrames(model, connection, moments), diagnosed);
        if (model.isProven) return diagnosed;
        model.different++;
      }
      const made = modelOf(connection, diagnosed, judgedAt, context);
      if (made === null) return diagnosed;
      made.different = model?.different ?? different;
      known.keep(key, place, made);
      return diagnosed;
    },
    holder: known.holder,
  };
}

/** After so many failures in a row whose verdicts differed in more than frames and times, none is compared any more. */
const MOST_DIFFERENT = 4;

/** A failure that others may repeat. */
interface Model extends Example {
  /** What else verdicts may say of other connections; grows with each success. */
  readonly history: readonly unknown[];
  /** Its lists of sightings, each with the places of their frames and times among its moments. */
  readonly cited: ReadonlyMap<readonly Sighting[], readonly (Place | null)[]>;
  /** A second failure was judged in full, and its verdict equalled a copy of this one. */
  isProven: boolean;
  different: number;
}

/** The indexes of a cited frame and its time among the moments of the connection. */
interface Place {
  readonly frame: number;
  readonly time: number;
}

const hasSameContext = (model: Model, connection: Connection, judgedAt: number, context: CaptureContext): boolean =>
  hasSameAnswers(model, connection, judgedAt, context) &&
  historyFor(connection, context).every((answer, index) => answer === model.history[index]);

const historyFor = (connection: Connection, { serverHistory }: CaptureContext): readonly unknown[] => [
  serverHistory.acceptedBy(connection).count,
  serverHistory.acceptedChain(connection, 'anybody'),
  serverHistory.acceptedChain(connection, 'same-host'),
  serverHistory.acceptedChain(connection, 'same-program'),
];

/** Null if its verdict cannot be copied. */
function modelOf(
  connection: Connection,
  diagnosed: DiagnosedConnection,
  judgedAt: number,
  context: CaptureContext,
): Model | null {
  const answers = answersFor(connection, context);
  if (!canBeExample(diagnosed, answers) || messagesOf(diagnosed).some(({ data }) => hasDuration(data))) return null;
  const cited = citationsOf(diagnosed, momentsOf(connection));
  if (cited === null) return null;
  const history = historyFor(connection, context);
  return { connection, diagnosed, answers, judgedAt, pace: null, history, cited, isProven: false, different: 0 };
}

const listsOf = ({ observed, findings, differential }: DiagnosedConnection): (readonly Sighting[])[] => [
  observed?.sightings ?? [],
  ...findings.map(({ evidence }) => evidence),
  ...differential.map(({ verdict }) => verdict.evidence),
];

const messagesOf = ({ observed, findings, differential }: DiagnosedConnection): Message[] => [
  ...(observed === null ? [] : [observed]),
  ...findings.flatMap(({ explanation, evidence, remedies }) => [explanation, ...evidence, ...remedies]),
  ...differential.flatMap(({ verdict }) => [
    verdict.support === 'excluded' ? verdict.because : verdict.explanation,
    ...verdict.evidence,
  ]),
];

/** A duration belongs to one connection alone. One that is a plain number is called `ms`. */
const hasDuration = (data: Data): boolean =>
  Object.entries(data).some(([name, value]) => name === 'ms' || isOfTime(value));

function isOfTime(value: Value): boolean {
  if (typeof value !== 'object') return false;
  if ('milliseconds' in value) return true;
  if ('phrase' in value) return hasDuration(value.data);
  return 'items' in value && value.items.some((item) => typeof item !== 'string' && hasDuration(item.data));
}

/** The places of everything that a verdict cites among the moments of its connection; null if a time has none. */
function citationsOf(diagnosed: DiagnosedConnection, { frames, stamps }: Moments): Model['cited'] | null {
  const cited = new Map<readonly Sighting[], readonly (Place | null)[]>();
  for (const list of listsOf(diagnosed)) {
    const places: (Place | null)[] = [];
    for (const { frame: number, at, capture } of list) {
      const [frame, time] = [frames.indexOf(number), stamps.findIndex((stamp) => isSameStamp(stamp, at))];
      if (capture !== undefined || (frame >= 0 && time < 0)) return null;
      places.push(frame < 0 ? null : { frame, time });
    }
    cited.set(list, places);
  }
  return cited;
}

const isSameStamp = (one: Timestamp, other: Timestamp): boolean =>
  one === other ||
  (one.seconds === other.seconds && one.nanoseconds === other.nanoseconds && one.digits === other.digits);

/** A copy of the verdict on a model for a connection with the same facts, with the connection's own frames and times. */
function withOwnFrames(
  { diagnosed, cited }: Model,
  connection: Connection,
  { frames, stamps }: Moments,
): DiagnosedConnection {
  const { observed, findings, cause, differential } = diagnosed;
  // A list that is shared stays shared.
  const made = new Map<readonly Sighting[], readonly Sighting[]>();
  const here = <One extends Sighting>(list: readonly One[]): readonly One[] => {
    const before = made.get(list);
    if (before !== undefined) return before as readonly One[];
    const places = cited.get(list) ?? [];
    const now = list.map((one, index) => {
      const place = places[index] ?? null;
      if (place === null) return one;
      return { ...one, frame: frames[place.frame] as number, at: stamps[place.time] as Timestamp };
    });
    made.set(list, now);
    return now;
  };
  const ownFindings = findings.map((finding): Finding => ({ ...finding, evidence: here(finding.evidence) }));
  return {
    connection: asFailed(connection),
    observed: observed && { ...observed, sightings: here(observed.sightings) },
    findings: ownFindings,
    cause: cause && (ownFindings[findings.indexOf(cause)] ?? null),
    differential: differential.map(({ rule, verdict }): Candidate => {
      return { rule, verdict: { ...verdict, evidence: here(verdict.evidence) } };
    }),
    lookup: null,
    repeats: diagnosed,
  };
}

/** Whether a copied verdict equals the one from a judgement in full. */
const isSameVerdict = (again: DiagnosedConnection, full: DiagnosedConnection): boolean =>
  isDeepStrictEqual({ ...again, repeats: null, connection: null }, { ...full, repeats: null, connection: null });
