import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { PATIENCE_MS, silentFor } from './endings.js';
import { hasServerAnswered } from './progress.js';
import { hasHelloArrived } from './undelivered.js';
import type { RefusedShort } from './server-history.js';

/**
 * The ClientHello of a client that waited in vain for this server, where this one left too soon to tell; undefined if there
 * is none, or the server answered any.
 */
export function silenceToOthers(connection: Connection, { serverHistory }: Context): RefusedShort | undefined {
  const hasWaited = silentFor(connection) >= PATIENCE_MS;
  if (hasWaited || connection.transport.kind !== 'tcp' || hasServerAnswered(connection)) return undefined;
  const hasAnswered =
    serverHistory.acceptedBy(connection).count > 0 || serverHistory.answeredInTls(connection) !== undefined;
  return hasAnswered ? undefined : serverHistory.refusedShort(connection, 'silence');
}

/** A server that is well answers sooner, in milliseconds, beyond the round trip. */
const USUAL_ANSWER_MS = 100;

/**
 * Whether a server that had a ClientHello, and did not answer until the client left, may be silent to everybody: another client
 * waited in vain, or it had time to answer, and nothing shows that it answered others then.
 */
export function mayBeSilent(connection: Connection, context: Context): boolean {
  if (silenceToOthers(connection, context) !== undefined) return true;
  if (connection.transport.kind !== 'tcp' || connection.transport.server.bytes > 0) return false;
  const hadTime = silentFor(connection) >= USUAL_ANSWER_MS + (connection.timing.tcpConnectMs ?? 0);
  return hadTime && hasHelloArrived(connection) && !context.serverHistory.isServing(connection);
}
