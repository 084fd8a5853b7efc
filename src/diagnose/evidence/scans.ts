import { type BoundedMap, createBoundedMap, createBoundedSet } from '../../bounded-map.js';
import { BOUNDS } from '../../bounds.js';
import type { Connection } from '../../connection/connection.js';
import type { MemoryHolder } from '../../memory.js';
import { overTcp } from '../../connection/connection.js';
import { isAckLost, isSynAckLost } from '../../connection/outcome.js';
import { portRefused } from './icmp.js';
import { connectTo } from './places.js';

// Which connection attempts are part of a search for open ports or peers, and which are meant for TLS.

/** What the connections of a capture say about a SYN without a connection. */
export interface Scans {
  /** Whether such a SYN is no failure: nothing is known of TLS there, or it is one of a client's many attempts. */
  isNoFailure(connection: Connection): boolean;
  /** Whether its client tried other ports of the server as well, without success: it may be looking for open ones. */
  mayBeScan(connection: Connection): boolean;
  /** Whether the capture lacks what servers send: several were asked, and none says anything in it. */
  lacksServers(): boolean;
}

/** Ports that are registered for TLS from the first byte, or commonly used so. */
const TLS_PORTS: ReadonlySet<number> = new Set([
  261, 443, 448, 465, 563, 614, 636, 684, 695, 832, 853, 989, 990, 992, 993, 994, 995, 1443, 2083, 2087, 2096, 2195,
  2196, 2376, 3269, 4443, 5061, 5223, 5228, 5229, 5230, 5349, 5671, 5986, 6443, 6514, 6697, 8243, 8443, 8883, 9093,
  9443, 10443,
]);

/** A client that tries so many ports without success and without a sign of TLS searches for a service or a peer. */
const PORTS_TRIED = 3;
/** The same for hosts, with one port. */
const HOSTS_TRIED = 8;
/** If so many servers do not answer anybody, the capture has only one direction. */
const SERVERS_ASKED = 3;
/** So many unsuccessful ports of one server are a port scan, which includes the ports of TLS. */
const PORTS_SCANNED = 8;

/** So many clients whose SYN alone arrives at a server do not exist: their addresses are spoofed (RFC 4987 §2). */
const FLOODING_CLIENTS = 32;
/** The same holds for one whose SYN came so often without anything else, if other clients got through. */
const FLOODING_SYNS = 32;

/**
 * The window of the SYNs that port scanners write themselves (Nmap, masscan); of others, only small devices have one so
 * small.
 */
const SCANNERS_WINDOW = 1024;

/** A scanner that connects by its system sends a SYN a second time where nothing answers within a second (RFC 6298 §2.1). */
const SCANNERS_SYNS = 2;

const MAX_ENDPOINTS = BOUNDS.tlsEndpoints.value;
const MAX_CLIENTS = BOUNDS.scanningClients.value;
/** Ports, and hosts, remembered of one client. */
const MAX_TRIED = BOUNDS.scannedPorts.value;
/** Nominal bytes of a client, of one of its ports or hosts, and of an attempt there. */
const CLIENT_BYTES = 1024;
const TRIED_BYTES = 320;
const TRY_BYTES = 64;

type Tried<Key, Value> = BoundedMap<Key, Set<Value>>;

const newTried = <Key, Value>(): Tried<Key, Value> => createBoundedMap({ size: MAX_TRIED, whenFull: 'refuse' });

/** What a client tried without success: as much as is needed to recognise a search. */
interface ScanAttempts {
  readonly ports: Set<number>;
  readonly portsOf: Tried<string, number>;
  readonly hostsAt: Tried<number, string>;
  /** Those of them that refused. */
  readonly refusingAt: Tried<number, string>;
  /** Ports at which it insisted, as scanners do not: it tried one of these hosts again, or sent a SYN more than twice. */
  readonly insistingAt: Set<number>;
  bytes: number;
}

