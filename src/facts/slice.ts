import { faultsByCapture } from '../analysis/warnings.js';
import { OUTSIDE_PART, type Part } from '../analysis/flows.js';
import { createConnectionReader, type Read, type ReadCounts } from '../analysis/read.js';
import { BOUNDS } from '../bounds.js';
import { interrupted } from '../capture/format.js';
import { openCaptures, type Captures } from '../capture/merge.js';
import type { FramePlace } from '../capture/places.js';
import type { Timestamp } from '../capture/timestamp.js';
import { buildConnection } from '../connection/build.js';
import type { Connection } from '../connection/connection.js';
import type { EndedConnection } from '../connection/ended.js';
import { createFaults, type Faults } from '../fault.js';
import { createMemoryBudget } from '../memory.js';
import { createLookups } from '../names/lookups.js';
import { capturedNames } from '../names/results.js';
import { createKeySources, type KeySources } from '../tls/decrypt/key-sources.js';
import { createX509Reader } from '../x509/reader.js';
import {
  encodeConnection,
  FACTS_VERSION,
  type Closing,
  type BoundaryConnection,
  type FactsLine,
  type ReadFile,
} from './line.js';
import { cutOf, isBehind, surveyRecording, type Cut, type Recording, type SliceNumber } from './recording.js';
import { lineText, newDigest } from './read.js';
import { createReferences } from './references.js';

/** Seconds before a slice that are read for context. */
const LEAD_SECONDS = BOUNDS.sliceLeadSeconds.value;
/** Seconds after a slice during which its connections are followed. */
const FOLLOWED_SECONDS = BOUNDS.sliceFollowedSeconds.value;
/** Further frames to read, to distinguish a jump of the clock from silence. */
const FRAMES_BEYOND = BOUNDS.sliceFramesBeyond.value;

/** Hexadecimal digits of a random that are unique in practice: 64 bits. */
const DISTINCT_DIGITS = 16;

/** Warning of a file that was not read to its end; another slice reads it. */
const INTERRUPTED = interrupted(0).code;

/** Which facts of a recording to write. */
export interface SliceOptions {
  readonly slice: SliceNumber;
  readonly generator: string;
  /** Key log files. */
  readonly keys?: readonly string[];
  /** Bytes for everything that is buffered; 256 MiB by default. */
  readonly memory?: number;
  readonly signal?: AbortSignal;
  /** Takes the lines, in order. */
  readonly write: (line: FactsLine) => Promise<unknown> | undefined;
  /** Called now and then while the captures are read. */
  readonly onProgress?: () => void;
  /** Where the slice begins and ends, if not at its own cuts. */
  readonly cuts?: readonly [begin: Cut | null, end: Cut | null];
}

/**
 * Writes the facts of a slice of a recording: of the connections that begin in it, followed beyond its end until they
 * are over, or for a bounded time.
 * @throws CaptureError if a file is not a capture or cannot be read; KeyLogError if one of `keys` cannot be
 */
export async function writeFacts(paths: readonly string[], options: SliceOptions): Promise<void> {
  const keys = createKeySources();
  try {
    for (const path of options.keys ?? []) await keys.readFile(path);
    await writeFactsWith(keys, paths, options);
  } finally {
    keys.secrets.wipe();
  }
}

async function writeFactsWith(keys: KeySources, paths: readonly string[], options: SliceOptions): Promise<void> {
  const { slice, generator, signal } = options;
  const digest = newDigest();
  const write: SliceOptions['write'] = (line) => {
    if (line.kind !== 'end') digest.update(lineText(line));
    return options.write(line);
  };
  const recording = await surveyRecording(paths);
  const [begin, end] = options.cuts ?? [
    await cutOf(recording, { ...slice, index: slice.index - 1 }, signal),
    await cutOf(recording, slice, signal),
  ];
  const firstRead = begin === null ? 0 : firstToRead(recording, begin);
  await write({ kind: 'facts', factsVersion: FACTS_VERSION, generator, recording, slice, begin, end, firstRead });

  const read = recording.order.slice(firstRead);
  // Files without a frame are read by the first slice, for their warnings.
  const empty = recording.files.map((_, index) => index).filter((index) => !recording.order.includes(index));
  const indexes = [...read, ...(slice.index === 1 ? empty : [])].sort((a, b) => a - b);
  const isNothing = indexes.length === 0 || (begin === null && slice.index > 1);
  const { isPartial, ...rest } = isNothing
    ? nothingOf(recording)
    : await readSlice(keys, { recording, indexes, begin, end }, { ...options, write });
  await write({ kind: 'end', ...rest, keys: keysOf(keys), isPartial, digest: digest.digest('hex') });
}

/** The last line, without what is known only when it is written. */
type SliceRest = Omit<Closing, 'kind' | 'keys' | 'digest'>;

