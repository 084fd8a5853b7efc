/** What reports say about names: the names of an address, and the names without an address. */
import { createBoundedMap } from '../bounded-map.js';
import { BOUNDS } from '../bounds.js';
import type { ResolvedNames } from '../capture/format.js';
import { millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import { memoize } from '../memoize.js';
import type { MemoryHolder } from '../memory.js';
import { addressText } from './dns.js';
import type { Lookup, LookupProtocol, Lookups } from './lookups.js';

/**
 * The source of a name: a lookup, a client that asks for it there (SNI), the capture file's own list, or the
 * certificate that was served there.
 */
export type NameSource = LookupProtocol | 'tls' | 'capture' | 'certificate';

/** A name of an address. Hostile text. */
export interface AddressName {
  readonly name: string;
  readonly source: NameSource;
  /** The first answer of a lookup with it; null for other sources. */
  readonly frame: number | null;
  /** Index of the capture that has the frame. */
  readonly capture: number | null;
}

export interface NamedAddress {
  readonly address: string;
  /** Lookups first, each name once. */
  readonly names: readonly AddressName[];
}

/** A name that was looked up, and led to no address in any of the captures. */
export interface UnresolvedName {
  readonly name: string;
  /** Who asked first. */
  readonly client: string;
  /** `NXDOMAIN`, `SERVFAIL`, …; null where no answer came. */
  readonly code: string | null;
  /** Of the answer, or of the first question. */
  readonly frame: number;
  readonly capture: number | null;
  readonly at: Timestamp;
}

export interface NameResults {
  readonly addresses: readonly NamedAddress[];
  readonly unresolved: readonly UnresolvedName[];
}

/** Names of addresses that connections show: those that clients ask for, or those of certificates that were served. */
export interface ServerNames {
  /** @param frame the first of the connection */
  add(address: string, name: string, frame: number): void;
  /** In frame order, whatever the order in which connections ended. */
  of(address: string): readonly string[];
  has(name: string): boolean;
  /** The memory of the names; as they are few, none is given up. */
  readonly holder: MemoryHolder;
}

const MAX_SERVERS = BOUNDS.serverHistory.value;
const MAX_NAMES = BOUNDS.serverNamesOfAddress.value;
const MAX_CHARACTERS = BOUNDS.serverNameCharacters.value;

export function createServerNames(): ServerNames {
  /** The first frame of each name. */
  const byAddress = createBoundedMap<string, Map<string, number>>({ size: MAX_SERVERS, whenFull: 'refuse' });
  const all = new Set<string>();
  let characters = 0;
  const hasRoom = (name: string): boolean => {
    if (characters + name.length > MAX_CHARACTERS) return false;
    characters += name.length;
    return true;
  };
  return {
    add(address, name, frame) {
      const names = byAddress.getOrAdd(address, () => new Map<string, number>());
      const first = names?.get(name);
      if (first !== undefined) names?.set(name, Math.min(first, frame));
      else if (names !== undefined && names.size < MAX_NAMES && hasRoom(name)) names.set(name, frame);
      if (!all.has(name) && all.size < MAX_SERVERS && hasRoom(name)) all.add(name);
    },
    of: (address) => [...(byAddress.get(address) ?? [])].sort(([, a], [, b]) => a - b).map(([name]) => name),
    has: (name) => all.has(name),
    holder: { what: null, bytes: () => characters, giveUp: () => 0 },
  };
}

/** The name of a host when a capture was made. Hostile text. */
export interface CapturedNames {
  readonly address: string;
  readonly names: readonly string[];
}

/** The names that capture files have, with addresses as connections have theirs. */
export function capturedNames(captures: { names(): readonly ResolvedNames[] }): CapturedNames[] {
  return captures.names().map(({ address, names }) => ({ address: addressText(address), names }));
}

/** The names of hosts that the captures have shown so far. */
export interface HostNames {
  /** By lookups, aliases among them. */
  lookedUp(address: string): readonly string[];
  /** By the capture files. */
  captured(address: string): readonly string[];
}

/** What is known of names when the captures are over. */
export interface KnownNames {
  readonly lookups: Pick<Lookups, 'list' | 'isWhole'>;
  readonly serverNames: ServerNames;
  readonly certificateNames: ServerNames;
  /** From the capture files. */
  readonly captured: readonly CapturedNames[];
  /** When the captures end. */
  readonly end: Timestamp | null;
}

/** The names of these addresses, and the names that led to no address. */
export function nameResults(addresses: Iterable<string>, known: KnownNames): NameResults {
  const { lookups, serverNames, certificateNames, captured } = known;
  const tables = new Map(Array.from(addresses, (address) => [address, new Map<string, AddressName>()]));
  const add = (address: string, name: string, source: NameSource, frame: number | null = null): void => {
    const names = tables.get(address);
    if (names === undefined || names.size >= MOST_NAMES || names.has(name)) return;
    names.set(name, { name, source, frame, capture: null });
  };
  for (const [address, name, protocol, frame] of addressNamesOf(lookups.list())) add(address, name, protocol, frame);
  for (const address of tables.keys()) for (const name of serverNames.of(address)) add(address, name, 'tls');
  for (const { address, names } of captured) for (const name of names) add(address, name, 'capture');
  for (const address of tables.keys()) {
    for (const name of certificateNames.of(address)) add(address, name, 'certificate');
  }
  return {
    addresses: [...tables]
      .filter(([, names]) => names.size > 0)
      .map(([address, names]) => ({ address, names: [...names.values()] }))
      .sort((a, b) => (a.address < b.address ? -1 : 1)),
    unresolved: unresolvedOf(known),
  };
}

/**
 * The names of a certificate by which its address may be called: none if it has many or a wildcard, because a
 * certificate for many hosts does not name this one.
 */
export const hostNamesOf = memoize((names: readonly string[]): readonly string[] =>
  names.length <= MOST_OF_CERTIFICATE &&
  names.every((name) => HOST_NAME.test(name.toLowerCase()) && !name.includes('*'))
    ? names.map((name) => name.toLowerCase())
    : [],
);

/** Such as a domain with and without `www`. */
const MOST_OF_CERTIFICATE = 2;
/** Names of one address that are reported. */
const MOST_NAMES = BOUNDS.namesOfAddress.value;
/** Names without an address that are reported. */
const MOST_UNRESOLVED = BOUNDS.unresolvedNames.value;
/** After so many milliseconds of silence, a question has no answer. */
const ANSWER_TIMEOUT_MS = 3000;
const CODES: ReadonlyMap<number, string> = new Map([
  [1, 'FORMERR'],
  [2, 'SERVFAIL'],
  [3, 'NXDOMAIN'],
  [4, 'NOTIMP'],
  [5, 'REFUSED'],
]);

/** Which names lead to which addresses, in the order of frames. */
function addressNamesOf(lookups: readonly Lookup[]): (readonly [string, string, LookupProtocol, number])[] {
  return lookups
    .flatMap(({ name, protocol, answers }) =>
      answers.flatMap(({ addresses, frame }) => addresses.map((address) => [address, name, protocol, frame] as const)),
    )
    .sort(([, , , a], [, , , b]) => a - b);
}

/**
 * Names of hosts that lead nowhere. Other names that resolvers try, such as those with domains of a search list, do not
 * count.
 */
function unresolvedOf({ lookups: table, serverNames, end }: KnownNames): UnresolvedName[] {
  if (!table.isWhole()) return [];
  const lookups = table.list();
  const isResolved = (lookup: Lookup): boolean => lookup.answers.some(({ addresses }) => addresses.length > 0);
  const resolved = new Set(lookups.filter(isResolved).map(({ name }) => name));
  const found = new Map<string, UnresolvedName>();
  for (const lookup of lookups) {
    const { name, client, protocol } = lookup;
    if (protocol !== 'dns' || client === null || !HOST_NAME.test(name)) continue;
    if (resolved.has(name) || serverNames.has(name) || found.has(name)) continue;
    const failure = failureOf(lookup, end);
    if (failure !== null) found.set(name, { name, client, capture: null, ...failure });
  }
  const isSearched = (name: string): boolean => {
    for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
      const shorter = name.slice(0, dot);
      if (resolved.has(shorter) || found.has(shorter)) return true;
    }
    return false;
  };
  return [...found.values()]
    .filter(({ name }) => !isSearched(name))
    .sort((a, b) => a.frame - b.frame)
    .slice(0, MOST_UNRESOLVED);
}

/** At least two labels, and not a service; addresses are looked up below `arpa`. */
const HOST_NAME = /^(?!_)[^\\/]+\.(?!arpa$)[a-z][^.]*$/;

function failureOf(
  { asked, answered, firstAsked, lastAsked, answers: [first] }: Lookup,
  end: Timestamp | null,
): Pick<UnresolvedName, 'code' | 'frame' | 'at'> | null {
  if (first !== undefined) {
    return { code: CODES.get(first.code) ?? `RCODE ${first.code}`, frame: first.frame, at: first.at };
  }
  if (asked === 0 || answered > 0 || firstAsked === null || lastAsked === null || end === null) return null;
  if (millisecondsBetween(lastAsked, end) < ANSWER_TIMEOUT_MS) return null;
  return { code: null, frame: firstAsked.frame, at: firstAsked.at };
}
