import type { Results } from '../diagnose/results.js';
import type { DiagnosedConnection } from '../diagnose/finding.js';
import type { Language } from './messages/language.js';
import { EVERYTHING, type Selection } from './selection.js';
import type { Wording } from './wording.js';

/** How a report should look, as far as its format allows. */
export interface ReportOptions {
  /** Whether ANSI colours may be used. */
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Only ASCII, for terminals without Unicode. */
  readonly ascii: boolean;
  /** Everything that is known, also what the format usually leaves out. */
  readonly verbose: boolean;
  /** Which connections the report lists; all selected ones are counted. */
  readonly only: 'failed' | 'all';
  /** The restriction of the results, to be stated in the report. */
  readonly selection: Selection;
  /** IANA's name of the time zone for all times that people read; JSON has UTC. */
  readonly timeZone: string;
  /** Language of the findings; English by default. */
  readonly language?: Language;
}

/** Writes a report while it is made, so that it need never be held as a whole. */
export interface ReportWriter {
  /**
   * Only if it writes nothing before the end, so that `connection` need not be called: which connections it then shows
   * with their messages.
   */
  readonly detailed?: ReportOptions['only'];
  /** Called with each connection whose result is final; returns what to write now (`''` for nothing). */
  connection(connection: DiagnosedConnection): string;
  /**
   * Called with a failed connection before its result is final, in a live capture; returns what to write now. Absent in
   * formats that write nothing before the end.
   */
  early?(connection: DiagnosedConnection): string;
  /** Everything else, when the analysis is over. */
  end(results: Results): Iterable<string>;
}

/** Prints a certificate in full, in lines for people. */
export type CertificatePrinter = (der: Uint8Array, words: Wording) => readonly string[];

/** Makes the writer of one report. */
export type CreateWriter = (options: ReportOptions) => ReportWriter;

/** A format that a report can be written in. */
export interface Format {
  /** Of the files that it is written to, without the dot, the usual one first. */
  readonly extensions: readonly string[];
  /** Its writer; loaded on demand, with what such a report needs: some need much code that others do not. */
  load(options?: Partial<Pick<ReportOptions, 'verbose'>>): Promise<CreateWriter>;
}

/** Options that were not given. */
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
