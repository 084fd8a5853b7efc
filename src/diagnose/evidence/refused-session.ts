import type { Alert, ClientHello, Connection } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { alertText, helloRejection } from './alerts.js';
import { isDropped } from './hello-refusals.js';
import { isDoubtful } from './gaps.js';
import { isSameOffer } from './offer-comparison.js';
import { helloBytes, type HelloRefusal, helloRefusal } from './hello-size.js';
import { CERTIFICATE_ALERTS } from './refusals.js';
import type { AcceptedConnection } from './server-history.js';

/** A server's refusal of a ClientHello that offers to resume a session. */
export type RefusedSession = RefusedByAlert | DroppedSession;

interface RefusedByAlert {
  readonly alert: Alert;
  /** A full handshake that worked with the same ClientHello, but for the session; null if there is none. */
  readonly full: AcceptedConnection | null;
  /** The alert may also be about a pre-shared key of another kind, which does not fit. */
  readonly mayBeKey: boolean;
  /** The server may have refused every ClientHello by then: it accepted none at that time or later, or refused one without a session. */
  readonly mayRefuseAll: boolean;
}

/** The server closed or reset without an alert, or did not answer. */
interface DroppedSession {
  readonly alert: null;
  readonly how: HelloRefusal;
  readonly full: AcceptedConnection;
  /** The server resumed no session in the capture, and refused in this way no ClientHello without one while it accepted others. */
  readonly isOnlySessions: boolean;
}

/** Alerts that name another fault than the session. */
const NAMED_OTHERWISE: ReadonlySet<Alert['name']> = new Set([
  'close_notify',
  'protocol_version',
  'unrecognized_name',
  'no_application_protocol',
  'missing_extension',
  'inappropriate_fallback',
  'insufficient_security',
  'unknown_psk_identity',
  'access_denied',
  'certificate_required',
]);

/** Alerts for a binder that does not verify (RFC 8446 §4.2.11). */
const OF_KEYS: ReadonlySet<Alert['name']> = new Set(['decrypt_error', 'illegal_parameter', 'handshake_failure']);

/** Bytes that a session adds to a ClientHello, at least: its id (RFC 5246 §7.4.1.2); tickets are longer. */
const SESSION_ID_BYTES = 32;

const lengthOf = ({ messages }: Pick<Connection, 'messages'>): number =>
  messages.find(({ from, type }) => from === 'client' && type === 'client_hello')?.length ?? 0;

/** Without padding: OpenSSL may add it only to the longer ClientHello, which has a ticket (RFC 7685 §4). */
const extensionsOf = ({ extensions }: ClientHello): string =>
  extensions.filter((name) => !name.startsWith('padding')).join();

/**
 * Whether the ClientHello offers a session, and that of the other connection is the same without one: as pre_shared_key shows,
 * or the length, if nothing else differs (session id, session_ticket).
 */
function offersMore(connection: Connection, other: AcceptedConnection): boolean {
  const [hello, before] = [connection.clientHello, other.clientHello];
  if (hello === null || before === null || before.pskOffered || !isSameOffer(hello, before)) return false;
  return (
    hello.pskOffered ||
    (extensionsOf(hello) === extensionsOf(before) && lengthOf(connection) >= lengthOf(other) + SESSION_ID_BYTES)
  );
}

function droppedSession(
  connection: Connection,
  context: Context,
  full: AcceptedConnection,
): DroppedSession | undefined {
  const how = helloRefusal(connection);
  if (how === undefined || !(isDropped(connection) || isLeftUnanswered(connection, how))) return undefined;
  const { serverHistory } = context;
  const first = serverHistory.refusedShort(connection, how.way);
  const isOnlySessions =
    serverHistory.isServing(connection) &&
    serverHistory.acceptedBy(connection).resumed === null &&
    (first === undefined || first.bytes > (helloBytes(full) ?? 0));
  return { alert: null, how, full, isOnlySessions };
}

/** Whether the ClientHello arrived, and the server said nothing at all for as long as the client waited. */
const isLeftUnanswered = (connection: Connection, { way }: HelloRefusal): boolean =>
  way === 'silence' &&
  overTcp(connection)?.server.bytes === 0 &&
  overTcp(connection)?.client.resentInVain === null &&
  !isDoubtful(connection);

/**
 * Whether the server ended a connection without a word, or left it unanswered, and the session that the client offered to resume
 * is all in which it differs from those that worked, before and after.
 */
export function isDroppedForSession(connection: Connection, context: Context): boolean {
  const refused = refusedSession(connection, context);
  return refused?.alert === null && refused.isOnlySessions;
}

/**
 * How the server refused a ClientHello that offers to resume a session, by an alert or without; undefined if it did not, or if its
 * alert names another fault. OpenSSL sends internal_error if the server asks for client certificates and has set no session id context.
 */
export function refusedSession(connection: Connection, context: Context): RefusedSession | undefined {
  const alert = helloRejection(connection);
  const { clientHello } = connection;
  if (clientHello === null) return undefined;
  const { programs } = context.serverHistory.acceptedBy(connection);
  const full = [...programs.values()].find((one) => offersMore(connection, one));
  if (alert === undefined) return full === undefined ? undefined : droppedSession(connection, context, full);
  // Go 1.19 verifies the client's certificate again when it resumes a session.
  if (NAMED_OTHERWISE.has(alert.name) || CERTIFICATE_ALERTS.has(alert.name ?? '')) return undefined;
  const mayBeKey = clientHello.pskOffered && OF_KEYS.has(alert.name);
  if (full !== undefined) {
    const first = context.serverHistory.refusedShort(connection, alertText(alert));
    const mayRefuseAll =
      !context.serverHistory.isServing(connection) || (first !== undefined && first.bytes <= (helloBytes(full) ?? 0));
    // A client that can do without a key has no other than a ticket.
    const hasTicket = full.client.address === connection.client.address;
    return { alert, full, mayBeKey: mayBeKey && !hasTicket, mayRefuseAll };
  }
  const isAlone = clientHello.pskOffered && alert.name === 'internal_error';
  return isAlone ? { alert, full: null, mayBeKey, mayRefuseAll: true } : undefined;
}
