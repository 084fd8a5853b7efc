import { type BoundedMap, createBoundedMap, createBoundedSet } from '../../bounded-map.js';
import { BOUNDS } from '../../bounds.js';
import { lowerBound } from '../../lower-bound.js';
import type { Timestamp } from '../../capture/timestamp.js';
import { toMilliseconds } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import { connectTo } from './places.js';
import { NO_ABILITY, type Offers } from './offers.js';

/** A handshake that worked. */
export interface Success {
  /** Id of the connection. */
  readonly connection: string;
  /** Address of the client. */
  readonly client: string;
  /** When the connection began. */
  readonly at: Timestamp;
}

/** Handshakes that worked. */
export interface Successes {
  readonly count: number;
  /** Addresses, the first thousand. */
  readonly clients: readonly string[];
  readonly first: Success | null;
  readonly last: Success | null;
}

/**
 * A change that the capture shows: the same worked until the failures `began`, or works since they `ended`, or both;
 * `comes-and-goes`: it also worked between them, or failed now for one client, now for another. `none`: it never worked
 * in the capture.
 */
export type Change = 'began' | 'ended' | 'began-and-ended' | 'comes-and-goes' | 'none';

/** What worked before, between and after the failures of one cause. */
export interface Timeline {
  readonly change: Change;
  /**
   * The same clients (by address and by what their ClientHellos offer) with the server and server name that they failed
   * with: before the first failure of each, between its failures, and after its last.
   */
  readonly before: Successes;
  readonly meanwhile: Successes;
  readonly after: Successes;
  /** Other clients with the same servers and names, relative to the first and the last failure of all. */
  readonly others: { readonly before: Successes; readonly meanwhile: Successes; readonly after: Successes };
  /** The same clients, servers and names, but with another offer in the ClientHello. */
  readonly otherOffers: Successes;
  /** The same servers with other server names, from any client. */
  readonly otherNames: { readonly count: number; readonly serverNames: readonly string[] };
  /** The same clients at other servers; `sameName`: those where a server name worked that failed here. */
  readonly elsewhere: {
    readonly count: number;
    readonly servers: readonly string[];
    readonly sameName: readonly string[];
  };
  /** Each server and name where it failed, the most failures first; empty if there are too many to count. */
  readonly places: readonly PlaceCounts[];
}

/** The results of one server with one name. */
export interface PlaceCounts {
  /** `address:port`. */
  readonly server: string;
  /** Null if none was asked for, or no ClientHello shows it. */
  readonly serverName: string | null;
  /** Failures of this cause. */
  readonly failed: number;
  readonly firstFailureAt: Timestamp;
  readonly lastFailureAt: Timestamp;
  /** Handshakes of any client that worked since the first failure; null if the exact number is unknown. */
  readonly workedSince: number | null;
}

/** Server, name and offer: connections of one client in which these are equal attempt the same thing. */
export interface Aim {
  /** `address:port`. */
  readonly server: string;
  /** The requested server name, after a `=`; or `-` for none, or `*` without a ClientHello. */
  readonly name: string;
  /** What tells the client from others with its address (see `Offers`). */
  readonly ability: string;
}

/** Where successes count. */
export interface SuccessPlace {
  readonly server: Server;
  readonly place: Place;
}

/** What worked and what failed over time, by server and server name. */
export interface Timelines {
  /** A connection has failed; the reason is not known yet. Successes before and after it are kept apart. */
  noteFailure(connection: Connection, aim: Aim): void;
  /** Where successes with that aim count, until `giveUp`; null if there are too many such places. */
  placeOf(aim: Aim): SuccessPlace | null;
  /** A connection is judged that worked; `place` is that of its aim. */
  noteSuccess(connection: Connection, aim: Aim, place: SuccessPlace | null): void;
  /** A connection is judged that failed, and was passed to `noteFailure` before; `key` is that of its diagnosis. */
  explain(connection: Connection, aim: Aim, key: string): void;
  /** The timeline of the diagnosis with that key; null if its servers are not followed. */
  timelineOf(key: string): Timeline | null;
  /**
   * Whether the same has worked for the client with that address within so many milliseconds before that time, in milliseconds
   * since 1970.
   */
  hasJustWorked(address: string, aim: Aim, time: number, within: number): boolean;
  /** Whether a ClientHello with that server name was sent to that server. */
  isAsked(server: string, serverName: string): boolean;
  /** Its memory, in nominal bytes. */
  readonly bytes: () => number;
  /** Forgets everything; returns the number of servers with a name, or without. */
  giveUp(): number;
}

