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

/** A bound of so many units. */
export function boundedWork(units: number): Work {
  let left = units;
  return {
    spend(cost) {
      left -= cost;
      return left >= 0;
    },
    get isExhausted() {
      return left < 0;
    },
  };
}
