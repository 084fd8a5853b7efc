import { isDeepStrictEqual } from 'node:util';
import type { Timestamp } from '../capture/timestamp.js';
import type { Connection, Sighting } from '../connection/connection.js';
import type { Data, Message, Value } from '../message.js';
import { createRepeatSearch } from '../repeat-search.js';
import type { CaptureContext } from './capture-context.js';
import type { Candidate, DiagnosedConnection, Finding } from './finding.js';
import {
  answersFor,
  asFailed,
  beginningOf,
  canBeExample,
  canRepeat,
  createKnownFailures,
  GAIN,
  hasSameFacts,
  isUnderTheSame,
  momentsOf,
  newMoments,
  type Example,
  type Moments,
  type Repeats,
} from './repeats.js';

/**
 * Failures that repeat an earlier one of the same client, where a report shows each: they get the verdict on that one, with
 * the frames and times that stand at the same places among their own facts. That nothing else differs is first seen on two
 * that are judged in full.
 *
 * Plain version: `diagnose`. Held equal by: test/diagnose/restated.test.ts. Gain: a third of the time of a JSON report on a
 * flood of DTLS handshakes that fail alike; nothing where none repeats. Cost: this file.
 */
export function createRestated(context: CaptureContext): Repeats {
  const known = createKnownFailures<Model>();
  const search = createRepeatSearch(GAIN);
  const moments = newMoments();
  return {
    judge(connection, plainly, mayShare) {
      if (!mayShare || !canRepeat(connection) || !search.isDue()) return plainly(connection);
      const key = `${beginningOf(connection)} ${connection.client.address}`;
      const models = known.of(key);
      const place = models.findIndex((one) => hasSameFacts(one, connection, moments));
      const found = models[place];
      const judgedAt = context.judgedAt(connection);
      const model = found !== undefined && hasSameNeighbours(found, connection, judgedAt, context) ? found : undefined;
      if (model?.isProven === true) {
        search.saved();
        return restated(model, connection, moments);
      }
      search.inVain();
      const givenUp = context.work.givenUp();
      const diagnosed = plainly(connection);
      const unlike = found?.unlike ?? 0;
      if (unlike >= MOST_UNLIKE || context.work.givenUp() !== givenUp) return diagnosed;
      if (model !== undefined && model.connection.client.port !== connection.client.port) {
        model.isProven = isSaidOf(restated(model, connection, moments), diagnosed);
        if (model.isProven) return diagnosed;
        model.unlike++;
      }
      const made = modelOf(connection, diagnosed, judgedAt, context);
      if (made === null) return diagnosed;
      made.unlike = model?.unlike ?? unlike;
      known.keep(key, place, made);
      return diagnosed;
    },
    holder: known.holder,
  };
}

/** Failures in a row of which the verdict differed in more than frames and times: then no further one is compared. */
const MOST_UNLIKE = 4;

/** A failure that others may repeat. */
interface Model extends Example {
  /** What else verdicts may say of other connections; grows with each success. */
  readonly history: readonly unknown[];
  /** Its lists of sightings, each with the places of their frames and times among its moments. */
  readonly cited: ReadonlyMap<readonly Sighting[], readonly (Place | null)[]>;
  /** A second one was judged in full, and its verdict was this one, restated. */
  isProven: boolean;
  unlike: number;
}

/** Where a frame and its time stand among the moments of a connection; null for those of another connection. */
interface Place {
  readonly frame: number;
  readonly time: number;
}

const hasSameNeighbours = (model: Model, connection: Connection, judgedAt: number, context: CaptureContext): boolean =>
  isUnderTheSame(model, connection, judgedAt, context) &&
  historyFor(connection, context).every((answer, index) => answer === model.history[index]);

const historyFor = (connection: Connection, { serverHistory }: CaptureContext): readonly unknown[] => [
  serverHistory.acceptedBy(connection).count,
  serverHistory.acceptedChain(connection, 'anybody'),
  serverHistory.acceptedChain(connection, 'same-host'),
];

/** Null if its verdict cannot be restated. */
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
  return { connection, diagnosed, answers, judgedAt, pace: null, history, cited, isProven: false, unlike: 0 };
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

/** Spans of time are of one connection alone. One that is a mere number is called `ms`. */
const hasDuration = (data: Data): boolean =>
  Object.entries(data).some(([name, value]) => name === 'ms' || isOfTime(value));

function isOfTime(value: Value): boolean {
  if (typeof value !== 'object') return false;
  if ('milliseconds' in value) return true;
  if ('phrase' in value) return hasDuration(value.data);
  return 'items' in value && value.items.some((item) => typeof item !== 'string' && hasDuration(item.data));
}

/** Where all that a verdict cites stands among the moments of its connection; null if a time stands nowhere. */
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

/** The verdict on a model, of a connection with the same facts at these moments. */
function restated(
  { diagnosed, cited }: Model,
  connection: Connection,
  { frames, stamps }: Moments,
): DiagnosedConnection {
  const { observed, findings, cause, differential } = diagnosed;
  // Lists that are one list stay one.
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

/** Whether a verdict that was restated is what was said in full. */
const isSaidOf = (again: DiagnosedConnection, full: DiagnosedConnection): boolean =>
  isDeepStrictEqual({ ...again, repeats: null, connection: null }, { ...full, repeats: null, connection: null });