/** Servers with a name, or without, that are followed. */
const MAX_PLACES = BOUNDS.timelinePlaces.value;
/** Spans between failures, at one place, whose successes are kept apart. */
const MAX_CUTS = BOUNDS.timelineCuts.value;
/** At each end, so many spans are never merged. */
const ENDS = 24;
/** Clients told apart in all spans together. */
const MAX_TALLIES = BOUNDS.timelineClients.value;
/** Connections are judged in another order than they began, but hardly ever by more than so many at one place. */
const MAX_PENDING = BOUNDS.timelinePending.value;
/** First and last failures of clients that are kept for a diagnosis. */
const MAX_WINDOWS = BOUNDS.timelineWindows.value;
const MAX_LISTED = BOUNDS.listedConnections.value;
/** If so many clients succeed until some time, and as many others fail after it, that is no coincidence. */
const MANY_CLIENTS = 4;
/**
 * Nominal bytes of a place without its name, of one client's successes there, and of its failures with one diagnosis.
 */
const PLACE_BYTES = 768;
const TALLY_BYTES = 256;
const WINDOW_BYTES = 320;

/** A success, when it began, and the ability of its client: one object, since thousands of them are kept. */
interface Seen extends Timestamp, Pick<Success, 'connection' | 'client'> {
  readonly ability: string;
}

const timeOf = (seen: Seen): number => toMilliseconds(seen);

/** The successes of one client, or of all those that are not told apart. */
interface Tally {
  /** Null for those that are not told apart. */
  readonly ability: string | null;
  count: number;
  first: Seen;
  last: Seen;
}

/**
 * Successes between two failures, by client: by its address; if that has several abilities, all but the first by address and
 * ability; under `REST` those that are not told apart.
 */
type Span = Map<string, Tally>;

/** No address is a space. */
const REST = ' ';

/** The key of a client. A new string takes longer to look up than the address, which is one already. */
function keyIn(span: Span, address: string, ability: string): string {
  const first = span.get(address);
  return first === undefined || first.ability === ability ? address : clientKey(address, ability);
}

const keyOfTally = (span: Span, { ability, first }: Tally): string =>
  ability === null ? REST : keyIn(span, first.client, ability);

/** What tells a client from all others. */
const clientKey = (address: string, ability: string): string => `${address} ${ability}`;

/** A server with one name. */
interface Place {
  /** Times of failures, in order; only those between which there are successes. */
  readonly cuts: number[];
  /** What worked before the first cut, between each two, and after the last. */
  readonly spans: (Span | undefined)[];
  /** The latest connections judged: once there are `MAX_PENDING`, the next one replaces the oldest. */
  readonly pending: Seen[];
  /** Index of the oldest. */
  oldest: number;
  /** Failures without a ClientHello at this server that are already in the cuts. */
  blind: number;
}

interface Server {
  readonly places: Map<string, Place>;
  /** Times of failures without a name: they may concern any name. */
  readonly blind: number[];
  blindCount: number;
}

interface Window {
  first: number;
  last: number;
}

/** The failures of one client at one place. */
interface Counted extends Window {
  count: number;
  firstAt: Timestamp;
  lastAt: Timestamp;
}

/** The failures of one diagnosis. */
interface Failures extends Window {
  readonly clients: Set<string>;
  /** By server and name, and then by client's key. */
  readonly servers: Map<string, Map<string, Map<string, Counted>>>;
  windows: number;
  /** More clients failed than are told apart. */
  isPartial: boolean;
}

