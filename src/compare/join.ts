/** Joins what captures at several points of one path show. */
import { BOUNDS } from '../bounds.js';
import type { Timestamp } from '../capture/timestamp.js';
import type {
  Between,
  Connection,
  Outcome,
  PacketSighting,
  PathClock,
  PathDifference,
  PathFacts,
  PathPacket,
  PathSummary,
  Side,
  Sighting,
} from '../connection/connection.js';
import { overEap } from '../connection/connection.js';
import { endpointText } from '../connection/endpoint.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import { compareClocks, unknownClock, type ClockAt, type PassedPacket } from './clock.js';
import { differencesOf, lacksDirection, type Running } from './differences.js';
import { match, type Group } from './match.js';
import { mayBeSame, pairUp, type Pairing } from './pairs.js';
import { findProxies, type Proxy } from './proxy.js';
import type { DatagramsByLength, TracedPacket } from './trace.js';
import { sightingOf, synOf, whatOf, type View } from './view.js';

/** What one point shows. */
export interface Point {
  /** Index of its first capture, and number of captures. */
  readonly capture: number;
  readonly captures: number;
  readonly views: readonly View[];
  /** Times of the first and last packet of its captures; null without packets. */
  readonly first: Timestamp | null;
  readonly last: Timestamp | null;
  /** Datagrams without a connection: cut short, without the first one, or something else; null if not all were kept. */
  readonly datagrams: DatagramsByLength | null;
  /** Whether all its connections are here: then a missing one was not seen there. */
  readonly isWhole: boolean;
  /** Whether it has packets of EAP, or of RADIUS, that could not be read. */
  readonly hasUnreadEap: boolean;
}

/** A connection of the path, with what its points show of it together. */
export interface JoinedConnection {
  readonly connection: Connection;
  /** The views it was joined from; not used afterwards. */
  readonly views: readonly View[];
}

export interface Joined {
  /** In the order of the path's time; each is joined on demand. */
  readonly connections: Iterable<JoinedConnection>;
  readonly summary: PathSummary;
  /** Points after which no proxy was looked for, because too many connections are similar. */
  readonly unsearched: readonly number[];
}

const MOST_PACKETS = BOUNDS.pathPackets.value;
const SIDES: readonly Side[] = ['client', 'server'];
/** The order in which views are preferred for the report, by outcome. */
const SHOWN_FIRST: Readonly<Record<Outcome, number>> = { failed: 0, established: 1, incomplete: 2, 'not-tls': 3 };

const microseconds = ({ seconds, nanoseconds }: Timestamp): number => seconds * 1e6 + nanoseconds / 1e3;

/** Converts times from one point's clock to another's. */
type Translate = (from: number, to: number, time: number) => number | null;

export function join(points: readonly Point[]): Joined {
  const groups = match(points.map(({ views }) => views));
  const pairings = new Map<View, Map<View, Pairing>>();
  const pairingOf = (here: View, there: View): Pairing => {
    let known = pairings.get(here);
    if (known === undefined) pairings.set(here, (known = new Map<View, Pairing>()));
    let pairing = known.get(there);
    if (pairing === undefined) known.set(there, (pairing = pairUp(here, there)));
    return pairing;
  };
  const compared = points.slice(1).map((_, index) => {
    const between: Between = [index, index + 1];
    return compareClocks(
      between,
      groups.flatMap((group) => passedPacketsOf(group, between, pairingOf)),
    );
  });
  const ats = compared.map(({ at }) => at);
  const translate = translator(ats);
  const { proxies, unsearched } = findProxies(points, groups, translate);
  const clocks = compared.map(({ clock }) => (clock.packets > 0 ? clock : nestedClock(clock, proxies)));
  const times = runningTimes(points, groups, translate, clocks, pairingOf);
  const around: Surroundings = {
    points: points.map(({ capture, captures, first, last, isWhole, hasUnreadEap }) => {
      return { capture, captures, first, last, isWhole, hasUnreadEap };
    }),
    serversOfBoth: serversOfBoth(groups),
    translate,
    pairingOf,
    proxies: proxiesByView(proxies),
    unsearched,
    times,
    isUnread: createUnreadSearch(points, groups),
  };
  const summary = {
    points: points.map(({ capture, captures, views }) => ({ capture, captures, connections: views.length })),
    clocks,
    matched: groups.filter((group) => group.filter((view) => view !== null).length > 1).length,
  };
  const startOf = new Map(groups.map((group) => [group, startedAt(group, translate)]));
  groups.sort((a, b) => (startOf.get(a) ?? 0) - (startOf.get(b) ?? 0)).reverse();
  startOf.clear();
  function* joinEach(): Generator<JoinedConnection> {
    // Joined groups are dropped: they take as much memory as the result.
    for (let group = groups.pop(); group !== undefined; group = groups.pop()) {
      const connection = joined(group, around);
      const views = group.filter((view) => view !== null);
      for (const view of views) pairings.delete(view);
      yield { connection, views };
    }
  }
  return { connections: joinEach(), summary, unsearched };
}

