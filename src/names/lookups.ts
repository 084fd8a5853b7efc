/** What names led to, according to the lookups in the captures: which address, when, for whom, and who said so. */
import { BOUNDS } from '../bounds.js';
import { toMilliseconds, type Timestamp } from '../capture/timestamp.js';
import type { MemoryHolder } from '../memory.js';
import { A, AAAA, type DnsMessage } from './dns.js';

/** By what protocol a name was looked up. */
export type LookupProtocol = 'dns' | 'mdns' | 'llmnr';

/** A frame, counted over all captures until reports are made. */
interface Seen {
  readonly frame: number;
  readonly at: Timestamp;
  /** Index of its capture, if it is not that of the connection that cites it. */
  readonly capture?: number;
}

/** What one host asked about one name, and the answers. Names are hostile text. */
export interface Lookup {
  readonly protocol: LookupProtocol;
  /** Address of the host that asked; null for mDNS, whose answers are for all. */
  readonly client: string | null;
  /** In lower case, without the dot at its end. */
  readonly name: string;
  /** Questions for addresses, and answers to them. */
  readonly asked: number;
  readonly answered: number;
  readonly firstAsked: Seen | null;
  readonly lastAsked: Timestamp | null;
  /** In the order of the capture; repeats of the one before are left out. */
  readonly answers: readonly Answer[];
}

/** What a resolver said. */
export interface Answer extends Seen {
  readonly type: 'A' | 'AAAA';
  /** RCODE: 0 for an answer with addresses, 3 for a name that does not exist. */
  readonly code: number;
  /** Sorted; empty of an error. */
  readonly addresses: readonly string[];
  /** The names that CNAME records lead through. */
  readonly aliases: readonly string[];
  /** The lowest TTL of all records, in seconds. */
  readonly ttl: number;
  /** Address of who answered. */
  readonly resolver: string;
}

/** How the address of a connection's server was found. */
export interface ServerLookup extends Seen {
  readonly protocol: LookupProtocol;
  readonly name: string;
  /** The host that asked; not the client if the captures lack the client's own lookup. */
  readonly client: string | null;
  readonly resolver: string;
  readonly aliases: readonly string[];
  readonly ttl: number;
  /** The last answer with other addresses before the name led to this one; null without one. */
  readonly before: OtherAnswer | null;
  /**
   * The latest answer before the connection, if it has only other addresses; also null if later answers were left out.
   */
  readonly since: OtherAnswer | null;
}

export type OtherAnswer = Pick<Answer, 'addresses' | 'frame' | 'at' | 'capture'>;

/** The fields of a connection that matter to lookups. */
export interface LookupSubject {
  readonly client: { readonly address: string };
  readonly server: { readonly address: string };
  readonly clientHello: { readonly serverName: string | null } | null;
  readonly startedAt: Timestamp;
}

/** Who asked, and who answered, in which frame. */
export interface Exchange extends Seen {
  readonly protocol: LookupProtocol;
  readonly source: string;
  readonly destination: string;
}

/** All lookups of the captures, in bounded memory. */
export interface Lookups {
  /** Adds a question or an answer. */
  take(message: DnsMessage, exchange: Exchange): void;
  /** Adds the lookups of another table with later frames: two slices of a recording give that of the whole. */
  add(lookup: Lookup): void;
  /** How the server's address was found before the connection began; null if no lookup leads to it. */
  of(connection: LookupSubject): ServerLookup | null;
  /** The names that lead to an address, aliases among them. */
  namesOf(address: string): readonly string[];
  list(): readonly Lookup[];
  /** Whether there were more than are kept: the last ones were dropped. */
  readonly isFull: () => boolean;
  /** Whether it has all lookups: a missing one may have led to an address. */
  readonly isWhole: () => boolean;
  readonly holder: MemoryHolder;
}

interface Entry extends Lookup {
  asked: number;
  answered: number;
  firstAsked: Seen | null;
  lastAsked: Timestamp | null;
  readonly answers: Answer[];
}

/** An answer with an address, and its lookup. */
interface AddressAnswer {
  readonly lookup: Entry;
  readonly answer: Answer;
}

