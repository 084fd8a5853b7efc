import type { CaptureSummary } from '../capture/open.js';
import type { Connection } from '../connection/connection.js';
import type { DiagnosedConnection, Diagnosis } from './rule.js';

/** Everything a report is made from. */
export interface Results {
  readonly captures: readonly CaptureSummary[];
  readonly summary: Summary;
  /** Worst first. */
  readonly diagnoses: readonly Diagnosis[];
  /** In order of their first frame. */
  readonly connections: readonly DiagnosedConnection[];
}

/** Connections by outcome. */
export interface Summary {
  readonly connections: number;
  readonly established: number;
  readonly failed: number;
  readonly incomplete: number;
  readonly notTls: number;
}

/** Counts connections by outcome. */
export function summarize(connections: readonly DiagnosedConnection[]): Summary {
  const count = (outcome: Connection['outcome']): number =>
    connections.filter(({ connection }) => connection.outcome === outcome).length;
  return {
    connections: connections.length,
    established: count('established'),
    failed: count('failed'),
    incomplete: count('incomplete'),
    notTls: count('not-tls'),
  };
}
