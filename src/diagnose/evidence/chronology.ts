import type { Connection } from '../../connection/connection.js';
import type { MemoryHolder } from '../../memory.js';
import { createAttempts, type Retries } from './attempts.js';
import { createTimelines, partiesOf, type Timeline, type Parties } from './timeline.js';
import { createOffers } from './offers.js';

/** What worked and what was tried before, between and after the failures of each diagnosis. */
export interface Chronology {
  /** All of it is given up at once: part of it would say something false. Nothing is known of any diagnosis then. */
  readonly holder: MemoryHolder;
  /** Takes a connection when it ends, before it is judged. */
  ended(connection: Connection): void;
  /** Takes a connection when it is judged; `key` is that of its diagnosis, `rule` its cause, if it has one. */
  judged(connection: Connection, key: string | null, rule: string | null): void;
  /** What is known of the diagnosis with that key. */
  of(key: string): { readonly timeline: Timeline | null; readonly retries: Retries | null };
}

/**
 * Of a capture that has not begun. Connections are judged late, failed ones last of all, and then forgotten: that
 * one has failed is noted when it ends, so that of what works before and after it no more than the sum need be kept.
 */
export function createChronology(): Chronology {
  const offers = createOffers();
  const timelines = createTimelines();
  const attempts = createAttempts(timelines, offers);
  /** By id, of the failed connections that still wait for their judgement. */
  const waiting = new Map<string, Parties>();
  let isGivenUp = false;

  function noteFailure(connection: Connection): Parties {
    const parties = partiesOf(connection, offers);
    timelines.noteFailure(connection, parties);
    attempts.noteFailure(connection, parties);
    return parties;
  }

  return {
    holder: {
      what: 'timelines',
      bytes: () => timelines.bytes() + attempts.bytes(),
      giveUp() {
        const count = timelines.giveUp() + attempts.giveUp();
        waiting.clear();
        isGivenUp = true;
        return count;
      },
    },
    ended(connection) {
      if (connection.outcome === 'failed' && !isGivenUp) waiting.set(connection.id, noteFailure(connection));
    },
    judged(connection, key, rule) {
      if (isGivenUp) return;
      const { id, outcome } = connection;
      const known = waiting.get(id);
      waiting.delete(id);
      if (outcome !== 'failed' && outcome !== 'established') {
        // Among the others it turned out to be no failure.
        if (known !== undefined) attempts.withdraw(connection);
        return;
      }
      // A handshake that was completed and then refused has failed by its diagnosis alone.
      const parties = known ?? (outcome === 'failed' ? noteFailure(connection) : partiesOf(connection, offers));
      timelines.add(connection, parties, key);
      attempts.add(connection, parties, key, rule);
    },
    of: (key) => ({ timeline: timelines.timelineOf(key), retries: attempts.retriesOf(key) }),
  };
}
