import { isObject } from '../is-object.js';
import { statSync } from 'node:fs';
import { notice, noticePhrase } from '../notices.js';
import { createJudge, type JudgeOptions } from '../analysis/judge.js';
import type { Read, ReadCounts } from '../analysis/read.js';
import { BOUNDS } from '../bounds.js';
import type { CaptureWarning } from '../capture/frame.js';
import type { CaptureSummary } from '../capture/open.js';
import type { FramePlace, FrameRun } from '../capture/places.js';
import { formatTimestamp } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import type { KeyCounts, KeyResults, Results } from '../diagnose/results.js';
import { createFaults, type Faults, faultText } from '../fault.js';
import { lowerBound } from '../lower-bound.js';
import { createMemoryBudget } from '../memory.js';
import { createLookups, type Lookup, type Lookups } from '../names/lookups.js';
import type { CapturedNames } from '../names/results.js';
import { createUnreadCounter } from '../packet/unread.js';
import { createX509Reader } from '../x509/reader.js';
import { FactsError } from './error.js';
import {
  createInterner,
  decodeConnection,
  type Closing,
  type ConnectionLine,
  type BoundaryConnection,
  type Heading,
} from './line.js';
import { isAsWritten, linesOf, surveyFacts, type Survey } from './read.js';
import { createReferred } from './references.js';

/** How facts are judged. */
export interface MergeOptions extends Omit<JudgeOptions, 'anchors'> {
  readonly anchors: readonly Uint8Array[];
  /** Bytes for everything that is cached; 256 MiB by default. */
  readonly memory?: number;
  /** When aborted, the connections read so far are judged; a warning says so. */
  readonly signal?: AbortSignal;
  /** Called now and then while connections are judged. */
  readonly onProgress?: (progress: MergeProgress) => void;
}

/** Progress: bytes of the files, in proportion to the connections read. */
export interface MergeProgress {
  readonly bytesRead: number;
  readonly bytes: number;
  readonly connections: number;
  readonly failed: number;
}

/** A file of facts. */
interface Slice extends Survey {
  readonly path: string;
  /** Added to the frames of its lines, and to the ids of its connections. */
  frames: number;
  ids: number;
  /** Ids, in the slice, of connections that continue one of an earlier slice, ascending. */
  readonly continued: readonly number[];
}

/** The slices of one recording. */
interface Parts {
  readonly slices: readonly Slice[];
  /** Index of its first file among those of all recordings. */
  readonly firstFile: number;
  readonly summaries: readonly CaptureSummary[];
  readonly warnings: readonly (readonly CaptureWarning[])[];
}

/** Connections judged between two checks of memory. */
const ADDED_AT_ONCE = 256;

/**
 * Judges the facts of slices as if their recordings had been read at once; unrelated recordings are placed one after
 * the other.
 * @throws FactsError if a file has no facts or was changed, or two are of the same slice; other errors are faults of
 * this program
 */
export async function mergeFacts(paths: readonly string[], options: MergeOptions): Promise<Results> {
  const faults = createFaults();
  try {
    const results = await mergeUnchecked(paths, options, faults);
    const [fault] = faults.first;
    const altered = fault === undefined ? undefined : await firstAltered(paths);
    if (fault === undefined || altered === undefined) return results;
    throw new FactsError(altered, { id: 'altered', data: { fault: fault.message } });
  } catch (error) {
    // Values of lines are trusted to have the right types; wrong ones cause errors where they are used.
    const fault = error instanceof FactsError ? error.cause : error;
    if (!(fault instanceof TypeError || fault instanceof RangeError)) throw error;
    const altered = await firstAltered(paths);
    if (altered === undefined) throw fault;
    if (error instanceof FactsError) throw error;
    throw new FactsError(altered, { id: 'altered', data: { fault: faultText(fault) } }, { cause: fault });
  }
}

/** The first file of facts that was changed after this program wrote it. */
async function firstAltered(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (!(await isAsWritten(path))) return path;
  return undefined;
}

