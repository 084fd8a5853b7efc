import { BOUNDS } from '../bounds.js';
import { createFaults, type Faults } from '../fault.js';
import type { MemoryHolder } from '../memory.js';
import { createHeldConnections, type HeldConnections } from '../connection/weight.js';
import type { Connection } from '../connection/connection.js';
import type { CaptureContext } from './capture-context.js';
import { byFirstFrame } from './results.js';
import type { DiagnosedConnection } from './finding.js';

/**
 * Other connections are evidence, also later ones. So a connection is judged only when the capture is over, or more
 * wait than these limits. Failed ones need the others most, and wait longest.
 */
export interface WaitingLimits {
  readonly failed: number;
  readonly others: number;
}

/** For live reading: reports failures before everything that may affect them is known. */
export interface Early {
  /** Milliseconds of capture time that a connection waits for its neighbours. */
  readonly after: number;
  /** Called with a failed connection, as judged then; its final result follows as usual. */
  readonly tell: (diagnosed: DiagnosedConnection) => void;
}

const LIMITS: WaitingLimits = { failed: BOUNDS.waitingFailures.value, others: BOUNDS.waitingOthers.value };

/** Receives the connections of a capture and hands on their diagnoses. */
export interface Waiting {
  add(connection: Connection): void;
  /** Takes one as evidence for others alone. */
  witness(connection: Connection): void;
  /** Reports early what ended long enough before this time, in milliseconds. */
  tellEarly(now: number): void;
  /** How many wait. */
  readonly counts: () => { readonly failed: number; readonly others: number };
  /** Memory of waiting connections; failures, which are worth more, last. `HeldConnections` counts what they take. */
  readonly holders: readonly MemoryHolder[];
  /** The capture is over: judges all that still wait, in order of their first frame. */
  finish(): void;
}

export interface WaitingOptions {
  /** Called with each connection when it ends. */
  readonly context: Pick<CaptureContext, 'add'>;
  /** Judges a connection. */
  readonly diagnose: (connection: Connection) => DiagnosedConnection;
  /** Called with each connection whose result is final. */
  readonly settled: (diagnosed: DiagnosedConnection) => void;
  readonly early?: Early | null;
  readonly limits?: WaitingLimits;
  readonly faults?: Faults;
  /** Counts the waiting connections. */
  readonly held?: HeldConnections;
}

/** Judges connections once enough is known of the others. */
export function createWaiting({
  context,
  diagnose,
  settled,
  early = null,
  limits = LIMITS,
  faults = createFaults(),
  held = createHeldConnections(),
}: WaitingOptions): Waiting {
  /** A connection that cannot be judged, by a fault of this program, is reported as it is. */
  const judge = (connection: Connection): DiagnosedConnection =>
    faults.attempt('judge', connection.firstFrame, () => diagnose(connection), {
      connection,
      observed: null,
      findings: [],
      cause: null,
      differential: [],
      lookup: null,
    });
  const failed = createLine();
  const others = createLine();
  /** Connections that have not been reported yet, with the time when they were first looked at. */
  const untold = new Map<Connection, number | null>();
  const settle = (line: Line): number => {
    const next = line.shift();
    if (next === undefined) return 0;
    if (early !== null) untold.delete(next);
    held.release(next);
    settled(judge(next));
    return 1;
  };
  const giveUp = (line: Line): number => {
    let given = 0;
    while (given < JUDGED_AT_ONCE && settle(line) > 0) given++;
    return given;
  };
  const witness = (connection: Connection): void => {
    faults.attempt(
      'judge',
      connection.firstFrame,
      () => {
        context.add(connection);
      },
      undefined,
    );
  };
  return {
    witness,
    add(connection) {
      witness(connection);
      held.hold(connection);
      if (early !== null) untold.set(connection, null);
      const isFailed = connection.outcome === 'failed';
      const line = isFailed ? failed : others;
      line.push(connection);
      if (line.length() > (isFailed ? limits.failed : limits.others)) settle(line);
    },
    tellEarly(now) {
      if (early === null) return;
      for (const [connection, since] of untold) {
        if (since === null) untold.set(connection, now);
        else if (now - since >= early.after) {
          untold.delete(connection);
          const diagnosed = judge(connection);
          if (diagnosed.connection.outcome === 'failed') early.tell(diagnosed);
        }
      }
    },
    counts: () => ({ failed: failed.length(), others: others.length() }),
    holders: [
      { what: 'waiting', bytes: () => 0, giveUp: () => giveUp(others) },
      { what: 'waitingFailures', bytes: () => 0, giveUp: () => giveUp(failed) },
    ],
    finish() {
      untold.clear();
      const rest = [...failed.rest(), ...others.rest()].map(judge);
      for (const each of rest.sort(byFirstFrame)) settled(each);
    },
  };
}

/** Connections judged in one step, to free memory. */
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
