import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Alert, Connection } from '../../connection/connection.js';
import { memoizeLast } from '../../memoize.js';
import type { Phrase } from '../../message.js';
import { phrase } from '../phrases.js';
import { alertText, alertsBeforePeerClosed } from './alerts.js';
import { isClientsTurn } from './progress.js';

// How the connection ended, if not by an alert, and when.

/**
 * Whether the client closed the connection on the server's first flight, without an alert: it did not accept something
 * in it. Programs that carry TLS through buffers of their own, such as Node.js, lose the alert.
 */
export const closedWithoutAlert = memoizeLast((connection: Connection): boolean => {
  const { outcome, ending, serverHello, messages } = connection;
  return (
    outcome === 'failed' &&
    serverHello !== null &&
    ending.by === 'client' &&
    serverHello.frame < (ending.frame ?? Infinity) &&
    alertsBeforePeerClosed(connection).length === 0 &&
    !messages.some(({ from, type }) => from === 'client' && type !== 'client_hello')
  );
});

/** How a side refused: by an alert or an ending; to follow "refused it". */
export function howEnded({ ending }: Connection, alert: Alert | undefined): Phrase {
  if (alert === undefined) return phrase(ending.how === 'reset' ? 'byReset' : 'byClosing');
  return alert.encrypted ? phrase('withEncryptedAlert') : phrase('withAlert', { alert: alertText(alert) });
}

/** Milliseconds from the ClientHello until a side closed the connection, or until its last packet. */
export function waited({ clientHello, partialClientHello, ending, endedAt }: Connection): number {
  const hello = clientHello ?? partialClientHello;
  return hello === null ? 0 : millisecondsBetween(hello.at, ending.at ?? endedAt);
}

/** Nobody waits so long, in milliseconds, within a handshake: the capture's clock was set meanwhile. */
const LONGEST_WAIT_MS = 3_600_000;

/** Whether the capture's times show how long a side waited before it closed: the clock neither stood still nor was set. */
export function isWaitTimed(connection: Connection): boolean {
  const ms = waited(connection);
  return ms > 0 && ms < LONGEST_WAIT_MS;
}

/**
 * Milliseconds for which the server, whose turn it was, said nothing before the end: since the client's last data, if
 * the server answered at all. A QUIC client's packets may be only acknowledgments.
 */
export function silentFor(connection: Connection): number {
  const { transport, quic, ending, endedAt } = connection;
  const last = transport.client.lastData;
  if (quic !== null || last === null || transport.server.bytes === 0) return waited(connection);
  return millisecondsBetween(last.at, ending.at ?? endedAt);
}

/**
 * A client that leaves sooner than this, in milliseconds, did not wait for an answer; one that leaves later has a
 * reason.
 */
export const PATIENCE_MS = 1000;

/** Whether the client waited for the server, whose turn it was, before it ended the connection. */
export function hasWaitedInVain(connection: Connection): boolean {
  const { ending, clientHello } = connection;
  if (ending.by !== 'client' || clientHello === null || isClientsTurn(connection)) return false;
  return silentFor(connection) >= PATIENCE_MS;
}

/**
 * Whether the server waited for the client, whose turn it was, before it ended the connection: why the client did not go on is the
 * reason (a path that drops what it sent, a user who was asked for a certificate).
 */
export function hasServerWaitedInVain(connection: Connection): boolean {
  const { ending, transport } = connection;
  const last = transport.server.lastData;
  if (ending.by !== 'server' || ending.at === null || last === null || !isClientsTurn(connection)) return false;
  return millisecondsBetween(last.at, ending.at) >= PATIENCE_MS;
}

/** A client that went on with the handshake when the server had closed the connection; both in milliseconds. */
export interface LateFlight {
  /** For how long the server had waited for it. */
  readonly waitedMs: number;
  /** How much later it came. */
  readonly lateMs: number;
}

/** The client's flight, if the server waited for it, closed the connection, and it came only then. */
export function lateFlight({ ending, transport, messages, encryptedRecords }: Connection): LateFlight | null {
  const { by, how, at, frame } = ending;
  const last = transport.server.lastData;
  if (by !== 'server' || how !== 'close' || at === null || frame === null || last === null) return null;
  const sent = [...messages, ...encryptedRecords].filter((one) => one.from === 'client' && one.frame > last.frame);
  const [first] = sent.sort((one, other) => one.frame - other.frame);
  const waitedMs = millisecondsBetween(last.at, at);
  if (first === undefined || first.frame < frame || waitedMs < PATIENCE_MS) return null;
  return { waitedMs, lateMs: millisecondsBetween(at, first.at) };
}
