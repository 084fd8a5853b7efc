import type { Connection, PathDifference } from '../../connection/connection.js';

// What captures at several points of the path show of a connection.

type Difference<Kind extends PathDifference['kind']> = Extract<PathDifference, { readonly kind: Kind }>;

/** The differences of one kind between two points next to each other; none where there is one point alone. */
export function differencesOf<Kind extends PathDifference['kind']>(
  { path }: Connection,
  kind: Kind,
): readonly Difference<Kind>[] {
  return (path?.differences ?? []).filter((one): one is Difference<Kind> => one.kind === kind);
}

/** The connection that stands in the place of this one between two points, as a proxy that ends TLS opens one; undefined if none shows. */
export function interceptionOf(connection: Connection): Difference<'tls-terminated'> | undefined {
  return differencesOf(connection, 'tls-terminated')[0];
}

/** Below this, in bytes of payload, no link takes a packet for too large (IPv4 passes 576 bytes, RFC 1122 §3.3.3). */
export const LEAST_TOO_LARGE = 548;

/** Packets that got lost between two points for their size: smaller ones arrived, and none as large. */
export function lostBySize(connection: Connection): (Difference<'lost'> & { readonly bySize: object }) | undefined {
  for (const { bySize, ...lost } of differencesOf(connection, 'lost')) {
    if (bySize !== null && bySize.lost > LEAST_TOO_LARGE) return { ...lost, bySize };
  }
  return undefined;
}

/** Whether several points show the connection, and whatever was sent arrived as it was sent. */
export function isIntact({ path }: Connection): boolean {
  if (path === undefined || path.points.filter(({ seen }) => seen !== null).length < 2) return false;
  const harmful: ReadonlySet<PathDifference['kind']> = new Set([
    'lost',
    'absent',
    'inserted',
    'altered',
    'tcp-terminated',
    'tls-terminated',
  ]);
  return !path.differences.some(({ kind }) => harmful.has(kind));
}

/** A point as people count, from 1. */
export const pointNumber = (point: number): number => point + 1;
