import type { Connection } from '../../connection/connection.js';
import { memoize } from '../../memoize.js';

/**
 * Answers a question that has the same answer for all connections that repeat one (connection/fast-path/repeated.ts): about its server,
 * its names and lists, its certificates. It is computed once, and as all share it, a text is looked up by its address in memory.
 *
 * Plain version: `compute`. Held equal by: test/diagnose/fast-path/same-for-repeats.test.ts. Gain: together
 * with tables that are looked up once, much of what a further handshake costs less (bench/README.md, 2026-11-29). Cost: this file.
 */
export function sameForRepeats<Answer extends object | string | boolean | number | null>(
  compute: (connection: Connection) => Answer,
): (connection: Connection) => Answer {
  const known = memoize(compute);
  return (connection) => (connection.repeats === undefined ? compute(connection) : known(connection.repeats));
}