const ANY_NAME = '*';

/** The aim of a connection: that of one which repeats an earlier one is the same. */
export function aimOf(connection: Connection, offers: Offers): Aim {
  const { clientHello } = connection;
  const serverName = clientHello?.serverName ?? null;
  return {
    server: connectTo(connection),
    name: clientHello === null ? ANY_NAME : serverName === null ? '-' : `=${serverName}`,
    ability: offers.abilityOf(connection),
  };
}

/** The servers that are followed, and what worked there. */
interface Followed {
  readonly servers: BoundedMap<string, Server>;
  /** Servers with a name, or without. */
  places: number;
  /** Clients told apart in all spans. */
  tallies: number;
  /** Of places and windows, nominal. */
  bytes: number;
}

const newServer = (): Server => ({ places: new Map(), blind: [], blindCount: 0 });

function placeOf(followed: Followed, { places: own }: Server, name: string): Place | undefined {
  const known = own.get(name);
  if (known !== undefined || followed.places >= MAX_PLACES) return known;
  followed.places++;
  followed.bytes += PLACE_BYTES + name.length;
  const place: Place = { cuts: [], spans: [undefined], pending: [], oldest: 0, blind: 0 };
  own.set(name, place);
  return place;
}

/** Counts a success within a span. */
function noteSuccess(followed: Followed, span: Span, seen: Seen): void {
  const { client, ability } = seen;
  const own = span.get(client);
  const key = own === undefined || own.ability === ability ? client : clientKey(client, ability);
  const isToldApart = followed.tallies < MAX_TALLIES;
  const tally = (key === client ? own : span.get(key)) ?? (isToldApart ? undefined : span.get(REST));
  if (tally === undefined) {
    followed.tallies++;
    span.set(isToldApart ? key : REST, { ability: isToldApart ? ability : null, count: 1, first: seen, last: seen });
  } else join(tally, 1, seen, seen);
}

/** Keeps what worked before a failure apart from what worked after it. */
function cut(followed: Followed, place: Place, time: number): void {
  const { cuts, spans } = place;
  const index = indexOf(cuts, time);
  if (cuts[index] === time) return;
  cuts.splice(index, 0, time);
  const [earlier, later] = divide(spans[index], time);
  followed.tallies += (earlier?.size ?? 0) + (later?.size ?? 0) - (spans[index]?.size ?? 0);
  spans.splice(index, 1, earlier, later);
  if (cuts.length > MAX_CUTS) followed.tallies -= thin(place);
}

/** Counts a success at a place. */
function put(followed: Followed, server: Server, place: Place, seen: Seen): void {
  if (place.blind < server.blindCount) {
    for (const time of server.blind) cut(followed, place, time);
    place.blind = server.blindCount;
  }
  noteSuccess(followed, (place.spans[indexOf(place.cuts, timeOf(seen))] ??= new Map<string, Tally>()), seen);
}

function cutAtFailure(followed: Followed, { startedAt }: Connection, { server: key, name }: Aim): void {
  const server = followed.servers.getOrAdd(key, newServer);
  if (server === undefined) return;
  const time = toMilliseconds(startedAt);
  const place = placeOf(followed, server, name);
  if (name === ANY_NAME) {
    const index = indexOf(server.blind, time);
    if (server.blind[index] === time) return;
    server.blind.splice(index, 0, time);
    // Of many in a row, the first and the last matter.
    if (server.blind.length > MAX_CUTS) server.blind.splice(server.blind.length >> 1, 1);
    server.blindCount++;
  } else if (place !== undefined) cut(followed, place, time);
}

function addSuccess(
  followed: Followed,
  { id, client, startedAt }: Connection,
  { ability }: Aim,
  { server, place }: SuccessPlace,
): void {
  const { pending, oldest } = place;
  const { seconds, nanoseconds, digits } = startedAt;
  const seen: Seen = { connection: id, client: client.address, ability, seconds, nanoseconds, digits };
  const next = pending[oldest];
  if (next === undefined || pending.length < MAX_PENDING) {
    pending.push(seen);
    return;
  }
  pending[oldest] = seen;
  place.oldest = (oldest + 1) % MAX_PENDING;
  put(followed, server, place, next);
}

