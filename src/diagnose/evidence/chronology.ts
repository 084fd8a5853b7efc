import type { Connection } from '../../connection/connection.js';
import { memoize } from '../../memoize.js';
import type { MemoryHolder } from '../../memory.js';
import { createAttempts, type Retries } from './attempts.js';
import { aimOf, createTimelines, type Aim, type SuccessPlace, type Timeline } from './timeline.js';
import { createOffers } from './offers.js';

/** What worked and what was tried before, between and after the failures of each diagnosis. */
export interface Chronology {
  /** All of it is given up at once, since a part would be misleading. Then nothing is known for any diagnosis. */
  readonly holder: MemoryHolder;
  /** Called with a connection when it ends, before it is judged. */
  ended(connection: Connection): void;
  /** Called with a connection when it is judged; `key` is that of its diagnosis, `rule` its cause, if any. */
  judged(connection: Connection, key: string | null, rule: string | null): void;
  /** What is known for the diagnosis with that key. */
  of(key: string): { readonly timeline: Timeline | null; readonly retries: Retries | null };
}

/**
 * The chronology of a new capture. Connections are judged late, failed ones last, and then forgotten. That one has
 * failed is noted when it ends, so that for the successes before and after it only sums need be kept.
 */
export function createChronology(): Chronology {
  const offers = createOffers();
  const timelines = createTimelines();
  const attempts = createAttempts(timelines, offers);
  /** By id: failed connections that wait to be judged. */
  const waiting = new Map<string, Aim>();
  let successOfRepeats = memoize(successOf);
  let isGivenUp = false;

  function noteFailure(connection: Connection): Aim {
    const aim = aimOf(connection, offers);
    timelines.noteFailure(connection, aim);
    attempts.noteFailure(connection, aim);
    return aim;
  }

  /** What a connection that worked has in common with those that repeat it. */
  function successOf(connection: Connection): { readonly aim: Aim; readonly place: SuccessPlace | null } {
    const aim = aimOf(connection, offers);
    return { aim, place: timelines.placeOf(aim) };
  }

  return {
    holder: {
      what: 'timelines',
      bytes: () => timelines.bytes() + attempts.bytes(),
      giveUp() {
        const count = timelines.giveUp() + attempts.giveUp();
        successOfRepeats = memoize(successOf);
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
      const { id, outcome, repeats } = connection;
      if (outcome === 'established') {
        // None of these waits: no failure is corrected to a success.
        const { aim, place } = repeats === undefined ? successOf(connection) : successOfRepeats(repeats);
        timelines.noteSuccess(connection, aim, place);
        attempts.add(connection, aim, key, rule);
        return;
      }
      const known = waiting.get(id);
      waiting.delete(id);
      if (outcome !== 'failed') {
        // Compared with other connections, it turned out not to have failed.
        if (known !== undefined) attempts.withdraw(connection);
        return;
      }
      // A completed handshake that was refused afterwards has failed only by its diagnosis.
      const aim = known ?? noteFailure(connection);
      if (key !== null) timelines.explain(connection, aim, key);
      attempts.add(connection, aim, key, rule);
    },
    of: (key) => ({ timeline: timelines.timelineOf(key), retries: attempts.retriesOf(key) }),
  };
}