/** When a connection began, by the clock of the first point. */
function startedAt(group: Group, translate: Translate): number {
  const first = group.find((view) => view !== null);
  if (first === undefined) return 0;
  const time = microseconds(first.connection.startedAt);
  return translate(first.point, 0, time) ?? time;
}

/**
 * Servers, with the point, of connections that both this point and the one before it show with the same address and
 * port.
 */
function serversOfBoth(groups: readonly Group[]): ReadonlySet<string> {
  return new Set(
    groups.flatMap((group) =>
      group.flatMap((view, point) => {
        const here = group[point - 1] ?? null;
        if (here === null || view === null || view.packets.client.length === 0) return [];
        const server = endpointText(here.connection.server);
        return server === endpointText(view.connection.server) ? [`${point} ${server}`] : [];
      }),
    ),
  );
}

/** Proxies by the views that show them. */
interface ProxiesByView {
  readonly byOuter: ReadonlyMap<View, Proxy>;
  /** All connections that a proxy terminated or opened. */
  readonly views: ReadonlySet<View>;
}

function proxiesByView(proxies: readonly Proxy[]): ProxiesByView {
  return {
    byOuter: new Map(proxies.map((proxy) => [proxy.outer, proxy])),
    views: new Set(proxies.flatMap(({ outer, inner }) => (inner === null ? [outer] : [outer, inner]))),
  };
}

/** Converts from clock to clock; null if one of them cannot be compared. */
function translator(ats: readonly ClockAt[]): Translate {
  return (from, to, time) => {
    let now: number | null = time;
    for (let point = from; point < to && now !== null; point++) {
      const ahead: number | null = ats[point]?.(now) ?? null;
      now = ahead === null ? null : now + ahead;
    }
    for (let point = from; point > to && now !== null; point--) {
      // The offset is needed by the first point's clock, which is about this one minus the offset.
      const rough: number | null = ats[point - 1]?.(now) ?? null;
      const ahead: number | null = rough === null ? null : (ats[point - 1]?.(now - rough) ?? null);
      now = ahead === null ? null : now - ahead;
    }
    return now;
  };
}

/** The packets of a connection that passed two neighbouring points. */
function passedPacketsOf(
  group: Group,
  [p, q]: Between,
  pairingOf: (here: View, there: View) => Pairing,
): PassedPacket[] {
  const here = group[p] ?? null;
  const there = group[q] ?? null;
  if (here === null || there === null) return [];
  if (overEap(here.connection) !== null) return passedEapPackets(here.connection, there.connection);
  return pairingOf(here, there)
    .pairs.filter(({ isSame }) => isSame)
    .map((pair) => ({ isForward: pair.from === 'client', here: pair.here.time, there: pair.there.time }));
}

/**
 * EAP changes its carrier on the way, and may be fragmented differently: both points show whole messages, the first and
 * the last ones.
 */
function passedEapPackets(here: Connection, there: Connection): PassedPacket[] {
  const crossing = (from: Side, one: Sighting, other: Sighting): PassedPacket => {
    return { isForward: from === 'client', here: microseconds(one.at), there: microseconds(other.at) };
  };
  const ofServer = ({ eap }: Connection): readonly (Sighting | null)[] => [
    eap?.started[0] ?? null,
    eap?.result ?? null,
  ];
  const others = ofServer(there);
  const marks = ofServer(here).flatMap((one, index): PassedPacket[] => {
    const other = others[index] ?? null;
    return one === null || other === null ? [] : [crossing('server', one, other)];
  });
  return SIDES.flatMap((from): PassedPacket[] => {
    const of = ({ messages }: Connection) => messages.filter((one) => one.from === from);
    const theirs = of(there);
    const messages = of(here).flatMap((message, index): PassedPacket[] => {
      const other = theirs[index];
      return other?.type !== message.type || other.length !== message.length ? [] : [crossing(from, message, other)];
    });
    if (messages.length > 0) return messages;
    // Before TLS: the last packet, if both points have the same number.
    const [one, other] = [overEap(here)?.[from], overEap(there)?.[from]];
    const isSameLast = one?.packets === other?.packets && one?.lastLength === other?.lastLength;
    const [last, otherLast] = [one?.last ?? null, other?.last ?? null];
    return last === null || otherLast === null || !isSameLast ? [] : [crossing(from, last, otherLast)];
  }).concat(marks);
}