/** Removes the pending successes of a place, and returns them in order. */
function takePending(place: Place): readonly Seen[] {
  const taken = place.pending.splice(0);
  const { oldest } = place;
  place.oldest = 0;
  return oldest === 0 ? taken : [...taken.slice(oldest), ...taken.slice(0, oldest)];
}

/** Counts all pending successes; returns how many each client had at each server. */
function settle(followed: Followed): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const clients = new Map<string, Map<string, number>>();
  for (const [key, server] of followed.servers) {
    for (const place of server.places.values()) {
      for (const seen of takePending(place)) put(followed, server, place, seen);
      for (const span of place.spans) {
        for (const { ability, count, first } of span?.values() ?? []) {
          if (ability === null) continue;
          let own = clients.get(first.client);
          if (own === undefined) clients.set(first.client, (own = new Map<string, number>()));
          own.set(key, (own.get(key) ?? 0) + count);
        }
      }
    }
  }
  return clients;
}

/** What worked at the servers of a diagnosis: of the clients that failed, of others, with other offers, under other names. */
interface Around {
  readonly own: ReturnType<typeof newPhases>;
  readonly others: ReturnType<typeof newPhases>;
  readonly otherOffers: ReturnType<typeof newSum>;
  readonly otherNames: { count: number; readonly serverNames: Set<string> };
}

/** Null if not all of its servers are followed. */
function successesAround(servers: Followed['servers'], of: Failures): Around | null {
  const around: Around = {
    own: newPhases(),
    others: newPhases(),
    otherOffers: newSum(),
    otherNames: { count: 0, serverNames: new Set() },
  };
  for (const [serverKey, names] of of.servers) {
    const server = servers.get(serverKey);
    if (server === undefined || [...names.keys()].some((name) => !server.places.has(name))) return null;
    for (const [name, place] of server.places) {
      const windows = [names.get(name), names.get(ANY_NAME)].filter((each) => each !== undefined);
      for (const span of place.spans) addSpan(around, span, name, windows, of);
    }
  }
  return around;
}

function addSpan(
  { own, others, otherOffers, otherNames }: Around,
  span: Span | undefined,
  name: string,
  windows: readonly ReadonlyMap<string, Counted>[],
  of: Failures,
): void {
  for (const tally of span?.values() ?? []) {
    const { ability } = tally;
    const { client: address } = tally.first;
    const window =
      ability === null
        ? undefined
        : (firstOf(windows, clientKey(address, ability)) ?? firstOf(windows, clientKey(address, NO_ABILITY)));
    if (windows.length === 0) {
      otherNames.count += tally.count;
      if (name.startsWith('=')) otherNames.serverNames.add(name.slice(1));
    } else if (window !== undefined) addByWindow(own, tally, window, true);
    else if (ability !== null && of.clients.has(address)) addTally(otherOffers, tally, true);
    else addByWindow(others, tally, of, ability !== null);
  }
}

/** Whether a client's latest success at a place before that time was within so many milliseconds. */
function hasWorkedWithin(
  { cuts, spans }: Place,
  address: string,
  ability: string,
  time: number,
  within: number,
): boolean {
  for (let index = indexOf(cuts, time); index >= 0; index--) {
    const span = spans[index];
    const tally = span?.get(keyIn(span, address, ability));
    if (tally !== undefined && timeOf(tally.first) < time) {
      const last = timeOf(tally.last);
      return time - (last < time ? last : timeOf(tally.first)) <= within;
    }
    if (time - (cuts[index - 1] ?? -Infinity) > within) return false;
  }
  return false;
}

