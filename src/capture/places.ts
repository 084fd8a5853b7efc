import { lowerBound } from '../lower-bound.js';

/** The place of a frame: in which file, and its number there. */
export interface FramePlace {
  /** Index of the capture. */
  readonly capture: number;
  /** Number in the file, from 1, as in Wireshark. */
  readonly frame: number;
}

/**
 * Consecutive frames from one capture: frame `number`, counted over all captures, is `frame` of `capture`, and so on.
 */
export interface FrameRun extends FramePlace {
  readonly number: number;
}

/** The captures of frames that are counted over all captures. */
export interface FramePlaces {
  /** Begins a run, as in `FrameRun`. Numbers ascend. */
  beginRun(number: number, capture: number, frame: number): void;
  placeOf(number: number): FramePlace;
  runs(): FrameRun[];
}

const FIELDS = 3;

export function newFramePlaces(): FramePlaces {
  // Twelve bytes for each run; there may be as many runs as frames.
  let table = new Uint32Array(FIELDS * 64);
  let count = 0;
  return {
    beginRun(number, capture, frame) {
      if (count * FIELDS === table.length) {
        const grown = new Uint32Array(table.length * 2);
        grown.set(table);
        table = grown;
      }
      table.set([number, capture, frame], count++ * FIELDS);
    },
    placeOf(number) {
      const later = lowerBound(count, (index) => (table[index * FIELDS] as number) <= number);
      const [first = 1, capture = 0, frame = 1] = table.subarray((later - 1) * FIELDS, later * FIELDS);
      return { capture, frame: frame + number - first };
    },
    runs: () =>
      Array.from({ length: count }, (_, index) => {
        const [number = 1, capture = 0, frame = 1] = table.subarray(index * FIELDS, (index + 1) * FIELDS);
        return { number, capture, frame };
      }),
  };
}
