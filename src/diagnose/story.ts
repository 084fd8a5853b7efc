import type { Connection } from '../connection/connection.js';
import { createAttempts, type Retries } from './attempts.js';
import { createCourses, partiesOf, type Course, type Parties } from './course.js';
import { createOffers } from './offer.js';

/** What the connections of a capture tell together, of each diagnosis. */
export interface Story {
  /** Takes a connection when it ends, before it is judged. */
  expect(connection: Connection): void;
  /** Takes a connection when it is judged; `key` is that of its diagnosis, `rule` its cause, if it has one. */
  add(connection: Connection, key: string | null, rule: string | null): void;
  /** What is told of the diagnosis with that key. */
  of(key: string): { readonly course: Course | null; readonly retries: Retries | null };
}

/**
 * The story of a capture that has not begun. Connections are judged late, failed ones last of all, and then forgotten: that
 * one has failed is told when it ends, so that of what works before and after it no more than the sum need be kept.
 */
export function createStory(): Story {
  const offers = createOffers();
  const courses = createCourses();
  const attempts = createAttempts(courses, offers);
  /** By id, of the failed connections that still wait for their judgement. */
  const expected = new Map<string, Parties>();
  return {
    expect(connection) {
      if (connection.outcome !== 'failed') return;
      const parties = partiesOf(connection, offers);
      expected.set(connection.id, parties);
      courses.expect(connection, parties);
      attempts.expect(connection, parties);
    },
    add(connection, key, rule) {
      if (connection.outcome !== 'failed' && connection.outcome !== 'established') return;
      const parties = expected.get(connection.id) ?? partiesOf(connection, offers);
      expected.delete(connection.id);
      courses.add(connection, parties, key);
      attempts.add(connection, parties, key, rule);
    },
    of: (key) => ({ course: courses.courseOf(key), retries: attempts.retriesOf(key) }),
  };
}
