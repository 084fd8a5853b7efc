import { millisecondsBetween } from '../capture/timestamp.js';
import type { Connection, Endpoint } from '../connection/connection.js';
import type { Certainty, DiagnosedConnection, Diagnosis, Finding, Severity } from './rule.js';

const SEVERITY: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };
const CERTAINTY: Readonly<Record<Certainty, number>> = { certain: 0, likely: 1, possible: 2 };

/** `address:port`, with brackets around an IPv6 address (RFC 5952 §6). */
export function formatEndpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Failures with the same key are one diagnosis. */
function groupKey({ rule, subject }: Finding, { server }: Connection): string {
  return `${rule.id} ${subject ?? formatEndpoint(server)}`;
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];

/** Groups failed connections by cause, worst first: by severity, then how many, then how sure, then the first seen. */
export function groupDiagnoses(connections: readonly DiagnosedConnection[]): Diagnosis[] {
  const groups = new Map<string, { finding: Finding; members: Connection[]; example: Connection }>();
  for (const { connection, cause } of connections) {
    if (cause === null) continue;
    const key = groupKey(cause, connection);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { finding: cause, members: [connection], example: connection });
      continue;
    }
    group.members.push(connection);
    if (CERTAINTY[cause.certainty] < CERTAINTY[group.finding.certainty]) {
      group.finding = cause;
      group.example = connection;
    }
  }
  const diagnoses = [...groups.values()].map(({ finding, members, example }): Diagnosis => {
    const first = members.reduce((a, b) => (millisecondsBetween(a.startedAt, b.startedAt) < 0 ? b : a));
    const last = members.reduce((a, b) => (millisecondsBetween(a.startedAt, b.startedAt) >= 0 ? b : a));
    return {
      rule: finding.rule,
      finding,
      example,
      connections: members.map(({ id }) => id),
      count: members.length,
      certainty: finding.certainty,
      servers: unique(members.map(({ server }) => formatEndpoint(server))),
      clients: unique(members.map(({ client }) => client.address)),
      serverNames: unique(members.flatMap(({ clientHello }) => clientHello?.serverName ?? [])),
      firstSeenAt: first.startedAt,
      lastSeenAt: last.startedAt,
    };
  });
  return diagnoses.sort(
    (a, b) =>
      SEVERITY[a.rule.severity] - SEVERITY[b.rule.severity] ||
      b.count - a.count ||
      CERTAINTY[a.certainty] - CERTAINTY[b.certainty] ||
      a.example.firstFrame - b.example.firstFrame,
  );
}
