import type { Connection } from '../connection/connection.js';
import { overUdp } from '../connection/connection.js';
import type { Context } from './context.js';
import { isServed } from './evidence/progress.js';
import { isProbe } from '../knowledge/probes.js';

/** A ClientHello that only checks whether anything answers; an alert is enough. */
function isAnsweredProbe({ clientHello, transport }: Connection): boolean {
  return clientHello !== null && transport.server.bytes > 0 && isProbe(clientHello);
}

/**
 * Whether the server answered a request, nobody complained, and there was no renegotiation: no fault ended such a
 * connection, so none is looked for.
 */
export function isBeyondDoubt(connection: Connection): boolean {
  const { outcome, alerts, messages } = connection;
  if (outcome !== 'established' || alerts.some(({ level }) => level === 'fatal')) return false;
  let finished = 0;
  for (const { encrypted, type } of messages) if (encrypted || type === 'finished') finished++;
  return finished <= 2 && isServed(connection);
}

/**
 * A connection in the light of the others in its capture. One whose handshake did not complete, and was not meant to,
 * has not failed: a refused port without any sign of TLS, a lost race, a health check or a survey that got its answer.
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
