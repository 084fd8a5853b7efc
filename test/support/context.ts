import type { Connection } from '../../src/connection/connection.js';
import type { Context } from '../../src/diagnose/context.js';
import { createContext } from '../../src/diagnose/capture-context.js';
import type { TrustAnchors } from '../../src/x509/anchors.js';

/** The context of a capture that holds these connections. */
export function contextOf(connections: readonly Connection[], anchors: TrustAnchors, at?: Date): Context {
  const context = createContext(anchors, at);
  for (const connection of connections) context.add(connection);
  return context;
}
