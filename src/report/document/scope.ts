import type { Results } from '../../diagnose/results.js';
import type { CertificatePrinter, ReportOptions } from '../format.js';
import type { Clock } from '../phrases.js';
import type { Wording } from '../wording.js';
import type { Cause } from './causes.js';
import type { Naming } from './naming.js';
import type { ConnectionGatherer } from './timeline.js';

/** The most that a format shows of everything. */
export interface Limits {
  /** Causes described in full. */
  readonly causes: number;
  readonly rungs: number;
  /** How many rows the list of connections has, and whether of all connections or of the failed ones. */
  readonly rows: number;
  readonly rowsOf: (options: ReportOptions) => ReportOptions['only'];
  /** Connections in detail, and which of them. */
  readonly details: (options: ReportOptions) => number;
  readonly detailsOf: (options: ReportOptions) => ReportOptions['only'];
  /** Undefined: all. */
  readonly detailRungs: number | undefined;
  readonly certificates: number;
}

/** What all sections are built from. */
export interface Scope {
  readonly results: Results;
  readonly options: ReportOptions;
  /** In the language of the report. */
  readonly words: Wording;
  readonly limits: Limits;
  readonly clock: Clock;
  /** The causes described in full. */
  readonly described: readonly Cause[];
  readonly gathered: ConnectionGatherer | null;
  readonly naming: Naming;
  /** Undefined unless certificates are shown in full. */
  readonly printCertificate: CertificatePrinter | undefined;
}
