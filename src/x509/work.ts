import { BOUNDS } from '../bounds.js';

/**
 * A bound on the work of one question, whatever hostile certificates demand. The unit is about a microsecond of a
 * current processor; costs are nominal, so that the same capture gives the same report on every machine.
 */
export interface Work {
  /** Charges a step. False if not enough is left: then the step must be skipped. */
  spend(cost: number): boolean;
  /** A step was refused, so the result is incomplete. */
  readonly isExhausted: boolean;
}

/**
 * The work that all questions of an analysis may take together: a fixed amount for any capture, and more for each byte
 * that is judged.
 */
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
