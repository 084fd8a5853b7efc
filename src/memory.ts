import type { HeldPhrase } from './notices.js';

/**
 * The one budget for everything that an analysis buffers and caches. Holders count what they hold by nominal costs, so
 * that the same capture gives the same report on every machine. When they exceed the budget together, the least
 * valuable is given up first.
 */
export interface MemoryHolder {
  /** The phrase by which the report names what was given up; null if nothing is lost, because it can be made again. */
  readonly what: HeldPhrase | null;
  /** Its memory, in bytes of a typical engine. */
  readonly bytes: () => number;
  /** Gives up some of it, the least valuable first; returns the number of things, 0 when none are left. */
  readonly giveUp: () => number;
}

export interface MemoryBudget {
  /** Gives up what exceeds the budget. To be called now and then, between units of work. */
  relieve(): void;
  /** What was given up, and how much of it. */
  readonly givenUp: () => readonly (readonly [what: HeldPhrase, count: number])[];
}

/** Actual memory relative to the counted bytes: garbage that is not yet collected comes on top. */
const WITH_GARBAGE = 1.2;

/**
 * @param memory bytes, garbage included
 * @param holders the least valuable first
 */
export function createMemoryBudget(memory: number, holders: readonly MemoryHolder[]): MemoryBudget {
  const limit = memory / WITH_GARBAGE;
  const givenUp = new Map<HeldPhrase, number>();
  const total = (): number => holders.reduce((sum, { bytes }) => sum + bytes(), 0);
  return {
    relieve() {
      if (total() <= limit) return;
      // Give up a little more than necessary, or the next chunk would exceed the budget again.
      const target = limit - limit / 8;
      for (const { what, giveUp } of holders) {
        while (total() > target) {
          const count = giveUp();
          if (count === 0) break;
          if (what !== null) givenUp.set(what, (givenUp.get(what) ?? 0) + count);
        }
      }
    },
    givenUp: () => [...givenUp],
  };
}
