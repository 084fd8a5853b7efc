import { formatTimestamp } from '../../capture/timestamp.js';
import type { PathDifference, PathFacts } from '../../connection/connection.js';
import { sighting } from './common.js';
import type { JsonPath, JsonPathDifference, JsonPathPoint } from './contract.js';

export function jsonPath({ points, own, differences, packets }: PathFacts): JsonPath {
  return {
    points: points.map(({ capture, seen, aheadMs }) => ({
      capture,
      seen: seen && jsonView(seen),
      aheadMs,
    })),
    own,
    differences: differences.map(jsonDifference),
    packets: packets.map(({ seen, ...packet }) => ({
      ...packet,
      seen: seen.map((one) => one && { ...one, at: formatTimestamp(one.at) }),
    })),
  };
}

function jsonView({
  diagnosis: rule,
  startedAt,
  ...view
}: NonNullable<PathFacts['points'][number]['seen']>): JsonPathPoint['seen'] {
  return { ...view, startedAt: formatTimestamp(startedAt), rule };
}

function jsonDifference(one: PathDifference): JsonPathDifference {
  switch (one.kind) {
    case 'altered':
      return { ...one, at: sighting(one.at), arrived: sighting(one.arrived) };
    case 'recut':
    case 'mss-clamped': {
      const { sent, arrived, ...rest } = one;
      return { ...rest, sentSegments: sent, arrivedSegments: arrived };
    }
    case 'lost':
    case 'absent':
    case 'inserted':
    case 'tls-terminated':
      return { ...one, at: sighting(one.at) };
    case 'address-translated':
    case 'sequence-rewritten':
    case 'tcp-terminated':
      return one;
  }
}
