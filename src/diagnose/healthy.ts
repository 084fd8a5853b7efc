import type { Connection } from '../connection/connection.js';
import { overUdp } from '../connection/connection.js';
import type { Context } from './context.js';
import { isServed } from './evidence/progress.js';
import { isProbe } from '../knowledge/probes.js';

/** A ClientHello sent to see whether something answers, and what: an alert will do. */
function isAnsweredProbe({ clientHello, transport }: Connection): boolean {
  return clientHello !== null && transport.server.bytes > 0 && isProbe(clientHello);
}

/**
 * Whether the server answered a request and nobody complained, nor negotiated anew: no fault ended such a connection, so that
 * nobody need look for one.
 */
export function isBeyondDoubt(connection: Connection): boolean {
  const { outcome, alerts, messages } = connection;
  if (outcome !== 'established' || alerts.some(({ level }) => level === 'fatal')) return false;
  let finished = 0;
  for (const { encrypted, type } of messages) if (encrypted || type === 'finished') finished++;
  return finished <= 2 && isServed(connection);
}

/**
 * A connection as it stands among the others of its capture. One whose handshake did not complete, and was not meant to, has
 * not failed: a refused port that nobody says speaks TLS, a lost race, a health check or a survey that has its answer.
 */
export function amongOthers(connection: Connection, context: Context): Connection {
  if (connection.outcome !== 'failed') return connection;
  if (context.scans.isNoFailure(connection)) return { ...connection, outcome: 'not-tls' };
  if (overUdp(connection)?.server.datagrams === 0 && context.scans.lacksServers()) {
    return { ...connection, outcome: 'incomplete' };
  }
  const isComplete = context.races.isLost(connection) || isAnsweredProbe(connection) || context.surveys.has(connection);
  return isComplete ? { ...connection, outcome: 'incomplete' } : connection;
}
