import { BOUNDS } from '../bounds.js';
import type { Connection } from '../connection/connection.js';
import { createHeldConnections, type HeldConnections } from '../connection/weight.js';
import type { MemoryHolder } from '../memory.js';
import { tracedBytes, type Trace } from './trace.js';

/** A connection kept for comparison, with its packets. */
export interface TracedConnection {
  readonly connection: Connection;
  readonly trace: Trace;
}

/** The connections of one point: the first failed ones, and the first of the others. */
export interface ConnectionsAtPoint {
  /** Whether it keeps this one. */
  hold(connection: Connection, trace: Trace): boolean;
  /** Connections that were not kept because there were too many. */
  readonly dropped: () => number;
  /** Whether it still has all the connections that it was to keep. */
  readonly isWhole: () => boolean;
  /** Hands over what it keeps, in the order of the capture. */
  takeAll(): TracedConnection[];
}

/** The connections of all points kept for comparison, which count towards the memory budget. */
export interface ConnectionsOfPath {
  /** Starts keeping the connections of the next point, whose frames are numbered after so many of the points before. */
  nextPoint(frames?: number): ConnectionsAtPoint;
  /** Memory of connections that did not fail; failed ones are worth more. */
  readonly others: MemoryHolder;
  readonly failed: MemoryHolder;
  /** What all takes, in bytes. */
  readonly bytes: () => number;
  /** Releases what was handed over from the budget, once it is compared. */
  release(held: TracedConnection): void;
}

/** Memory for the comparison of packets (pairs, rows, marks), relative to that of the packets. */
const COMPARED = 1.5;
/** So many are kept of any capture, however short. */
const KEPT_OF_FEW = 1024;
/**
 * Each further one is kept only if so many frames of the capture precede it. Real handshakes have as many, so that all are
 * kept. In a flood of the shortest ones, it would take too long: each is judged three times, at each point and together.
 */
const FRAMES_FOR_ONE = BOUNDS.comparedFrames.value;
/** Connections given up in one step. */
const GIVEN_UP_AT_ONCE = 32;

/** The failed connections of one point, or the others. The first ones are kept, so that all points keep the same. */
interface KeptConnections {
  readonly held: TracedConnection[];
  most: number;
  readonly connections: HeldConnections;
  /** What their packets take. */
  packets: number;
}

const newKeptConnections = (): KeptConnections => ({
  held: [],
  most: BOUNDS.comparedConnections.value,
  connections: createHeldConnections(),
  packets: 0,
});

const bytesOf = ({ packets, connections }: KeptConnections): number => packets + connections.bytes();

function count(line: KeptConnections, { connection, trace }: TracedConnection, change: 1 | -1): void {
  line.packets += change * COMPARED * tracedBytes(trace.packets);
  if (change === 1) line.connections.hold(connection);
  else line.connections.release(connection);
}

/** @param least bytes kept for each point even if others use the memory, or a flood would leave nothing */
export function createConnectionsOfPath(least: number): ConnectionsOfPath {
  const failed: KeptConnections[] = [];
  const others: KeptConnections[] = [];
  const lineOf = new Map<TracedConnection, KeptConnections>();
  /** Gives up the last connections of the point that has most. */
  const giveUp = (lines: readonly KeptConnections[]): number => {
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
    // Later ones would have no counterpart.
    if (given > 0) line.most = line.held.length;
    return given;
  };
  const bytes = (): number => [...failed, ...others].reduce((sum, line) => sum + bytesOf(line), 0);
  return {
    nextPoint(frames = 0) {
      const own = { failed: newKeptConnections(), others: newKeptConnections() };
      failed.push(own.failed);
      others.push(own.others);
      let seen = 0;
      let dropped = 0;
      return {
        hold(connection, trace) {
          seen++;
          const line = connection.outcome === 'failed' ? own.failed : own.others;
          const most = Math.min(line.most, KEPT_OF_FEW + (connection.lastFrame - frames) / FRAMES_FOR_ONE);
          if (line.held.length >= most) {
            dropped++;
            return false;
          }
          const one = { connection, trace };
          line.held.push(one);
          lineOf.set(one, line);
          count(line, one, 1);
          return true;
        },
        dropped: () => dropped,
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
