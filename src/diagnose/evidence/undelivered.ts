import { millisecondsBetween } from '../../capture/timestamp.js';
import { overTcp, type Connection, type Side, type Sighting, type TcpSide } from '../../connection/connection.js';
import { waited } from './endings.js';

/** What one side of a TCP connection sent, and the other never received. */
export interface Undelivered {
  readonly from: Side;
  readonly bytes: number;
  /** How often the capture shows it sent again; 0 if only later sequence numbers show that it was sent. */
  readonly times: number;
  readonly at: Sighting;
}

/** Milliseconds after which TCP sends lost data again: then the capture would have it. */
export const RESENT_MS = 1000;
/** Repeats of a segment, each after twice the time, that show that it does not arrive. */
const LEAST_RESENT = 2;

/**
 * Whether data that a side sent, and the capture lacks, would have been seen by now if it could get through. A single byte may be
 * its FIN, which only the capture lacks.
 */
export function isAwaited(connection: Connection, { uncaptured, missing }: TcpSide): boolean {
  return uncaptured !== null && uncaptured.bytes > 1 && missing === 0 && waited(connection) >= RESENT_MS;
}

/** Whether the server has the ClientHello: it acknowledged it, or the client's TCP saw no need to send it again. */
export function hasHelloArrived(connection: Connection): boolean {
  const tcp = overTcp(connection);
  if (tcp === null || tcp.client.acknowledged) return tcp !== null;
  return tcp.synAck !== null && tcp.client.retransmissions === 0 && waited(connection) >= RESENT_MS;
}

/**
 * What does not get through in a handshake that has begun: the server's answer, or what the client sends after its
 * ClientHello (for that itself see client-hello-lost). Undefined over other carriers, or if nothing shows it.
 */
export function undelivered(connection: Connection): Undelivered | undefined {
  const tcp = overTcp(connection);
  if (tcp === null || tcp.syns.length + tcp.synAcks.length === 0 || connection.clientHello === null) return undefined;
  for (const from of tcp.server.bytes > 0 ? (['server', 'client'] as const) : (['server'] as const)) {
    const side = tcp[from];
    const { resentInVain, lastData, uncaptured } = side;
    if (resentInVain !== null && resentInVain.times >= LEAST_RESENT && lastData !== null) {
      return { from, ...resentInVain, at: lastData };
    }
    if (uncaptured !== null && isAwaited(connection, side)) {
      return { from, bytes: uncaptured.bytes, times: 0, at: uncaptured };
    }
  }
  return undefined;
}

/** A server repeats its SYN-ACK after a second (RFC 6298 §2.1); one that comes this many milliseconds after data is a repeat. */
const REPEATED_MS = 500;

/**
 * The SYN-ACKs that came after the client's first data: the server had not received that, nor the ACK before it. A single one counts
 * if it cannot have crossed the data on its way.
 */
export function synAcksAgain(connection: Connection): readonly Sighting[] {
  const tcp = overTcp(connection);
  const first = tcp?.client.firstData ?? null;
  if (tcp === null || first === null) return [];
  const again = tcp.synAcks.filter(({ frame }) => frame > first.frame);
  const [one, another] = again;
  if (one === undefined || another !== undefined) return again;
  const { tcpConnectMs } = connection.timing;
  const isRepeat =
    tcpConnectMs !== null && millisecondsBetween(first.at, one.at) >= Math.max(REPEATED_MS, tcpConnectMs);
  return isRepeat ? again : [];
}
