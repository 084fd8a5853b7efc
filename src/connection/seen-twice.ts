import { createBoundedMap } from '../bounded-map.js';
import { BOUNDS } from '../bounds.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import { opposite } from '../transport/flow.js';
import type { Connection, TcpFacts, TransportFacts } from './connection.js';
import type { EndedConnection } from './ended.js';

/**
 * Tells connections that a capture shows twice: on a router or a node of a cluster, `-i any` records each packet before and after
 * its addresses are translated, and in that way each handshake under two pairs of addresses.
 */
export interface SeenTwice {
  /**
   * Takes connections that ended, and returns those that are not waiting for another view any more, one view of each: of two that
   * end together, the one that began first.
   */
  readonly firstViews: (ended: readonly Ended[]) => readonly Ended[];
  /** Those that still wait, when no more come. */
  readonly lastViews: () => readonly Ended[];
  /** How many views were left out. */
  readonly count: () => number;
}

export type Ended = EndedConnection | Connection;

/** Packets pass a translation within milliseconds; with more apart, it is not the same connection. */
const TOGETHER_MS = 100;

/** A view of a connection. */
interface View extends Pick<Connection, 'client' | 'server' | 'startedAt'> {
  /** The random of the ServerHello, and the first sequence numbers of both sides; null if not known. */
  readonly answer: string | null;
  readonly sequences: readonly [number | null, number | null];
  readonly transport: TransportFacts;
}

/** A connection that waits for its other view; null once it was handed on. */
interface Slot {
  one: Ended | null;
}

/** Views of a connection end within milliseconds: seldom do so many others end in between. */
const LAG = BOUNDS.waitingViews.value;

/** @param lag how many others must have ended before a connection is handed on */
export function createSeenTwice(lag = LAG): SeenTwice {
  const known = createBoundedMap<string, { readonly view: View; readonly slot: Slot }>({
    size: BOUNDS.recentHandshakes.value,
    whenFull: 'forget oldest',
  });
  const waiting: Slot[] = [];
  let count = 0;

  const take = (one: Ended): void => {
    const slot: Slot = { one };
    const mark = markOf(one);
    if (mark !== null) {
      const view = viewOf(one);
      const other = known.get(mark);
      if (other !== undefined && isSame(other.view, view)) {
        count++;
        const { slot: before } = other;
        if (before.one !== null && one.firstFrame < before.one.firstFrame) before.one = one;
        return;
      }
      known.set(mark, { view, slot });
    }
    waiting.push(slot);
  };

  const handOn = (most: number): Ended[] =>
    waiting.splice(0, Math.max(0, waiting.length - most)).flatMap((slot) => {
      const { one } = slot;
      slot.one = null;
      return one ?? [];
    });

  return {
    firstViews(ended) {
      for (const one of ended) take(one);
      return handOn(lag);
    },
    lastViews: () => handOn(0),
    count: () => count,
  };
}

/**
 * What all views of a connection have in common: the random of the ClientHello; of a SYN that nobody accepts, its sequence number,
 * at the same server. Null if neither is known, and without TCP or UDP, whose addresses alone are translated.
 */
function markOf(one: Ended): string | null {
  const { transport } = one;
  if (transport.kind !== 'tcp' && transport.kind !== 'udp') return null;
  if (transport.kind === 'tcp' && transport.synAck === null && transport.client.bytes + transport.server.bytes === 0) {
    const { initialSequence } = transport.client;
    // Many scanners write 0.
    if (initialSequence === null || initialSequence === 0) return null;
    const { address, port } = endsOf(one).server;
    return `${initialSequence} ${address} ${port}`;
  }
  if ('outcome' in one) return one.clientHello?.random ?? null;
  for (const event of one.handshake?.transcript.events ?? [])
    if (event.kind === 'message' && event.content.kind === 'client_hello') return event.content.hello.random;
  return null;
}

function viewOf(one: Ended): View {
  const { startedAt, transport } = one;
  // A connection that repeats another one has that one's facts about TCP.
  const isKnown = transport.kind === 'tcp' && !('repeats' in one);
  return {
    ...endsOf(one),
    startedAt,
    answer: serverRandomOf(one),
    sequences: isKnown ? [transport.client.initialSequence, transport.server.initialSequence] : [null, null],
    transport,
  };
}

function endsOf(one: Ended): Pick<Connection, 'client' | 'server'> {
  if ('outcome' in one) return { client: one.client, server: one.server };
  return { client: one.ends[one.client], server: one.ends[opposite(one.client)] };
}

function serverRandomOf(one: Ended): string | null {
  if ('outcome' in one) return one.serverHello?.random ?? null;
  for (const event of one.handshake?.transcript.events ?? []) {
    if (event.kind !== 'message' || event.content.kind !== 'server_hello') continue;
    if (!event.content.hello.isHelloRetryRequest) return event.content.hello.random;
  }
  return null;
}

/**
 * Whether two views with the same mark are of one connection. A proxy that passes TLS on has connections of its own, with other
 * sequence numbers; the random of a scanner is constant; and where a router drops something in between, each view says something.
 */
function isSame(one: View, other: View): boolean {
  // With the same addresses, it is another connection, by a program that makes the same numbers again.
  if (one.client.address === other.client.address && one.server.address === other.server.address) return false;
  if (Math.abs(millisecondsBetween(one.startedAt, other.startedAt)) > TOGETHER_MS) return false;
  if (one.answer !== other.answer || !isSameContent(one.transport, other.transport)) return false;
  const [client, server] = one.sequences;
  if (client === null && server === null) return one.answer !== null && other.sequences.every((each) => each === null);
  return client === other.sequences[0] && server === other.sequences[1];
}

function isSameContent(one: TransportFacts, other: TransportFacts): boolean {
  if (one.client.bytes !== other.client.bytes || one.server.bytes !== other.server.bytes) return false;
  return one.kind !== 'tcp' || (other.kind === 'tcp' && CONTROLS.every((key) => one[key].length === other[key].length));
}

const CONTROLS = ['syns', 'synAcks', 'fins', 'resets'] as const satisfies readonly (keyof TcpFacts)[];
