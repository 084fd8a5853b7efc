import type { Timestamp } from '../capture/timestamp.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import { endpointText } from '../connection/endpoint.js';
import type { Certainty, Diagnosis, Finding, Severity } from './rule.js';

const SEVERITY: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };
const CERTAINTY: Readonly<Record<Certainty, number>> = { certain: 0, likely: 1, possible: 2 };

/** Diagnoses that are told apart; what comes after is one for each rule. */
const MAX_GROUPS = 1000;
/** Connections, servers, clients and names that a diagnosis lists; it counts all connections. */
export const MAX_LISTED = 1000;

/** Failures with the same key are one diagnosis. */
function groupKey({ rule, subject }: Finding, { server }: Connection): string {
  return `${rule.id} ${subject ?? endpointText(server)}`;
}

interface Group {
  finding: Finding;
  example: Connection;
  count: number;
  readonly ids: string[];
  readonly servers: Set<string>;
  readonly clients: Set<string>;
  readonly serverNames: Set<string>;
  first: Timestamp;
  last: Timestamp;
}

/** Findings grouped as they come: by what is at fault. */
export interface Groups {
  /** Adds one finding of a connection; `key` says what it is grouped by, if not by what is at fault. */
  add(finding: Finding, connection: Connection, key?: string): void;
  /** Worst first: by severity, then how many, then how sure, then the first seen. */
  diagnoses(): Diagnosis[];
}

/** No groups yet. */
export function createGroups(maxGroups = MAX_GROUPS): Groups {
  const groups = new Map<string, Group>();

  const groupOf = (key: string, finding: Finding, connection: Connection): Group => {
    const known = groups.get(key);
    if (known !== undefined) return known;
    if (groups.size >= maxGroups && key !== finding.rule.id) return groupOf(finding.rule.id, finding, connection);
    const group: Group = {
      finding,
      example: connection,
      count: 0,
      ids: [],
      servers: new Set(),
      clients: new Set(),
      serverNames: new Set(),
      first: connection.startedAt,
      last: connection.startedAt,
    };
    groups.set(key, group);
    return group;
  };

  return {
    add(finding, connection, key) {
      const group = groupOf(key ?? groupKey(finding, connection), finding, connection);
      const { id, client, server, clientHello, startedAt } = connection;
      group.count++;
      if (isWeightier(finding, connection, group)) {
        group.finding = finding;
        group.example = connection;
      }
      if (group.ids.length < MAX_LISTED) group.ids.push(id);
      note(group.servers, endpointText(server));
      note(group.clients, client.address);
      if (clientHello !== null && clientHello.serverName !== null) note(group.serverNames, clientHello.serverName);
      if (millisecondsBetween(group.first, startedAt) < 0) group.first = startedAt;
      if (millisecondsBetween(group.last, startedAt) > 0) group.last = startedAt;
    },
    diagnoses() {
      return [...groups.values()]
        .map(({ finding, example, count, ids, servers, clients, serverNames, first, last }): Diagnosis => ({
          rule: finding.rule,
          finding,
          example,
          connections: ids,
          count,
          certainty: finding.certainty,
          servers: [...servers],
          clients: [...clients],
          serverNames: [...serverNames],
          firstSeenAt: first,
          lastSeenAt: last,
        }))
        .sort(
          (a, b) =>
            SEVERITY[a.rule.severity] - SEVERITY[b.rule.severity] ||
            b.count - a.count ||
            CERTAINTY[a.certainty] - CERTAINTY[b.certainty] ||
            a.example.firstFrame - b.example.firstFrame,
        );
    },
  };
}

/** Whether a finding is the one to show of its group: the surest. */
function isWeightier(finding: Finding, connection: Connection, { finding: shown, example }: Group): boolean {
  return connection !== example && CERTAINTY[finding.certainty] < CERTAINTY[shown.certainty];
}

function note(values: Set<string>, value: string): void {
  if (values.size < MAX_LISTED) values.add(value);
}
