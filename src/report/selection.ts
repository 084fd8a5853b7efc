import { BlockList, isIP } from 'node:net';
import { formatTimestamp, toMilliseconds, type Timestamp } from '../capture/timestamp.js';
import { memoize } from '../memoize.js';
import type { Connection, Endpoint, Protocol } from '../connection/connection.js';
import type { DiagnosedConnection } from '../diagnose/finding.js';
import { hostNamesOf, type HostNames } from '../names/results.js';
import { timeText, utcOf, UTC, type TimeZone } from './time-zone.js';

/** What `Selection.protocols` may name. */
export const PROTOCOLS: readonly Protocol[] = ['tls', 'dtls', 'quic', 'gquic', 'eap-tls'];

/**
 * Which connections a report is about: those that meet every kind of criterion with values, each by any one of its
 * values. Others are neither shown nor counted, but remain evidence of what worked elsewhere.
 */
export interface Selection {
  /**
   * Address or network (`192.0.2.0/24`) of either side, or its name: from lookups or the capture file; for the server
   * also the one asked for, or else in its certificate.
   */
  readonly hosts: readonly string[];
  /** The same for the client alone. */
  readonly clients: readonly string[];
  /** The same for the server alone. */
  readonly servers: readonly string[];
  /** Port of either side. */
  readonly ports: readonly number[];
  /** The requested server name; `*.example.com` is every name below example.com. */
  readonly serverNames: readonly string[];
  /** What carries TLS, and how. */
  readonly protocols: readonly Protocol[];
  /** Ids of the rules that explain a connection's failure. */
  readonly diagnoses: readonly string[];
  /** The earliest beginning, or null. */
  readonly since: TimeBound | null;
  /** The latest beginning, or null. */
  readonly until: TimeBound | null;
}

/** A time as somebody gives it. */
export interface TimeBound {
  /** A point in time, a time of day, or a time from the start of the capture. */
  readonly kind: 'at' | 'of-day' | 'into';
  /** Since 1970, since midnight, or since the capture begins. */
  readonly milliseconds: number;
  /** Whose clocks are meant. */
  readonly zone: TimeZone;
  /** As it was given. */
  readonly text: string;
}

/** All connections. */
export const EVERYTHING: Selection = {
  hosts: [],
  clients: [],
  servers: [],
  ports: [],
  serverNames: [],
  protocols: [],
  diagnoses: [],
  since: null,
  until: null,
};

const NAMELESS: HostNames = { lookedUp: () => [], captured: () => [] };
const DAY_MS = 86_400_000;

/** The same point in a capture that begins at `start`, both in milliseconds since 1970. */
function timeIn({ kind, milliseconds, zone }: TimeBound, start: number): number {
  if (kind === 'at') return milliseconds;
  if (kind === 'into') return start + milliseconds;
  const local = start + zone.offset(Math.floor(start / 1000)) * 1000;
  const ofDay = local - (local % DAY_MS) + milliseconds;
  // In a capture that spans midnight, a time long before that of its beginning belongs to the next day.
  return utcOf(ofDay > local - DAY_MS / 2 ? ofDay : ofDay + DAY_MS, zone);
}

/**
 * Whether a connection is selected.
 * @param start when the captures begin; null if unknown
 * @param hosts further names of hosts
 */
export function isSelected(
  selection: Selection,
  { connection, cause, lookup }: DiagnosedConnection,
  start: Timestamp | null = null,
  hosts: HostNames = NAMELESS,
): boolean {
  const { client, server, clientHello, protocol, startedAt, serverCertificates } = connection;
  const name = canonical(clientHello?.serverName ?? '');
  const any = <T>(wanted: readonly T[], meets: (value: T) => boolean): boolean =>
    wanted.length === 0 || wanted.some(meets);
  // The name of the address if neither the client nor a lookup names it, as in reports.
  const served = name === '' && lookup === null ? (serverCertificates[0]?.subjectAltNames.dns ?? []) : [];
  const isNameless = name === '' && lookup === null;
  const serverNames = (): readonly string[] => [
    ...[name, ...(lookup === null ? [] : [lookup.name, ...lookup.aliases]), ...hostNamesOf(served)],
    ...(isNameless ? hosts.lookedUp(server.address) : []),
    ...hosts.captured(server.address),
  ];
  const clientNames = (): readonly string[] => [...hosts.lookedUp(client.address), ...hosts.captured(client.address)];
  const isAmong = (names: () => readonly string[], host: string): boolean =>
    isName(host) && names().some((one) => one !== '' && isNamed(canonical(one), canonical(host)));
  const networks = networksOf(selection);
  const isServer = (host: string): boolean => isAt(server, host, networks) || isAmong(serverNames, host);
  const isClient = (host: string): boolean => isAt(client, host, networks) || isAmong(clientNames, host);
  const { since, until } = selection;
  const began = toMilliseconds(startedAt);
  const from = toMilliseconds(start ?? startedAt);
  return (
    any(selection.hosts, (host) => isServer(host) || isClient(host)) &&
    any(selection.clients, isClient) &&
    any(selection.servers, isServer) &&
    any(selection.ports, (wanted) => client.port === wanted || server.port === wanted) &&
    any(selection.serverNames, (wanted) => isNamed(name, canonical(wanted))) &&
    any(selection.protocols, (wanted) => protocol === wanted) &&
    any(selection.diagnoses, (wanted) => cause?.rule.id === wanted) &&
    (since === null || began >= timeIn(since, from)) &&
    (until === null || began <= timeIn(until, from))
  );
}

/** When a connection began, in the form of `since` and `until`. */
export function beginningOf({ startedAt }: Connection, zone: TimeZone = UTC): string {
  return timeText(formatTimestamp(startedAt), zone);
}

/** The networks that a selection names, by how they are written. */
const networksOf = memoize(
  ({ hosts, clients, servers }: Selection): ReadonlyMap<string, BlockList> =>
    new Map(
      [...hosts, ...clients, ...servers]
        .map(canonical)
        .filter((host) => host.includes('/'))
        .map((host) => [host, networkOf(host)]),
    ),
);

/** Whether it selects a host by name. */
export function selectsByName({ hosts, clients, servers }: Selection): boolean {
  return [...hosts, ...clients, ...servers].some(isName);
}

/** Whether it is a name, rather than an address or network. */
const isName = (host: string): boolean => !host.includes('/') && isIP(canonical(host)) === 0;

function networkOf(host: string): BlockList {
  const [network = '', prefix] = host.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), familyOf(network));
  return list;
}

/** Whether an end has that address, or one in that network. */
function isAt({ address }: Endpoint, host: string, networks: ReadonlyMap<string, BlockList>): boolean {
  const wanted = canonical(host);
  const network = networks.get(wanted);
  if (network === undefined) return address === wanted;
  return isIP(address) !== 0 && network.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** Names and addresses are compared without regard to case, brackets, and the dot at the end. */
function canonical(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

function isNamed(name: string, wanted: string): boolean {
  return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) && name.length > wanted.length - 1 : name === wanted;
}
