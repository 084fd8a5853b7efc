import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { isDropped } from './hello-refusals.js';
import { isAloneWithName } from './offer-comparison.js';
import { hasServerAnswered } from './progress.js';

// Servers that end a connection upon a ClientHello without a word, and what sets it apart from those that they accepted.

/**
 * Whether a server that ended the connection without a word differs with this client in one thing alone: its server name, or a
 * PROXY header that no accepted client sent. That is told before the end itself, though a server closes for other reasons, too.
 */
export function isDroppedUnlikeOthers(connection: Connection, { serverHistory }: Context): boolean {
  const { preamble, clientHello, ending } = connection;
  const accepted = serverHistory.acceptedBy(connection);
  if (preamble?.kind === 'proxy-protocol') {
    return ending.by === 'server' && !hasServerAnswered(connection) && !accepted.beginnings.has('proxy-protocol');
  }
  // A reset after a name usually comes from a device on the path that filters names.
  const mayBeFilter = ending.how === 'reset' && clientHello?.serverName !== null;
  return isDropped(connection) && !mayBeFilter && isAloneWithName(connection, accepted);
}
