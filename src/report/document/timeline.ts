/** What is gathered while connections come, for pictures of all of them: when which went how, and what servers accepted. */
import { BOUNDS } from '../../bounds.js';
import { toMilliseconds, type Timestamp } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import type { DiagnosedConnection, Diagnosis, Finding } from '../../diagnose/finding.js';
import type { Language } from '../messages/language.js';
import { count, endpointText } from '../phrases.js';
import type { TimeZone } from '../time-zone.js';
import { ruleWords } from '../words.js';
import { createAccepted, type ServersAccepted } from './accepted.js';
import { createHistogram, type HistogramView } from './histogram.js';
import { hasEnded } from './overview.js';

const MOST_LANES = 7;
/** Servers whose successes are counted apart, to stand beside their failures. */
const MAX_SERVERS = BOUNDS.timelineServers.value;

export interface Gathered {
  readonly accepted: ServersAccepted;
  /** Takes a connection. */
  add(diagnosed: DiagnosedConnection): void;
  /** The picture; null without a TLS connection. */
  timeline(diagnoses: readonly Diagnosis[], told: readonly Diagnosis[], language?: Language): Timeline | null;
}

/** Connections over time, a lane for each way in which they went. */
export interface Timeline {
  readonly counts: HistogramView;
  readonly lanes: readonly Lane[];
  readonly caption: string;
}

export interface Lane {
  readonly label: string;
  /** Number of the diagnosis that it is of; 0 of one that is not told, null of what is no failure. */
  readonly diagnosis: number | null;
  /** Lanes of the histogram that it shows together. */
  readonly keys: readonly string[];
  /** Where its events begin, in milliseconds since 1970 by the zone's clocks, if that is worth telling. */
  readonly since: number | null;
  /** Where they end, if it works again after that. */
  readonly until: number | null;
  /** Lanes of the histogram to draw below its line, for comparison: what worked at the same servers. */
  readonly worked: readonly string[] | null;
}

/** Nothing gathered yet. Times in the picture are milliseconds since 1970 by the clocks of the zone. */
export function createGathered(zone: TimeZone): Gathered {
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
    timeline(diagnoses, told, language) {
      const counts = histogram.view();
      if (counts === null) return null;
      const causes = causeLanes({ diagnoses, told, servers, zone, language });
      const lane = (label: string, diagnosis: number | null, isIn: (key: string) => boolean): Lane[] => {
        const keys = [...counts.lanes.keys()].filter(isIn);
        return keys.length === 0 ? [] : [{ label, diagnosis, keys, since: null, until: null, worked: null }];
      };
      const hidden = causes.length - MOST_LANES;
      return {
        counts,
        lanes: [
          ...causes.slice(0, MOST_LANES),
          ...lane('Failed, cause unknown', 0, (key) => key === 'unexplained'),
          ...lane('Not captured to the end', 0, (key) => key === 'incomplete'),
          ...lane('All that succeeded', null, (key) => key.startsWith(workedKey(''))),
        ],
        caption:
          `Connections by the time they began${causes.length === 0 ? '' : '; below the line of a cause, in green, those that succeeded at the same servers'}.` +
          (hidden > 0 ? ` ${count(hidden, 'more kind')} of cause not drawn.` : ''),
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

/** The diagnoses of one rule are one lane. */
function causeLanes({
  diagnoses,
  told,
  servers,
  zone,
  language,
}: {
  readonly diagnoses: readonly Diagnosis[];
  readonly told: readonly Diagnosis[];
  readonly servers: ReadonlySet<string>;
  readonly zone: TimeZone;
  readonly language: Language | undefined;
}): Lane[] {
  const rules = new Map<string, Lane>();
  for (const diagnosis of diagnoses) {
    const { rule, firstSeenAt, lastSeenAt, servers: failing } = diagnosis;
    const known = rules.get(rule.id);
    const isCounted = failing.every((server) => servers.has(server));
    rules.set(rule.id, {
      label: ruleWords(rule, language).title,
      diagnosis: known?.diagnosis ?? told.findIndex((cause) => cause.rule.id === rule.id) + 1,
      keys: [`cause ${rule.id}`],
      since: Math.min(known?.since ?? Infinity, localMilliseconds(firstSeenAt, zone)),
      until:
        known?.until === null || !hasEnded({ members: [diagnosis] })
          ? null
          : Math.max(known?.until ?? -Infinity, localMilliseconds(lastSeenAt, zone)),
      worked: known?.worked === null || !isCounted ? null : [...(known?.worked ?? []), ...failing.map(workedKey)],
    });
  }
  return [...rules.values()];
}