/** Nothing has happened yet. */
export function createTimelines(): Timelines {
  const followed: Followed = {
    servers: createBoundedMap({ size: MAX_PLACES, whenFull: 'refuse' }),
    places: 0,
    tallies: 0,
    bytes: 0,
  };
  const { servers } = followed;
  const failures = new Map<string, Failures>();
  let byClient: ReadonlyMap<string, ReadonlyMap<string, number>> | undefined;
  return {
    bytes: () => followed.bytes + followed.tallies * TALLY_BYTES,
    giveUp() {
      const count = followed.places;
      servers.clear();
      failures.clear();
      byClient = undefined;
      followed.places = followed.tallies = followed.bytes = 0;
      return count;
    },
    noteFailure(connection, aim) {
      cutAtFailure(followed, connection, aim);
    },
    placeOf(aim) {
      const server = servers.getOrAdd(aim.server, newServer);
      const place = server && placeOf(followed, server, aim.name);
      return server === undefined || place === undefined ? null : { server, place };
    },
    noteSuccess(connection, aim, place) {
      byClient = undefined;
      if (place !== null) addSuccess(followed, connection, aim, place);
    },
    explain(connection, aim, key) {
      const isNew = noteFailure(failures, key, connection, aim);
      if (isNew) followed.bytes += WINDOW_BYTES + aim.name.length;
    },
    timelineOf(key) {
      const of = failures.get(key);
      if (of === undefined) return null;
      byClient ??= settle(followed);
      const around = successesAround(servers, of);
      if (around === null) return null;
      const { own, others, otherOffers, otherNames } = around;
      return {
        change: changeOf(own, others, of),
        ...successesOf(own),
        others: successesOf(others),
        otherOffers: successesOfSum(otherOffers),
        otherNames: { count: otherNames.count, serverNames: [...otherNames.serverNames].slice(0, MAX_LISTED) },
        elsewhere: elsewhereOf(of, byClient, (server) => servers.get(server)?.places),
        places: of.isPartial ? [] : placesOf(of, (server) => servers.get(server)?.places ?? new Map<string, Place>()),
      };
    },
    hasJustWorked(address, { server, name, ability }, time, within) {
      byClient ??= settle(followed);
      const place = servers.get(server)?.places.get(name);
      return place !== undefined && hasWorkedWithin(place, address, ability, time, within);
    },
    isAsked: (server, serverName) => servers.get(server)?.places.has(`=${serverName}`) === true,
  };
}

/** Returns whether it is the first one of the client at that place. */
function noteFailure(failures: Map<string, Failures>, key: string, connection: Connection, aim: Aim): boolean {
  const { server, name, ability } = aim;
  const client = clientKey(connection.client.address, ability);
  const time = toMilliseconds(connection.startedAt);
  let of = failures.get(key);
  if (of === undefined) {
    of = { clients: new Set(), servers: new Map(), windows: 0, first: time, last: time, isPartial: false };
    failures.set(key, of);
  }
  extend(of, time);
  const known = of.servers.get(server)?.get(name)?.get(client);
  const at = connection.startedAt;
  if (known !== undefined) {
    known.count++;
    if (time < known.first) known.firstAt = at;
    if (time > known.last) known.lastAt = at;
    extend(known, time);
    return false;
  }
  if (of.windows >= MAX_WINDOWS) {
    of.isPartial = true;
    return false;
  }
  of.windows++;
  of.clients.add(connection.client.address);
  const names = of.servers.get(server) ?? new Map<string, Map<string, Counted>>();
  of.servers.set(server, names);
  const counted: Counted = { first: time, last: time, count: 1, firstAt: at, lastAt: at };
  names.set(name, (names.get(name) ?? new Map<string, Counted>()).set(client, counted));
  return true;
}

function placesOf(of: Failures, worked: (server: string) => ReadonlyMap<string, Place>): PlaceCounts[] {
  const counts: PlaceCounts[] = [];
  for (const [server, names] of of.servers) {
    for (const [name, clients] of names) {
      const all = [...clients.values()];
      const first = all.reduce((a, b) => (b.first < a.first ? b : a));
      const last = all.reduce((a, b) => (b.last > a.last ? b : a));
      const places = name === ANY_NAME ? [...worked(server).values()] : [worked(server).get(name)];
      counts.push({
        server,
        serverName: name.startsWith('=') ? name.slice(1) : null,
        failed: all.reduce((sum, { count }) => sum + count, 0),
        firstFailureAt: first.firstAt,
        lastFailureAt: last.lastAt,
        workedSince: places.reduce<number | null>((sum, place) => {
          const since = workedSince(place, first.first);
          return sum === null || since === null ? null : sum + since;
        }, 0),
      });
    }
  }
  return counts.sort((a, b) => b.failed - a.failed);
}

