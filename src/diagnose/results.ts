import type { WhatIf } from './ends/what-if.js';
import { BOUNDS } from '../bounds.js';
import type { CaptureSummary } from '../capture/open.js';
import type { PathSummary } from '../connection/connection.js';
import type { UnreadLine } from '../ends/configurations/configuration.js';
import type { UnreadPackets } from '../connection/unread.js';
import type { MemoryHolder } from '../memory.js';
import type { NameResults } from '../names/results.js';
import type { SecretCounts } from '../tls/decrypt/secrets.js';
import type { KeyLog, KeySources } from '../tls/decrypt/key-sources.js';
import { createHeldConnections, type HeldConnections } from '../connection/weight.js';
import type { BaselineComparison } from './baseline.js';
import { createGroups } from './group.js';
import type { DiagnosedConnection, Diagnosis } from './finding.js';
import { createChronology } from './evidence/chronology.js';

/** Everything that a report is made from. */
export interface Results {
  readonly captures: readonly CaptureSummary[];
  readonly summary: Summary;
  /** Connections that were not selected; no other count includes them. */
  readonly notSelected: number;
  /** Packets of all captures that are not analysed, by kind, the most frequent first. */
  readonly unread: readonly UnreadPackets[];
  /** Lines in configurations of the ends that matter for handshakes but are not understood; only if there are any. */
  readonly unreadLines?: readonly UnreadLine[];
  /** What would have become of the connections with another file; only if asked. */
  readonly whatIf?: WhatIf;
  /** The keys that were given; null without any. */
  readonly keys: KeyResults | null;
  /** The causes, worst first. */
  readonly diagnoses: readonly Diagnosis[];
  /** Risks although nothing failed, by rule, worst first. */
  readonly risks: readonly Diagnosis[];
  /**
   * In order of their first frame. Of more than `MAX_HELD` failed ones, or as many others, only those whose result was
   * final first; `summary` and the diagnoses count all.
   */
  readonly connections: readonly DiagnosedConnection[];
  /** Comparison with known failures; only if a baseline was given. */
  readonly baseline?: BaselineComparison;
  /** Names of the connections' addresses, and names that led nowhere. */
  readonly names: NameResults;
  /** How the points of a path compare; undefined if the captures are not from several points. */
  readonly path?: PathSummary;
}

/** How the given keys were used. */
export interface KeyResults {
  /** Key log files, and captures that carry keys. */
  readonly logs: readonly KeyLog[];
  /** Connections with keys that opened something, with keys that opened nothing, and without keys. */
  readonly connections: { readonly opened: number; readonly notOpened: number; readonly without: number };
  /** ClientHello.randoms with secrets, those whose secrets opened nothing, and secrets that were too many to keep. */
  readonly secrets: SecretCounts;
  /** A capture has secrets after packets that they may belong to, and that had already been read. */
  readonly isLate: boolean;
}

/** Connections by outcome. */
export interface Summary {
  readonly connections: number;
  readonly established: number;
  readonly failed: number;
  readonly incomplete: number;
  readonly notTls: number;
}

/** What is known of keys besides what connections show. */
export type KeyCounts = Pick<KeySources, 'logs' | 'isLate'> & {
  readonly secrets: Pick<KeySources['secrets'], 'counts'>;
};

/** Gathers results connection by connection, in bounded memory. */
export interface ResultsCollector {
  /** Adds a connection; one that is not selected is neither counted nor kept, but enters the chronology. */
  add(diagnosed: DiagnosedConnection, isSelected?: boolean): void;
  /** Counts connections of which too little is known to add them. */
  addIncomplete(count: number): void;
  /**
   * Memory of the connections kept for the report's list that did not fail. `HeldConnections` counts what they take.
   */
  readonly holder: MemoryHolder;
  /** Connections by outcome, so far. */
  summary(): Summary;
  /** Whether no more connections that did not fail will be kept: of further ones, only sums are. */
  readonly isFull: () => boolean;
  /** The same for connections that failed. */
  readonly isFullOfFailures: () => boolean;
  results(captures: readonly CaptureSummary[], unread?: readonly UnreadPackets[], keys?: KeyCounts): Results;
}

/** Failed connections that results keep in full, and others: more than a reader looks at, and some ten megabytes. */
export const MAX_HELD = BOUNDS.heldConnections.value;

/** Failed connections that are kept in any case, whatever their size. */
const LEAST_HELD = 64;

/** An empty collector; the chronology continues with what it knows. */
export function collectResults(
  chronology = createChronology(),
  maxHeld = MAX_HELD,
  memory: HeldConnections = createHeldConnections(),
): ResultsCollector {
  const counts = { established: 0, failed: 0, incomplete: 0, 'not-tls': 0 };
  const causes = createGroups();
  const risks = createGroups();
  const failed: DiagnosedConnection[] = [];
  const others: DiagnosedConnection[] = [];
  let notSelected = 0;
  let isFull = false;
  let isFullOfFailures = false;
  const keyed = { opened: 0, notOpened: 0, without: 0 };

  function summary(): Summary {
    const { established, failed: failures, incomplete, 'not-tls': notTls } = counts;
    const connections = established + failures + incomplete + notTls;
    return { connections, established, failed: failures, incomplete, notTls };
  }

  return {
    add(diagnosed, isSelected = true) {
      const { connection, findings, cause } = diagnosed;
      const key = cause !== null && isSelected ? causes.add(cause, diagnosed) : null;
      chronology.judged(connection, key, cause?.rule.id ?? null);
      if (!isSelected) {
        notSelected++;
        return;
      }
      counts[connection.outcome]++;
      const { keys, serverHello } = connection;
      if (keys !== null) keyed[keys.opened > 0 ? 'opened' : 'notOpened']++;
      else if (serverHello !== null) keyed.without++;
      for (const finding of findings) {
        if (finding.role === 'risk') risks.add(finding, diagnosed, finding.rule.id);
      }
      const hasFailed = connection.outcome === 'failed';
      const held = hasFailed ? failed : others;
      if (held.length >= maxHeld || (hasFailed ? isFullOfFailures : isFull)) return;
      held.push(diagnosed);
      memory.hold(connection);
      isFull ||= others.length >= maxHeld;
      isFullOfFailures ||= failed.length >= maxHeld;
    },
    addIncomplete(count) {
      counts.incomplete += count;
    },
    holder: {
      what: 'listed',
      bytes: memory.bytes,
      giveUp() {
        const last = others.pop() ?? (failed.length > LEAST_HELD ? failed.pop() : undefined);
        if (last === undefined) return 0;
        memory.release(last.connection);
        return 1;
      },
    },
    summary,
    isFull: () => isFull,
    isFullOfFailures: () => isFullOfFailures,
    results(captures, unread = [], keys) {
      const logs = keys?.logs() ?? [];
      return {
        captures,
        summary: summary(),
        notSelected,
        unread,
        keys:
          keys === undefined || logs.length === 0
            ? null
            : { logs, connections: { ...keyed }, secrets: keys.secrets.counts(), isLate: keys.isLate() },
        diagnoses: causes.diagnoses(chronology),
        risks: risks.diagnoses(),
        connections: [...failed, ...others].sort(byFirstFrame),
        names: { addresses: [], unresolved: [] },
      };
    },
  };
}

/** Connections are numbered in order of their first frame. */
export function byFirstFrame(a: DiagnosedConnection, b: DiagnosedConnection): number {
  return Number(a.connection.id) - Number(b.connection.id);
}
