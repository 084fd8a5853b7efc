import type { Connection } from '../../src/connection/connection.js';
import { createLookups, type Lookup } from '../../src/names/lookups.js';
import type { Context } from '../../src/diagnose/context.js';
import { createContext } from '../../src/diagnose/capture-context.js';
import type { Ends } from '../../src/ends/ends.js';
import type { TrustAnchors } from '../../src/x509/anchors.js';

/** The context of a capture that holds these connections and lookups. */
export function contextOf(
  connections: readonly Connection[],
  anchors: TrustAnchors,
  at?: Date,
  looked: readonly Lookup[] = [],
  ends?: Ends,
): Context {
  const lookups = createLookups();
  for (const lookup of looked) lookups.add(lookup);
  const context = createContext(anchors, { at, lookups, ends });
  for (const connection of connections) context.add(connection);
  return context;
}
