/** Decides whether to search for an earlier copy of something: rarely, once many searches have found none. */
export interface RepeatSearch {
  isDue(): boolean;
  /** The search found one, which saved the work of reading or judging the thing itself. */
  found(): void;
  /** The search found none. */
  notFound(): void;
}

/** After this many more failed searches than successful ones, only every `STRIDE`th search is made. */
const MAX_VAIN = 256;
const STRIDE = 32;

/** @param gain how many failed searches cost as much time as a successful one saves */
export function createRepeatSearch(gain: number): RepeatSearch {
  let vain = 0;
  let turn = 0;
  return {
    isDue: () => vain < MAX_VAIN || ++turn % STRIDE === 0,
    found() {
      vain = Math.max(0, vain - gain);
    },
    notFound() {
      if (vain < MAX_VAIN) vain++;
    },
  };
}
