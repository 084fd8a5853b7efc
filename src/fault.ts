import { BOUNDS } from './bounds.js';

/**
 * Faults of this program. One that occurs while it works on a connection, or draws it, affects only that connection: it
 * is caught there, counted and reported, and everything else is reported as usual.
 */
export interface Fault {
  /** What the program was doing. */
  readonly stage: 'read' | 'build' | 'judge' | 'report';
  /** The current frame, or the first one of the current connection, over all captures. */
  readonly frame: number;
  readonly message: string;
}

export interface Faults {
  /** The result of `work`; if it throws, that is noted, and `otherwise` is returned. */
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