/** Returns the bytes added. */
function note<K, V>(map: Tried<K, V>, key: K, value: V, most: number): number {
  const values = map.getOrAdd(key, () => createBoundedSet(most));
  if (values === undefined) return 0;
  const before = values.size;
  values.add(value);
  return values.size === before ? 0 : before === 0 ? TRIED_BYTES : TRY_BYTES;
}

/** Whether a connection is only a SYN: it got no answer, or none that the client received. */
export function isUnconnected(connection: Connection): boolean {
  const tcp = overTcp(connection);
  if (tcp === null || tcp.syns.length === 0 || tcp.client.bytes + tcp.server.bytes > 0) return false;
  return tcp.synAck === null || isSynAckLost(tcp) || isAckLost(tcp);
}

/** Who uses which port. */
const usageOf = ({ client, server }: Connection): string => `${client.address} ${server.port}`;

/** Whether the server has accepted the SYN, and heard nothing more. */
function isHalfOpen(connection: Connection): boolean {
  const tcp = overTcp(connection);
  return tcp !== null && isAckLost(tcp);
}

/** Whether the server sent anything. */
function isAnswered({ transport }: Connection): boolean {
  if (transport.kind === 'udp') return transport.server.datagrams > 0;
  if (transport.server.bytes > 0 || transport.kind !== 'tcp') return transport.server.bytes > 0;
  return transport.synAck !== null || transport.resets.some(({ from }) => from === 'server');
}

/** Whether the server itself refused the connection, by a reset or by ICMP. */
function isRefused(connection: Connection): boolean {
  const tcp = overTcp(connection);
  if (tcp === null) return false;
  return (
    tcp.resets.some(({ from }) => from === 'server') ||
    portRefused(tcp, connection)?.router === connection.server.address
  );
}

