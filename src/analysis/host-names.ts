import type { CaptureSummary } from '../capture/open.js';
import type { FramePlace } from '../capture/places.js';
import { millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import type { Results } from '../diagnose/results.js';
import type { MemoryHolder } from '../memory.js';
import type { Lookups } from '../names/lookups.js';
import {
  createServerNames,
  hostNamesOf,
  nameResults,
  type CapturedNames,
  type HostNames,
  type NameResults,
} from '../names/results.js';

/** What names need of the captures. */
export interface NamedCaptures {
  readonly placeOf: (frame: number) => FramePlace;
  summaries(): readonly CaptureSummary[];
  /** Names of hosts in the capture files. */
  names(): readonly CapturedNames[];
}

/** The names of hosts: looked up, asked for in ClientHellos, in certificates, and written into the captures. */
export interface NamesOfHosts {
  /** Those known so far. */
  readonly hosts: HostNames;
  /** Notes the names that a connection shows. */
  note(connection: Connection): void;
  /** More of the captures was read, which may have more names. */
  update(): void;
  /** The names of the addresses of all held connections, and the names that led nowhere. */
  of(results: Pick<Results, 'connections'>): NameResults;
  readonly holders: readonly MemoryHolder[];
}

export function createNamesOfHosts(lookups: Lookups, captures: NamedCaptures): NamesOfHosts {
  const serverNames = createServerNames();
  const certificateNames = createServerNames();
  let captured: ReadonlyMap<string, readonly string[]> | null = null;
  return {
    hosts: {
      lookedUp: (address) => lookups.namesOf(address),
      captured: (address) => (captured ??= namesByAddress(captures.names())).get(address) ?? [],
    },
    note({ clientHello, server, serverCertificates: [leaf], firstFrame }) {
      const name = clientHello?.serverName ?? null;
      if (name !== null) serverNames.add(server.address, name, firstFrame);
      if (leaf === undefined) return;
      for (const one of hostNamesOf(leaf.subjectAltNames.dns)) certificateNames.add(server.address, one, firstFrame);
    },
    update() {
      captured = null;
    },
    of({ connections }) {
      const addresses = connections.flatMap(({ connection: { client, server } }) => [client.address, server.address]);
      const { addresses: named, unresolved } = nameResults(addresses, {
        lookups,
        serverNames,
        certificateNames,
        captured: captures.names(),
        end: latestOf(captures.summaries().map(({ lastPacketAt }) => lastPacketAt)),
      });
      const located = <Named extends { readonly frame: number | null }>(one: Named): Named =>
        one.frame === null ? one : { ...one, ...captures.placeOf(one.frame) };
      return {
        addresses: named.map(({ address, names }) => ({ address, names: names.map(located) })),
        unresolved: unresolved.map(located),
      };
    },
    holders: [serverNames.holder, certificateNames.holder],
  };
}

/** Several captures may have names for one address. */
function namesByAddress(captured: readonly CapturedNames[]): ReadonlyMap<string, readonly string[]> {
  const table = new Map<string, readonly string[]>();
  for (const { address, names } of captured) table.set(address, [...(table.get(address) ?? []), ...names]);
  return table;
}

function latestOf(times: readonly (Timestamp | null)[]): Timestamp | null {
  return times.reduce((a, b) => (a === null || (b !== null && millisecondsBetween(a, b) > 0) ? b : a), null);
}
