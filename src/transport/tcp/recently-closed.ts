import { BOUNDS } from '../../bounds.js';
import type { Packet } from '../../packet/packet.js';
import type { TcpConnection } from './connection.js';
import { ENDPOINT_WORDS, haveEndpoints, setEndpoints } from '../endpoints.js';
import type { Direction } from '../flow.js';

/** The connections that ended last, so that their late segments do not look like new connections. */
export interface RecentlyClosed {
  /** Remembers a connection that has ended; the last one of its endpoints counts. */
  add(connection: TcpConnection): void;
  /**
   * The number of the connection that had the endpoints of a packet; 0 if there was none, or its last segment came more than LINGER_SECONDS before `seconds`.
   */
  find(packet: Packet, hash: number, direction: Direction, seconds: number): number;
}

/** How long a closed connection is remembered, in seconds of capture time, for its late segments. */
export const LINGER_SECONDS = 10;
/** Connections remembered, a power of two. 1 MiB. */
export const MAX_RECENTLY_CLOSED = BOUNDS.recentlyClosed.value;

const ID = ENDPOINT_WORDS;
const SECONDS = ENDPOINT_WORDS + 1;
/** The number of the connection before it with the same low bits of the hash, counted as `ended`; 0 for none. */
const BEFORE = ENDPOINT_WORDS + 2;
const WORDS = 16;

/**
 * Kept in a ring, without an object for each, which would live too long for the garbage collector's young generation.
 */
export function createRecentlyClosed(): RecentlyClosed {
  const ring = new Int32Array(MAX_RECENTLY_CLOSED * WORDS);
  /** By the low bits of the hash: the number of the connection that ended last; 0 for none. */
  const places = new Int32Array(MAX_RECENTLY_CLOSED);
  let ended = 0;
  return {
    add(connection) {
      const at = (ended & (MAX_RECENTLY_CLOSED - 1)) * WORDS;
      const place = connection.hash & (MAX_RECENTLY_CLOSED - 1);
      setEndpoints(ring, at, connection);
      ring[at + ID] = connection.id;
      ring[at + SECONDS] = connection.lastSeconds;
      ring[at + BEFORE] = places[place] as number;
      places[place] = ++ended;
    },
    find(packet, hash, direction, seconds) {
      let number = places[hash & (MAX_RECENTLY_CLOSED - 1)] as number;
      // If one was overwritten, so were all before it.
      while (number > 0 && ended - number < MAX_RECENTLY_CLOSED) {
        const at = ((number - 1) & (MAX_RECENTLY_CLOSED - 1)) * WORDS;
        if (haveEndpoints(ring, at, packet, direction)) {
          return ((seconds - (ring[at + SECONDS] as number)) | 0) < LINGER_SECONDS ? (ring[at + ID] as number) : 0;
        }
        number = ring[at + BEFORE] as number;
      }
      return 0;
    },
  };
}