/** Successes at a place since that time; null if a span contains that time, and is not divided. */
function workedSince(place: Place | undefined, time: number): number | null {
  let count = 0;
  for (const span of place?.spans ?? []) {
    for (const tally of span?.values() ?? []) {
      if (timeOf(tally.first) >= time) count += tally.count;
      else if (timeOf(tally.last) >= time) return null;
    }
  }
  return count;
}

function extend(window: Window, time: number): void {
  window.first = Math.min(window.first, time);
  window.last = Math.max(window.last, time);
}

/** The index of the first time that is not earlier. */
function indexOf(times: readonly number[], time: number): number {
  return lowerBound(times.length, (index) => (times[index] as number) < time);
}

function firstOf(maps: readonly ReadonlyMap<string, Window>[], key: string): Window | undefined {
  for (const map of maps) {
    const found = map.get(key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function join(tally: Tally, count: number, first: Seen, last: Seen): void {
  tally.count += count;
  if (isBefore(first, tally.first)) tally.first = first;
  if (isBefore(tally.last, last)) tally.last = last;
}

/** By time, and of the same time by number. */
function isBefore(a: Seen, b: Seen): boolean {
  const one = timeOf(a);
  const other = timeOf(b);
  return one < other || (one === other && Number(a.connection) < Number(b.connection));
}

/** Divides a span's successes into those before a time, and since. */
function divide(span: Span | undefined, time: number): [Span | undefined, Span | undefined] {
  if (span === undefined) return [undefined, undefined];
  const earlier: Span = new Map();
  const later: Span = new Map();
  for (const tally of span.values()) {
    const sideOf = (seen: Seen): Span => (timeOf(seen) < time ? earlier : later);
    for (const [side, part] of parts(tally, sideOf)) side.set(keyOfTally(side, part), part);
  }
  return [earlier.size > 0 ? earlier : undefined, later.size > 0 ? later : undefined];
}

/**
 * Divides a tally by where its successes belong. That is known for the first and the last; if these differ, the others
 * count with the last.
 */
function parts<Where>(tally: Tally, whereOf: (seen: Seen) => Where): readonly [Where, Tally][] {
  const { ability, count, first, last } = tally;
  const [start, end] = [whereOf(first), whereOf(last)];
  if (start === end) return [[start, tally]];
  return [
    [start, { ability, count: 1, first, last: first }],
    [end, { ability, count: count - 1, first: last, last }],
  ];
}

/** Removes the least important cuts; returns how many tallies fewer there are. */
function thin(place: Place): number {
  const { cuts, spans } = place;
  let joined = 0;
  const remove = (index: number): void => {
    const [earlier, later] = [spans[index], spans[index + 1]];
    if (earlier !== undefined && later !== undefined) {
      for (const tally of later.values()) {
        const key = keyOfTally(earlier, tally);
        const known = earlier.get(key);
        if (known === undefined) earlier.set(key, tally);
        else {
          join(known, tally.count, tally.first, tally.last);
          joined++;
        }
      }
    }
    cuts.splice(index, 1);
    spans.splice(index, 2, earlier ?? later);
  };
  // Nothing worked between consecutive failures.
  for (let index = cuts.length - 2; index > 0; index--) {
    if (spans[index] === undefined && spans[index + 1] === undefined) remove(index);
  }
  if (cuts.length > MAX_CUTS / 2) {
    for (let index = cuts.length - ENDS; index > ENDS; index -= 2) remove(index);
  }
  return joined;
}

interface Sum {
  count: number;
  readonly clients: Set<string>;
  first: Seen | null;
  last: Seen | null;
}

type Phases = Record<'before' | 'meanwhile' | 'after', Sum>;

function newSum(): Sum {
  return { count: 0, clients: new Set(), first: null, last: null };
}

function newPhases(): Phases {
  return { before: newSum(), meanwhile: newSum(), after: newSum() };
}

function addTally(sum: Sum, { count, first, last }: Tally, isOneClient: boolean): void {
  sum.count += count;
  if (isOneClient) sum.clients.add(first.client);
  if (sum.first === null || isBefore(first, sum.first)) sum.first = first;
  if (sum.last === null || isBefore(sum.last, last)) sum.last = last;
}

function addByWindow(phases: Phases, tally: Tally, { first, last }: Window, isOneClient: boolean): void {
  const phaseOf = (seen: Seen): keyof Phases => {
    const time = timeOf(seen);
    return time < first ? 'before' : time > last ? 'after' : 'meanwhile';
  };
  for (const [phase, part] of parts(tally, phaseOf)) addTally(phases[phase], part, isOneClient);
}

function successesOf({ before, meanwhile, after }: Phases): Record<keyof Phases, Successes> {
  return { before: successesOfSum(before), meanwhile: successesOfSum(meanwhile), after: successesOfSum(after) };
}

function successesOfSum({ count, clients, first, last }: Sum): Successes {
  const success = (seen: Seen | null): Success | null => {
    if (seen === null) return null;
    const { connection, client, seconds, nanoseconds, digits } = seen;
    return { connection, client, at: { seconds, nanoseconds, digits } };
  };
  return { count, clients: [...clients].slice(0, MAX_LISTED), first: success(first), last: success(last) };
}

/**
 * One client's success says nothing about another, which may be too old or trust something else. But if many clients
 * succeeded, and then as many others failed, time is what tells them apart.
 */
function changeOf(own: Phases, others: Phases, { clients: failed, first, last }: Failures): Change {
  const isOwn = own.before.count + own.meanwhile.count + own.after.count > 0;
  const { before, meanwhile, after } = isOwn ? own : others;
  const least = isOwn ? 1 : MANY_CLIENTS;
  if (!isOwn && (failed.size < least || meanwhile.count > 0)) return 'none';
  if (meanwhile.count > 0) return 'comes-and-goes';
  const is = ({ clients }: Sum): boolean => clients.size >= least;
  if (is(before) && is(after)) {
    const isApart = timeOrZero(before.last) < first && timeOrZero(after.first) > last;
    return isApart ? 'began-and-ended' : 'comes-and-goes';
  }
  if (is(before) && after.count === 0) return 'began';
  return is(after) && before.count === 0 ? 'ended' : 'none';
}

const timeOrZero = (seen: Seen | null): number => (seen === null ? 0 : timeOf(seen));

function elsewhereOf(
  { clients, servers: failing }: Failures,
  successes: ReadonlyMap<string, ReadonlyMap<string, number>>,
  placesAt: (server: string) => ReadonlyMap<string, Place> | undefined,
): Timeline['elsewhere'] {
  const servers = createBoundedSet<string>(MAX_LISTED);
  let count = 0;
  for (const client of clients) {
    for (const [server, number] of successes.get(client) ?? []) {
      if (failing.has(server)) continue;
      count += number;
      servers.add(server);
    }
  }
  const names = new Set(
    [...failing.values()].flatMap((each) => [...each.keys()]).filter((name) => name.startsWith('=')),
  );
  const sameName = [...servers].filter((server) => {
    const places = placesAt(server);
    return places !== undefined && [...names].some((name) => hasWorkedFor(places.get(name), clients));
  });
  return { count, servers: [...servers], sameName };
}

/** Whether one of the clients, by address, had success at a place. */
function hasWorkedFor(place: Place | undefined, clients: ReadonlySet<string>): boolean {
  for (const span of place?.spans ?? []) {
    for (const { last } of span?.values() ?? []) if (clients.has(last.client)) return true;
  }
  return false;
}
