import { bound, showUnprintable } from '../report/escape.js';
import type { ReportWriter } from '../report/format.js';
import { clockOf, endpointText } from '../report/phrases.js';
import { timeZoneOf } from '../report/time-zone.js';
import { ENGLISH_WORDING } from '../report/wording.js';
import { ruleWords } from '../report/words.js';

type DiagnosedConnection = Parameters<ReportWriter['connection']>[0];

/** Characters of a line at most. */
const LONGEST = 500;
/** Failures reported within a second; further ones are only counted. */
const MOST_A_SECOND = 5;
const SECOND_MS = 1000;

/** Reports each failure to somebody who watches a live capture, as the report itself comes only at the end. */
export interface FailureLines {
  /** The lines about a failure; none if there are too many at once. */
  of(diagnosed: DiagnosedConnection): string[];
}

/** @param now milliseconds of any running clock */
export function createFailureLines(timeZone: string, now: () => number = () => performance.now()): FailureLines {
  const clock = clockOf([], timeZoneOf(timeZone));
  let second = -Infinity;
  let reported = 0;
  let skipped = 0;
  return {
    of({ connection, cause, lookup }) {
      const at = now();
      const lines: string[] = [];
      if (at - second >= SECOND_MS) {
        if (skipped > 0) lines.push(ENGLISH_WORDING.written.moreFailures({ count: skipped }));
        [second, reported, skipped] = [at, 0, 0];
      }
      if (reported >= MOST_A_SECOND) {
        skipped++;
        return lines;
      }
      reported++;
      const { startedAt, client, server, clientHello, outcome } = connection;
      const name = clientHello?.serverName ?? lookup?.name ?? null;
      const where = name === null ? endpointText(server) : `${name}:${server.port}`;
      const what =
        cause === null ? ENGLISH_WORDING.outcomes[outcome] : `${ruleWords(cause.rule).title} (${cause.certainty})`;
      const line = `${clock.shortTime(startedAt)}  ${client.address} → ${where}  ${what}`;
      return [...lines, showUnprintable(bound(line, LONGEST))];
    },
  };
}
