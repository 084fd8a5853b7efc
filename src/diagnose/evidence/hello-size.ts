import type { Connection, Sighting, TcpFacts } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import type { Phrase } from '../../message.js';
import { phrase } from '../phrases.js';
import { alertText, helloRejection } from './alerts.js';
import { alertEvidence, closeEvidence, type Citation } from './citations.js';
import { waited } from './endings.js';
import { LEAST_SEGMENT } from './packet-sizes.js';
import { hasServerAnswered } from './progress.js';
import { hasHelloArrived } from './undelivered.js';

// How many segments a ClientHello takes, and how one is refused that may never have been read.

/** Headers of the message and of its record. */
const HEADERS = 4 + 5;

/** The bytes of the ClientHello with its headers; null if there is no complete one. */
export function helloBytes({ clientHello, messages }: Pick<Connection, 'clientHello' | 'messages'>): number | null {
  const message = messages.find(({ type }) => type === 'client_hello');
  return clientHello === null || message === undefined ? null : message.length + HEADERS;
}

/**
 * Whether the ClientHello needs more than one segment: it is longer than the server's maximum segment size, or than the
 * longest segment that the client sent, and than what every path carries, as some clients split what would fit. Null if
 * neither is known. Network cards that do segmentation show longer ones.
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

/** A server that has the whole ClientHello answers within so many milliseconds. */
const PATIENCE_MS = 1000;

/** Alerts of a server that read only half a ClientHello, or none. */
const ALERTS: ReadonlySet<string> = new Set([
  'decode_error',
  'handshake_failure',
  'internal_error',
  'illegal_parameter',
  'unexpected_message',
  'record_overflow',
  'close_notify',
]);

/**
 * Alerts of a server that read it, and refuses what it offers or has a fault of its own: only a shorter one that
 * succeeded shows that length matters.
 */
const ALERTS_OF_READERS: ReadonlySet<string> = new Set(['handshake_failure', 'internal_error', 'illegal_parameter']);

/** Where a ClientHello began that came in more than one segment; null if it came in one, or is not all over TCP. */
export function beginningOfSplitHello(connection: Connection): Sighting | null {
  const first = overTcp(connection)?.client.firstData ?? null;
  const { clientHello, preamble, plaintext } = connection;
  // What the client said before it is no part of it.
  const isAtStart = preamble === null && plaintext.every(({ from }) => from === 'server');
  return isAtStart && clientHello !== null && first !== null && first.frame < clientHello.frame ? first : null;
}

/** How a ClientHello that arrived was refused. */
export interface HelloRefusal {
  /** In one word, the same for all that end like this. */
  readonly way: string;
  /** The server has read it, according to its alert. */
  readonly isRead: boolean;
  readonly how: Phrase;
  readonly evidence: readonly Citation[];
}

/** Whether the client sent something after the server had closed, such as an alert, which nobody acknowledges. */
const isOnlyAnswerUnacknowledged = ({ ending, clientHello }: Connection, { client }: TcpFacts): boolean =>
  ending.by === 'server' &&
  ending.how === 'close' &&
  ending.frame !== null &&
  ending.frame > (clientHello?.frame ?? Infinity) &&
  client.retransmissions === 0 &&
  client.resentInVain === null &&
  (client.lastData?.frame ?? 0) > ending.frame;

/**
 * How a ClientHello that arrived was refused; undefined if it was not, or was lost. A device on the path may reset it
 * before the server acknowledges it.
 */
export function helloRefusal(connection: Connection): HelloRefusal | undefined {
  const { ending } = connection;
  const tcp = overTcp(connection);
  // What the capture lacks of the server may be its answer.
  if (tcp === null || hasServerAnswered(connection) || tcp.server.missing > 0) return undefined;
  const isReset = ending.by === 'server' && ending.how === 'reset' && tcp.client.resentInVain === null;
  if (!hasHelloArrived(connection) && !isReset && !isOnlyAnswerUnacknowledged(connection, tcp)) return undefined;
  const alert = helloRejection(connection);
  if (alert !== undefined) {
    if (!ALERTS.has(alert.name ?? '')) return undefined;
    const isRead = ALERTS_OF_READERS.has(alert.name ?? '');
    return {
      way: alertText(alert),
      isRead,
      how: phrase('withAlert', { alert: alertText(alert) }),
      evidence: alertEvidence(alert),
    };
  }
  if (ending.by === 'server') {
    const how = phrase(ending.how === 'reset' ? 'byReset' : 'byClosing');
    return { way: ending.how, isRead: false, how, evidence: closeEvidence(connection) };
  }
  const isSilence = ending.how === 'timeout' || waited(connection) >= PATIENCE_MS;
  if (!isSilence) return undefined;
  return { way: 'silence', isRead: false, how: phrase('bySilence'), evidence: closeEvidence(connection) };
}
