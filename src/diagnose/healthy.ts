import type { Connection } from '../connection/connection.js';
import { overUdp } from '../connection/connection.js';
import type { Context } from './context.js';
import { encryptedDataRecords, isServed } from './evidence/progress.js';
import { closedOnServerFlight } from './evidence/refusals.js';
import { refusedInRenegotiation } from './evidence/renegotiation.js';
import { isProbe } from '../knowledge/probes.js';
import { libraryOf } from '../knowledge/stacks/recognise.js';

/** A ClientHello that only checks whether anything answers; an alert is enough. */
function isAnsweredProbe({ clientHello, transport }: Connection): boolean {
  return clientHello !== null && transport.server.bytes > 0 && isProbe(clientHello);
}

/**
 * Whether the server answered a request, no side sent a fatal alert, and there was neither a renegotiation nor a certificate
 * refused after the handshake: no fault ended such a connection, so none is looked for.
 */
export function isBeyondDoubt(connection: Connection): boolean {
  const { outcome, alerts, messages } = connection;
  if (outcome !== 'established' || alerts.some(({ level }) => level === 'fatal')) return false;
  let finished = 0;
  for (const { encrypted, type } of messages) if (encrypted || type === 'finished') finished++;
  return finished <= 2 && isServed(connection) && refusedInRenegotiation(connection) === undefined;
}

/** The messages of a TLS 1.3 server's flight, each in a record of its own, if it asks for no certificate. */
const FLIGHT_RECORDS = 4;

/**
 * Whether a browser gave up a connection as soon as it had the server's flight: its page was left or closed. It refuses
 * certificates by an alert; where it is asked for one of its own, it may leave as well, and come back.
 */
function isCancelled(connection: Connection): boolean {
  const { clientHello, transport, ending } = connection;
  if (clientHello === null || transport.kind !== 'tcp' || libraryOf(clientHello) !== 'Chromium') return false;
  if (closedOnServerFlight(connection) === undefined) return false;
  const flight = encryptedDataRecords(connection, 'server').filter(({ frame }) => frame < (ending.frame ?? Infinity));
  return flight.length <= FLIGHT_RECORDS && connection.certificateRequest === null;
}

/**
 * The connection with the outcome that the others in its capture show. A handshake that did not complete and was not meant
 * to has not failed: a refused port without any sign of TLS, a lost race, a health check or a survey that got its answer.
 */
export function withCorrectedOutcome(connection: Connection, context: Context): Connection {
  if (connection.outcome !== 'failed') return connection;
  if (context.scans.isNoFailure(connection)) return { ...connection, outcome: 'not-tls' };
  if (overUdp(connection)?.server.datagrams === 0 && context.scans.lacksServers()) {
    return { ...connection, outcome: 'incomplete' };
  }
  const isHealthy =
    context.races.isLost(connection) ||
    isAnsweredProbe(connection) ||
    isCancelled(connection) ||
    context.surveys.has(connection);
  return isHealthy ? { ...connection, outcome: 'incomplete' } : connection;
}
