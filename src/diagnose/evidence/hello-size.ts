import type { Connection } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';

// How much of TCP a ClientHello takes.

/** Names of groups whose key shares have more than a kilobyte. */
export const POST_QUANTUM = /MLKEM|Kyber/i;

/** Headers of the message and of its record. */
const HEADERS = 4 + 5;

/** Payload of the smallest packet that every path takes: 1280 bytes (RFC 8200 §5) less the headers of IPv6 and TCP. */
const LEAST_SEGMENT = 1220;

/** The bytes of the ClientHello with its headers; null if there is no whole one. */
export function helloBytes({ clientHello, messages }: Connection): number | null {
  const message = messages.find(({ type }) => type === 'client_hello');
  return clientHello === null || message === undefined ? null : message.length + HEADERS;
}

/**
 * Whether the ClientHello needs more than one segment: it is longer than the server lets segments be (its maximum segment size),
 * or than the longest one that the client sent, and than what any path takes: some clients cut what would fit. Null where neither is known. Network cards that segment show longer ones.
 */
export function spansSegments(connection: Connection): boolean | null {
  const bytes = helloBytes(connection);
  const tcp = overTcp(connection);
  if (bytes === null || tcp === null) return null;
  const { mss } = tcp.server;
  const { largestSegment } = tcp.client;
  if (mss === null && largestSegment === 0) return null;
  return (mss !== null && bytes > mss) || (largestSegment > 0 && bytes > Math.max(largestSegment, LEAST_SEGMENT));
}
