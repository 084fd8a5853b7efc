import { millisecondsBetween } from '../../capture/timestamp.js';
import { overTcp, type Connection } from '../../connection/connection.js';
import { isSynAckLost, SILENCE_MS } from '../../connection/outcome.js';
import { TLS_PORTS } from '../../knowledge/ports.js';
import type { PlaintextProtocol } from '../../preamble/plaintext.js';

// Connections on which both sides wait: the client for a greeting, and the server for a ClientHello.

/**
 * Ports of protocols in which the server speaks first without TLS (IANA Service Names): those on which it speaks TLS from the
 * first byte; and the usual port of a protocol that has none of these, where a listener that does so (a balancer that ends TLS)
 * is put as well.
 */
export const GREETING_PORTS: ReadonlyMap<number, PlaintextProtocol> = new Map([
  [465, 'smtp'],
  [563, 'nntp'],
  [990, 'ftp'],
  [993, 'imap'],
  [995, 'pop3'],
  [3306, 'mysql'],
  [4190, 'sieve'],
]);

/**
 * A TLS client sends its ClientHello at once. One that is silent for so many milliseconds waits for something. Monitors and
 * pools hold an idle connection for up to fifteen seconds; ten are a usual time limit of theirs.
 */
const SILENT_MS = 20_000;
/**
 * A server that should have spoken at once hangs sooner, too. Clients give up after ten seconds, by their own clock, so that the
 * capture may show a little less.
 */
const UNGREETED_MS = 9500;

/**
 * How long, in milliseconds, both sides were silent on a connection to one of these ports. Null if one of them said something,
 * if the capture may lack that, or if the silence was short.
 */
export function bothSilentFor(connection: Connection): number | null {
  const { clientHello, partialClientHello, server, ending, endedAt } = connection;
  const tcp = overTcp(connection);
  if (tcp === null || (clientHello ?? partialClientHello) !== null || !GREETING_PORTS.has(server.port)) return null;
  const { synAck, syns, client } = tcp;
  if (synAck === null || syns.length === 0 || isSynAckLost(tcp) || ending.how === 'none') return null;
  if (client.bytes + client.missing > 0 || (client.uncaptured ?? tcp.server.uncaptured) !== null) return null;
  // Some servers say something when the client has left.
  const firstData = tcp.server.firstData;
  if (tcp.server.missing > 0 || (firstData !== null && firstData.frame < (ending.frame ?? Infinity))) return null;
  const waited = millisecondsBetween(synAck.at, ending.at ?? endedAt) + (ending.how === 'timeout' ? SILENCE_MS : 0);
  return waited >= (TLS_PORTS.has(server.port) ? SILENT_MS : UNGREETED_MS) ? waited : null;
}
