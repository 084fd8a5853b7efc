import { BOUNDS } from '../../bounds.js';
import type { Connection, Endpoint } from '../../connection/connection.js';
import { endpointText } from '../phrases.js';

/** What one server chose in the handshakes that worked: each value with its count, and a connection that shows it. */
export interface Accepted {
  readonly count: number;
  readonly versions: ReadonlyMap<string, Example>;
  readonly cipherSuites: ReadonlyMap<string, Example>;
  readonly groups: ReadonlyMap<string, Example>;
  readonly alpn: ReadonlyMap<string, Example>;
  readonly serverNames: ReadonlyMap<string, Example>;
}

export interface Example {
  readonly count: number;
  /** Id of the first such connection. */
  readonly connection: string;
}

const MAX_SERVERS = BOUNDS.acceptingServers.value;
const MAX_VALUES = BOUNDS.acceptedValues.value;

type Collected = { count: number } & Record<Exclude<keyof Accepted, 'count'>, Map<string, Example>>;

const newCollected = (): Collected => ({
  count: 0,
  versions: new Map(),
  cipherSuites: new Map(),
  groups: new Map(),
  alpn: new Map(),
  serverNames: new Map(),
});

/** What servers accept, as far as the connections show. */
export interface ServersAccepted {
  add(connection: Connection): void;
  by(server: Endpoint): Accepted;
}

/** Gathers what servers accept from the connections that a report sees, in bounded memory. */
export function createAccepted(): ServersAccepted {
  const servers = new Map<string, Collected>();
  return {
    add({ id, server, outcome, clientHello, serverHello }) {
      if (outcome !== 'established' || serverHello === null) return;
      const key = endpointText(server);
      let own = servers.get(key);
      if (own === undefined) {
        if (servers.size >= MAX_SERVERS) return;
        servers.set(key, (own = newCollected()));
      }
      own.count++;
      const note = (values: Map<string, Example>, value: string | null | undefined): void => {
        if (value === null || value === undefined) return;
        const known = values.get(value);
        if (known !== undefined) values.set(value, { ...known, count: known.count + 1 });
        else if (values.size < MAX_VALUES) values.set(value, { count: 1, connection: id });
      };
      note(own.versions, serverHello.version);
      note(own.cipherSuites, serverHello.cipherSuite);
      note(own.groups, serverHello.group);
      note(own.alpn, serverHello.alpn);
      note(own.serverNames, clientHello?.serverName);
    },
    by: (server) => servers.get(endpointText(server)) ?? newCollected(),
  };
}
