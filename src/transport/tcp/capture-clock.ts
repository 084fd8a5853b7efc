import type { FrameStamp } from '../../capture/frame.js';
import { type Timestamp, timestampOf } from '../../capture/timestamp.js';

/** The time of a capture, by its segments. */
export interface CaptureClock {
  /** Takes the time of a segment; true if it is another second than before. */
  tick(stamp: FrameStamp): boolean;
  readonly seconds: () => number;
  readonly now: () => Timestamp;
}

/** No capture pauses for so many seconds: a year. */
const ABSURD_SECONDS = 31_536_000;

/** A clock that no segment has set yet. */
export function createCaptureClock(): CaptureClock {
  const time = { seconds: 0, nanoseconds: 0, digits: 0 };
  let second = -Infinity;
  let doubted = NaN;

  /**
   * The time of a single segment years away from all others is damaged, and ignored. A second segment with such a time
   * shows that the clock did jump.
   */
  const isBelievable = ({ seconds }: FrameStamp): boolean => {
    const isNear = second === -Infinity || Math.abs(seconds - second) < ABSURD_SECONDS;
    const isConfirmed = Math.abs(seconds - doubted) < ABSURD_SECONDS;
    doubted = isNear || isConfirmed ? NaN : seconds;
    return isNear || isConfirmed;
  };

  return {
    tick(stamp) {
      const isSame = stamp.seconds === second;
      if (!isSame && !isBelievable(stamp)) return false;
      time.seconds = second = stamp.seconds;
      time.nanoseconds = stamp.nanoseconds;
      time.digits = stamp.digits;
      return !isSame;
    },
    seconds: () => time.seconds,
    now: () => timestampOf(time),
  };
}
