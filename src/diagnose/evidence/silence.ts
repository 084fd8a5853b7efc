import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { PATIENCE_MS, silentFor } from './endings.js';
import { hasServerAnswered } from './progress.js';
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
