import type { Connection, EapCarrierFacts, Sighting } from '../../connection/connection.js';
import { overEap } from '../../connection/connection.js';
import { endpointText } from '../../connection/endpoint.js';
import { phrase } from '../phrases.js';
import { evidence, type Citation } from './citations.js';
import { hasServerAnswered } from './progress.js';

// What EAP shows of a conversation and its end.

/** The participants, for texts: the supplicant's address and identity, and its peer. */
export function eapData({ client, server, eap }: Connection) {
  const isRadius = server.port !== 0;
  return {
    client: eap?.stationId ?? client.address,
    identity: eap?.identity ?? phrase('noIdentity'),
    server: isRadius ? endpointText(server) : server.address,
    // The server behind a switch is not seen.
    host: isRadius ? server.address : 'RADIUS-SERVER',
    port: isRadius ? server.port : 1812,
  };
}

/** EAP-Failure, if that ended the conversation. */
export function resultEvidence({ eap }: Connection): Citation[] {
  return eap?.result?.isSuccess === false ? [evidence(eap.result, 'seenEapFailure')] : [];
}

/** The last EAP packet of each side, in order. */
export function lastPackets({ client, server }: EapCarrierFacts): Citation[] {
  return [client, server]
    .flatMap(({ last, lastLength }) => (last === null ? [] : [evidence(last, 'seenEapPacket', { bytes: lastLength })]))
    .sort((a, b) => a.frame - b.frame);
}

/** Whose answer an EAP conversation without result waits for; null for other connections. */
export function awaited(connection: Connection): 'client' | 'server' | null {
  const carrier = overEap(connection);
  if (carrier === null || connection.eap?.result !== null) return null;
  if (carrier.unanswered !== null) return 'server';
  const [client, server] = [carrier.client.last?.frame ?? 0, carrier.server.last?.frame ?? 0];
  return client > server ? 'server' : 'client';
}

/** Whether the capture shows a long silence: it continues, or the request was sent again. */
export function isSilenceSeen(connection: Connection): boolean {
  return connection.ending.how === 'timeout' || (overEap(connection)?.unanswered?.times ?? 0) > 1;
}

/** EAP packets up to this size, in bytes, fit with their RADIUS attributes into a packet on any link. */
const SMALL = 500;
/** Whether the conversation waits for the acknowledgement of a server's fragment, or for the next fragment. */
export function isFragmentAwaited(connection: Connection): boolean {
  const carrier = overEap(connection);
  const party = awaited(connection);
  if (carrier === null || party === null) return false;
  const { bytes, lastLength, hasMore } = carrier.server;
  return bytes > 0 && lastLength > SMALL && (party === 'client' || hasMore);
}

/** EAP-Failure as the answer to a ClientHello, without an alert; undefined if it ended otherwise. */
export function eapRefusal(connection: Connection): Sighting | undefined {
  const { eap, outcome, clientHello, alerts } = connection;
  if (outcome !== 'failed' || eap?.result?.isSuccess !== false || clientHello === null || alerts.length > 0)
    return undefined;
  return hasServerAnswered(connection) || clientHello.frame > eap.result.frame ? undefined : eap.result;
}
