import { createBoundedMap } from '../bounded-map.js';
import { BOUNDS } from '../bounds.js';
import { type Timestamp, millisecondsBetween } from '../capture/timestamp.js';
import { opposite } from '../transport/flow.js';
import type { Connection, TcpFacts } from './connection.js';
import type { EndedConnection } from './ended.js';

/**
 * Tells connections that a capture shows twice: on a router or a node of a cluster, `-i any` records each packet before and after
 * its addresses are translated, and in that way each handshake under two pairs of addresses.
 */
export interface SeenTwice {
  /** Those that were not seen before, in the same order; of two views among them, the one that began first. */
  readonly firstViews: <One extends Ended>(ended: readonly One[]) => readonly One[];
  /** How many views were left out. */
  readonly count: () => number;
}

type Ended = EndedConnection | Connection;

/** Packets pass a translation within milliseconds; with more apart, it is not the same connection. */
const TOGETHER_MS = 100;

/** A view of a connection. Where a router drops something in between, the two differ in what they contain, and each says something. */
interface View {
  readonly addresses: string;
  readonly startedAt: Timestamp;
  readonly content: string;
}

export function createSeenTwice(): SeenTwice {
  const known = createBoundedMap<string, View>({ size: BOUNDS.recentHandshakes.value, whenFull: 'forget oldest' });
  let count = 0;

  /** Whether another view of it is known. */
  const isSeen = (mark: string, view: View): boolean => {
    const other = known.get(mark);
    if (other !== undefined && isSame(other, view)) return true;
    known.set(mark, view);
    return false;
  };

  return {
    firstViews(ended) {
      // In the order in which they began; what ends first depends on who has the last word.
      const order = [...ended.keys()].sort((a, b) => (ended[a]?.firstFrame ?? 0) - (ended[b]?.firstFrame ?? 0));
      const copies = new Set(
        order.filter((index) => {
          const one = ended[index];
          const mark = one === undefined ? null : markOf(one);
          return one !== undefined && mark !== null && isSeen(mark, viewOf(one));
        }),
      );
      count += copies.size;
      return copies.size === 0 ? ended : ended.filter((_, index) => !copies.has(index));
    },
    count: () => count,
  };
}

const isSame = (one: View, other: View): boolean =>
  one.addresses !== other.addresses &&
  one.content === other.content &&
  Math.abs(millisecondsBetween(one.startedAt, other.startedAt)) <= TOGETHER_MS;

function viewOf(one: Ended): View {
  const { startedAt, transport } = one;
  const { client, server } = endsOf(one);
  return {
    // With the same addresses, it is another connection, by a program that makes the same numbers again.
    addresses: `${client.address} ${server.address}`,
    startedAt,
    content: `${transport.client.bytes} ${transport.server.bytes} ${transport.kind === 'tcp' ? controlsOf(transport) : ''}`,
  };
}

const endsOf = (one: Ended): Pick<Connection, 'client' | 'server'> =>
  'outcome' in one ? one : { client: one.ends[one.client], server: one.ends[opposite(one.client)] };

const controlsOf = ({ syns, synAcks, fins, resets }: TcpFacts): string =>
  [syns, synAcks, fins, resets].map(({ length }) => length).join(' ');

/**
 * What is the same in all views of a connection, and in no other: the randoms of both hellos, and the first sequence numbers of both
 * sides, which a proxy between two connections of its own does not keep. Null if too little of that is known: the client's random
 * alone is constant in some scanners. Of a SYN that nobody accepts, it is its sequence number, at the same server.
 */
function markOf(one: Ended): string | null {
  // A connection that repeats another one has that one's facts about TCP.
  const tcp = one.transport.kind === 'tcp' && !('repeats' in one) ? one.transport : null;
  const first = tcp?.client.initialSequence ?? null;
  if (tcp !== null && tcp.synAck === null && tcp.client.bytes + tcp.server.bytes === 0) {
    const { address, port } = endsOf(one).server;
    return first === null || first === 0 ? null : `${first} ${address} ${port}`;
  }
  const { client, server } = 'outcome' in one ? randomsOf(one) : randomsOfSession(one);
  const answer = tcp?.server.initialSequence ?? null;
  const sequences = first === null || answer === null ? null : `${first} ${answer}`;
  if (client === null || (server ?? sequences) === null) return null;
  return `${client} ${server ?? ''} ${sequences ?? ''}`;
}

interface Randoms {
  readonly client: string | null;
  readonly server: string | null;
}

const randomsOf = ({ clientHello, serverHello }: Connection): Randoms => ({
  client: clientHello?.random ?? null,
  server: serverHello?.random ?? null,
});

function randomsOfSession({ handshake }: EndedConnection): Randoms {
  let client: string | null = null;
  let server: string | null = null;
  for (const event of handshake?.transcript.events ?? []) {
    if (event.kind !== 'message') continue;
    if (event.content.kind === 'client_hello') client ??= event.content.hello.random;
    else if (event.content.kind === 'server_hello' && !event.content.hello.isHelloRetryRequest)
      server ??= event.content.hello.random;
    if (client !== null && server !== null) break;
  }
  return { client, server };
}
