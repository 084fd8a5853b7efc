/** How the clocks of two points compare, by packets that both show. */
import type { Between, PathClock } from '../connection/connection.js';

/** A packet that passed both points; times in microseconds since 1970, by each point's own clock. */
export interface PassedPacket {
  /** Whether it went from the first point to the second. */
  readonly isForward: boolean;
  readonly here: number;
  readonly there: number;
}

/** How far the second clock is ahead of the first at a time of the first, in microseconds; null if unknown. */
export type ClockAt = (here: number) => number | null;

/** In less time than this, in microseconds, clocks do not drift apart measurably. */
const SHORTEST_DRIFT_US = 60e6;
/** Parts of a long capture, in each of which the clocks are compared, and the fewest that define a line. */
const PARTS = 12;
const LEAST_PARTS = 3;

/**
 * Bounds of the offset, since delays are never negative: packets forward show at most too much, packets back too
 * little.
 */
function boundsOf(
  passedPackets: readonly PassedPacket[],
  drift = 0,
  start = 0,
): { readonly least: number; readonly most: number } {
  let least = -Infinity;
  let most = Infinity;
  for (const { isForward, here, there } of passedPackets) {
    const ahead = there - here - drift * (here - start);
    if (isForward) most = Math.min(most, ahead);
    else least = Math.max(least, ahead);
  }
  return { least, most };
}

/**
 * By how much the second clock runs faster, fitted to the middles of the parts of a long capture; null if there are too
 * few.
 */
function driftOf(passedPackets: readonly PassedPacket[], start: number, end: number): number | null {
  if (end - start < SHORTEST_DRIFT_US) return null;
  const width = (end - start) / PARTS;
  const parts = Array.from({ length: PARTS }, (): PassedPacket[] => []);
  for (const crossing of passedPackets)
    parts[Math.min(PARTS - 1, Math.floor((crossing.here - start) / width))]?.push(crossing);
  const points = parts.flatMap((part) => {
    const { least, most } = boundsOf(part);
    if (!Number.isFinite(least) || !Number.isFinite(most)) return [];
    const middle = part.reduce((sum, { here }) => sum + here - start, 0) / part.length;
    return [{ x: middle, y: (least + most) / 2 }];
  });
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < LEAST_PARTS) return null;
  if (last.x - first.x < SHORTEST_DRIFT_US / 2) return null;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

const inMs = (us: number): number | null => (Number.isFinite(us) ? Math.round(us) / 1000 : null);

/**
 * Compares two clocks. The offset is the middle between the fastest ways there and back, which is correct if these take
 * equally long; its error is half of the difference. For long captures, the clocks' drift is fitted and removed.
 */
export function compareClocks(
  between: Between,
  passedPackets: readonly PassedPacket[],
): { readonly clock: PathClock; readonly at: ClockAt } {
  if (passedPackets.length === 0) return { clock: unknownClock(between), at: () => null };
  let start = Infinity;
  let end = -Infinity;
  for (const { here } of passedPackets) {
    start = Math.min(start, here);
    end = Math.max(end, here);
  }
  const plain = boundsOf(passedPackets);
  let drift = driftOf(passedPackets, start, end);
  let bounds = plain;
  if (drift !== null) {
    const straightened = boundsOf(passedPackets, drift, start);
    // A drift that explains nothing is noise.
    const isBetter = straightened.most - straightened.least < plain.most - plain.least || plain.most < plain.least;
    if (isBetter) bounds = straightened;
    else drift = null;
  }
  const { least, most } = bounds;
  const isBothWays = Number.isFinite(least) && Number.isFinite(most);
  const middle = (least + most) / 2;
  const known = isBothWays ? middle : Number.isFinite(most) ? most : least;
  const slope = drift ?? 0;
  return {
    clock: {
      between,
      basis: isBothWays ? 'both-ways' : 'one-way',
      aheadMs: isBothWays ? inMs(middle) : null,
      errorMs: isBothWays ? inMs(Math.abs(most - least) / 2) : null,
      atLeastMs: inMs(least),
      atMostMs: inMs(most),
      delayMs: isBothWays && most >= least ? inMs((most - least) / 2) : null,
      driftPpm: drift === null ? null : Math.round(drift * 1e8) / 100,
      packets: passedPackets.length,
    },
    at: (here) => known + slope * (here - start),
  };
}

/** For two points that share no packet. */
export function unknownClock(between: Between): PathClock {
  return {
    between,
    basis: 'none',
    aheadMs: null,
    errorMs: null,
    atLeastMs: null,
    atMostMs: null,
    delayMs: null,
    driftPpm: null,
    packets: 0,
  };
}