async function mergeUnchecked(paths: readonly string[], options: MergeOptions, faults: Faults): Promise<Results> {
  const slices: Omit<Slice, 'frames' | 'ids' | 'continued'>[] = [];
  for (const path of paths) slices.push({ path, ...(await surveyFacts(path)) });
  const turns: FrameRun[] = [];
  const recordings = putInPlace(slices, turns);
  const summaries = recordings.flatMap((recording) => recording.summaries);

  const x509 = createX509Reader();
  const placeOf = (number: number): FramePlace => {
    const turn = turns[lowerBound(turns.length, (index) => (turns[index]?.number ?? 0) <= number) - 1];
    return turn === undefined
      ? { capture: 0, frame: number }
      : { capture: turn.capture, frame: turn.frame + number - turn.number };
  };
  const captures = { count: summaries.length, placeOf, summaries: () => summaries, names: () => namesOf(recordings) };
  const lookups = lookupsOf(recordings);
  const judge = createJudge(x509, captures, faults, { ...options, lookups });
  const memory = createMemoryBudget(options.memory ?? BOUNDS.memory.value, [...judge.holders, lookups.holder]);
  const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  const flows = slices.reduce((sum, { closing }) => sum + closing.flows, 0);
  let added = 0;
  let isInterrupted = false;
  const addAll = async (views: ReturnType<typeof judge.firstViews>): Promise<void> => {
    for (const one of views) {
      const loading = 'outcome' in one ? judge.add(one) : undefined;
      if (loading !== undefined) await loading;
    }
  };
  for await (const connection of connectionsOf(recordings, x509)) {
    if (options.signal?.aborted === true) {
      isInterrupted = true;
      break;
    }
    await addAll(judge.firstViews([connection]));
    if (++added % ADDED_AT_ONCE > 0) continue;
    memory.relieve();
    await judge.handOn();
    const { connections, failed } = judge.summary();
    options.onProgress?.({ bytesRead: (bytes * added) / Math.max(added, flows), bytes, connections, failed });
  }
  await addAll(judge.lastViews());
  return judge.finish(readOf(recordings, isInterrupted), memory, keysOf(recordings));
}

/** Groups slices by recording, and places their slices, frames and connections one after the other. Fills `turns`. */
function putInPlace(files: readonly Omit<Slice, 'frames' | 'ids' | 'continued'>[], turns: FrameRun[]): Parts[] {
  type File = (typeof files)[number];
  const byRecording = new Map<string, [File, ...File[]]>();
  for (const file of files) {
    const key = JSON.stringify([file.heading.recording, file.heading.slice.count]);
    const others = byRecording.get(key);
    if (others === undefined) byRecording.set(key, [file]);
    else others.push(file);
  }
  let [firstFile, frames, ids] = [0, 0, 0];
  return Array.from(byRecording.values(), (unordered) => {
    const sorted = unordered.toSorted((a, b) => a.heading.slice.index - b.heading.slice.index);
    for (const [index, { path, heading }] of sorted.entries()) {
      const before = sorted[index - 1];
      if (before?.heading.slice.index === heading.slice.index) {
        throw new FactsError(path, { id: 'sameSlice', data: { other: before.path } });
      }
    }
    const { recording } = unordered[0].heading;
    const reads = recording.files.map((_, file) => bestRead(sorted, file));
    const lengths = recording.order.map((file) => reads[file]?.summary.packets ?? 0);
    /** Connections that earlier slices followed beyond their ends, by their endpoints. */
    const leaving = new Map<string, BoundaryConnection[]>();
    let covered = frames;
    const slices = sorted.map((file): Slice => {
      const { heading, closing } = file;
      const base = frames + lengths.slice(0, heading.firstRead).reduce((sum, length) => sum + length, 0);
      for (const { number, capture, frame } of closing.turns) {
        if (base + number > covered) turns.push({ number: base + number, capture: firstFile + capture, frame });
      }
      const read = closing.files.reduce((sum, one) => sum + (one?.summary.packets ?? 0), 0);
      covered = Math.max(covered, base + read);
      const continued = closing.entering.filter((rest) =>
        (leaving.get(partiesOf(rest)) ?? []).some((one) => continues(rest, one, base)),
      );
      for (const one of closing.leaving) {
        const key = partiesOf(one);
        leaving.set(key, [...(leaving.get(key) ?? []), counted(one, base)]);
      }
      const slice = { ...file, frames: base, ids, continued: continued.map(({ id }) => id).sort((a, b) => a - b) };
      ids += closing.flows - continued.length;
      return slice;
    });
    const parts: Parts = {
      slices,
      firstFile,
      summaries: recording.files.map(({ path }, file) => reads[file]?.summary ?? unreadFile(path)),
      warnings: recording.files.map((_, file) => [
        ...(reads[file]?.warnings ?? []),
        ...(file === (recording.order[0] ?? 0) ? missingSlices(sorted) : []),
      ]),
    };
    firstFile += recording.files.length;
    frames += lengths.reduce((sum, length) => sum + length, 0);
    return parts;
  });
}

/** What the slice that read most of a file knows about it. */
function bestRead(slices: readonly Pick<Slice, 'closing'>[], file: number): Closing['files'][number] {
  let best: Closing['files'][number] = null;
  for (const { closing } of slices) {
    const read = closing.files[file] ?? null;
    if (read === null || best?.isWhole === true) continue;
    if (best === null || read.isWhole || read.summary.packets > best.summary.packets) best = read;
  }
  return best;
}

