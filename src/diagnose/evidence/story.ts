import type { Connection } from '../../connection/connection.js';
import { createAttempts, type Retries } from './attempts.js';
import { createTimelines, partiesOf, type Timeline, type Parties } from './timeline.js';
import { createOffers } from './offers.js';

/** What the connections of a capture tell together, of each diagnosis. */
export interface Story {
  /** Takes a connection when it ends, before it is judged. */
  expect(connection: Connection): void;
  /** Takes a connection when it is judged; `key` is that of its diagnosis, `rule` its cause, if it has one. */
  add(connection: Connection, key: string | null, rule: string | null): void;
  /** What is told of the diagnosis with that key. */
  of(key: string): { readonly timeline: Timeline | null; readonly retries: Retries | null };
}

/**
 * The story of a capture that has not begun. Connections are judged late, failed ones last of all, and then forgotten: that
 * one has failed is told when it ends, so that of what works before and after it no more than the sum need be kept.
 */
export function createStory(): Story {
  const offers = createOffers();
  const timelines = createTimelines();
  const attempts = createAttempts(timelines, offers);
  /** By id, of the failed connections that still wait for their judgement. */
  const expected = new Map<string, Parties>();

  function expect(connection: Connection): Parties {
    const parties = partiesOf(connection, offers);
    timelines.expect(connection, parties);
    attempts.expect(connection, parties);
    return parties;
  }

  return {
    expect(connection) {
      if (connection.outcome === 'failed') expected.set(connection.id, expect(connection));
    },
    add(connection, key, rule) {
      const { id, outcome } = connection;
      if (outcome !== 'failed' && outcome !== 'established') return;
      const known = expected.get(id);
      expected.delete(id);
      // A handshake that was completed and then refused has failed by its diagnosis alone.
      const parties = known ?? (outcome === 'failed' ? expect(connection) : partiesOf(connection, offers));
      timelines.add(connection, parties, key);
      attempts.add(connection, parties, key, rule);
    },
    of: (key) => ({ timeline: timelines.timelineOf(key), retries: attempts.retriesOf(key) }),
  };
}
