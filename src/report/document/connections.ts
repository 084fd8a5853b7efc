/** The TLS connections of a report: as a list, and each in detail. */
import type { Connection, Outcome } from '../../connection/connection.js';
import type { Results } from '../../diagnose/results.js';
import type { DiagnosedConnection } from '../../diagnose/finding.js';
import { attempt } from '../attempt.js';
import type { ReportOptions } from '../format.js';
import { durationText, endpointText, frameText } from '../phrases.js';
import type { Wording } from '../wording.js';
import { observationOf, ruleWords, noticeOf } from '../words.js';
import type { Scope } from './scope.js';
import { ladderOf, type Ladder } from './ladder.js';
import { lookupFacts } from './names.js';
import { pathFacts } from './path.js';
import { code, prose, wire, type Fact, type Text } from './text.js';

/** Failures first. */
const ORDER: Readonly<Record<Outcome, number>> = { failed: 0, incomplete: 1, established: 2, 'not-tls': 3 };

/** Servers without a failure that are named. */
const MOST_SERVERS = 3;

export interface ConnectionRow {
  readonly id: string;
  readonly frame: string;
  readonly lastFrame: string;
  /** To the millisecond, and to the second. */
  readonly time: string;
  readonly shortTime: string;
  readonly client: Text;
  readonly clientAddress: Text;
  readonly server: Text;
  readonly serverPort: number;
  /** The requested name; without one, the name of the address. */
  readonly serverName: Text | null;
  /** `1.3`, or null without a ServerHello. */
  readonly version: string | null;
  readonly outcome: Outcome;
  /** Id of the rule that is the cause, or null. */
  readonly rule: string | null;
  readonly title: string | null;
  /** The id of the rule, to search for, or the outcome. */
  readonly result: string;
}

export interface ConnectionList {
  readonly rows: readonly ConnectionRow[];
  /** What is not in the list. */
  readonly others: readonly Text[];
}

/** The TLS connections to list, failures first, as far as the results have them. */
function listedConnections({ connections }: Results, only: ReportOptions['only']): DiagnosedConnection[] {
  return connections
    .filter(({ connection }) => connection.outcome === 'failed' || (only === 'all' && connection.outcome !== 'not-tls'))
    .sort((a, b) => ORDER[a.connection.outcome] - ORDER[b.connection.outcome]);
}

/** The list of connections. */
export function connectionList(scope: Scope): ConnectionList {
  const { results, limits, options, words } = scope;
  const say = words.connections;
  const only = limits.rowsOf(options);
  const { connections, failed, notTls } = results.summary;
  const rows = listedConnections(results, only).slice(0, limits.rows);
  const wanted = only === 'failed' ? failed : connections - notTls;
  const succeeded = connections - notTls - failed;
  const broken: string[] = [];
  const shown = rows.flatMap((row) =>
    attempt(
      connectionName(row, words),
      () => [connectionRow(row, scope)],
      (sentence) => {
        broken.push(sentence);
        return [];
      },
      words,
    ),
  );
  return {
    rows: shown,
    others: [
      ...broken,
      ...(wanted > rows.length ? [say.more({ count: wanted - rows.length })] : []),
      ...(only === 'failed' && succeeded > 0 ? [othersText(succeeded, results, words)] : []),
      ...(notTls > 0 ? [say.withoutTls({ count: notTls })] : []),
    ],
  };
}

/** `36 other connections did not fail: 27 to shop.example:443 and 9 to api.example.com:8443 (--only all lists them)`. */
function othersText(count: number, { connections }: Results, words: Wording): Text {
  const say = words.connections;
  const servers = new Map<string, number>();
  for (const { connection } of connections) {
    if (connection.outcome !== 'established') continue;
    const { server, clientHello } = connection;
    const name = clientHello?.serverName ?? null;
    const key = name === null ? endpointText(server) : `${name}:${server.port}`;
    servers.set(key, (servers.get(key) ?? 0) + 1);
  }
  const most = [...servers]
    .sort(([, a], [, b]) => b - a)
    .map(([server, times]) => say.to({ number: times, server: code(server) }));
  return most.length === 0 ? say.well({ count }) : say.wellTo({ count, servers: words.list(most, MOST_SERVERS) });
}

function connectionRow(
  { connection, cause, lookup }: DiagnosedConnection,
  { results: { captures }, clock, naming, words }: Scope,
): ConnectionRow {
  const { id, capture, firstFrame, lastFrame, lastCapture, startedAt, client, server, outcome } = connection;
  const serverName = connection.clientHello?.serverName ?? lookup?.name ?? naming.of(server.address);
  return {
    id,
    frame: frameText(firstFrame, capture, captures),
    lastFrame: frameText(lastFrame, lastCapture ?? capture, captures),
    time: clock.time(startedAt),
    shortTime: clock.shortTime(startedAt),
    client: code(endpointText(client)),
    clientAddress: code(client.address),
    server: code(endpointText(server)),
    serverPort: server.port,
    serverName: serverName === null ? null : code(serverName),
    version: connection.serverHello?.version.replace(/^TLS /, '') ?? null,
    outcome,
    rule: cause?.rule.id ?? null,
    title: cause && ruleWords(cause.rule, words.language).title,
    result: cause?.rule.id ?? words.outcomes[outcome],
  };
}

