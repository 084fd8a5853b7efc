import type { PathDifference, PathFacts } from '../../src/connection/connection.js';
import { at } from './connections.js';

/** What two points of a path show of the connection of `connection()`: the client's is its own, the server's clock is as good. */
export function pathFacts(
  differences: readonly PathDifference[] = [],
  { packets = [], isSeenByServer = true }: { packets?: PathFacts['packets']; isSeenByServer?: boolean } = {},
): PathFacts {
  const seen = {
    firstFrame: 1,
    client: { address: '192.0.2.10', port: 40000 },
    server: { address: '198.51.100.20', port: 443 },
    startedAt: at(0.01),
    outcome: 'failed',
    diagnosis: null,
  } as const;
  return {
    points: [
      { capture: 0, seen, aheadMs: 0 },
      { capture: 1, seen: isSeenByServer ? { ...seen, capture: 1 } : null, aheadMs: 0 },
    ],
    own: 0,
    differences,
    packets,
  };
}
