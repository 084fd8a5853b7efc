import { BOUNDS } from '../bounds.js';
import { createFaults, type Faults } from '../fault.js';
import type { Connection } from '../connection/connection.js';
import type { CaptureContext } from './capture-context.js';
import { diagnose } from './diagnose.js';
import { byFirstFrame } from './results.js';
import type { DiagnosedConnection } from './finding.js';

/**
 * Other connections are evidence, later ones too: so a connection waits with its judgement until the capture is over, or
 * more wait than these. Failed ones need the others most, and wait longest.
 */
export interface WaitingLimits {
  readonly failed: number;
  readonly others: number;
}

const LIMITS: WaitingLimits = { failed: BOUNDS.waitingFailures.value, others: BOUNDS.waitingOthers.value };

/** Takes the connections of a capture and hands on their diagnoses. */
export interface Waiting {
  add(connection: Connection): void;
  /** The capture is over: judges all that still wait, in order of their first frame. */
  finish(): void;
}

/** Judges connections once enough is known of the others. */
export function createWaiting(
  context: CaptureContext,
  settled: (diagnosed: DiagnosedConnection) => void,
  faults: Faults = createFaults(),
  limits = LIMITS,
): Waiting {
  /** A connection that cannot be judged, by a fault of this program, is reported as it is. */
  const judge = (connection: Connection): DiagnosedConnection =>
    faults.attempt('judge', connection.firstFrame, () => diagnose(connection, context), {
      connection,
      observed: null,
      findings: [],
      cause: null,
      differential: [],
    });
  const failed = createLine(limits.failed);
  const others = createLine(limits.others);
  return {
    add(connection) {
      faults.attempt(
        'judge',
        connection.firstFrame,
        () => {
          context.add(connection);
        },
        undefined,
      );
      const next = (connection.outcome === 'failed' ? failed : others).push(connection);
      if (next !== undefined) settled(judge(next));
    },
    finish() {
      const rest = [...failed.rest(), ...others.rest()].map(judge);
      for (const each of rest.sort(byFirstFrame)) settled(each);
    },
  };
}

/** First in, first out, of a bounded length. */
function createLine(limit: number): { push(one: Connection): Connection | undefined; rest(): Connection[] } {
  const line: (Connection | undefined)[] = [];
  let at = 0;
  return {
    push(one) {
      const first = line[at];
      line[at] = one;
      at = (at + 1) % limit;
      return first;
    },
    rest: () => line.flatMap((each) => each ?? []),
  };
}
