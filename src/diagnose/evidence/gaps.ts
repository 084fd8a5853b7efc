import { overTcp, type Connection, type TcpFacts } from '../../connection/connection.js';
import { forgedReset } from './resets.js';

/**
 * Whether nobody can say what the last word of a connection was, or what came first: the capture lacks something that was said,
 * or has it behind the frame that acknowledges it.
 */
export function isDoubtful(connection: Connection): boolean {
  const tcp = overTcp(connection);
  return tcp !== null && ((tcp.client.late ?? tcp.server.late) !== null || lacksWords(connection, tcp));
}

/**
 * Whether the capture lacks something that a side of a TCP connection said: bytes that the other side acknowledged, or that lie
 * before the sequence number of a later segment. It may have been an alert, so that nobody can say that there was none. Nor of a
 * connection that began before the capture.
 */
function lacksWords(connection: Connection, tcp: TcpFacts): boolean {
  const { ending } = connection;
  // Without the SYN-ACK, nothing tells where the server's bytes begin.
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
