import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';

// What tells that plaintext went to a server that speaks TLS.

/** A connection that began with TLS at once at the same address and port, and worked, with its version; undefined if there is none. */
export function startingWithTls(connection: Connection, context: Context): readonly [string, Connection] | undefined {
  return [...context.serverHistory.acceptedBy(connection).versions].find(([, { preamble }]) => preamble === null);
}

/** Whether the server says that it expects TLS, or speaks it with others from the first byte. */
export function speaksTls(connection: Connection, context: Context): boolean {
  return (
    connection.plaintext.some(({ expectsTls }) => expectsTls) || startingWithTls(connection, context) !== undefined
  );
}
