import { toMilliseconds } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import type { Certificate } from '../x509/certificate.js';

/** What one server accepted from anybody, or one client achieved anywhere: each fact with the first example of it. */
export interface Accepted {
  /** Handshakes that worked. */
  readonly count: number;
  readonly versions: ReadonlyMap<string, Connection>;
  readonly cipherSuites: ReadonlyMap<string, Connection>;
  /** By server_name; `null` for ClientHellos without one. */
  readonly serverNames: ReadonlyMap<string | null, Connection>;
  /** Key exchange groups that were agreed on. */
  readonly groups: ReadonlyMap<string, Connection>;
  /** Application protocols that were agreed on, as far as TLS 1.2 shows them. */
  readonly applicationProtocols: ReadonlyMap<string, Connection>;
  /** Keys of server certificates (see `keyName`), as far as TLS 1.2 shows them. */
  readonly keys: ReadonlyMap<string, Connection>;
  /** The longest ClientHello, in bytes, with its connection. */
  readonly longestClientHello: readonly [length: number, connection: Connection] | null;
}

/** Short connections between one client and one server that come close upon each other. */
export interface Churn {
  /** How many began within `CHURN_WINDOW_MS`, where they are densest. */
  readonly most: number;
  readonly count: number;
}

/** The other connections of the capture, as evidence: what worked. */
export interface Neighbours {
  /** What the server at this connection's address and port accepted. */
  acceptedBy(connection: Connection): Accepted;
  /** The short connections of this connection's client to its server. */
  churnOf(connection: Connection): Churn;
}

interface Collected extends Accepted {
  count: number;
  readonly versions: Map<string, Connection>;
  readonly cipherSuites: Map<string, Connection>;
  readonly serverNames: Map<string | null, Connection>;
  readonly groups: Map<string, Connection>;
  readonly applicationProtocols: Map<string, Connection>;
  readonly keys: Map<string, Connection>;
  longestClientHello: readonly [length: number, connection: Connection] | null;
}

/** Different server names remembered of one server. */
const MAX_SERVER_NAMES = 256;

const newCollected = (): Collected => ({
  count: 0,
  versions: new Map(),
  cipherSuites: new Map(),
  serverNames: new Map(),
  groups: new Map(),
  applicationProtocols: new Map(),
  keys: new Map(),
  longestClientHello: null,
});

const NOTHING: Accepted = newCollected();

/** A connection that does not last longer, in milliseconds, has carried one request, or none. */
export const SHORT_MS = 2000;
/** Short connections are counted within this many milliseconds. */
export const CHURN_WINDOW_MS = 60_000;
/** Short connections remembered of one client and server. */
const MAX_STARTS = 10_000;

/** Whether a connection was set up, with a full or abbreviated handshake, to be given up soon after. */
export function isShort({ outcome, clientHello, close, startedAt, endedAt }: Connection): boolean {
  return (
    outcome === 'established' &&
    clientHello !== null &&
    (close.how === 'fin' || close.how === 'rst') &&
    toMilliseconds(endedAt) - toMilliseconds(startedAt) <= SHORT_MS
  );
}

/** The kind of key that decides which signatures a certificate can make: `RSA`, `ECDSA secp256r1`, `Ed25519`. */
export function keyName({ keyType, keyCurve }: Certificate): string {
  return keyCurve === null ? keyType : `${keyType} ${keyCurve}`;
}

/** The kind of key that the server has shown: in its certificate, or by the cipher suite that needs it. */
function shownKey({ serverCertificates, serverHello }: Connection): string | null {
  const leaf = serverCertificates[0];
  if (leaf?.error === null) return keyName(leaf);
  return /_(RSA|ECDSA)_WITH_/.exec(serverHello?.cipherSuite ?? '')?.[1] ?? null;
}

/** The most of these times, in milliseconds and in any order, within one window. */
function densest(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [last, time] of sorted.entries()) {
    while (time - (sorted[first] ?? time) > CHURN_WINDOW_MS) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

const serverOf = ({ server }: Connection): string => `${server.address} ${server.port}`;

const pairOf = (connection: Connection): string => `${connection.client.address} ${serverOf(connection)}`;

/** Gathers what worked: `add` takes every connection of the capture, in any order. */
export function createNeighbours(): Neighbours & { add(connection: Connection): void } {
  const servers = new Map<string, Collected>();
  const starts = new Map<string, number[]>();
  const churns = new Map<string, Churn>();
  return {
    add(connection) {
      if (isShort(connection)) {
        const pair = pairOf(connection);
        const times = starts.get(pair) ?? [];
        starts.set(pair, times);
        if (times.length < MAX_STARTS) times.push(toMilliseconds(connection.startedAt));
      }
      const { outcome, clientHello, serverHello } = connection;
      if (outcome !== 'established' || clientHello === null || serverHello === null) return;
      const server = serverOf(connection);
      const collected = servers.get(server) ?? newCollected();
      servers.set(server, collected);
      collected.count++;
      const note = <K>(map: Map<K, Connection>, value: K): void => {
        if (!map.has(value)) map.set(value, connection);
      };
      note(collected.versions, serverHello.version);
      note(collected.cipherSuites, serverHello.cipherSuite);
      if (collected.serverNames.size < MAX_SERVER_NAMES) note(collected.serverNames, clientHello.serverName);
      if (serverHello.group !== null) note(collected.groups, serverHello.group);
      if (serverHello.alpn !== null) note(collected.applicationProtocols, serverHello.alpn);
      const key = shownKey(connection);
      if (key !== null) note(collected.keys, key);
      const length = connection.messages.find(({ type }) => type === 'client_hello')?.length ?? 0;
      if (length > (collected.longestClientHello?.[0] ?? 0)) collected.longestClientHello = [length, connection];
    },
    acceptedBy: (connection) => servers.get(serverOf(connection)) ?? NOTHING,
    churnOf(connection) {
      const pair = pairOf(connection);
      const times = starts.get(pair) ?? [];
      const churn = churns.get(pair) ?? { most: densest(times), count: times.length };
      churns.set(pair, churn);
      return churn;
    },
  };
}
