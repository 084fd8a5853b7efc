import { decodeFault } from '../decode-faults.js';
import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CaptureError } from '../capture/error.js';
import type { Captures } from '../capture/merge.js';
import { openCapture, type Capture } from '../capture/open.js';
import { findCaptures } from '../capture/paths.js';
import type { Timestamp } from '../capture/timestamp.js';

/** The files of a recording: one capture, or the pieces written by `tcpdump -C` or `-G`. */
export interface Recording {
  readonly files: readonly RecordedFile[];
  /** Indexes of `files` in the order in which they begin; without those that have no frame. */
  readonly order: readonly number[];
}

export interface RecordedFile {
  readonly path: string;
  /** In bytes, as stored. */
  readonly size: number;
  readonly isCompressed: boolean;
  /** The time of its first frame; null if it has none. */
  readonly beginsAt: Timestamp | null;
}

/** A frame at which a recording is cut: the first one of the next part. */
export interface Cut {
  /** Index of the file. */
  readonly file: number;
  /** Number in that file, from 1. */
  readonly frame: number;
  readonly at: Timestamp;
}

/** A part of a recording: `index` of `count`, from 1. */
export interface SliceNumber {
  readonly index: number;
  readonly count: number;
}

/**
 * Reads the first frame of each file. A directory stands for the captures in it.
 * @throws CaptureError if one of them does not exist, is not a capture, or is a pipe
 */
export async function surveyRecording(paths: readonly string[]): Promise<Recording> {
  const files: RecordedFile[] = [];
  for (const { path } of await findCaptures(paths)) {
    const { size } = await stat(path);
    const capture = await openCapture(path);
    const hasFrame = await readFrame(capture);
    const { seconds, nanoseconds, digits } = capture.frame;
    const isCompressed = capture.summary().compression !== null;
    await capture.close();
    files.push({ path, size, isCompressed, beginsAt: hasFrame ? { seconds, nanoseconds, digits } : null });
  }
  const beginning = (index: number): Timestamp => files[index]?.beginsAt ?? { seconds: 0, nanoseconds: 0, digits: 0 };
  const order = files
    .map((_, index) => index)
    .filter((index) => files[index]?.beginsAt !== null)
    .sort((a, b) => compareTimes(beginning(a), beginning(b)) || a - b);
  return { files, order };
}

export function compareTimes(a: Timestamp, b: Timestamp): number {
  return a.seconds - b.seconds || a.nanoseconds - b.nanoseconds;
}

/**
 * Where the part after the first `index` of `count` parts begins. Parts have nearly equal numbers of bytes, and every
 * process gets the same answer. A compressed file is never cut. Null at the beginning or the end of the recording.
 */
export async function cutOf(
  { files, order }: Recording,
  { index, count }: SliceNumber,
  signal?: AbortSignal,
): Promise<Cut | null> {
  if (index === 0 || index >= count) return null;
  const total = order.reduce((sum, file) => sum + (files[file]?.size ?? 0), 0);
  let target = Math.floor((total * index) / count);
  for (const [rank, file] of order.entries()) {
    const { path, size, isCompressed, beginsAt } = files[file] as RecordedFile;
    if (target >= size) {
      target -= size;
      continue;
    }
    if (target > 0 && !isCompressed) {
      const found = await frameBehind(path, target, signal);
      if (found !== null) return { file, ...found };
    }
    // At a boundary between two files, the nearer one, if the file is not cut; otherwise after the frame that contains
    // the target.
    const isHere = target === 0 || (isCompressed && target * 2 < size);
    const next = order[isHere && beginsAt !== null ? rank : rank + 1];
    const at = next === undefined ? null : (files[next]?.beginsAt ?? null);
    return next === undefined || at === null ? null : { file: next, frame: 1, at };
  }
  return null;
}

/** Chunks read between two turns of the event loop. */
const CHUNKS_PER_TURN = 32;

/** The first frame at or after an offset in an uncompressed file; null if there is none. */
async function frameBehind(
  path: string,
  offset: number,
  signal: AbortSignal | undefined,
): Promise<{ frame: number; at: Timestamp } | null> {
  const capture = await openCapture(path);
  let frames = 0;
  let chunks = 0;
  try {
    do {
      // Signals come between turns.
      if (++chunks % CHUNKS_PER_TURN === 0) await nextTurn();
      if (signal?.aborted === true) throw new CaptureError(path, decodeFault('sliceInterrupted'));
      // While chunks end before the offset, their frames need no check.
      const isNear = capture.bytesRead() >= offset;
      let before = isNear ? capture.summary().bytes : 0;
      while (capture.next()) {
        frames++;
        if (isNear && before >= offset) {
          const { seconds, nanoseconds, digits } = capture.frame;
          return { frame: frames, at: { seconds, nanoseconds, digits } };
        }
        if (isNear) before = capture.summary().bytes;
      }
    } while (await capture.fill());
    return null;
  } finally {
    await capture.close();
  }
}

async function readFrame(capture: Capture): Promise<boolean> {
  do {
    if (capture.next()) return true;
  } while (await capture.fill());
  return false;
}

/** Whether a frame of the captures is at a cut of their recording or after it. `ranks`: the positions of its files, by index. */
export function isBehind(
  cut: Cut,
  { capture, frame }: ReturnType<Captures['placeOf']>,
  ranks: readonly number[],
): boolean {
  const [here = 0, there = 0] = [ranks[capture], ranks[cut.file]];
  return here > there || (here === there && frame >= cut.frame);
}
