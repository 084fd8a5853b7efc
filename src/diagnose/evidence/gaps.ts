import { overTcp, type Connection, type TcpFacts } from '../../connection/connection.js';
import { encryptedDataRecords } from './progress.js';
import { forgedReset } from './resets.js';

/**
 * Whether the last message of a connection is uncertain, or the order of messages: the capture lacks something, or has
 * it after the frame that acknowledges it.
 */
export function isDoubtful(connection: Connection): boolean {
  const tcp = overTcp(connection);
  return tcp !== null && ((tcp.client.late ?? tcp.server.late) !== null || isLate(tcp) || lacksWords(connection, tcp));
}

/**
 * Whether a connection that seems to have been of no use, after its handshake or without one, may have been of use: the capture
 * lacks something that a side sent, or does not show what the server had received when it spoke.
 */
export function mayHaveGoneOn(connection: Connection): boolean {
  const tcp = overTcp(connection);
  // Whatever else was said, the server itself reports that the client does without TLS.
  if (tcp === null || connection.plaintext.some(({ expectsTls }) => expectsTls)) return false;
  if ((isLate(tcp) && !isTold(connection)) || lacksWords(connection, tcp)) return true;
  const { client, server } = tcp;
  if (connection.outcome === 'not-tls') return (client.late ?? server.late) !== null;
  const [finished] = encryptedDataRecords(connection, 'client');
  return client.late !== null && finished !== undefined && finished.frame >= client.late.frame;
}

/** Whether the capture began after the connection. Without the SYN-ACK, it is unknown where the server's bytes begin. */
const isLate = ({ syns, synAcks }: TcpFacts): boolean => syns.length + synAcks.length === 0;

/**
 * Whether what came before a late start is of no account: the capture has the handshake from its beginning, or the server's demand
 * for TLS, after which the client left.
 */
const isTold = ({ clientHello, serverHello, plaintext }: Connection): boolean =>
  (clientHello !== null && serverHello !== null) || plaintext.some(({ demandsTls }) => demandsTls);

/** Whether the capture has no beginning of the connection, over any carrier. */
export const beginsLate = ({ notes }: Connection): boolean =>
  notes.some(({ code }) => code === 'starts-mid-connection');

/**
 * Whether the capture, since it began, lacks something that a side of a TCP connection sent: bytes that the other side
 * acknowledged, or that precede the sequence number of a later segment. It may have been an alert, so "no alert" cannot be
 * claimed.
 */
function lacksWords(connection: Connection, tcp: TcpFacts): boolean {
  const { ending } = connection;
  if (tcp.synAcks.length === 0 && tcp.server.bytes === 0) return true;
  for (const { missing, lost, uncaptured } of [tcp.client, tcp.server]) {
    if (missing > lost || uncaptured !== null) return true;
  }
  if (tcp.fins.some(({ acknowledgesUnseen }) => acknowledgesUnseen)) return true;
  if (ending.how !== 'reset') return false;
  const reset = tcp.resets.find(({ frame }) => frame === ending.frame);
  if (reset === undefined || forgedReset(connection) !== null) return false;
  return reset.isInSequence === false || reset.acknowledgesUnseen === true;
}