const counted = (one: BoundaryConnection, base: number): BoundaryConnection => ({
  ...one,
  firstFrame: one.firstFrame + base,
  lastFrame: one.lastFrame === null ? null : one.lastFrame + base,
});

/** The carrier and the two endpoints of a connection, whichever is the client. */
function partiesOf({ carrier, client, server }: BoundaryConnection): string {
  return [carrier, ...[client, server].map(({ address, port }) => `${address} ${port}`).sort()].join();
}

/** Whether a slice's connection continues one between the same endpoints that an earlier slice followed. */
function continues(rest: BoundaryConnection, whole: BoundaryConnection, base: number): boolean {
  const first = rest.firstFrame + base;
  return first > whole.firstFrame && (whole.lastFrame === null || first <= whole.lastFrame);
}

function unreadFile(path: string): CaptureSummary {
  return {
    path,
    format: 'pcap',
    compression: null,
    packets: 0,
    bytes: 0,
    firstPacketAt: null,
    lastPacketAt: null,
    linkTypes: [],
    truncatedPackets: 0,
    warnings: [],
  };
}

/** Warns of missing slices, and of the period that they cover. `sorted` by their numbers. */
function missingSlices(sorted: readonly Pick<Slice, 'heading' | 'closing'>[]): CaptureWarning[] {
  const [first] = sorted;
  if (first === undefined) return [];
  const { count } = first.heading.slice;
  const warnings: CaptureWarning[] = [];
  const missing = (from: number, to: number, begin: Heading['begin'], end: Heading['end']): void => {
    if (from > to) return;
    const data = {
      slice: from,
      last: to,
      slices: count,
      since: begin === null ? noticePhrase('theBeginning') : formatTimestamp(begin.at),
      until: end === null ? noticePhrase('theEnd') : formatTimestamp(end.at),
    };
    warnings.push(notice('slice-missing', from === to ? 'one' : 'several', data));
  };
  let [next, begin]: [number, Heading['begin']] = [1, null];
  for (const { heading, closing } of sorted) {
    missing(next, heading.slice.index - 1, begin, heading.begin);
    next = heading.slice.index + 1;
    begin = heading.end;
    if (closing.isPartial) {
      warnings.push(notice('slice-missing', 'interrupted', { slice: heading.slice.index, slices: count }));
    }
  }
  missing(next, count, begin, null);
  return warnings;
}

/** All connections, in the order in which they ended. */
async function* connectionsOf(recordings: readonly Parts[], x509: ReturnType<typeof createX509Reader>) {
  const streams: Stream[] = [];
  for (const { slices, firstFile } of recordings) {
    for (const slice of slices) {
      const stream = createStream(slice, firstFile, streams.length, x509);
      if (await stream.advance()) streams.push(stream);
    }
  }
  streams.sort(byEnd);
  for (let stream = streams.shift(); stream !== undefined; stream = streams.shift()) {
    yield stream.connection();
    if (!(await stream.advance())) continue;
    const place = lowerBound(streams.length, (index) => byEnd(streams[index] as Stream, stream) < 0);
    streams.splice(place, 0, stream);
  }
}

/** The connections of a slice, one by one. */
interface Stream {
  readonly rank: number;
  /** The frame at which the end of the next one was known, counted over all recordings. */
  readonly endedBy: number;
  advance(): Promise<boolean>;
  connection(): Connection;
}

function byEnd(a: Stream, b: Stream): number {
  // Connections still open when the captures ended come last.
  if (a.endedBy === b.endedBy) return a.rank - b.rank;
  return a.endedBy < b.endedBy ? -1 : 1;
}

function createStream(
  { path, frames, ids, continued }: Slice,
  firstFile: number,
  rank: number,
  x509: ReturnType<typeof createX509Reader>,
): Stream {
  const lines = linesOf(path);
  const passedOver = new Set(continued);
  const referred = createReferred();
  const intern = createInterner();
  let line = 0;
  let current: ConnectionLine | undefined;
  let endedBy = 0;
  const certificateOf = (sha256: string) => {
    const der = referred.of(sha256);
    if (der === undefined) throw new FactsError(path, { id: 'noSuchCertificate', data: { line, sha256 } });
    return x509.certificate(der);
  };
  return {
    rank,
    get endedBy() {
      return endedBy;
    },
    async advance() {
      for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
        line++;
        if (next.value.kind === 'certificate') {
          if (typeof next.value.der !== 'string') throw new FactsError(path, { id: 'noCertificate', data: { line } });
          referred.add(next.value);
        }
        if (next.value.kind !== 'connection') continue;
        const { connection } = next.value;
        if (!hasId(connection)) throw new FactsError(path, { id: 'noConnection', data: { line } });
        if (passedOver.has(Number(connection.id))) continue;
        current = next.value;
        endedBy = current.endedBy === null ? Infinity : current.endedBy + frames;
        return true;
      }
      return false;
    },
    connection() {
      if (current === undefined) throw new FactsError(path, { id: 'connectionMissing', data: {} });
      const { connection } = current;
      const own = Number(connection.id);
      const id = String(ids + own - lowerBound(continued.length, (index) => (continued[index] ?? 0) < own));
      const capture = firstFile + connection.capture;
      try {
        if (frames > 0) shiftFrames(connection, frames);
        return decodeConnection({ ...connection, id, capture }, certificateOf, x509, intern);
      } catch (error) {
        if (error instanceof FactsError) throw error;
        throw new FactsError(path, { id: 'noConnection', data: { line } }, { cause: error });
      }
    },
  };
}

