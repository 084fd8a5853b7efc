import type { Alert, Connection, PlaintextWords } from '../../connection/connection.js';
import { PROTOCOL_AT } from '../../knowledge/tls-of-protocols.js';
import type { PlaintextProtocol } from '../../preamble/plaintext.js';
import type { Context } from '../context.js';
import type { AcceptedConnection, AnsweredInTls } from './server-history.js';

// What a server's plaintext says about what it expects.

/**
 * A connection to the same address and port that began directly with TLS, and worked, or at least got a ServerHello;
 * undefined if there is none.
 */
export function startingWithTls(
  connection: Connection,
  { serverHistory }: Context,
): AcceptedConnection | AnsweredInTls | undefined {
  return serverHistory.acceptedBy(connection).beginnings.get(null) ?? serverHistory.answeredInTls(connection);
}

/**
 * Ports of protocols inside TLS, where their plaintext is certainly a mistake (IANA Service Names); for HTTP, see
 * `TLS_PORTS`.
 */
const SECURE_PORTS: Readonly<Partial<Record<PlaintextProtocol, readonly number[]>>> = {
  amqp: [5671],
  dns: [853],
  ftp: [990],
  imap: [993],
  irc: [994, 6697],
  ldap: [636, 3269],
  mqtt: [8883],
  nntp: [563],
  pop3: [995],
  sip: [5061],
  smtp: [465],
  syslog: [6514],
  xmpp: [5223, 5270],
};

/** Whether the protocol, other than HTTP, begins with TLS at the port. */
export function isSecurePort(protocol: PlaintextProtocol | null, port: number): boolean {
  return protocol !== null && SECURE_PORTS[protocol]?.includes(port) === true;
}

/** Whether the server says that it expects TLS, or speaks it with others from the first byte. */
export function speaksTls(connection: Connection, context: Context): boolean {
  return (
    connection.plaintext.some(({ expectsTls }) => expectsTls) || startingWithTls(connection, context) !== undefined
  );
}

/**
 * What the other side had said in plaintext before an alert; undefined if there is nothing, or if the capture lacks bytes of that side,
 * which the alert may be about.
 */
export function plaintextBefore({ plaintext, transport }: Connection, alert: Alert): PlaintextWords | undefined {
  if (transport[alert.from === 'client' ? 'server' : 'client'].missing > 0) return undefined;
  return plaintext.findLast(({ from, frame }) => from !== alert.from && frame < alert.frame);
}

/**
 * Plaintext protocols in which the client speaks first. Their servers close on a ClientHello, which they cannot read (slapd
 * 2.5.13, PostgreSQL 15, Mosquitto 2.0.11), or do not answer (Redis 7.0, ngIRCd 26).
 */
const CLIENT_FIRST: ReadonlySet<PlaintextProtocol> = new Set([
  'amqp',
  'irc',
  'kafka',
  'ldap',
  'mongodb',
  'mqtt',
  'postgres',
  'redis',
  'tds',
  'tpkt',
  'xmpp',
]);

/** The protocol that usually begins in plaintext at the port, if its servers may close on a ClientHello; else undefined. */
export function closingAt({ server }: Connection): PlaintextProtocol | undefined {
  const protocol = PROTOCOL_AT.get(server.port);
  return protocol !== undefined && CLIENT_FIRST.has(protocol) ? protocol : undefined;
}

/** As `closingAt`, of servers that may be silent: also those whose greeting comes late, because they look up the client. */
export function waitingAt({ server }: Connection): PlaintextProtocol | undefined {
  const protocol = PROTOCOL_AT.get(server.port);
  return protocol === 'http' ? undefined : protocol;
}

/** Whether the client asked for a tunnel (HTTP CONNECT) and got no answer, at a port that need not be a proxy's. */
export const isUnansweredConnect = ({ preamble, server }: Connection): boolean =>
  preamble?.kind === 'http-connect' && preamble.state === 'requested' && PROTOCOL_AT.get(server.port) !== 'http';
