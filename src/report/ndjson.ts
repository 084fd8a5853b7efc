import type { ReportOptions, ReportWriter } from './format.js';
import { createFaults } from '../fault.js';
import { createConnectionLine, isListed, jsonConclusion, line } from './json/json.js';

/**
 * The JSON report for streams: each connection is a line as soon as its result is final; the last line is the rest. A
 * connection reported early, with another final result, is written again, as one that amends the first.
 */
export function createNdjsonWriter(options: Pick<ReportOptions, 'only' | 'selection'>): ReportWriter {
  const faults = createFaults();
  const lineOf = createConnectionLine(faults);
  /** Lines written early, by id. */
  const early = new Map<string, string>();
  const ended = (text: string): string => (text === '' ? '' : `${text}\n`);
  return {
    early(diagnosed) {
      if (!isListed(diagnosed, options)) return '';
      const text = lineOf(diagnosed);
      early.set(diagnosed.connection.id, text);
      return ended(text);
    },
    connection(diagnosed) {
      const { id } = diagnosed.connection;
      const before = early.get(id);
      early.delete(id);
      if (before === undefined && !isListed(diagnosed, options)) return '';
      const text = lineOf(diagnosed);
      if (before === undefined) return ended(text);
      return text === before ? '' : ended(`${text.slice(0, -1)},"amends":true}`);
    },
    *end(results) {
      yield `${line(jsonConclusion(results, options, faults))}\n`;
    },
  };
}
