import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';

// What a server's plaintext says about what it expects.

/**
 * A connection to the same address and port that began directly with TLS, and worked; undefined if there is none.
 */
export function startingWithTls(connection: Connection, context: Context): Connection | undefined {
  return context.serverHistory.acceptedBy(connection).beginnings.get(null);
}

/** Whether the server says that it expects TLS, or speaks it with others from the first byte. */
export function speaksTls(connection: Connection, context: Context): boolean {
  return (
    connection.plaintext.some(({ expectsTls }) => expectsTls) || startingWithTls(connection, context) !== undefined
  );
}