/** The rest of a slice without any file. */
const nothingOf = ({ files }: Recording): SliceRest => ({
  flows: 0,
  counts: { incompleteFragments: 0, duplicates: 0, evicted: 0, forgotten: 0 },
  unread: [],
  files: files.map(() => null),
  turns: [],
  leaving: [],
  entering: [],
  isPartial: false,
});

/** A slice, and the files of its recording that are read for it, by index. */
interface SliceToRead {
  readonly recording: Recording;
  readonly indexes: readonly number[];
  readonly begin: Cut | null;
  readonly end: Cut | null;
}

/** Reads a slice, and writes its connections, lookups and names; returns the rest. */
async function readSlice(keys: KeySources, toRead: SliceToRead, options: SliceOptions): Promise<SliceRest> {
  const { recording, indexes, begin, end } = toRead;
  const { signal, write } = options;
  const captures = await openCaptures(
    indexes.map((index) => recording.files[index]?.path ?? ''),
    signal,
    (block, path) => {
      // The connections that they may belong to were already written.
      if (keys.takeBlock(block, path) && block.isBehindFrames) keys.noteLate();
    },
  );
  const placeOf = (number: number): FramePlace => {
    const { capture, frame } = captures.placeOf(number);
    return { capture: indexes[capture] ?? 0, frame };
  };
  const ranks = rankOf(recording);
  const part = createSlicePart(captures, {
    isIn: (number) => begin === null || isBehind(begin, placeOf(number), ranks),
    isOver: (number) => end !== null && isBehind(end, placeOf(number), ranks),
    end: end?.at ?? null,
    counts: () => reader.counts(),
  });
  const faults = createFaults();
  const lookups = createLookups();
  const connections = createConnectionLines(toRead, part, { placeOf, faults, write });
  const reader = createConnectionReader(part.captures, {
    secrets: keys.secrets,
    faults,
    ended: connections.add,
    part,
    lookups,
  });
  const memory = createMemoryBudget(options.memory ?? BOUNDS.memory.value, [
    connections.holder,
    ...reader.holders,
    keys.secrets.holder,
    lookups.holder,
  ]);
  const { warnings, unread } = await reader.read(async () => {
    await connections.writeAll();
    memory.relieve();
    options.onProgress?.();
  }, signal);
  const isPartial = signal?.aborted === true;
  for (const lookup of lookups.list()) await write({ kind: 'lookup', lookup });
  for (const names of capturedNames(captures)) await write({ kind: 'names', ...names });
  return {
    flows: part.flows(),
    counts: part.counted(),
    unread,
    files: filesRead(toRead, captures, [warnings, faultsByCapture(faults, captures.placeOf)]),
    turns: captures.frameRuns().map((turn) => ({ ...turn, capture: indexes[turn.capture] ?? 0 })),
    leaving: connections.leaving,
    entering: connections.entering,
    isPartial,
  };
}

/** Writes the connections of a slice, each with the certificates that it is the first to refer to. */
function createConnectionLines(
  { begin, end }: SliceToRead,
  part: SlicePart,
  {
    placeOf,
    faults,
    write,
  }: Pick<SliceOptions, 'write'> & {
    readonly placeOf: (frame: number) => FramePlace;
    readonly faults: Faults;
  },
) {
  const x509 = createX509Reader();
  const references = createReferences();
  const ended: { readonly connection: EndedConnection; readonly endedBy: number | null }[] = [];
  const leaving: BoundaryConnection[] = [];
  const entering: BoundaryConnection[] = [];
  return {
    leaving,
    entering,
    holder: x509.holder,
    /** Takes a connection that has ended, if it began in the slice. */
    add: (connection: EndedConnection): void => {
      if (connection.id >= OUTSIDE_PART) return;
      part.ended();
      ended.push({ connection, endedBy: part.isRead() ? null : part.captures.frame.number });
    },
    /** Writes those that have ended since the last time. */
    async writeAll(): Promise<void> {
      for (const { connection: each, endedBy } of ended) {
        const { capture } = placeOf(each.firstFrame);
        const connection = faults.attempt('build', each.firstFrame, () => buildConnection(each, capture, x509), null);
        if (connection === null) continue;
        const isOpen = endedBy === null && end !== null;
        if (isOpen || (part.endsAt !== null && each.lastFrame >= part.endsAt))
          leaving.push(boundaryConnection(connection, isOpen));
        if (begin !== null && isLate(connection)) entering.push(boundaryConnection(connection, false));
        const encoded = encodeConnection(connection, references.refer);
        for (const line of references.added()) await write(line);
        await write({ kind: 'connection', endedBy, connection: encoded });
      }
      ended.length = 0;
    },
  };
}