/** A connection with all its messages. */
export interface ConnectionDetails {
  readonly id: string;
  /** `192.0.2.10:40000 → 198.51.100.20:443`. */
  readonly ends: Text;
  readonly time: string;
  readonly result: string;
  readonly facts: readonly Fact[];
  readonly notes: readonly Text[];
  readonly ladder: Ladder;
}

/** The connections to show in detail, and how many are left out; each is made when it is drawn. */
export function connectionDetails(scope: Scope): {
  readonly connections: readonly Connection[];
  readonly details: Iterable<ConnectionDetails>;
  readonly others: number;
} {
  const { results, options, limits, words } = scope;
  const only = limits.detailsOf(options);
  const shown = listedConnections(results, only).slice(0, limits.details(options));
  const { failed, connections, notTls } = results.summary;
  return {
    connections: shown.map(({ connection }) => connection),
    details: (function* () {
      for (const each of shown) {
        yield attempt(
          connectionName(each, words),
          () => detailsOf(each, scope),
          (sentence) => faultyDetails(each, sentence, words),
          words,
        );
      }
    })(),
    others: (only === 'failed' ? failed : connections - notTls) - shown.length,
  };
}

/** The name of a connection that cannot be shown. */
function connectionName({ connection: { id, firstFrame } }: DiagnosedConnection, { faults }: Wording): string {
  return faults.connectionFrom({ id, frame: String(firstFrame) });
}

/** Shown instead of the details of a connection that cannot be shown. */
function faultyDetails(
  { connection: { id, client, server } }: DiagnosedConnection,
  sentence: string,
  words: Wording,
): ConnectionDetails {
  const ladder: Ladder = { connection: id, client: '', server: '', points: 1, rungs: [], silence: null, resent: null };
  const ends = `${code(endpointText(client))} → ${code(endpointText(server))}`;
  return { id, ends, time: '', result: words.connections.notShown, facts: [], notes: [prose(sentence)], ladder };
}

function detailsOf(diagnosed: DiagnosedConnection, scope: Scope): ConnectionDetails {
  const { connection, cause, observed } = diagnosed;
  const { clientHello, serverHello, timing, outcome } = connection;
  const { naming, words } = scope;
  const { labels, joins, language, connections: say } = words;
  const asked = clientHello?.serverName ?? null;
  const result =
    cause !== null
      ? ruleWords(cause.rule, language).title
      : outcome === 'failed'
        ? say.unexplained
        : words.outcomes[outcome];
  const { handshakeMs } = timing;
  const list = (label: string, values: readonly (string | null | undefined)[]): Fact[] => {
    const given = values.filter((value) => value !== null && value !== undefined);
    return given.length === 0 ? [] : [{ label, text: given.map(wire).join(joins.items) }];
  };
  return {
    id: connection.id,
    ends: [connection.client, connection.server]
      .map((end) => code(endpointText(end)) + naming.behind(end.address, asked === null ? [] : [asked]))
      .join(' → '),
    time: scope.clock.time(connection.startedAt),
    result,
    facts: [
      {
        label: labels.result,
        text: handshakeMs === null ? result : say.took({ result, duration: durationText(handshakeMs, words) }),
      },
      ...(observed === null ? [] : [{ label: labels.observed, text: observationOf(observed, wire, language) }]),
      ...(clientHello === null
        ? []
        : [
            { label: labels.name, text: clientHello.serverName === null ? say.noName : code(clientHello.serverName) },
            ...list(labels.versions, clientHello.supportedVersions),
            ...list(labels.suites, clientHello.cipherSuites),
            ...list(labels.groups, clientHello.supportedGroups),
            ...list(labels.schemes, clientHello.signatureSchemes),
            ...list('ALPN', clientHello.alpn),
            ...list('JA3, JA4', [clientHello.ja3, clientHello.ja4]),
          ]),
      ...lookupFacts(diagnosed, scope),
      ...pathFacts(connection, scope),
      ...list(labels.chosen, [serverHello?.version, serverHello?.cipherSuite, serverHello?.group, serverHello?.alpn]),
    ],
    notes: connection.notes.map((note) => noticeOf(note, wire, language)),
    ladder: ladderOf(diagnosed, scope, scope.limits.detailRungs),
  };
}