/** Lookups by name, and answers by address. */
interface Index {
  readonly byName: ReadonlyMap<string, readonly Entry[]>;
  readonly byAddress: ReadonlyMap<string, readonly AddressAnswer[]>;
  /** Whether there were more than are kept. */
  readonly isFull: boolean;
}

const HTTPS = 65;
const LOOKUP_BYTES = 320;
const ANSWER_BYTES = 240;
const ADDRESS_BYTES = 96;
const NO_ERROR = 0;

export function createLookups(most = BOUNDS.lookupBytes.value): Lookups {
  const entries = new Map<string, Entry>();
  const byName = new Map<string, Entry[]>();
  const byAddress = new Map<string, AddressAnswer[]>();
  let bytes = 0;
  let full = false;
  let hasGivenUp = false;

  function entryOf(protocol: LookupProtocol, client: string | null, name: string): Entry | undefined {
    const key = `${protocol} ${client ?? ''} ${name}`;
    const known = entries.get(key);
    if (known !== undefined || !hasRoom(LOOKUP_BYTES + 4 * name.length)) return known;
    const entry = { protocol, client, name, asked: 0, answered: 0, firstAsked: null, lastAsked: null, answers: [] };
    entries.set(key, entry);
    push(byName, name, entry, BOUNDS.lookupsOfName.value);
    return entry;
  }

  function hasRoom(size: number): boolean {
    if (bytes + size > most) full = true;
    else bytes += size;
    return !full;
  }

  function note(entry: Entry, answer: Answer): void {
    const last = entry.answers.findLast(({ type }) => type === answer.type);
    if (last?.code === answer.code && last.addresses.join() === answer.addresses.join()) return;
    if (entry.answers.length >= BOUNDS.lookupAnswers.value) return;
    const text = answer.aliases.reduce((sum, alias) => sum + alias.length, 0);
    if (!hasRoom(ANSWER_BYTES + ADDRESS_BYTES * answer.addresses.length + 2 * text)) return;
    entry.answers.push(answer);
    for (const address of answer.addresses) {
      push(byAddress, address, { lookup: entry, answer }, BOUNDS.lookupsOfAddress.value);
    }
  }

  return {
    take({ isResponse, code, question, answers }, { protocol, source, destination, frame, at }) {
      const seen = { frame, at };
      if (question === null) {
        for (const { name, type, value, ttl } of isResponse ? answers : []) {
          const entry = type === 'CNAME' ? undefined : entryOf(protocol, null, name);
          if (entry === undefined || type === 'CNAME') continue;
          note(entry, { ...seen, type, code, addresses: [value], aliases: [], ttl, resolver: source });
        }
        return;
      }
      const { name, type } = question;
      if (name === '' || (type !== A && type !== AAAA && type !== HTTPS)) return;
      const entry = entryOf(protocol, isResponse ? destination : source, name);
      if (entry === undefined) return;
      if (!isResponse) {
        entry.asked++;
        entry.firstAsked ??= seen;
        entry.lastAsked = at;
        return;
      }
      entry.answered++;
      const said = addressesOf(name, answers);
      if (said.addresses.length === 0 && code === NO_ERROR) return;
      note(entry, { ...seen, type: type === AAAA ? 'AAAA' : 'A', code, ...said, resolver: source });
    },
    add({ protocol, client, name, asked, answered, firstAsked, lastAsked, answers }) {
      const entry = entryOf(protocol, client, name);
      if (entry === undefined) return;
      entry.asked += asked;
      entry.answered += answered;
      entry.firstAsked ??= firstAsked;
      entry.lastAsked = lastAsked ?? entry.lastAsked;
      for (const answer of answers) note(entry, answer);
    },
    of: (connection) => serverLookup(connection, { byName, byAddress, isFull: full }),
    namesOf: (address) =>
      (byAddress.get(address) ?? []).flatMap(({ lookup: { name }, answer: { aliases } }) => [name, ...aliases]),
    list: () => [...entries.values()],
    isFull: () => full,
    isWhole: () => !full && !hasGivenUp,
    holder: {
      what: 'lookups',
      bytes: () => bytes,
      giveUp() {
        const count = entries.size;
        for (const table of [entries, byName, byAddress]) table.clear();
        bytes = 0;
        hasGivenUp ||= count > 0;
        return count;
      },
    },
  };
}

