/** Decides whether to search for an earlier copy of something: rarely, once many searches have found none. */
export interface RepeatSearch {
  readonly isDue: () => boolean;
  /** The search found one, which saved the work of reading or judging the thing itself. */
  readonly found: () => void;
  /** The search found none. */
  readonly notFound: () => void;
}

/** After this many more failed searches than successful ones, only every `STRIDE`th search is made. */
const MAX_VAIN = 1024;
const STRIDE = 32;
/** Then each stands for `STRIDE` of them, and so many more must be successful than failed before all are made again. */
const CONVINCING = 8;

/** @param gain how many failed searches cost as much time as a successful one saves */
export function createRepeatSearch(gain: number): RepeatSearch {
  let vain = 0;
  let turn = 0;
  const count = (change: number): void => {
    const weight = vain < MAX_VAIN ? 1 : STRIDE;
    vain = Math.min(Math.max(0, vain + change * weight), MAX_VAIN + CONVINCING * STRIDE);
  };
  return {
    isDue: () => vain < MAX_VAIN || ++turn % STRIDE === 0,
    found() {
      count(-gain);
    },
    notFound() {
      count(1);
    },
  };
}
