import type { Connection } from '../connection/connection.js';

/** What one server accepted from anybody, or one client achieved anywhere: each fact with the first example of it. */
export interface Accepted {
  /** Handshakes that worked. */
  readonly count: number;
  readonly versions: ReadonlyMap<string, Connection>;
  readonly cipherSuites: ReadonlyMap<string, Connection>;
  /** By server_name; `null` for ClientHellos without one. */
  readonly serverNames: ReadonlyMap<string | null, Connection>;
}

/** The other connections of the capture, as evidence: what worked. */
export interface Neighbours {
  /** What the server at this connection's address and port accepted. */
  acceptedBy(connection: Connection): Accepted;
}

interface Collected extends Accepted {
  count: number;
  readonly versions: Map<string, Connection>;
  readonly cipherSuites: Map<string, Connection>;
  readonly serverNames: Map<string | null, Connection>;
}

/** Different server names remembered of one server. */
const MAX_SERVER_NAMES = 256;

const newCollected = (): Collected => ({
  count: 0,
  versions: new Map(),
  cipherSuites: new Map(),
  serverNames: new Map(),
});

const NOTHING: Accepted = newCollected();

const serverOf = ({ server }: Connection): string => `${server.address} ${server.port}`;

/** Gathers what worked: `add` takes every connection of the capture, in any order. */
export function createNeighbours(): Neighbours & { add(connection: Connection): void } {
  const servers = new Map<string, Collected>();
  return {
    add(connection) {
      const { outcome, clientHello, serverHello } = connection;
      if (outcome !== 'established' || clientHello === null || serverHello === null) return;
      const key = serverOf(connection);
      const collected = servers.get(key) ?? newCollected();
      servers.set(key, collected);
      collected.count++;
      const note = <K>(map: Map<K, Connection>, value: K): void => {
        if (!map.has(value)) map.set(value, connection);
      };
      note(collected.versions, serverHello.version);
      note(collected.cipherSuites, serverHello.cipherSuite);
      if (collected.serverNames.size < MAX_SERVER_NAMES) note(collected.serverNames, clientHello.serverName);
    },
    acceptedBy: (connection) => servers.get(serverOf(connection)) ?? NOTHING,
  };
}
