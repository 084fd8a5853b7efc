/** Whether to look for what a thing repeats: where none repeats for long, seldom. */
export interface RepeatSearch {
  isDue(): boolean;
  /** It repeated one, and needed not be read or judged itself. */
  saved(): void;
  /** It repeated none. */
  inVain(): void;
}

/** After so many searches in vain that no find made up for, only one of `STRIDE` is made. */
const MAX_VAIN = 256;
const STRIDE = 32;

/**
 * None was in vain yet.
 * @param gain how many searches in vain take as long as a find saves
 */
export function createRepeatSearch(gain: number): RepeatSearch {
  let vain = 0;
  let turn = 0;
  return {
    isDue: () => vain < MAX_VAIN || ++turn % STRIDE === 0,
    saved() {
      vain = Math.max(0, vain - gain);
    },
    inVain() {
      if (vain < MAX_VAIN) vain++;
    },
  };
}
