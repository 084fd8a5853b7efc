import { timestampOf } from '../capture/timestamp.js';
import type { Direction } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import type { TcpConnection, TcpEnd, TcpEvent } from '../transport/tcp/connection.js';
import type { Side, Sighting, TcpFacts, TcpReset, TcpSide } from './connection.js';

/** Which side sends in `direction`, where `client` is the client's. */
export const sideOf = (direction: Direction, client: Direction): Side => (direction === client ? 'client' : 'server');

/** What TCP shows of both sides. */
export function tcpFacts({ ends }: TcpConnection, client: Direction): TcpFacts {
  const [one, other] = ends;
  const sighting = (event: TcpEvent): Sighting => sightingOf(event, client);
  const reset = (event: TcpEvent): TcpReset => resetOf(event, client);
  const synAck = one.synAck ?? other.synAck;
  return {
    kind: 'tcp',
    syns: inOrder(one.syns.map(sighting), other.syns.map(sighting)),
    synAck: synAck === null ? null : sighting(synAck),
    resets: inOrder(one.resets.map(reset), other.resets.map(reset)),
    fins: inOrder(one.fin === null ? [] : [sighting(one.fin)], other.fin === null ? [] : [sighting(other.fin)]),
    client: sideFacts(ends[client], 'client'),
    server: sideFacts(ends[opposite(client)], 'server'),
  };
}

function sightingOf({ direction, frame, at }: TcpEvent, client: Direction): Sighting {
  return { frame, at, from: sideOf(direction, client) };
}

function resetOf({ direction, frame, at, ttl, ipId }: TcpEvent, client: Direction): TcpReset {
  return { frame, at, from: sideOf(direction, client), ttl, ipId };
}

function sideFacts({ stream, lastData, firstData, retransmissions, resent, ttl }: TcpEnd, from: Side): TcpSide {
  return {
    bytes: stream.delivered,
    retransmissions,
    missing: stream.missing,
    resentInVain:
      resent !== null && resent.sequence === stream.acknowledged ? { bytes: resent.length, times: resent.times } : null,
    lost: stream.lost,
    acknowledged: stream.isAcknowledging && ((stream.acknowledged - stream.next) | 0) >= 0,
    ttl: ttl < 0 ? null : ttl,
    firstData: firstData === null ? null : { frame: firstData.frame, at: firstData.at, from },
    lastData: lastData === null ? null : { frame: lastData.number, at: timestampOf(lastData), from },
  };
}

/** Two lists in order of frame as one. To sort both together takes 600 bytes more for each connection. */
function inOrder<T extends { readonly frame: number }>(one: readonly T[], other: readonly T[]): readonly T[] {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  const all: T[] = [];
  let at = 0;
  for (const next of one) {
    for (let before = other[at]; before !== undefined && before.frame < next.frame; before = other[++at]) {
      all.push(before);
    }
    all.push(next);
  }
  for (; at < other.length; at++) all.push(other[at] as T);
  return all;
}
