import { lowerBound } from '../lower-bound.js';

/** A frame as its reader finds it: in which file, and by which number there. */
export interface FramePlace {
  /** Index of the capture. */
  readonly capture: number;
  /** Number in the file, from 1, as Wireshark counts. */
  readonly frame: number;
}

/** Frames in a row from one capture: frame `number`, counted over all captures, is `frame` of `capture`, and so on. */
export interface FrameRun extends FramePlace {
  readonly number: number;
}

/** Where the frames of several captures, counted over all of them, come from. */
export interface FramePlaces {
  /** Begins a run, as `FrameRun` says. Numbers ascend. */
  beginRun(number: number, capture: number, frame: number): void;
  placeOf(number: number): FramePlace;
  runs(): FrameRun[];
}

const FIELDS = 3;

export function newFramePlaces(): FramePlaces {
  // Twelve bytes for each change from one capture to another, which may be as many as there are frames.
  let turns = new Uint32Array(FIELDS * 64);
  let count = 0;
  return {
    beginRun(number, capture, frame) {
      if (count * FIELDS === turns.length) {
        const grown = new Uint32Array(turns.length * 2);
        grown.set(turns);
        turns = grown;
      }
      turns.set([number, capture, frame], count++ * FIELDS);
    },
    placeOf(number) {
      const later = lowerBound(count, (index) => (turns[index * FIELDS] as number) <= number);
      const [first = 1, capture = 0, frame = 1] = turns.subarray((later - 1) * FIELDS, later * FIELDS);
      return { capture, frame: frame + number - first };
    },
    runs: () =>
      Array.from({ length: count }, (_, index) => {
        const [number = 1, capture = 0, frame = 1] = turns.subarray(index * FIELDS, (index + 1) * FIELDS);
        return { number, capture, frame };
      }),
  };
}
