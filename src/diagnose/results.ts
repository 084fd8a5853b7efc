import type { CaptureSummary } from '../capture/open.js';
export type { CaptureSummary };
import type { DiagnosedConnection, Diagnosis } from './rule.js';

/** Everything a report is made from. */
export interface Results {
  readonly captures: readonly CaptureSummary[];
  readonly summary: {
    readonly connections: number;
    readonly established: number;
    readonly failed: number;
    readonly incomplete: number;
    readonly notTls: number;
  };
  /** Worst first. */
  readonly diagnoses: readonly Diagnosis[];
  readonly connections: readonly DiagnosedConnection[];
}
