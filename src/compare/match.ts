/** Finds the connections of one point at the other points. */
import { BOUNDS } from '../bounds.js';
import { hex, u8 } from '../bytes.js';
import { overEap } from '../connection/connection.js';
import { ACK, RST } from '../packet/packet.js';
import type { Side } from '../connection/connection.js';
import type { TracedPacket } from './trace.js';
import { synOf, type View } from './view.js';

/** One connection, by point; null where it is not seen. */
export type Group = (View | null)[];

/**
 * Kinds of marks that identify connections, the most reliable first. Addresses and ports are not used: they may be
 * translated on the way.
 */
const KINDS: readonly ((view: View) => readonly string[])[] = [
  randomOf,
  numbersOf,
  stationOf,
  synNumberOf,
  timestampsOf,
  placesOf,
  dataOf,
  identityOf,
];

/** Packets of a side that are used as marks. */
const MOST_MARKS = BOUNDS.markingPackets.value;
/** Bytes of a datagram that are unique in practice. */
const LEAST_DATAGRAM = 32;
const SIDES: readonly Side[] = ['client', 'server'];

/** ClientHello.random, which only a TLS-terminating proxy changes. */
function randomOf({ connection: { clientHello, partialClientHello } }: View): readonly string[] {
  const random = (clientHello ?? partialClientHello)?.random ?? '';
  return random === '' ? [] : [random];
}

/** Both initial sequence numbers of TCP; the first connection IDs of a QUIC client. */
function numbersOf(view: View): readonly string[] {
  const client = synOf(view, 'client');
  const server = synOf(view, 'server');
  if (client !== undefined && server !== undefined) return [`${client.sequence} ${server.sequence}`];
  const [first] = view.packets.client;
  const ids = view.connection.quic === null || first === undefined ? null : connectionIds(first);
  return ids === null ? [] : [ids];
}

/** The client's initial sequence number with its destination port, for captures without the server's answer. */
function synNumberOf(view: View): readonly string[] {
  const syn = synOf(view, 'client');
  return syn === undefined ? [] : [`${syn.sequence} ${view.connection.server.port}`];
}

/** The timestamps of the SYNs, for firewalls that rewrite sequence numbers. */
function timestampsOf({ packets, connection }: View): readonly string[] {
  return packets.client.flatMap(({ mss, timestamp }) =>
    mss === null || timestamp === null || timestamp === 0 ? [] : [`${timestamp} ${connection.server.port}`],
  );
}

/** The places of packets in both TCP streams, for captures without the beginning or one direction. */
function placesOf(view: View): readonly string[] {
  return SIDES.flatMap((side) =>
    view.packets[side]
      .slice(-MOST_MARKS)
      .flatMap(({ flags, sequence, acknowledgment }) =>
        (flags & (ACK | RST)) === ACK ? [`${side} ${sequence} ${acknowledgment}`] : [],
      ),
  );
}

/**
 * Data with its timestamp, for firewalls that rewrite sequence numbers; datagrams, whose content is encrypted or
 * random.
 */
function dataOf({ packets, connection: { transport } }: View): readonly string[] {
  return SIDES.flatMap((side) =>
    packets[side].slice(-MOST_MARKS).flatMap(({ timestamp, length, hash, isWhole }) => {
      const isTold =
        transport.kind === 'tcp' ? (timestamp ?? 0) !== 0 && length > 0 : isWhole && length >= LEAST_DATAGRAM;
      return isTold ? [`${side} ${timestamp ?? ''} ${length} ${hash}`] : [];
    }),
  );
}

/** A supplicant's names: its own, and the switch's for it. */
function stationOf(view: View): readonly string[] {
  const { eap, client } = view.connection;
  if (eap === null || overEap(view.connection) === null) return [];
  const station = (eap.stationId ?? client.address).toLowerCase().replace(/[^0-9a-f]/g, '');
  return station.length === 12 ? [`${station} ${eap.identity ?? ''}`] : [];
}

function identityOf({ connection: { eap } }: View): readonly string[] {
  return eap?.identity === undefined || eap.identity === null ? [] : [eap.identity];
}

/** Destination and source connection ID of a long header (RFC 9000 §17.2); null if there is none. */
function connectionIds({ bytes }: TracedPacket): string | null {
  if (bytes.length < 7 || (u8(bytes, 0) & 0x80) === 0) return null;
  const destination = u8(bytes, 5);
  const source = 6 + destination;
  if (destination > 20 || bytes.length <= source) return null;
  const end = source + 1 + u8(bytes, source);
  return end > bytes.length || end - 7 < 8
    ? null
    : `${hex(bytes.subarray(6, source))} ${hex(bytes.subarray(source + 1, end))}`;
}

/** The carrier of a connection, which is the same at all points; that of EAP changes on the way. */
const carrierOf = ({ connection: { eap, transport } }: View): string => (eap === null ? transport.kind : 'eap');

/** Finds groups without a view of one point by a mark. */
interface Finder {
  /** The first group that the view can belong to: the ClientHellos, if both are visible, are the same. */
  find(view: View): Group | undefined;
}

/** Any ClientHello, or none. */
const ANY = '*';

function createFinder(groups: readonly Group[], point: number, marksOf: (view: View) => readonly string[]): Finder {
  /**
   * By carrier, ClientHello and mark: indexes in `groups`, the first one last. Groups that have a view by now are
   * skipped.
   */
  const places = new Map<string, number[]>();
  const keyOf = (view: View, random: string, mark: string): string => `${carrierOf(view)} ${random} ${mark}`;
  /** Filled when needed, for a view without a ClientHello. */
  let hasAny = false;
  const fill = (randomFor: (random: string) => string): void => {
    for (let place = groups.length - 1; place >= 0; place--) {
      const views = (groups[place] as Group).filter((view) => view !== null);
      const [first] = views;
      if (first === undefined || (groups[place]?.[point] ?? null) !== null) continue;
      const random = randomFor(views.flatMap(randomOf)[0] ?? '');
      for (const mark of new Set(views.flatMap(marksOf))) {
        const key = keyOf(first, random, mark);
        const same = places.get(key);
        if (same === undefined) places.set(key, [place]);
        else same.push(place);
      }
    }
  };
  fill((random) => random);
  const firstOf = (key: string): number => {
    const same = places.get(key) ?? [];
    let place = same.at(-1);
    while (place !== undefined && (groups[place]?.[point] ?? null) !== null) {
      same.pop();
      place = same.at(-1);
    }
    return place ?? Infinity;
  };
  return {
    find(view) {
      const [random] = randomOf(view);
      if (random === undefined && !hasAny) {
        hasAny = true;
        fill(() => ANY);
      }
      for (const mark of marksOf(view)) {
        const place =
          random === undefined
            ? firstOf(keyOf(view, ANY, mark))
            : Math.min(firstOf(keyOf(view, random, mark)), firstOf(keyOf(view, '', mark)));
        if (place !== Infinity) return groups[place];
      }
      return undefined;
    },
  };
}

/** The connections of a path. Of several with the same mark, the first belongs to the first. */
export function match(points: readonly (readonly View[])[]): Group[] {
  const groups: Group[] = [];
  for (const [point, views] of points.entries()) {
    let rest = [...views];
    for (const marksOf of KINDS) {
      if (point === 0 || rest.length === 0) break;
      const finder = createFinder(groups, point, marksOf);
      rest = rest.filter((view) => {
        const group = finder.find(view);
        if (group !== undefined) group[point] = view;
        return group === undefined;
      });
    }
    for (const view of rest) {
      const group: Group = points.map(() => null);
      group[point] = view;
      groups.push(group);
    }
  }
  return groups;
}
