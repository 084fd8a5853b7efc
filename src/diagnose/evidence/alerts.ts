import type { Alert, Connection, HandshakeMessage, Side, Sighting } from '../../connection/connection.js';
import { hasClosedBefore, overTcp } from '../../connection/connection.js';
import { party, type Party } from '../../message.js';
import { memoizeLast } from '../../memoize.js';
import { encryptedDataRecords, hasServerAnswered } from './progress.js';

// Which side ended the handshake by an alert, and what the alert answers.

/**
 * The frame in which an LDAP client ended TLS by an UnbindRequest in plaintext; null if it did not. An alert of the server
 * after it only means that this is no TLS record.
 */
export const unboundAt = ({ notes }: Connection): number | null =>
  notes.find(({ code }) => code === 'ldap-unbind')?.frame ?? null;

/**
 * The alerts that mean something. One sent after the other side has closed the connection, or given up TLS, only reacts to that:
 * OpenSSL sends decode_error then, Java handshake_failure. An alert about a certificate is no such reaction.
 */
export const alertsBeforePeerClosed = memoizeLast((connection: Connection): readonly Alert[] => {
  const { alerts } = connection;
  const fins = overTcp(connection)?.fins ?? [];
  const givenUp = unboundAt(connection) ?? Infinity;
  const isEcho = ({ from, frame, code }: Alert): boolean =>
    !ABOUT_CERTIFICATES.has(code) &&
    ((from === 'server' && frame > givenUp) || hasClosedBefore(fins, from === 'client' ? 'server' : 'client', frame));
  return alerts.some(isEcho) ? alerts.filter((alert) => !isEcho(alert)) : alerts;
});

/** The alerts from bad_certificate to certificate_unknown, unknown_ca, bad_certificate_status_response, certificate_required. */
const ABOUT_CERTIFICATES: ReadonlySet<number | null> = new Set([42, 43, 44, 45, 46, 48, 113, 116]);

/** The first visible fatal alert that means something, from that side if one is given. */
export function fatalAlert(connection: Connection, from?: Side): Alert | undefined {
  return fatalAlerts(connection)[from ?? 'either'];
}

const fatalAlerts = memoizeLast((connection: Connection): FatalAlerts => {
  const alerts = alertsBeforePeerClosed(connection);
  const either = alerts.find(isFatal);
  if (either === undefined) return NO_ALERTS;
  return {
    either,
    client: alerts.find((alert) => alert.from === 'client' && isFatal(alert)),
    server: alerts.find((alert) => alert.from === 'server' && isFatal(alert)),
  };
});

const isFatal = ({ level }: Alert): boolean => level === 'fatal';

type FatalAlerts = Readonly<Record<Side | 'either', Alert | undefined>>;

const NO_ALERTS: FatalAlerts = { either: undefined, client: undefined, server: undefined };

/**
 * The alert that ended the handshake, fatal or not, visible or not; after other warnings the handshake continues. A
 * client that got no answer refuses nothing.
 */
export function endingAlert(connection: Connection): Alert | undefined {
  return (
    fatalAlert(connection) ??
    alertsBeforePeerClosed(connection).find(
      ({ from, encrypted, name }) =>
        encrypted ||
        ((name === 'close_notify' || name === 'user_canceled') && (from === 'server' || hasServerAnswered(connection))),
    )
  );
}

/** Whether a side ended the handshake by an alert, visible or not. */
export function hasFatalAlert(connection: Connection): boolean {
  return alertsBeforePeerClosed(connection).some(({ level, encrypted }) => level === 'fatal' || encrypted);
}

/**
 * The alert by which the server refused the ClientHello, before it even chose parameters: a fatal one, or close_notify
 * as a warning (programs on GnuTLS leave like that).
 */
export function helloRejection(connection: Connection): Alert | undefined {
  if (connection.clientHello === null || hasServerAnswered(connection)) return undefined;
  return fatalAlert(connection, 'server') ?? closeNotifyToHello(connection);
}

function closeNotifyToHello(connection: Connection): Alert | undefined {
  if (connection.outcome !== 'failed') return undefined;
  return alertsBeforePeerClosed(connection).find(({ from, name }) => from === 'server' && name === 'close_notify');
}

/** The first encrypted alert of a side that ended a handshake before it was complete. */
export function encryptedAlert(connection: Connection, from: Side): Alert | undefined {
  if (connection.outcome !== 'failed') return undefined;
  return alertsBeforePeerClosed(connection).find((alert) => alert.encrypted && alert.from === from);
}

/** The server's encrypted alert before the client answered its flight: later ones are about what the client sent. */
export function encryptedRejection(connection: Connection): Alert | undefined {
  const alert = encryptedAlert(connection, 'server');
  const answer = encryptedDataRecords(connection, 'client')[0];
  return alert !== undefined && answer !== undefined && answer.frame < alert.frame ? undefined : alert;
}

/**
 * The last visible handshake message of the other side before an alert: the alert is most likely about it. Undefined if
 * the capture lacks bytes of that side: the alert may be about those.
 */
export function answeredMessage({ messages, transport }: Connection, alert: Alert): HandshakeMessage | undefined {
  if (transport[alert.from === 'client' ? 'server' : 'client'].missing > 0) return undefined;
  return messages.filter(({ from, frame }) => from !== alert.from && frame <= alert.frame).at(-1);
}

/** An alert in the form that people search for: `handshake_failure (40)`. */
export function alertText({ name, code }: Pick<Alert, 'name' | 'code'>): string {
  return `${name ?? 'unknown'} (${code ?? '?'})`;
}

/** The two sides of an alert, for messages: who sent it, and the other one. */
export function sidesOf(
  connection: Connection,
  { from }: Sighting,
): { readonly from: Party; readonly address: string; readonly peer: Party; readonly peerAddress: string } {
  const peer = from === 'client' ? 'server' : 'client';
  return {
    from: party(from),
    address: connection[from].address,
    peer: party(peer),
    peerAddress: connection[peer].address,
  };
}

/** Whether the capture lacks what the alert may be about: something that the other side sent. */
export const isAboutUnseen = ({ transport }: Connection, { from }: Pick<Alert, 'from'>): boolean =>
  transport[from === 'client' ? 'server' : 'client'].missing > 0;