/** Without a common packet, a connection that a proxy opened during another one bounds the offset. */
function nestedClock(clock: PathClock, proxies: readonly Proxy[]): PathClock {
  const [p, q] = clock.between;
  let least = -Infinity;
  let most = Infinity;
  for (const { outer, inner } of proxies) {
    if (outer.point !== p || inner?.point !== q) continue;
    least = Math.max(least, millisecondsBetween(outer.connection.endedAt, inner.connection.endedAt));
    most = Math.min(most, millisecondsBetween(outer.connection.startedAt, inner.connection.startedAt));
  }
  if (!Number.isFinite(least) || !Number.isFinite(most)) return unknownClock(clock.between);
  const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
  return {
    ...clock,
    basis: 'nested',
    aheadMs: rounded((least + most) / 2),
    errorMs: rounded(Math.abs(most - least) / 2),
    atLeastMs: rounded(least),
    atMostMs: rounded(most),
  };
}

/** By point: datagrams that could not be read, and those of connections that the point before it does not show. */
function unmatchedDatagrams(points: readonly Point[], groups: readonly Group[]): (DatagramsByLength | null)[] {
  return points.map(({ datagrams }, point) => {
    if (datagrams === null) return null;
    const byLength = new Map([...datagrams].map(([length, packets]) => [length, [...packets]]));
    for (const group of groups) {
      const view = group[point] ?? null;
      if (view?.connection.transport.kind !== 'udp' || (group[point - 1] ?? null) !== null) continue;
      for (const packet of view.packets.client) {
        const same = byLength.get(packet.length);
        if (same === undefined) byLength.set(packet.length, [packet]);
        else same.push(packet);
      }
    }
    return byLength;
  });
}

/**
 * Searches a client's datagrams among the unread ones of a point; if that takes too long, it reports that they may be
 * there.
 */
function createUnreadSearch(points: readonly Point[], groups: readonly Group[]) {
  const unmatched = unmatchedDatagrams(points, groups);
  let comparisonsLeft = BOUNDS.unreadComparisons.value;
  return (point: number, sent: readonly TracedPacket[]): boolean => {
    const others = unmatched[point] ?? null;
    if (others === null) return true;
    return sent.some((one) => others.get(one.length)?.some((other) => --comparisonsLeft < 0 || mayBeSame(one, other)));
  };
}

interface Surroundings {
  readonly points: readonly Omit<Point, 'views' | 'datagrams'>[];
  /** As `serversOfBoth`. */
  readonly serversOfBoth: ReadonlySet<string>;
  readonly translate: Translate;
  readonly pairingOf: (here: View, there: View) => Pairing;
  readonly proxies: ProxiesByView;
  readonly unsearched: readonly number[];
  readonly times: RunningTimes;
  readonly isUnread: (point: number, sent: readonly TracedPacket[]) => boolean;
}

interface RunningTimes {
  /** Whether a point's capture was running when a packet passed another point. */
  readonly at: (packet: TracedPacket, seenAt: number, point: number) => Running;
  /** Whether a point's capture ended before what it would have shown. */
  readonly isOver: (point: number) => boolean;
}

/**
 * Times at which captures were running, by their first and last packet; a capture had ended if another point shows
 * later packets of its side.
 */
function runningTimes(
  points: readonly Point[],
  groups: readonly Group[],
  translate: Translate,
  clocks: readonly PathClock[],
  pairingOf: (here: View, there: View) => Pairing,
): RunningTimes {
  /** A packet nearer to the start or end of a capture than the error of the clocks counts as outside. */
  const placeIn = (packet: TracedPacket, seenAt: number, point: number): 'before' | 'within' | 'after' | null => {
    const time = translate(seenAt, point, packet.time);
    const { first = null, last = null } = points[point] ?? {};
    if (time === null || first === null || last === null) return null;
    const error = (clocks[Math.min(seenAt, point)]?.errorMs ?? 0) * 1000;
    return time < microseconds(first) + error ? 'before' : time > microseconds(last) - error ? 'after' : 'within';
  };
  const isOver = new Set<number>();
  for (const group of groups) {
    for (const [p, here] of group.entries()) {
      const there = group[p + 1] ?? null;
      if (here === null || there === null) continue;
      const { only } = pairingOf(here, there);
      const isLater = (packet: TracedPacket, seenAt: number, point: number): boolean =>
        whatOf(packet) !== 'reset' && placeIn(packet, seenAt, point) === 'after';
      if (only.client[1].some((packet) => isLater(packet, p + 1, p))) isOver.add(p);
      if (only.server[0].some((packet) => isLater(packet, p, p + 1))) isOver.add(p + 1);
    }
  }
  return {
    isOver: (point) => isOver.has(point),
    at(packet, seenAt, point) {
      const place = placeIn(packet, seenAt, point);
      if (place === 'before' || (place === 'after' && isOver.has(point))) return 'no';
      return place === 'within' ? 'yes' : 'perhaps';
    },
  };
}