const hasId = (connection: unknown): boolean => isObject(connection) && typeof connection['id'] === 'string';

const FRAME_FIELDS: ReadonlySet<string> = new Set(['frame', 'firstFrame', 'lastFrame']);

/** Adds to every frame number in what was just read. */
function shiftFrames(value: unknown, by: number): void {
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    const field = value[key];
    if (typeof field === 'number') {
      if (FRAME_FIELDS.has(key)) value[key] = field + by;
    } else {
      shiftFrames(field, by);
    }
  }
}

function readOf(recordings: readonly Parts[], isInterrupted: boolean): Read {
  const unread = createUnreadCounter();
  const warnings = new Map<number, readonly CaptureWarning[]>();
  for (const { slices, firstFile, warnings: own } of recordings) {
    for (const { closing } of slices) {
      for (const { over, kind, packets } of closing.unread) unread.add(over, kind, packets);
    }
    const further = isInterrupted ? [notice('interrupted', 'facts')] : [];
    for (const [index, some] of own.entries()) warnings.set(firstFile + index, [...some, ...further]);
  }
  return { warnings, unread: unread.list(), counts: sumOf(recordings) };
}

/** The lookups of all slices, in frame order, as in a single run: connections find theirs in it. */
function lookupsOf(recordings: readonly Parts[]): Lookups {
  const all = createLookups();
  const parts: (readonly [frame: number, part: Lookup])[] = [];
  for (const { slices } of recordings) {
    for (const { lookups, frames } of slices) {
      for (const lookup of lookups) {
        if (frames > 0) shiftFrames(lookup, frames);
        const { firstAsked, answers } = lookup;
        parts.push([firstAsked?.frame ?? answers[0]?.frame ?? Infinity, { ...lookup, answers: [] }]);
        const unasked = { ...lookup, asked: 0, answered: 0, firstAsked: null, lastAsked: null };
        for (const answer of answers) parts.push([answer.frame, { ...unasked, answers: [answer] }]);
      }
    }
  }
  for (const [, part] of parts.sort(([a], [b]) => (a === b ? 0 : a < b ? -1 : 1))) all.add(part);
  return all;
}

/** Several slices may read the same file. */
function namesOf(recordings: readonly Parts[]): CapturedNames[] {
  return recordings.flatMap(({ slices }) => slices.flatMap(({ names }) => names));
}

function sumOf(recordings: readonly Parts[]): ReadCounts {
  const sum = { incompleteFragments: 0, duplicates: 0, evicted: 0, forgotten: 0 };
  for (const { slices } of recordings) {
    for (const { closing } of slices) {
      for (const key of Object.keys(sum) as (keyof ReadCounts)[]) sum[key] += closing.counts[key];
    }
  }
  return sum;
}

/** How the keys were used; those given to several slices count once. */
function keysOf(recordings: readonly Parts[]): KeyCounts {
  const logs = new Map<string, KeyResults['logs'][number]>();
  const counts = { randoms: 0, leftOut: 0 };
  const used = new Set<string>();
  let isLate = false;
  for (const { keys } of recordings.flatMap(({ slices }) => slices.map(({ closing }) => closing))) {
    if (keys === null) continue;
    for (const log of keys.logs) if ((logs.get(log.path)?.secrets ?? -1) < log.secrets) logs.set(log.path, log);
    counts.randoms = Math.max(counts.randoms, keys.secrets.randoms);
    counts.leftOut = Math.max(counts.leftOut, keys.secrets.leftOut);
    for (const random of keys.used) used.add(random);
    isLate ||= keys.isLate;
  }
  const { randoms, leftOut } = counts;
  const secrets = { randoms, unused: Math.max(0, randoms - used.size), leftOut };
  return { logs: () => [...logs.values()], isLate: () => isLate, secrets: { counts: () => secrets } };
}
