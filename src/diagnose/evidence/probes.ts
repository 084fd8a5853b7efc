import { createBoundedSet } from '../../bounded-map.js';
import { BOUNDS } from '../../bounds.js';
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import { isOfNmap } from '../../knowledge/probes.js';
import type { MemoryHolder } from '../../memory.js';
import { bothSilentFor } from './greeting.js';
import { connectTo } from './places.js';

// Clients that detect services: they try one protocol after the other on a port (`nmap -sV`), or wait for a greeting on many
// ports.

/** The clients of a capture that probe servers. */
export interface Probes {
  /** Whether the client probed this port or many ports, or Nmap probed this port for it at that time. */
  has(connection: Connection): boolean;
}

/** A client that begins in so many ways at one port does not know which of them the server speaks. */
const WAYS_TRIED = 4;
/** A probing client pauses no longer than this, in milliseconds. */
const PAUSE_MS = 30_000;
/** A client that waits without an answer at so many ports looks for greetings. */
const PORTS_WAITED_AT = 4;
/** What else a client tries at a port within so many milliseconds of a probe of Nmap is attributed to Nmap. */
const NMAP_MS = 15_000;

const MAX_PAIRS = BOUNDS.probedServers.value;
/** Nominal bytes of what is kept of a client and a port. */
const PAIR_BYTES = 512;

const portOf = (connection: Connection): string => `${connection.client.address} ${connectTo(connection)}`;

/** How the client began, other than with TLS: the protocol, '' for all that are not known; null if it did not. */
function beginningOf({ plaintext, clientHello, preamble }: Connection): string | null {
  const [first] = plaintext;
  if (clientHello !== null || preamble !== null || first?.from !== 'client') return null;
  return first.protocol ?? '';
}

/** Gathers how clients begin: `add` is called with every connection of the capture, in any order. */
export function createProbes(): Probes & { readonly holder: MemoryHolder; add(connection: Connection): void } {
  /** The beginnings of a client at a port without a longer pause, up to `WAYS_TRIED`, and when the last one was made. */
  const tried = new Map<string, { ways: Set<string>; last: Timestamp }>();
  /** The ports at which a client waited without an answer, up to `PORTS_WAITED_AT`. */
  const waitedAt = new Map<string, Set<string>>();
  /** When Nmap's probes came, for each client and port. */
  const ofNmap = new Map<string, { first: Timestamp; last: Timestamp }>();
  const maps = [tried, waitedAt, ofNmap];
  const count = (): number => tried.size + waitedAt.size + ofNmap.size;

  function noteBeginning(key: string, beginning: string, at: Timestamp): void {
    const known = tried.get(key);
    if (known === undefined) {
      if (count() < MAX_PAIRS) tried.set(key, { ways: new Set([beginning]), last: at });
      return;
    }
    if (known.ways.size >= WAYS_TRIED) return;
    if (Math.abs(millisecondsBetween(known.last, at)) > PAUSE_MS) known.ways.clear();
    known.ways.add(beginning);
    known.last = at;
  }

  function noteWait(client: string, port: string): void {
    const known = waitedAt.get(client);
    if (known === undefined) {
      if (count() < MAX_PAIRS) waitedAt.set(client, createBoundedSet<string>(PORTS_WAITED_AT).add(port));
    } else known.add(port);
  }

  function noteNmap(key: string, at: Timestamp): void {
    const known = ofNmap.get(key);
    if (known === undefined) {
      if (count() < MAX_PAIRS) ofNmap.set(key, { first: at, last: at });
      return;
    }
    if (millisecondsBetween(known.first, at) < 0) known.first = at;
    if (millisecondsBetween(known.last, at) > 0) known.last = at;
  }

  return {
    add(connection) {
      const { clientHello, client, startedAt } = connection;
      if (clientHello !== null) {
        if (isOfNmap(clientHello)) noteNmap(portOf(connection), startedAt);
        return;
      }
      const beginning = beginningOf(connection);
      if (beginning !== null) noteBeginning(portOf(connection), beginning, startedAt);
      else if (bothSilentFor(connection) !== null) noteWait(client.address, connectTo(connection));
    },
    has(connection) {
      if ((tried.get(portOf(connection))?.ways.size ?? 0) >= WAYS_TRIED) return true;
      if (bothSilentFor(connection) !== null && (waitedAt.get(connection.client.address)?.size ?? 0) >= PORTS_WAITED_AT)
        return true;
      const nmap = ofNmap.get(portOf(connection));
      return (
        nmap !== undefined &&
        millisecondsBetween(connection.startedAt, nmap.first) <= NMAP_MS &&
        millisecondsBetween(nmap.last, connection.startedAt) <= NMAP_MS
      );
    },
    holder: {
      what: 'attempts',
      bytes: () => count() * PAIR_BYTES,
      giveUp() {
        const fullest = maps.reduce((a, b) => (b.size > a.size ? b : a));
        const [oldest] = fullest.keys();
        return oldest !== undefined && fullest.delete(oldest) ? 1 : 0;
      },
    },
  };
}
