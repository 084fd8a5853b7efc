import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';

// What a server's words in plaintext tell of what it expects.

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

const BAD_REQUEST = /^HTTP\/1\.[01] 400\b/;

/** Whether these words are those of a web server that could not read a request (400 Bad Request). */
export const isBadRequest = (words: string): boolean => BAD_REQUEST.test(words);
