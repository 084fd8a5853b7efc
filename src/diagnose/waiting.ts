import { BOUNDS } from '../bounds.js';
import { createFaults, type Faults } from '../fault.js';
import type { MemoryHolder } from '../memory.js';
import { createHeldConnections, type HeldConnections } from '../connection/weight.js';
import type { Connection } from '../connection/connection.js';
import type { CaptureContext } from './capture-context.js';
import { byFirstFrame } from './results.js';
import { canOnlyHaveRisks } from './risks.js';
import type { DiagnosedConnection } from './finding.js';

/**
 * Other connections are evidence, also later ones. So a connection is judged only when the capture is over, or more
 * wait than these limits. Failed ones need the others most, and wait longest; those that can only have risks need them least.
 */
export interface WaitingLimits {
  readonly failed: number;
  readonly others: number;
  /** Of those that can only have risks: once so many connections that did not fail were judged, which a report may list. */
  readonly worked: number;
  readonly listed: number;
}

/** For live reading: reports failures before everything that may affect them is known. */
export interface Early {
  /** Milliseconds of capture time that a connection waits for others. */
  readonly after: number;
  /** Called with a failed connection, as judged then; its final result follows as usual. */
  readonly report: (diagnosed: DiagnosedConnection) => void;
}

const LIMITS: WaitingLimits = {
  failed: BOUNDS.waitingFailures.value,
  others: BOUNDS.waitingOthers.value,
  worked: BOUNDS.waitingWorked.value,
  listed: BOUNDS.heldConnections.value,
};

/** Receives the connections of a capture and hands on their diagnoses. */
export interface Waiting {
  add(connection: Connection): void;
  /** Takes one as evidence for others alone. */
  addAsEvidence(connection: Connection): void;
  /** Reports early what ended long enough before this time, in milliseconds. */
  reportEarly(now: number): void;
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
  // `faults.attempt` would take a function made for each connection, here and for evidence.
  /** A connection that cannot be judged, by a fault of this program, is reported as it is. */
  const judge = (connection: Connection): DiagnosedConnection => {
    try {
      return diagnose(connection);
    } catch (error) {
      faults.note('judge', connection.firstFrame, error);
      return { connection, observed: null, findings: [], cause: null, differential: [], lookup: null };
    }
  };
  const queues = { failed: createFifo(), others: createFifo(), worked: createFifo() };
  /** How many connections that did not fail were judged. */
  let judged = 0;
  const kindOf = (connection: Connection): keyof typeof queues =>
    connection.outcome === 'failed' ? 'failed' : canOnlyHaveRisks(connection) ? 'worked' : 'others';
  /** Connections that have not been reported yet, with the time when they were first looked at. */
  const unreported = new Map<Connection, number | null>();
  const settle = (queue: Fifo): number => {
    const next = queue.shift();
    if (next === undefined) return 0;
    if (early !== null) unreported.delete(next);
    held.release(next);
    if (queue !== queues.failed) judged++;
    settled(judge(next));
    return 1;
  };
  const giveUp = (...from: readonly Fifo[]): number => {
    let given = 0;
    for (const queue of from) while (given < JUDGED_AT_ONCE && settle(queue) > 0) given++;
    return given;
  };
  const addAsEvidence = (connection: Connection): void => {
    try {
      context.add(connection);
    } catch (error) {
      faults.note('judge', connection.firstFrame, error);
    }
  };
  return {
    addAsEvidence,
    add(connection) {
      addAsEvidence(connection);
      held.hold(connection);
      if (early !== null) unreported.set(connection, null);
      const kind =
        connection.repeats === undefined
          ? faults.attempt('judge', connection.firstFrame, () => kindOf(connection), 'others')
          : 'worked';
      const queue = queues[kind];
      queue.push(connection);
      const limit = kind === 'worked' && judged < limits.listed ? limits.others : limits[kind];
      while (queue.length() > limit) settle(queue);
    },
    reportEarly(now) {
      if (early === null) return;
      for (const [connection, since] of unreported) {
        if (since === null) unreported.set(connection, now);
        else if (now - since >= early.after) {
          unreported.delete(connection);
          const diagnosed = judge(connection);
          if (diagnosed.connection.outcome === 'failed') early.report(diagnosed);
        }
      }
    },
    counts: () => ({ failed: queues.failed.length(), others: queues.others.length() + queues.worked.length() }),
    holders: [
      { what: 'waiting', bytes: () => 0, giveUp: () => giveUp(queues.worked, queues.others) },
      { what: 'waitingFailures', bytes: () => 0, giveUp: () => giveUp(queues.failed) },
    ],
    finish() {
      unreported.clear();
      const { failed, others, worked } = queues;
      const rest = [...failed.rest(), ...others.rest(), ...worked.rest()].map(judge);
      for (const each of rest.sort(byFirstFrame)) settled(each);
    },
  };
}

/** Connections judged in one step, to free memory. */
const JUDGED_AT_ONCE = 32;

/** First in, first out. */
interface Fifo {
  readonly length: () => number;
  push(one: Connection): void;
  shift(): Connection | undefined;
  rest(): Connection[];
}

function createFifo(): Fifo {
  let queue: (Connection | undefined)[] = [];
  let first = 0;
  return {
    length: () => queue.length - first,
    push(one) {
      queue.push(one);
    },
    shift() {
      const one = queue[first];
      if (one === undefined) return undefined;
      queue[first++] = undefined;
      if (first > 1024 && first * 2 > queue.length) {
        queue = queue.slice(first);
        first = 0;
      }
      return one;
    },
    rest: () => queue.flatMap((each) => each ?? []),
  };
}
