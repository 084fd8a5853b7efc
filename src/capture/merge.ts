/** Several captures read as one: their frames in the order of time. */
import { statSync } from 'node:fs';
import { BOUNDS } from '../bounds.js';
import { lowerBound } from '../lower-bound.js';
import { interrupted, newMetadataBudget, type ResolvedNames } from './format.js';
import { newFrame, type CaptureWarning, type Frame, type FrameStamp } from './frame.js';
import {
  newReadContext,
  openCapture,
  type Capture,
  type CaptureSummary,
  type ReadContext,
  type TakeSecrets,
} from './open.js';
import { findCaptures, type FoundCapture } from './paths.js';
import { newFramePlaces, type FramePlace, type FrameRun } from './places.js';
import { CHUNK, SMALLEST_CHUNK } from './window.js';

/**
 * Several captures, read like a single one, with frames in the order of time. Frames of one capture keep their order;
 * frames of different captures at the same time come in the order in which the captures begin, then in that of the
 * paths. Only captures that overlap in time are open at once.
 */
export interface Captures extends Pick<Capture, 'next' | 'fill' | 'close'> {
  /** The frame that `next` read; another object when the capture changes. */
  readonly frame: Frame;
  /** Number of captures. */
  readonly count: number;
  /** The capture of a frame that was read, and its number there. */
  readonly placeOf: (number: number) => FramePlace;
  /** The captures of all frames read so far, as runs of consecutive frames. */
  frameRuns(): FrameRun[];
  /** Bytes of all files, as stored; null if one is a pipe. */
  readonly bytes: number | null;
  /** How many of these bytes were read so far. */
  readonly bytesRead: () => number;
  /** For every capture, in the order of the paths. */
  summaries(): CaptureSummary[];
  names(): ResolvedNames[];
}

/** A capture among others. */
interface Member {
  readonly path: string;
  readonly index: number;
  readonly warnings: readonly CaptureWarning[];
  /** Its rank by the time when the captures begin. */
  rank: number;
  /** Frames handed out. */
  frames: number;
  /** Undefined while it is not open. */
  capture: Capture | undefined;
  /** What is known of it, whether or not it is open. */
  known: Pick<Capture, 'summary' | 'bytesRead' | 'names'>;
  /** Time of its next frame; `capture.time` if it is open. */
  next: Pick<FrameStamp, 'seconds' | 'nanoseconds'>;
}

/**
 * Opens captures to be read together. A directory stands for the captures in it.
 * @param paths `-` is standard input
 * @param signal aborts waiting for a pipe
 * @param follow whether to wait for more at the end of a file, if it is the only one
 * @param onSecrets called with the keys that the captures carry, as they are read; with several captures, those before
 * all frames come at once
 * @throws CaptureError if one of them does not exist, or is not a capture
 */
export async function openCaptures(
  paths: readonly string[],
  signal?: AbortSignal,
  onSecrets?: TakeSecrets,
  follow = false,
): Promise<Captures> {
  const found = await findCaptures(paths);
  const [only] = found;
  const sizes = found.map(sizeOf);
  const bytes = follow
    ? null
    : sizes.reduce<number | null>((sum, size) => (sum === null || size === null ? null : sum + size), 0);
  return only !== undefined && found.length === 1
    ? openOne(only, bytes, newReadContext(CHUNK, signal, onSecrets, follow))
    : openSeveral(found, bytes, newReadContext(chunkOf(found.length), signal, onSecrets));
}

function sizeOf({ path }: FoundCapture): number | null {
  const file = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false });
  return file?.isFile() === true ? file.size : null;
}

async function openOne(
  { path, warnings }: FoundCapture,
  bytes: number | null,
  context: ReadContext,
): Promise<Captures> {
  const capture = await openCapture(path, context);
  return {
    ...capture,
    count: 1,
    bytes,
    placeOf: (number) => ({ capture: 0, frame: number }),
    frameRuns: () => [{ number: 1, capture: 0, frame: 1 }],
    summaries: () => [withWarnings(capture.summary(), warnings)],
    names: () => [...capture.names()],
  };
}

/** Chunk size in bytes for so many captures: all that overlap in time may be open at once. */
function chunkOf(count: number): number {
  return Math.min(CHUNK, Math.max(SMALLEST_CHUNK, Math.floor(BOUNDS.windowBytes.value / count)));
}

async function openSeveral(
  found: readonly FoundCapture[],
  bytes: number | null,
  context: ReadContext,
): Promise<Captures> {
  const members: Member[] = [];
  try {
    for (const [index, each] of found.entries()) members.push(await firstFrameOf(each, index, context));
  } catch (error) {
    for (const { capture } of members) await capture?.close();
    throw error;
  }
  return merge(members, bytes, context);
}

/**
 * Reads a capture's first frame. A file is closed again: the pieces of a long recording may be too many to keep open.
 */