/** For each file of the recording, what was read of it; null if nothing. */
function filesRead(
  { recording, indexes }: SliceToRead,
  captures: Captures,
  warnings: readonly Read['warnings'][],
): Closing['files'] {
  const files = recording.files.map((): ReadFile | null => null);
  for (const [position, summary] of captures.summaries().entries()) {
    files[indexes[position] ?? 0] = {
      isWhole: summary.warnings.every(({ code }) => code !== INTERRUPTED),
      summary: { ...summary, warnings: summary.warnings.filter(({ code }) => code !== INTERRUPTED) },
      warnings: warnings.flatMap((each) => each.get(position) ?? []),
    };
  }
  return files;
}

function keysOf(keys: KeySources): Closing['keys'] {
  const logs = keys.logs();
  if (logs.length === 0) return null;
  const used = keys.secrets.usedRandoms().map((random) => random.slice(0, DISTINCT_DIGITS));
  return { logs, secrets: keys.secrets.counts(), isLate: keys.isLate(), used };
}

/** Index in the recording's order of the first file to read, so that enough precedes the slice. */
function firstToRead({ files, order }: Recording, begin: Cut): number {
  const from = begin.at.seconds - LEAD_SECONDS;
  const last = order.indexOf(begin.file);
  let first = last;
  while (first > 0 && (files[order[first] ?? 0]?.beginsAt?.seconds ?? 0) > from) first--;
  return first;
}

function rankOf({ files, order }: Recording): number[] {
  const ranks = files.map(() => files.length);
  for (const [rank, file] of order.entries()) ranks[file] = rank;
  return ranks;
}

/** Whether nothing in a connection shows that the capture has its beginning. */
function isLate({ transport, clientHello, partialClientHello }: Connection): boolean {
  if (transport.kind === 'tcp') return transport.syns.length + transport.synAcks.length === 0;
  return clientHello === null && partialClientHello === null;
}

function boundaryConnection(
  { id, transport, client, server, firstFrame, lastFrame }: Connection,
  isOpen: boolean,
): BoundaryConnection {
  return { id: Number(id), carrier: transport.kind, client, server, firstFrame, lastFrame: isOpen ? null : lastFrame };
}

/** The captures of a slice: what is in it, and what is around it. */
interface SlicePart extends Part {
  /** Ends when the slice, and everything that began in it, is over. */
  readonly captures: Captures;
  /** The first frame after the slice; null until then. */
  readonly endsAt: number | null;
  /** Called when one of the flows that began in the slice has ended. */
  ended(): void;
  /** Whether there are no more frames. */
  readonly isRead: () => boolean;
  /** Number of flows that began in the slice. */
  readonly flows: () => number;
  /** What was met in the slice. */
  readonly counted: () => ReadCounts;
}

function createSlicePart(
  captures: Captures,
  {
    isIn,
    isOver,
    end,
    counts,
  }: {
    readonly isIn: (number: number) => boolean;
    readonly isOver: (number: number) => boolean;
    readonly end: Timestamp | null;
    readonly counts: () => ReadCounts;
  },
): SlicePart {
  let state: 'before' | 'in' | 'behind' = 'before';
  let own = 0;
  let open = 0;
  let foreign = 0;
  let beginsAt = Infinity;
  let endsAt: number | null = null;
  let isRead = false;
  /** Frames after the slice, beyond the time for which connections are followed. */
  let beyond = 0;
  let before: ReadCounts | null = null;
  let after: ReadCounts | null = null;

  const enter = (): void => {
    const { number } = captures.frame;
    if (state === 'before' && isIn(number)) {
      state = 'in';
      beginsAt = number;
      before = counts();
    }
    if (state === 'in' && isOver(number)) {
      state = 'behind';
      endsAt = number;
      after = counts();
    }
  };
  const isDone = (): boolean => state === 'behind' && (open <= 0 || beyond > FRAMES_BEYOND);

  return {
    captures: {
      ...captures,
      get frame() {
        return captures.frame;
      },
      next() {
        if (isRead || isDone() || !captures.next()) return false;
        if (state !== 'behind') enter();
        if (end !== null && captures.frame.seconds - end.seconds > FOLLOWED_SECONDS) beyond++;
        return true;
      },
      async fill() {
        if (!isDone() && (await captures.fill())) return true;
        await captures.close();
        isRead = true;
        return false;
      },
    },
    get endsAt() {
      return endsAt;
    },
    nextId: () => {
      if (state !== 'in') return OUTSIDE_PART + foreign++;
      open++;
      return ++own;
    },
    isIn: (frame) => frame >= beginsAt && (endsAt === null || frame < endsAt),
    ended() {
      open--;
    },
    isRead: () => isRead,
    flows: () => own,
    counted() {
      const [first, last] = [before ?? counts(), after ?? counts()];
      return {
        incompleteFragments: last.incompleteFragments - first.incompleteFragments,
        duplicates: last.duplicates - first.duplicates,
        evicted: last.evicted - first.evicted,
        forgotten: last.forgotten - first.forgotten,
      };
    },
  };
}
