import { LOG_BYTES, newSegmentLog, type SegmentLog } from './segment-log.js';

/** The logs of an analysis, reused, and only given out while they pay off. */
export interface LogPool {
  /** A log, with its old content; null if all are in use, or they have been of no use lately. */
  take(): SegmentLog | null;
  /**
   * Returns a log. `useful`: its segments needed no more work; `useless`: they were not the whole connection; null:
   * neither, whether others will repeat the connection is not known.
   */
  give(log: SegmentLog, use: 'useful' | 'useless' | null): void;
  readonly bytes: () => number;
}

/** Once so many more logs were useless than useful, only a few connections get one. */
const MOST_USEFUL = 64;
/** One in so many. */
const LOOKED_EVERY = 16;

/** @param limit logs that may exist at once */
export function createLogPool(limit: number): LogPool {
  const free: SegmentLog[] = [];
  let count = 0;
  /** Useful logs minus useless ones, lately. */
  let usefulness = MOST_USEFUL;
  let skipped = 0;
  return {
    take() {
      // Where transfers are long or nothing repeats, it tries now and then whether that has changed.
      if (usefulness <= 0 && ++skipped % LOOKED_EVERY !== 0) return null;
      const log = free.pop();
      if (log !== undefined || count >= limit) return log ?? null;
      count++;
      return newSegmentLog();
    },
    give(log, use) {
      free.push(log);
      if (use === 'useful') usefulness = Math.min(MOST_USEFUL, usefulness + 1);
      else if (use === 'useless') usefulness = Math.max(0, usefulness - 1);
    },
    bytes: () => count * LOG_BYTES,
  };
}