/** Whether a capture lacks a part of the connection that another one has: a direction, the beginning, or the end. */
function isShort(view: View, views: readonly View[], { isOver }: RunningTimes): boolean {
  const { how } = view.connection.ending;
  const isSilent = how === 'timeout' || how === 'none';
  const hasHello = ({ connection: { clientHello } }: View): boolean => clientHello !== null;
  if ((isSilent && isOver(view.point)) || (!hasHello(view) && views.some(hasHello))) return true;
  return views.some((other) => other !== view && SIDES.some((side) => lacksDirection(view, other, side)));
}

function joined(group: Group, around: Surroundings): Connection {
  const { points, translate, pairingOf, proxies, times } = around;
  const views = group.filter((view) => view !== null);
  const whole = views.filter((view) => !isShort(view, views, times));
  const own = (whole.length > 0 ? whole : views).reduce((best, view) =>
    SHOWN_FIRST[view.outcome] < SHOWN_FIRST[best.outcome] ? view : best,
  );
  const differences: PathDifference[] = [];
  const rows = createRows(points.length);
  for (const view of views) rows.add(view);
  for (const [index, there] of views.entries()) {
    const here = views[index - 1];
    if (here === undefined) continue;
    const pairing = pairingOf(here, there);
    rows.join(pairing, here, there);
    differences.push(
      ...differencesOf({
        here,
        there,
        between: [here.point, there.point],
        pairing,
        running: (packet, { point }) => times.at(packet, point, point === here.point ? there.point : here.point),
      }),
    );
  }
  differences.push(...absences(group, own, around));
  const isEnded = own.outcome === 'incomplete' && isHandshakeEnded(views, differences);
  const proxy = views.map((view) => proxies.byOuter.get(view)).find((one) => one !== undefined);
  if (proxy !== undefined) differences.unshift(proxyDifference(proxy));
  const ownStart = microseconds(own.connection.startedAt);
  const path: PathFacts = {
    points: points.map(({ capture }, point) => {
      const view = group[point] ?? null;
      const there = translate(own.point, point, ownStart);
      return {
        capture,
        seen: view === null ? null : seenOf(view),
        aheadMs: there === null ? null : Math.round(there - ownStart) / 1000,
      };
    }),
    own: own.point,
    differences,
    packets: rows.list(own.point, translate),
  };
  return { ...own.connection, ...(isEnded ? { outcome: 'failed' } : {}), path };
}

/** After so many lost copies, more waiting does not help. */
const LEAST_LOST = 3;

/**
 * Whether what differs between the points ended an incomplete TLS handshake over TCP, so that it has failed although
 * each capture alone leaves that open: a capture cut short, for example, lacks the messages, but shows who spoke when.
 */
function isHandshakeEnded(views: readonly View[], differences: readonly PathDifference[]): boolean {
  const isTls = views.some(
    ({ connection }) =>
      connection.protocol === 'tls' && (connection.clientHello !== null || connection.partialClientHello !== null),
  );
  if (!isTls || !views.every(isBeforeAnswer)) return false;
  const isReset = views.some(({ connection }) => connection.ending.how === 'reset');
  return differences.some(
    (one) =>
      (one.kind === 'lost' && one.isProven && one.what === 'data' && one.packets >= LEAST_LOST) ||
      (one.kind === 'inserted' && one.isProven && one.what === 'reset' && isReset),
  );
}

/**
 * Whether a view shows a connection from its beginning, and the client sent nothing new after the server's first bytes.
 */