/** Gathers SYNs without a connection: `add` is called with every connection of the capture, in any order. */
export function createScans(): Scans & { readonly holder: MemoryHolder; add(connection: Connection): void } {
  /** Servers that speak TLS, or are asked for it: addresses with port, and without. */
  const endpoints = createBoundedSet<string>(MAX_ENDPOINTS);
  const hosts = createBoundedSet<string>(MAX_ENDPOINTS);
  /** What clients speak TLS to, at whatever address: a client's address with a server's port. */
  const spoken = createBoundedSet<string>(MAX_ENDPOINTS);
  const clients = createBoundedMap<string, ScanAttempts>({ size: MAX_CLIENTS, whenFull: 'refuse' });
  /** Clients of which nothing but a SYN arrives, by server. */
  const halfOpen = newTried<string, string>();
  /** How often those came again that no scanner's SYN shows, with the server. */
  const insistent = createBoundedMap<string, number>({ size: MAX_CLIENTS, whenFull: 'refuse' });
  /** Clients that sent data to some server. */
  const talkers = createBoundedSet<string>(MAX_CLIENTS);
  /** Whether the capture has anything but such SYNs: it may have been filtered for them. */
  let hasOthers = false;
  const asked = createBoundedSet<string>(SERVERS_ASKED);
  let hasAnswer = false;
  let bytes = 0;

  /**
   * Whether the address of a client of which only a SYN arrived may be spoofed: there are many such clients; or others got
   * through, and it sent its SYN once or far too often.
   */
  const mayBeSpoofed = (client: string, server: string): boolean => {
    if ((halfOpen.get(server)?.size ?? 0) >= FLOODING_CLIENTS) return true;
    const again = insistent.get(`${client} ${server}`) ?? 0;
    return hasOthers && !talkers.has(client) && (again === 0 || again >= FLOODING_SYNS);
  };

  const noteHalfOpen = (connection: Connection): void => {
    const client = connection.client.address;
    const to = connectTo(connection);
    if (halfOpen.get(to)?.has(client) !== true) {
      bytes += note(halfOpen, to, client, FLOODING_CLIENTS);
      return;
    }
    const pair = `${client} ${to}`;
    const again = insistent.get(pair);
    if (overTcp(connection)?.client.window === SCANNERS_WINDOW) return;
    if (insistent.set(pair, (again ?? 0) + 1) && again === undefined) bytes += TRIED_BYTES;
  };

  return {
    add(connection) {
      if (connection.repeats !== undefined) {
        // The connection that it repeats has already shown the rest.
        talkers.add(connection.client.address);
        return;
      }
      if (connection.protocol !== null || connection.preamble !== null) {
        endpoints.add(connectTo(connection));
        hosts.add(connection.server.address);
        spoken.add(usageOf(connection));
      }
      const { client, server } = connection;
      asked.add(server.address);
      hasAnswer ||= isAnswered(connection);
      if (!isUnconnected(connection)) {
        hasOthers = true;
        if (connection.transport.client.bytes > 0) talkers.add(client.address);
        return;
      }
      if (isHalfOpen(connection)) noteHalfOpen(connection);
      const tried = clients.getOrAdd(client.address, () => {
        bytes += CLIENT_BYTES;
        const ports = createBoundedSet<number>(PORTS_TRIED);
        return {
          ports,
          portsOf: newTried(),
          hostsAt: newTried(),
          refusingAt: newTried(),
          insistingAt: createBoundedSet<number>(MAX_TRIED),
          bytes: CLIENT_BYTES,
        };
      });
      if (tried === undefined) return;
      const isAgain = tried.hostsAt.get(server.port)?.has(server.address) === true;
      if (isAgain || (overTcp(connection)?.syns.length ?? 0) > SCANNERS_SYNS) tried.insistingAt.add(server.port);
      const added =
        note(tried.portsOf, server.address, server.port, PORTS_SCANNED) +
        note(tried.hostsAt, server.port, server.address, HOSTS_TRIED) +
        (isRefused(connection) ? note(tried.refusingAt, server.port, server.address, HOSTS_TRIED) : 0);
      tried.bytes += added;
      bytes += added;
      if (!TLS_PORTS.has(server.port)) tried.ports.add(server.port);
    },
    holder: {
      what: 'attempts',
      bytes: () => bytes,
      giveUp() {
        const [oldest] = clients;
        if (oldest === undefined) {
          const { size } = halfOpen;
          halfOpen.clear();
          insistent.clear();
          bytes = 0;
          return size;
        }
        clients.delete(oldest[0]);
        bytes -= oldest[1].bytes;
        return 1;
      },
    },
    mayBeScan: ({ client, server }) =>
      (clients.get(client.address)?.portsOf.get(server.address)?.size ?? 0) >= PORTS_TRIED,
    lacksServers: () => !hasAnswer && asked.size >= SERVERS_ASKED,
    isNoFailure(connection) {
      if (!isUnconnected(connection)) return false;
      const { client, server } = connection;
      if (isHalfOpen(connection) && mayBeSpoofed(client.address, connectTo(connection))) return true;
      const tried = clients.get(client.address);
      // It is unknown what else the client tried: without a sign of TLS, it may have been a search.
      if (tried === undefined) return !TLS_PORTS.has(server.port) && !endpoints.has(connectTo(connection));
      const ports = tried.portsOf.get(server.address)?.size ?? 0;
      if (ports >= PORTS_SCANNED) return true;
      // A small device does not try several.
      if (overTcp(connection)?.client.window === SCANNERS_WINDOW && ports + tried.portsOf.size > 2) return true;
      if (endpoints.has(connectTo(connection))) return false;
      const isSweep = (tried.hostsAt.get(server.port)?.size ?? 0) >= HOSTS_TRIED;
      if (TLS_PORTS.has(server.port)) {
        // A client without a network also reaches none of many hosts; but no firewall makes all of them refuse, and a program that
        // wants to reach them insists.
        const isRefusedByMany = (tried.refusingAt.get(server.port)?.size ?? 0) >= HOSTS_TRIED;
        const isSearch = isRefused(connection) || isRefusedByMany || !tried.insistingAt.has(server.port);
        return isSweep && !talkers.has(client.address) && isSearch;
      }
      return (
        isSweep ||
        tried.ports.size >= PORTS_TRIED ||
        (hasOthers && !hosts.has(server.address) && !spoken.has(usageOf(connection)))
      );
    },
  };
}