/** How the address of a connection's server was found before it began. */
function serverLookup(
  { client, server, clientHello, startedAt }: LookupSubject,
  { byName, byAddress, isFull }: Index,
): ServerLookup | null {
  const candidates = byAddress.size === 0 ? undefined : byAddress.get(server.address);
  if (candidates === undefined) return null;
  const began = toMilliseconds(startedAt);
  const isEarlier = (answer: Answer): boolean => toMilliseconds(answer.at) <= began;
  const serverName = clientHello?.serverName?.toLowerCase();
  const rank = ({ lookup }: AddressAnswer): number =>
    (lookup.name === serverName ? 2 : 0) + (lookup.client === client.address ? 1 : 0);
  let best: AddressAnswer | undefined;
  for (const one of candidates) {
    if (isEarlier(one.answer) && (best === undefined || rank(one) >= rank(best))) best = one;
  }
  if (best === undefined) return null;
  const about = answersAbout(best, byName).filter((one) => isEarlier(one) && one.code === NO_ERROR);
  const isCut = isFull || isCutBefore(best.lookup, byName, isEarlier);
  const isHere = (one: Answer): boolean => one.addresses.includes(server.address);
  const first = about.findIndex(isHere);
  const latest = about.at(-1);
  const { lookup, answer } = best;
  const { frame, at, resolver, aliases, ttl } = answer;
  return {
    protocol: lookup.protocol,
    name: lookup.name,
    client: lookup.client,
    resolver,
    aliases,
    ttl,
    frame,
    at,
    before: otherAnswer(about[first - 1]),
    since: otherAnswer(latest === undefined || isHere(latest) || isCut ? undefined : latest),
  };
}

/** Answers about the name that the same host received, or the same resolver gave; others need not agree. */
function answersAbout({ lookup, answer: { type, resolver } }: AddressAnswer, byName: Index['byName']): Answer[] {
  return [...new Set([lookup, ...(byName.get(lookup.name) ?? [])])]
    .filter(({ protocol }) => protocol === lookup.protocol)
    .flatMap(({ client, answers }) =>
      answers.filter((one) => one.type === type && (client === lookup.client || one.resolver === resolver)),
    )
    .sort((a, b) => toMilliseconds(a.at) - toMilliseconds(b.at) || a.frame - b.frame);
}

/** Whether answers about the name before then may be missing: the last known one need not be the last given. */
function isCutBefore(
  { name, protocol }: Entry,
  byName: Index['byName'],
  isEarlier: (answer: Answer) => boolean,
): boolean {
  return (byName.get(name) ?? []).some(
    (one) =>
      one.protocol === protocol && one.answers.length >= BOUNDS.lookupAnswers.value && one.answers.every(isEarlier),
  );
}

function push<Item>(table: Map<string, Item[]>, key: string, item: Item, most: number): void {
  const known = table.get(key);
  if (known === undefined) table.set(key, [item]);
  else if (known.length < most) known.push(item);
}

const otherAnswer = (answer: Answer | undefined): OtherAnswer | null =>
  answer === undefined ? null : { addresses: answer.addresses, frame: answer.frame, at: answer.at };

/** The addresses that a name leads to, through its aliases. Records about other names do not count. */
function addressesOf(name: string, records: DnsMessage['answers']): Pick<Answer, 'addresses' | 'aliases' | 'ttl'> {
  const chain = new Set([name]);
  let ttl = Infinity;
  // The set's iterator also returns names added meanwhile; a loop ends because a name is added only once.
  for (const one of chain) {
    for (const record of records) {
      if (record.name !== one) continue;
      ttl = Math.min(ttl, record.ttl);
      if (record.type === 'CNAME') chain.add(record.value);
    }
  }
  const own = records.filter((record) => record.type !== 'CNAME' && chain.has(record.name));
  return {
    addresses: [...new Set(own.map(({ value }) => value))].sort(),
    aliases: [...chain].slice(1),
    ttl: Number.isFinite(ttl) ? ttl : 0,
  };
}