function isBeforeAnswer(view: View): boolean {
  const syn = synOf(view, 'client');
  if (syn === undefined || !view.isWhole) return false;
  const answer = view.packets.server.find(({ length }) => length > 0)?.time ?? Infinity;
  const endOf = ({ sequence, length }: TracedPacket): number => (sequence + length - syn.sequence) | 0;
  const sentBytes = (packets: readonly TracedPacket[]): number => Math.max(0, ...packets.map(endOf));
  const data = view.packets.client.filter(({ length }) => length > 0);
  return sentBytes(data) === sentBytes(data.filter(({ time }) => time <= answer));
}

function seenOf({ connection: { firstFrame, client, server, startedAt }, outcome, diagnosis }: View) {
  return { firstFrame, client, server, startedAt, outcome, diagnosis };
}

function proxyDifference({ outer, inner, issuers, isProven }: Proxy): PathDifference {
  const other = inner?.connection ?? outer.connection;
  const { clientHello, firstFrame, startedAt } = other;
  return {
    kind: 'tls-terminated',
    between: [outer.point, inner?.point ?? outer.point + 1],
    at:
      clientHello === null
        ? { frame: firstFrame, at: startedAt, from: 'client' }
        : { ...frameOf(clientHello), from: 'client' },
    client: other.client,
    server: other.server,
    issuers,
    isProven,
  };
}

const frameOf = ({ frame, at }: { readonly frame: number; readonly at: Timestamp }) => ({ frame, at });

/** The points that do not show a connection, although the point before them does. */
function absences(group: Group, own: View, around: Surroundings): PathDifference[] {
  const { points, serversOfBoth, translate, proxies, unsearched, isUnread } = around;
  const { connection } = own;
  if (group.some((view) => view !== null && proxies.views.has(view))) return [];
  return group.flatMap((view, point): PathDifference[] => {
    const here = point - 1 >= 0 ? (group[point - 1] ?? null) : null;
    const { isWhole = false, first = null, last = null, hasUnreadEap = false } = points[point] ?? {};
    // A lost connection is missing after a point that shows it; if it is missing before that point, it took another
    // way.
    if (view !== null || here === null || !isWhole || unsearched.includes(point - 1)) return [];
    // The connection may be among what could not be read: cut short, or altered.
    if (connection.transport.kind === 'udp' && isUnread(point, here.packets.client)) return [];
    if (connection.eap !== null && hasUnreadEap) return [];
    const time = translate(here.point, point, microseconds(here.connection.startedAt));
    const isRunning =
      time !== null && first !== null && last !== null && time >= microseconds(first) && time <= microseconds(last);
    // A filtered capture would show other connections to the same server, and one behind a load balancer would show
    // some to that address.
    const showsOthers = serversOfBoth.has(`${point} ${endpointText(here.connection.server)}`);
    const [packet] = here.packets.client;
    const { startedAt, firstFrame } = here.connection;
    return [
      {
        kind: 'absent',
        between: [here.point, point],
        isAnswered: here.connection.transport.server.bytes > 0 || here.packets.server.length > 0,
        at: packet === undefined ? { frame: firstFrame, at: startedAt, from: 'client' } : sightingOf(packet, 'client'),
        isProven: isRunning && showsOthers,
      },
    ];
  });
}

/** The table of the packets of one connection. */
function createRows(points: number) {
  const rowOf = new Map<TracedPacket, Row>();
  interface Row {
    readonly from: Side;
    readonly packet: TracedPacket;
    readonly point: number;
    readonly seen: (PacketSighting | null)[];
  }
  return {
    add({ point, packets }: View): void {
      for (const from of SIDES) {
        for (const packet of packets[from]) {
          const seen = Array.from({ length: points }, (_, at) => (at === point ? frameOf(packet) : null));
          rowOf.set(packet, { from, packet, point, seen });
        }
      }
    },
    /** Makes one row of each pair. */
    join({ pairs }: Pairing, here: View, there: View): void {
      for (const pair of pairs) {
        const row = rowOf.get(pair.here);
        if (row === undefined) continue;
        row.seen[there.point] = frameOf(pair.there);
        row.seen[here.point] ??= frameOf(pair.here);
        rowOf.set(pair.there, row);
      }
    },
    list(own: number, translate: Translate): PathPacket[] {
      return [...new Set(rowOf.values())]
        .map((row) => ({ row, time: translate(row.point, own, row.packet.time) ?? row.packet.time }))
        .sort((a, b) => a.time - b.time)
        .slice(0, MOST_PACKETS)
        .map(({ row: { from, packet, seen } }) => ({ from, what: whatOf(packet), bytes: packet.length, seen }));
    },
  };
}
