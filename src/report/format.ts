import type { Results } from '../diagnose/results.js';
import type { DiagnosedConnection } from '../diagnose/finding.js';
import type { Language } from './messages/language.js';
import { EVERYTHING, type Selection } from './selection.js';

/** How a report should look, as far as its format can follow. */
export interface ReportOptions {
  /** Whether ANSI colours may be used. */
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Nothing but ASCII, for terminals without Unicode. */
  readonly ascii: boolean;
  /** Everything that is known, where the format leaves some of it out otherwise. */
  readonly verbose: boolean;
  /** Which connections the report lists; all of those selected are counted. */
  readonly only: 'failed' | 'all';
  /** What the results were restricted to, for the report to say so. */
  readonly selection: Selection;
  /** IANA's name of the time zone of all times that people read; JSON has UTC. */
  readonly timeZone: string;
  /** What is said of findings is said in it; English if not given. */
  readonly language?: Language;
}

/** Writes a report while it comes to be, so that it need never be held as a whole. */
export interface ReportWriter {
  /** It takes nothing from single connections: to call `connection` is of no use. */
  readonly isOfResultsAlone?: true;
  /** Called for each connection when it is settled; what to write now (`''` for nothing). */
  connection(connection: DiagnosedConnection): string;
  /**
   * Called for a failed connection before it is settled, where the report is read while the capture is made; what to write now.
   * A format that says nothing before the end lacks it.
   */
  early?(connection: DiagnosedConnection): string;
  /** Everything else, when the analysis is over. */
  end(results: Results): Iterable<string>;
}

/** Prints a certificate in full, in lines for people. */
export type CertificatePrinter = (der: Uint8Array) => readonly string[];

/** Makes the writer of one report. */
export type CreateWriter = (options: ReportOptions) => ReportWriter;

/** A format that a report can be written in. */
export interface Format {
  /** For help texts. */
  readonly name: string;
  /** Of the files that it is written to, without the dot, the usual one first. */
  readonly extensions: readonly string[];
  /** Its writer; loaded when asked for, with what such a report needs: some need much code that others do not. */
  load(options?: Partial<Pick<ReportOptions, 'verbose'>>): Promise<CreateWriter>;
}

/** What is not asked for otherwise. */
export const DEFAULTS: ReportOptions = {
  color: false,
  width: 80,
  ascii: false,
  verbose: false,
  only: 'all',
  selection: EVERYTHING,
  timeZone: 'UTC',
};

/** The report of an analysis that is over. */
export function* writeReport(writer: ReportWriter, results: Results): Iterable<string> {
  for (const connection of results.connections) {
    const text = writer.connection(connection);
    if (text !== '') yield text;
  }
  yield* writer.end(results);
}