async function firstFrameOf({ path, warnings }: FoundCapture, index: number, context: ReadContext): Promise<Member> {
  const isFile = path !== '-' && statSync(path).isFile();
  // Its secrets and names are kept only when it is read in full.
  const capture = await openCapture(path, isFile ? { ...context, metadata: newMetadataBudget() } : context);
  const unread = keep(capture);
  const member = { path, index, warnings, rank: 0, frames: 0, capture, known: capture, next: capture.time };
  const isEmpty = !(await readFrame(capture));
  if (!isEmpty && !isFile) return member;
  const { seconds, nanoseconds } = capture.frame;
  const known = isEmpty ? keep(capture) : unread;
  await capture.close();
  // A capture without frames comes last, and ends at once.
  return { ...member, capture: undefined, known, next: { seconds: isEmpty ? Infinity : seconds, nanoseconds } };
}

async function readFrame(capture: Capture): Promise<boolean> {
  do {
    if (capture.next()) return true;
  } while (await capture.fill());
  return false;
}

/** The facts of a capture that is about to be closed; they do not keep its buffers in memory. */
function keep(capture: Capture): Member['known'] {
  const [summary, bytes, names] = [capture.summary(), capture.bytesRead(), capture.names()];
  return { summary: () => summary, bytesRead: () => bytes, names: () => names };
}

function merge(members: readonly Member[], bytes: number | null, context: ReadContext): Captures {
  const places = newFramePlaces();
  /** Captures whose turn it is not, the one with the earliest frame first. */
  const waiting = members.filter(({ next }) => next.seconds < Infinity).sort(byTime);
  for (const [rank, member] of waiting.entries()) member.rank = rank;
  let current: Member | undefined;
  /** Whether the frame of `current` was read too early, and is still to be returned. */
  let isPending = false;
  let frame = newFrame();
  let frames = 0;
  /** Seconds of the earliest waiting frame. */
  let rivalSeconds = Infinity;

  function next(): boolean {
    const capture = current?.capture;
    if (current === undefined || capture === undefined) return false;
    if (isPending) {
      isPending = false;
    } else {
      if (!capture.next()) return false;
      // Usually, comparing seconds is enough.
      if (capture.time.seconds >= rivalSeconds && byTime(current, waiting[0] as Member) > 0) {
        wait(current);
        takeTurn();
        if (current.capture === undefined) return false;
        isPending = false;
      }
    }
    frame.number = ++frames;
    current.frames++;
    return true;
  }

  function wait(member: Member): void {
    const place = lowerBound(waiting.length, (index) => byTime(waiting[index] as Member, member) < 0);
    waiting.splice(place, 0, member);
  }

  /** Switches to the capture with the earliest frame, which is pending if that capture is open. */
  function takeTurn(): void {
    current = waiting.shift();
    rivalSeconds = waiting[0]?.next.seconds ?? Infinity;
    if (current === undefined) return;
    places.beginRun(frames + 1, current.index, current.frames + 1);
    isPending = true;
    if (current.capture !== undefined) frame = current.capture.frame;
  }

  async function fill(): Promise<boolean> {
    if (current?.capture !== undefined) {
      if (await current.capture.fill()) return true;
      current.known = keep(current.capture);
      current.capture = undefined;
      current = undefined;
    }
    if (current === undefined) takeTurn();
    if (current === undefined) return false;
    if (current.capture === undefined) {
      const capture = await openCapture(current.path, context);
      await readFrame(capture);
      current.capture = capture;
      current.known = capture;
      current.next = capture.time;
      frame = capture.frame;
    }
    return true;
  }

  async function close(): Promise<void> {
    for (const member of members) await member.capture?.close();
    for (const member of waiting) {
      if (member.capture !== undefined) continue;
      const unread = withWarnings(member.known.summary(), [interrupted(0)]);
      member.known = { ...member.known, summary: () => unread };
    }
    waiting.length = 0;
  }

  return {
    get frame() {
      return frame;
    },
    next,
    fill,
    close,
    count: members.length,
    bytes,
    bytesRead: () => members.reduce((sum, { known }) => sum + known.bytesRead(), 0),
    placeOf: (number) => places.placeOf(number),
    frameRuns: () => places.runs(),
    summaries: () => members.map(({ known, warnings }) => withWarnings(known.summary(), warnings)),
    names: () => members.flatMap(({ known }) => known.names()),
  };
}

function byTime(a: Member, b: Member): number {
  return a.next.seconds - b.next.seconds || a.next.nanoseconds - b.next.nanoseconds || a.rank - b.rank;
}

function withWarnings(summary: CaptureSummary, warnings: readonly CaptureWarning[]): CaptureSummary {
  return { ...summary, warnings: [...warnings, ...summary.warnings] };
}
