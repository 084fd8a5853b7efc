import { BOUNDS } from './bounds.js';

/**
 * Faults of this program. One that is met while it works on one connection, or draws it, is that connection's alone: it is
 * caught there, counted, and told of, and all else is reported.
 */
export interface Fault {
  /** What the program was doing. */
  readonly stage: 'read' | 'build' | 'judge' | 'report';
  /** The frame that it was at, or in which the connection in hand begins, over all captures. */
  readonly frame: number;
  readonly message: string;
}

export interface Faults {
  /** What `work` gives; if it throws, that is noted, and `otherwise` is given. */
  attempt<T>(stage: Fault['stage'], frame: number, work: () => T, otherwise: T): T;
  note(stage: Fault['stage'], frame: number, error: unknown): void;
  /** The first few. */
  readonly first: readonly Fault[];
  readonly count: () => number;
}

const MOST_FAULTS = BOUNDS.faults.value;

export function createFaults(): Faults {
  const first: Fault[] = [];
  let count = 0;
  const note: Faults['note'] = (stage, frame, error) => {
    count++;
    if (first.length < MOST_FAULTS) first.push({ stage, frame, message: faultText(error) });
  };
  return {
    attempt(stage, frame, work, otherwise) {
      try {
        return work();
      } catch (error) {
        note(stage, frame, error);
        return otherwise;
      }
    },
    note,
    first,
    count: () => count,
  };
}

/** What was thrown, and where, in one line. */
export function faultText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = /^ +at (.*)$/m.exec(error.stack ?? '')?.[1]?.replace(/\(?file:.*\//, '(');
  return `${error.name}: ${error.message}${place === undefined ? '' : ` at ${place}`}`;
}
