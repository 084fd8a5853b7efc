import { LOG_BYTES, newSegmentLog, type SegmentLog } from './segment-log.js';

/** The logs of an analysis, used again and again, where they are worth it. */
export interface LogPool {
  /** A log, as left behind by who had it; null where there are enough, or they have been of no use of late. */
  take(): SegmentLog | null;
  /** Takes a log back. `isUseful`: the connection was like one before, so that nothing else was done with its segments. */
  give(log: SegmentLog, isUseful: boolean): void;
  readonly bytes: () => number;
}

/** So many connections more whose logs were of no use than of use, and logs are given to few only. */
const MOST_USEFUL = 64;
/** One in so many. */
const LOOKED_EVERY = 16;

/** @param limit logs that there may be at once */
export function createLogPool(limit: number): LogPool {
  const free: SegmentLog[] = [];
  let count = 0;
  /** Logs that were of use of late, less those that were not. */
  let usefulness = MOST_USEFUL;
  let skipped = 0;
  return {
    take() {
      // Where transfers are long or everything is new, one looks now and then whether that has changed.
      if (usefulness <= 0 && ++skipped % LOOKED_EVERY !== 0) return null;
      const log = free.pop();
      if (log !== undefined || count >= limit) return log ?? null;
      count++;
      return newSegmentLog();
    },
    give(log, isUseful) {
      free.push(log);
      usefulness = isUseful ? Math.min(MOST_USEFUL, usefulness + 1) : Math.max(0, usefulness - 1);
    },
    bytes: () => count * LOG_BYTES,
  };
}
