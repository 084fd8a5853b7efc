import { overTcp, type Connection, type TcpFacts } from '../../connection/connection.js';
import { encryptedDataRecords } from './progress.js';
import { forgedReset } from './resets.js';

/**
 * Whether the last message of a connection is uncertain, or the order of messages: the capture lacks something, or has
 * it after the frame that acknowledges it.
 */
export function isDoubtful(connection: Connection): boolean {
  const tcp = overTcp(connection);
  return tcp !== null && ((tcp.client.late ?? tcp.server.late) !== null || lacksWords(connection, tcp));
}

/**
 * Whether a connection that seems to have been of no use, after its handshake or without one, may have been of use: the capture
 * lacks something that a side sent, or does not show what the server had received when it spoke.
 */
export function mayHaveGoneOn(connection: Connection): boolean {
  const tcp = overTcp(connection);
  if (tcp === null || lacksWords(connection, tcp)) return tcp !== null;
  const { client, server } = tcp;
  if (connection.outcome === 'not-tls') return (client.late ?? server.late) !== null;
  const [finished] = encryptedDataRecords(connection, 'client');
  return client.late !== null && finished !== undefined && finished.frame >= client.late.frame;
}

/**
 * Whether the capture lacks something that a side of a TCP connection sent: bytes that the other side acknowledged, or
 * that precede the sequence number of a later segment, or anything before the capture began. It may have been an alert,
 * so "no alert" cannot be claimed.
 */
function lacksWords(connection: Connection, tcp: TcpFacts): boolean {
  const { ending } = connection;
  // Without the SYN-ACK, it is unknown where the server's bytes begin.
  const isLate = tcp.syns.length + tcp.synAcks.length === 0;
  if (isLate || (tcp.synAcks.length === 0 && tcp.server.bytes === 0)) return true;
  for (const { missing, lost, uncaptured } of [tcp.client, tcp.server]) {
    if (missing > lost || uncaptured !== null) return true;
  }
  if (tcp.fins.some(({ acknowledgesUnseen }) => acknowledgesUnseen)) return true;
  if (ending.how !== 'reset') return false;
  const reset = tcp.resets.find(({ frame }) => frame === ending.frame);
  if (reset === undefined || forgedReset(connection) !== null) return false;
  return reset.isInSequence === false || reset.acknowledgesUnseen === true;
}
