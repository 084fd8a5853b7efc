/** Finds the connections of one point again at the others. */
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
 * Kinds of marks by which connections are told, the surest first. Addresses and ports are none: they are translated on the way.
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

/** Packets of a side that mark a connection. */
const MOST_MARKS = BOUNDS.markingPackets.value;
/** Bytes of a datagram that no other one shares by chance. */
const LEAST_DATAGRAM = 32;
const SIDES: readonly Side[] = ['client', 'server'];

/** ClientHello.random, which only a proxy that ends TLS changes. */
function randomOf({ connection: { clientHello, partialClientHello } }: View): readonly string[] {
  const random = (clientHello ?? partialClientHello)?.random ?? '';
  return random === '' ? [] : [random];
}

/** Both initial sequence numbers of TCP; the connection IDs that a client of QUIC begins with. */
function numbersOf(view: View): readonly string[] {
  const client = synOf(view, 'client');
  const server = synOf(view, 'server');
  if (client !== undefined && server !== undefined) return [`${client.sequence} ${server.sequence}`];
  const [first] = view.packets.client;
  const ids = view.connection.quic === null || first === undefined ? null : connectionIds(first);
  return ids === null ? [] : [ids];
}

/** The client's initial sequence number, with the port that it goes to: where the server's answer is not seen. */
function synNumberOf(view: View): readonly string[] {
  const syn = synOf(view, 'client');
  return syn === undefined ? [] : [`${syn.sequence} ${view.connection.server.port}`];
}

/** The timestamps of the SYNs: where a firewall makes its own sequence numbers. */
function timestampsOf({ packets, connection }: View): readonly string[] {
  return packets.client.flatMap(({ mss, timestamp }) =>
    mss === null || timestamp === null || timestamp === 0 ? [] : [`${timestamp} ${connection.server.port}`],
  );
}

/** Where packets stand in both streams of TCP: where a capture lacks the beginning, or one direction. */
function placesOf(view: View): readonly string[] {
  return SIDES.flatMap((side) =>
    view.packets[side]
      .slice(-MOST_MARKS)
      .flatMap(({ flags, sequence, acknowledgment }) =>
        (flags & (ACK | RST)) === ACK ? [`${side} ${sequence} ${acknowledgment}`] : [],
      ),
  );
}

/** Data with its timestamp, where a firewall makes its own sequence numbers; datagrams, whose content is encrypted or random. */
function dataOf({ packets, connection: { transport } }: View): readonly string[] {
  return SIDES.flatMap((side) =>
    packets[side].slice(-MOST_MARKS).flatMap(({ timestamp, length, hash, isWhole }) => {
      const isTold =
        transport.kind === 'tcp' ? (timestamp ?? 0) !== 0 && length > 0 : isWhole && length >= LEAST_DATAGRAM;
      return isTold ? [`${side} ${timestamp ?? ''} ${length} ${hash}`] : [];
    }),
  );
}

/** A supplicant by what it and the switch call it. */
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

/** Whether two views can be of one connection: both ClientHellos, where they show, are the same. */
function areAlike(one: View, other: View): boolean {
  const [random] = randomOf(one);
  const [otherRandom] = randomOf(other);
  const isEap = one.connection.eap !== null;
  if (isEap !== (other.connection.eap !== null)) return false;
  if (!isEap && one.connection.transport.kind !== other.connection.transport.kind) return false;
  return random === undefined || otherRandom === undefined || random === otherRandom;
}

/** The connections of a path. Of several with the same mark, the first is taken for the first. */
export function match(points: readonly (readonly View[])[]): Group[] {
  const groups: Group[] = [];
  for (const [point, views] of points.entries()) {
    let rest = [...views];
    for (const marksOf of KINDS) {
      if (point === 0 || rest.length === 0) break;
      const known = new Map<string, Group[]>();
      for (const group of groups) {
        if ((group[point] ?? null) !== null) continue;
        for (const mark of new Set(group.flatMap((view) => (view === null ? [] : marksOf(view))))) {
          const same = known.get(mark);
          if (same === undefined) known.set(mark, [group]);
          else same.push(group);
        }
      }
      rest = rest.filter((view) => {
        for (const mark of marksOf(view)) {
          const group = known
            .get(mark)
            ?.find(
              (one) => (one[point] ?? null) === null && one.every((other) => other === null || areAlike(other, view)),
            );
          if (group === undefined) continue;
          group[point] = view;
          return false;
        }
        return true;
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
