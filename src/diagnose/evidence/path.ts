import type { Connection, PathDifference } from '../../connection/connection.js';
import { LEAST_TOO_LARGE } from './packet-sizes.js';

// What captures at several points of the path show of a connection.

type Difference<Kind extends PathDifference['kind']> = Extract<PathDifference, { readonly kind: Kind }>;

/** The differences of one kind between neighbouring points; none with a single point. */
export function differencesOf<Kind extends PathDifference['kind']>(
  { path }: Connection,
  kind: Kind,
): readonly Difference<Kind>[] {
  return (path?.differences ?? []).filter((one): one is Difference<Kind> => one.kind === kind);
}

/**
 * The connection that replaces this one between two points, as opened by a proxy that terminates TLS; undefined if none
 * is seen.
 */
export function interceptionOf(connection: Connection): Difference<'tls-terminated'> | undefined {
  return differencesOf(connection, 'tls-terminated')[0];
}

/** Packets lost between two points because of their size: smaller ones arrived, and none as large. */
export function lostBySize(connection: Connection): (Difference<'lost'> & { readonly bySize: object }) | undefined {
  for (const { bySize, ...lost } of differencesOf(connection, 'lost')) {
    if (bySize !== null && bySize.lost > LEAST_TOO_LARGE) return { ...lost, bySize };
  }
  return undefined;
}

/** Whether several points show the connection, and everything arrived as it was sent. */
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

/** The number of a point for people, from 1. */
export const pointNumber = (point: number): number => point + 1;
