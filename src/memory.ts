import type { HeldPhrase } from './notices.js';

/**
 * The one budget of all that an analysis buffers and remembers. Holders count what they hold by nominal costs, so that the same
 * capture gives the same report on every machine; when all of it is more than the budget, what is worth least goes first.
 */
export interface MemoryHolder {
  /** The phrase by which the report says what is lost; null where nothing is, as what is needed again is made again. */
  readonly what: HeldPhrase | null;
  /** What it holds, in bytes of a typical engine. */
  readonly bytes: () => number;
  /** Gives up some of it, the least valuable first; returns how many things, 0 when none are left. */
  readonly giveUp: () => number;
}

export interface MemoryBudget {
  /** Gives up what is more than the budget. To be called now and then, when nothing is under way. */
  relieve(): void;
  /** What was given up, and how much of it. */
  readonly givenUp: () => readonly (readonly [what: HeldPhrase, count: number])[];
}

/** How many times its bytes a thing takes: beside what is held lies garbage that is not collected yet. */
const WITH_GARBAGE = 1.2;

/**
 * @param memory bytes, with the garbage among them
 * @param holders the least valuable first
 */
export function createMemoryBudget(memory: number, holders: readonly MemoryHolder[]): MemoryBudget {
  const limit = memory / WITH_GARBAGE;
  const givenUp = new Map<HeldPhrase, number>();
  const total = (): number => holders.reduce((sum, { bytes }) => sum + bytes(), 0);
  return {
    relieve() {
      if (total() <= limit) return;
      // Some more than it must be, or the next chunk would ask for it again.
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
