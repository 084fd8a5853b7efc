/**
 * Gathers, while connections come, what pictures of all of them need: how they went over time, and what servers
 * accepted.
 */
import { BOUNDS } from '../../bounds.js';
import { toMilliseconds, type Timestamp } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import type { DiagnosedConnection, Diagnosis, Finding } from '../../diagnose/finding.js';
import { endpointText } from '../phrases.js';
import type { TimeZone } from '../time-zone.js';
import type { Wording } from '../wording.js';
import { ruleWords } from '../words.js';
import { createAccepted, type ServersAccepted } from './accepted.js';
import { occurrenceOf, kindsOf, type Occurrence } from './causes.js';
import { createHistogram, type HistogramView } from './histogram.js';

const MOST_ROWS = 7;
/** Servers whose successes are counted separately, for comparison with their failures. */
const MAX_SERVERS = BOUNDS.timelineServers.value;

export interface ConnectionGatherer {
  readonly accepted: ServersAccepted;
  /** Takes a connection. */
  add(diagnosed: DiagnosedConnection): void;
  /** The picture; null without a TLS connection. */
  timeline(diagnoses: readonly Diagnosis[], described: readonly Diagnosis[], words: Wording): Timeline | null;
}

/** Connections over time, a row for each outcome. */
export interface Timeline {
  readonly counts: HistogramView;
  readonly rows: readonly TimelineRow[];
  readonly caption: string;
}

export interface TimelineRow {
  readonly label: string;
  /** Number of its diagnosis; 0 if the report does not describe it, null if these are no failures. */
  readonly diagnosis: number | null;
  /** Series of the histogram that the row combines. */
  readonly keys: readonly string[];
  /** Null if the row is not about a cause. */
  readonly occurrence: Occurrence | null;
  /**
   * Its first and last event, in milliseconds since 1970 by the zone's clocks; null if the row is not about a cause.
   */
  readonly first: number | null;
  readonly last: number | null;
  /** Series to draw below its line, for comparison: what worked at the same servers. */
  readonly worked: readonly string[] | null;
}

/** Nothing gathered yet. Times in the picture are milliseconds since 1970 by the clocks of the zone. */
export function createConnectionGatherer(zone: TimeZone): ConnectionGatherer {
  const histogram = createHistogram();
  const accepted = createAccepted();
  const servers = new Set<string>();
  return {
    accepted,
    add({ connection, cause }) {
      accepted.add(connection);
      if (connection.outcome === 'not-tls') return;
      const server = endpointText(connection.server);
      if (servers.size < MAX_SERVERS) servers.add(server);
      const key = keyOf(connection, cause, servers.has(server) ? server : 'others');
      histogram.add(key, localMilliseconds(connection.startedAt, zone));
    },
    timeline(diagnoses, described, words) {
      const say = words.timeline;
      const counts = histogram.view();
      if (counts === null) return null;
      const causes = causeRows({ diagnoses, described, servers, extentMs: counts.bins * counts.step, zone, words });
      const row = (label: string, diagnosis: number | null, isIn: (key: string) => boolean): TimelineRow[] => {
        const keys = [...counts.series.keys()].filter(isIn);
        return keys.length === 0
          ? []
          : [{ label, diagnosis, keys, occurrence: null, first: null, last: null, worked: null }];
      };
      const notShown = causes.length - MOST_ROWS;
      const caption = causes.length === 0 ? say.caption : say.captionOfCauses;
      return {
        counts,
        rows: [
          ...causes.slice(0, MOST_ROWS),
          ...row(say.unexplained, 0, (key) => key === 'unexplained'),
          ...row(say.incomplete, 0, (key) => key === 'incomplete'),
          ...row(say.succeeded, null, (key) => key.startsWith(workedKey(''))),
        ],
        caption: notShown > 0 ? say.notDrawn({ caption, count: notShown }) : caption,
      };
    },
  };
}

function keyOf({ outcome }: Connection, cause: Finding | null, server: string): string {
  if (outcome === 'established') return workedKey(server);
  if (outcome !== 'failed') return outcome;
  return cause === null ? 'unexplained' : `cause ${cause.rule.id}`;
}

function localMilliseconds(time: Timestamp, zone: TimeZone): number {
  return toMilliseconds(time) + zone.offset(time.seconds) * 1000;
}

function workedKey(server: string): string {
  return `worked ${server}`;
}

/** The diagnoses of one rule share a row. */
function causeRows({
  diagnoses,
  described,
  servers,
  extentMs,
  zone,
  words,
}: {
  readonly diagnoses: readonly Diagnosis[];
  readonly described: readonly Diagnosis[];
  readonly servers: ReadonlySet<string>;
  /** From the first connection to the last, in milliseconds. */
  readonly extentMs: number;
  readonly zone: TimeZone;
  readonly words: Wording;
}): TimelineRow[] {
  const order = new Map([...new Set(diagnoses.map(({ rule }) => rule.id))].map((id, index) => [id, index]));
  return kindsOf(diagnoses)
    .sort((a, b) => (order.get(a.rule.id) ?? 0) - (order.get(b.rule.id) ?? 0))
    .map((kind): TimelineRow => {
      const { rule, firstSeenAt, lastSeenAt, servers: failing } = kind;
      return {
        label: ruleWords(rule, words.language).title,
        diagnosis: described.findIndex((cause) => cause.rule.id === rule.id) + 1,
        keys: [`cause ${rule.id}`],
        occurrence: occurrenceOf(kind, extentMs),
        first: localMilliseconds(firstSeenAt, zone),
        last: localMilliseconds(lastSeenAt, zone),
        worked: failing.every((server) => servers.has(server)) ? failing.map(workedKey) : null,
      };
    });
}
