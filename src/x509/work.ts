import { BOUNDS } from '../bounds.js';

/**
 * A bound on the work that one question may take, whatever hostile certificates make of it. The unit is about a microsecond of
 * a processor of today; the costs are nominal, so that the same capture gives the same report on every machine.
 */
export interface Work {
  /** Takes off what a step costs. False once more is asked for than is left: the step is not to be done then. */
  spend(cost: number): boolean;
  /** More was asked for than there was: what was found out is not all. */
  readonly isExhausted: boolean;
}

/** What all questions of an analysis may take together: so much for any capture, and more for each byte that is judged. */
export interface WorkBudget {
  /** The bound of one question, about so many bytes that were not judged before. */
  question(units: number, bytes?: number): Work;
  /** Questions that were given up. */
  readonly givenUp: () => number;
}

const PER_BYTE = 0.5;

/** A budget of so many units; an infinite one bounds each question alone. */
export function createWorkBudget(units = BOUNDS.certificateWork.value): WorkBudget {
  let left = units;
  let givenUp = 0;
  return {
    question(most, bytes = 0) {
      left += bytes * PER_BYTE;
      let own = most;
      let isExhausted = false;
      return {
        spend(cost) {
          if (cost > own || cost > left) {
            if (!isExhausted) givenUp++;
            isExhausted = true;
          }
          if (isExhausted) return false;
          own -= cost;
          left -= cost;
          return true;
        },
        get isExhausted() {
          return isExhausted;
        },
      };
    },
    givenUp: () => givenUp,
  };
}

/** A bound of so many units. */
export function boundedWork(units: number): Work {
  return createWorkBudget(Infinity).question(units);
}
