import { createHash } from 'node:crypto';
import { type BoundedMap, createBoundedMap } from '../bounded-map.js';
import { BOUNDS } from '../bounds.js';
import type { Timestamp } from '../capture/timestamp.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import type { Certainty } from './certainty.js';
import { CERTAINTY, createExamples, type Examples } from './examples.js';
import { connectTo } from './evidence/places.js';
import type { DiagnosedConnection, Diagnosis, Finding } from './finding.js';
import { endingKey, receivedKind, type Observation } from './observed.js';
import type { Severity } from './rule.js';
import { withNeighbour } from './neighbours.js';
import type { Chronology } from './evidence/chronology.js';

const SEVERITY: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Diagnoses that are told apart; further ones are merged into one for each rule. */
const MAX_GROUPS = BOUNDS.diagnoses.value;
/** Connections, servers, clients and names that a diagnosis lists; it counts all connections. */
export const MAX_LISTED = BOUNDS.listedConnections.value;

/** Nominal bytes of an entry of a list, besides its text. */
const ENTRY_BYTES = 64;

/** Failures with the same key are one diagnosis. */
function groupKey({ rule, subject }: Finding, connection: Connection): string {
  return `${rule.id} ${subject ?? connectTo(connection)}`;
}

/**
 * The id of the diagnosis that a failure belongs to, unless there are more than are told apart (`BOUNDS.diagnoses`).
 */
export function diagnosisId(cause: Finding, connection: Connection): string {
  return idOf(cause.rule.id, groupKey(cause, connection));
}

/** Ways to end that are told apart in a diagnosis. */
const MAX_ENDINGS = BOUNDS.endings.value;

interface Ending {
  readonly observed: Observation;
  count: number;
  readonly received: Map<string, number>;
}

interface Group {
  readonly examples: Examples;
  count: number;
  readonly ids: string[];
  readonly servers: Set<string>;
  readonly clients: Set<string>;
  readonly serverNames: Set<string>;
  readonly certainties: Record<Certainty, number>;
  readonly endings: BoundedMap<string, Ending>;
  first: Timestamp;
  last: Timestamp;
}

/** Findings, grouped by what is at fault as they come. */
export interface Groups {
  /**
   * Adds one finding of a connection; `key` is what it is grouped by, if not by what is at fault. Returns the key of
   * the group.
   */
  add(finding: Finding, diagnosed: DiagnosedConnection, key?: string): string;
  /** Worst first: by severity, then count, then certainty, then first seen. The chronology adds to each, by its key. */
  diagnoses(chronology?: Chronology): Diagnosis[];
}

/** No groups yet. */
export function createGroups(maxGroups = MAX_GROUPS): Groups {
  const groups = new Map<string, Group>();
  let room = BOUNDS.listedBytes.value;

  const note = (values: Set<string>, value: string): void => {
    const bytes = ENTRY_BYTES + value.length;
    if (values.size >= MAX_LISTED || values.has(value) || bytes > room) return;
    values.add(value);
    room -= bytes;
  };

  const groupOf = (key: string, finding: Finding, { startedAt }: Connection): [string, Group] => {
    const known = groups.get(key);
    if (known !== undefined) return [key, known];
    const { id } = finding.rule;
    const rest = groups.get(id);
    if (groups.size >= maxGroups && rest !== undefined) return [id, rest];
    const group: Group = {
      examples: createExamples(),
      count: 0,
      ids: [],
      servers: new Set(),
      clients: new Set(),
      serverNames: new Set(),
      certainties: { certain: 0, likely: 0, possible: 0 },
      endings: createBoundedMap({ size: MAX_ENDINGS, whenFull: 'refuse' }),
      first: startedAt,
      last: startedAt,
    };
    const own = groups.size >= maxGroups ? id : key;
    groups.set(own, group);
    return [own, group];
  };

  return {
    add(finding, diagnosed, wanted) {
      const { connection } = diagnosed;
      const [key, group] = groupOf(wanted ?? groupKey(finding, connection), finding, connection);
      const { id, client, clientHello, startedAt } = connection;
      group.count++;
      group.certainties[finding.certainty]++;
      group.examples.add(finding, diagnosed);
      if (group.ids.length < MAX_LISTED) group.ids.push(id);
      noteEnding(group, diagnosed.observed);
      note(group.servers, connectTo(connection));
      note(group.clients, client.address);
      if (clientHello !== null && clientHello.serverName !== null) note(group.serverNames, clientHello.serverName);
      if (millisecondsBetween(group.first, startedAt) < 0) group.first = startedAt;
      if (millisecondsBetween(group.last, startedAt) > 0) group.last = startedAt;
      return key;
    },
    diagnoses(chronology) {
      return Array.from(groups, ([key, group]) => {
        const { examples, count, ids, servers, clients, serverNames, certainties, endings, first, last } = group;
        const { finding, example, connections } = examples.chosen();
        const { timeline, retries } = chronology?.of(key) ?? { timeline: null, retries: null };
        return {
          id: idOf(finding.rule.id, key),
          rule: finding.rule,
          finding: withNeighbour(finding, example.connection, timeline, servers.size === 1),
          example,
          connections: ids,
          examples: connections,
          count,
          certainty: finding.certainty,
          certainties,
          servers: [...servers],
          clients: [...clients],
          serverNames: [...serverNames],
          firstSeenAt: first,
          lastSeenAt: last,
          timeline,
          retries,
          endings: [...endings.values()].sort((a, b) => b.count - a.count),
        };
      }).sort(
        (a, b) =>
          SEVERITY[a.rule.severity] - SEVERITY[b.rule.severity] ||
          b.count - a.count ||
          CERTAINTY[a.certainty] - CERTAINTY[b.certainty] ||
          a.example.connection.firstFrame - b.example.connection.firstFrame,
      );
    },
  };
}

function noteEnding({ endings }: Group, observed: Observation | null): void {
  if (observed === null) return;
  const ending = endings.getOrAdd(endingKey(observed), () => ({ observed, count: 0, received: new Map() }));
  if (ending === undefined) return;
  ending.count++;
  const received = receivedKind(observed);
  ending.received.set(received, (ending.received.get(received) ?? 0) + 1);
}

/** The id of a diagnosis, by its rule and what is at fault. The hash keeps it short, and free of text from the wire. */
function idOf(rule: string, key: string): string {
  return `${rule}-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}
