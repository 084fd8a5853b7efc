import { notice } from '../notices.js';
import type { CaptureWarning, FrameStamp } from './frame.js';
import type { Timestamp } from './timestamp.js';

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };

/** The times of a capture's frames. */
export interface Times {
  /** The earliest and the latest; meaningless before the first frame. */
  readonly first: Mutable<Timestamp>;
  readonly last: Mutable<Timestamp>;
  /** The time of the last frame, or of the one before it if that time is implausible. */
  readonly current: Mutable<Timestamp>;
  frames: number;
  /** A time that is far from those before it, and not yet confirmed by the frame behind it; NaN if there is none. */
  doubted: number;
  /** Number of frames with an implausible time, and the first of them. */
  absurd: number;
  firstAbsurd: number;
}

/** Seconds that no capture pauses: a year. */
const LONGEST_PAUSE = 31_536_000;
/** Two frames in a row at most this many seconds apart confirm each other: the clock was set. A day. */
const CLOSE = 86_400;

export function newTimes(): Times {
  const none = { seconds: 0, nanoseconds: 0, digits: 0 };
  return {
    first: { ...none },
    last: { ...none },
    current: { ...none },
    frames: 0,
    doubted: NaN,
    absurd: 0,
    firstAbsurd: 0,
  };
}

/** Notes the time of the next frame. One that is years from that before it, and from that behind it, is damage. */
export function noteTime(times: Times, frame: FrameStamp): void {
  const { current, first, last } = times;
  if (++times.frames === 1) {
    set(first, frame);
    set(last, frame);
  }
  const isFar = Math.abs(frame.seconds - current.seconds) > LONGEST_PAUSE && times.frames > 1;
  if (isFar && !(Math.abs(frame.seconds - times.doubted) <= CLOSE)) {
    times.doubted = frame.seconds;
    if (++times.absurd === 1) times.firstAbsurd = frame.number;
  } else {
    times.doubted = NaN;
    set(current, frame);
  }
  if (isBefore(last, frame)) set(last, frame);
  else if (isBefore(frame, first)) set(first, frame);
}

/** The warning about implausible times, if there are any. */
export function timeWarning({ absurd, firstAbsurd }: Times): CaptureWarning[] {
  if (absurd === 0) return [];
  const data = { count: absurd, frame: firstAbsurd };
  return [{ ...notice('absurd-times', absurd === 1 ? 'one' : 'several', data), frame: firstAbsurd }];
}

function set(time: Mutable<Timestamp>, { seconds, nanoseconds, digits }: Timestamp): void {
  time.seconds = seconds;
  time.nanoseconds = nanoseconds;
  time.digits = digits;
}

function isBefore(one: Timestamp, other: Timestamp): boolean {
  return one.seconds < other.seconds || (one.seconds === other.seconds && one.nanoseconds < other.nanoseconds);
}
