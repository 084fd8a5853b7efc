import { BOUNDS } from '../bounds.js';
import { createFaults, type Faults } from '../fault.js';
import type { MemoryHolder } from '../memory.js';
import { createHeldConnections, type HeldConnections } from '../connection/weight.js';
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
  /** What waits; failures, which are worth more, apart. What they take, `HeldConnections` counts. */
  readonly holders: { readonly others: MemoryHolder; readonly failed: MemoryHolder };
  /** The capture is over: judges all that still wait, in order of their first frame. */
  finish(): void;
}

/** Judges connections once enough is known of the others. */
export function createWaiting(
  context: CaptureContext,
  settled: (diagnosed: DiagnosedConnection) => void,
  faults: Faults = createFaults(),
  limits = LIMITS,
  held: HeldConnections = createHeldConnections(),
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
  const failed = createLine();
  const others = createLine();
  const settle = (line: Line): number => {
    const next = line.shift();
    if (next === undefined) return 0;
    held.release(next);
    settled(judge(next));
    return 1;
  };
  const giveUp = (line: Line): number => {
    let given = 0;
    while (given < JUDGED_AT_ONCE && settle(line) > 0) given++;
    return given;
  };
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
      held.hold(connection);
      const isFailed = connection.outcome === 'failed';
      const line = isFailed ? failed : others;
      line.push(connection);
      if (line.length() > (isFailed ? limits.failed : limits.others)) settle(line);
    },
    holders: {
      others: { what: 'connections that waited to be judged', bytes: () => 0, giveUp: () => giveUp(others) },
      failed: { what: 'failures that waited to be judged', bytes: () => 0, giveUp: () => giveUp(failed) },
    },
    finish() {
      const rest = [...failed.rest(), ...others.rest()].map(judge);
      for (const each of rest.sort(byFirstFrame)) settled(each);
    },
  };
}

/** Connections judged at once, to give memory back. */
const JUDGED_AT_ONCE = 32;

interface Line {
  readonly length: () => number;
  push(one: Connection): void;
  shift(): Connection | undefined;
  rest(): Connection[];
}

/** First in, first out. */
function createLine(): Line {
  let line: (Connection | undefined)[] = [];
  let first = 0;
  return {
    length: () => line.length - first,
    push(one) {
      line.push(one);
    },
    shift() {
      const one = line[first];
      if (one === undefined) return undefined;
      line[first++] = undefined;
      if (first > 1024 && first * 2 > line.length) {
        line = line.slice(first);
        first = 0;
      }
      return one;
    },
    rest: () => line.flatMap((each) => each ?? []),
  };
}
