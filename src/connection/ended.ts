import type { Timestamp } from '../capture/timestamp.js';
import { formatAddress } from '../packet/address.js';
import type { HandshakeSession } from '../tls/handshake/session.js';
import type { SeenPlaintext } from '../tls/plaintext.js';
import type { FlowEndpoints } from '../transport/endpoints.js';
import type { Direction, Ending } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import type { ConnectionPattern } from '../transport/tcp/connection.js';
import type {
  DtlsFacts,
  EapFacts,
  Endpoint,
  Note,
  Protocol,
  QuicFacts,
  TransportFacts,
  UnfinishedRecord,
} from './connection.js';

/** A connection that is over, whatever carried it: the input of `buildConnection`. Pairs are by direction. */
export interface EndedConnection {
  readonly id: number;
  readonly protocol: Protocol | null;
  readonly ends: readonly [Endpoint, Endpoint];
  readonly client: Direction;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp;
  /** What was read of its handshake; null when it carried no byte. */
  readonly handshake: HandshakeSession | null;
  /** What was said before TLS, or instead of it. */
  readonly plaintext: readonly SeenPlaintext[];
  /** Whether the capture has any packet of each end. */
  readonly isSeen: readonly [boolean, boolean];
  /** Whether it has all of them, in order: only then does the order of messages mean anything. */
  readonly isWhole: readonly [boolean, boolean];
  readonly unfinishedRecords: readonly UnfinishedRecord[];
  readonly transport: TransportFacts;
  readonly ending: Ending;
  /** What the capture lacks of it. */
  readonly notes: readonly Note[];
  readonly dtls?: DtlsFacts;
  readonly quic?: QuicFacts;
  readonly eap?: EapFacts;
  /** Its handshake pattern (connection/fast-path/repeated.ts), if its segments showed one. */
  readonly pattern?: ConnectionPattern;
}

/** An end of a flow that has addresses and ports. */
export const endpointOf = ({ addresses, ipVersion, ports }: FlowEndpoints, direction: Direction): Endpoint => ({
  address: formatAddress(addresses, direction * 4, ipVersion),
  port: ports[direction],
});

/** The two ends of such a flow. */
export const endpointsOf = (flow: FlowEndpoints): readonly [Endpoint, Endpoint] => [
  endpointOf(flow, 0),
  endpointOf(flow, 1),
];

/** Which end is the client by the hellos; null if the capture has none. */
export function clientByHello(session: HandshakeSession | null): Direction | null {
  for (const event of session?.transcript.events ?? []) {
    if (event.kind !== 'message') continue;
    if (event.type === 1) return event.direction;
    if (event.type === 2) return opposite(event.direction);
  }
  return session?.partialHello?.direction ?? null;
}

/** NewSessionTicket, HelloVerifyRequest, ServerKeyExchange, CertificateRequest, ServerHelloDone, CertificateStatus. */
const ONLY_BY_SERVERS: ReadonlySet<number> = new Set([3, 4, 12, 13, 14, 22]);
const CLIENT_KEY_EXCHANGE = 16;

/** Which end is the client by the first message that only one of them sends; null if the capture has none. */
export function clientByMessages(session: HandshakeSession | null): Direction | null {
  const byHello = clientByHello(session);
  if (byHello !== null) return byHello;
  for (const event of session?.transcript.events ?? []) {
    if (event.kind !== 'message') continue;
    if (event.type === CLIENT_KEY_EXCHANGE) return event.direction;
    if (ONLY_BY_SERVERS.has(event.type)) return opposite(event.direction);
  }
  return null;
}
