import { BOUNDS } from '../bounds.js';
import type { Connection } from '../connection/connection.js';
import { createHeldConnections, type HeldConnections } from '../connection/weight.js';
import type { MemoryHolder } from '../memory.js';
import { tracedBytes, type Trace } from './trace.js';

/** A connection that is held to be compared, with its packets. */
export interface Held {
  readonly connection: Connection;
  readonly trace: Trace;
}

/** The connections of one point: the first of those that have failed, and the first of the others. */
export interface HeldAtPoint {
  hold(connection: Connection, trace: Trace): void;
  /** Connections that it did not take, as too many are held. */
  readonly left: () => number;
  /** Whether all are still held that it was to hold. */
  readonly isWhole: () => boolean;
  /** Hands over what it holds, in the order of the capture. */
  takeAll(): Held[];
}

/** What is held to be compared, of all points of a path: it draws on the budget of all that is remembered. */
export interface HeldForPath {
  /** Holds the connections of the next point. */
  nextPoint(): HeldAtPoint;
  /** Connections that have failed are worth more than others. */
  readonly others: MemoryHolder;
  readonly failed: MemoryHolder;
  /** What all takes, in bytes. */
  readonly bytes: () => number;
  /** Takes what was handed over off the budget, when it is compared. */
  release(held: Held): void;
}

/** What comparing makes of packets, in sizes of what they take: pairs, rows, marks. */
const COMPARED = 1.5;
/** Connections that are given up at once. */
const GIVEN_UP_AT_ONCE = 32;

/** Of one point, those that have failed, or the others. The first are kept: another point keeps the same. */
interface Line {
  readonly held: Held[];
  most: number;
  readonly connections: HeldConnections;
  /** What their packets take. */
  packets: number;
}

const newLine = (): Line => ({
  held: [],
  most: BOUNDS.comparedConnections.value,
  connections: createHeldConnections(),
  packets: 0,
});

const bytesOf = ({ packets, connections }: Line): number => packets + connections.bytes();

function count(line: Line, { connection, trace }: Held, change: 1 | -1): void {
  line.packets += change * COMPARED * tracedBytes(trace.packets);
  if (change === 1) line.connections.hold(connection);
  else line.connections.release(connection);
}

/** @param least what is held of each point, in bytes, whatever else takes the memory: else a flood would leave nothing */
export function createHeldForPath(least: number): HeldForPath {
  const failed: Line[] = [];
  const others: Line[] = [];
  const lineOf = new Map<Held, Line>();
  /** Gives up the last ones of the point that has most. */
  const giveUp = (lines: readonly Line[]): number => {
    const [first] = lines;
    if (first === undefined) return 0;
    const line = lines.reduce((most, next) => (bytesOf(next) > bytesOf(most) ? next : most), first);
    let given = 0;
    for (; given < GIVEN_UP_AT_ONCE && bytesOf(line) > least / 2; given++) {
      const one = line.held.pop();
      if (one === undefined) break;
      lineOf.delete(one);
      count(line, one, -1);
    }
    // What comes later would be without its counterpart.
    if (given > 0) line.most = line.held.length;
    return given;
  };
  const bytes = (): number => [...failed, ...others].reduce((sum, line) => sum + bytesOf(line), 0);
  return {
    nextPoint() {
      const own = { failed: newLine(), others: newLine() };
      failed.push(own.failed);
      others.push(own.others);
      let seen = 0;
      let left = 0;
      return {
        hold(connection, trace) {
          seen++;
          const line = connection.outcome === 'failed' ? own.failed : own.others;
          if (line.held.length >= line.most) {
            left++;
            return;
          }
          const one = { connection, trace };
          line.held.push(one);
          lineOf.set(one, line);
          count(line, one, 1);
        },
        left: () => left,
        isWhole: () => own.failed.held.length + own.others.held.length === seen,
        takeAll: () =>
          [...own.failed.held.splice(0), ...own.others.held.splice(0)].sort(
            (a, b) => a.connection.firstFrame - b.connection.firstFrame,
          ),
      };
    },
    others: { what: 'compared', bytes, giveUp: () => giveUp(others) },
    failed: { what: 'compared', bytes: () => 0, giveUp: () => giveUp(failed) },
    bytes,
    release(one) {
      const line = lineOf.get(one);
      if (line !== undefined) count(line, one, -1);
      lineOf.delete(one);
    },
  };
}
