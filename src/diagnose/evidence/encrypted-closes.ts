import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import type { ProtectedPacket } from '../../connection/protocols.js';
import { canBeAcknowledgement } from '../../tls/record/sizes.js';

// Closes of QUIC in packets that cannot be decrypted: both sides fall silent at the same time, although one of them would
// otherwise repeat what it sent (RFC 9002 §6.2), or acknowledge what it got. Only a close has that effect (RFC 9000 §10.2).

/** Milliseconds within which packets still arrive that were sent before the peer knew of a close, on a short path. */
const UNDER_WAY_MS = 100;

/** The connection's QUIC, if it fell silent and no close can be read; else null. */
function silencedQuic({ quic, transport, ending, clientHello, serverHello }: Connection) {
  if (ending.how !== 'timeout' || quic === null || transport.kind !== 'udp') return null;
  if (quic.closes.length > 0 || quic.altered !== null || clientHello === null || serverHello === null) return null;
  const { lastData: lastOfClient } = transport.client;
  const { lastData: lastOfServer } = transport.server;
  if (lastOfClient === null || lastOfServer === null) return null;
  // What was already on its way when a side closed still arrives.
  const underWay = Math.max(UNDER_WAY_MS, 2 * millisecondsBetween(clientHello.at, serverHello.at));
  return { ...quic, lastOfClient, lastOfServer, underWay };
}

/**
 * The last packet of a client that closed: it answered the server's flight in Handshake packets, sent none with
 * application keys, and the server fell silent at the same time.
 */
export function encryptedCloseByClient(connection: Connection): ProtectedPacket | undefined {
  const silenced = connection.outcome === 'failed' ? silencedQuic(connection) : null;
  if (silenced === null || encryptedCloseByServer(connection)?.isClear === true) return undefined;
  const { client, server, lastOfClient, lastOfServer, underWay } = silenced;
  if (server.packets.handshake === 0 || client.packets['1rtt'] + client.packets.short > 0) return undefined;
  const last = client.protectedPackets.findLast(({ level }) => level === 'handshake');
  if (last?.frame !== lastOfClient.frame) return undefined;
  return millisecondsBetween(last.at, lastOfServer.at) <= underWay ? last : undefined;
}

/**
 * The client's flight to which the server reacted with a close, and the server's last packet. After the acknowledgement of
 * that flight, the server sent another short Handshake packet, for which a server that accepts the flight has no use; and the
 * client, which would acknowledge HANDSHAKE_DONE, fell silent at the same time. Recorded of quic-go 0.29, which closes with
 * the keys of both levels (RFC 9000 §10.2.3). `isClear`: there are both; quiche only sends the close. If the client used no
 * application keys, a close of its own, with a reason, may look like the flight.
 */
export function encryptedCloseByServer(connection: Connection) {
  const silenced = silencedQuic(connection);
  if (silenced === null || connection.serverHello?.resumed !== false) return undefined;
  const { client, server, lastOfClient, lastOfServer, underWay } = silenced;
  const flight = client.protectedPackets.find(
    ({ level, length }) => level === 'handshake' && !canBeAcknowledgement(length),
  );
  if (flight === undefined) return undefined;
  const answers = server.protectedPackets.filter(({ level, frame }) => level === 'handshake' && frame > flight.frame);
  const last = answers.at(-1);
  const isClear = answers.length >= ACKNOWLEDGEMENT_AND_CLOSE;
  if (last === undefined || (!isClear && connection.outcome !== 'failed')) return undefined;
  if (!answers.every(({ length }) => canBeAcknowledgement(length))) return undefined;
  if (last.frame !== lastOfServer.frame || lastOfClient.frame > last.frame) return undefined;
  return millisecondsBetween(flight.at, last.at) <= underWay ? { flight, last, isClear } : undefined;
}

const ACKNOWLEDGEMENT_AND_CLOSE = 2;
