import type { Results } from '../diagnose/results.js';

/** How a report should look, as far as its format can follow. */
export interface ReportOptions {
  /** Whether ANSI colours may be used. */
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** Writes a report, piece by piece, so that a large one need not be held as one string. */
export type WriteReport = (results: Results, options: ReportOptions) => Iterable<string>;

/** A format that a report can be written in. */
export interface Format {
  /** For help texts. */
  readonly name: string;
  /** Its writer; loaded when asked for, since some formats need libraries that others do not. */
  load(): Promise<WriteReport>;
}
