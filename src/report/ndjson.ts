import type { ReportOptions, ReportWriter } from './format.js';
import { createFaults } from '../fault.js';
import { connectionLine, isListed, jsonConclusion, line } from './json.js';

/** The JSON report for streams: each connection is a line as soon as it is settled; the last line is all the rest. */
export function createNdjsonWriter(options: Pick<ReportOptions, 'only' | 'selection'>): ReportWriter {
  const faults = createFaults();
  return {
    connection: (connection) => {
      const text = isListed(connection, options) ? connectionLine(connection, faults) : '';
      return text === '' ? '' : `${text}\n`;
    },
    *end(results) {
      yield `${line(jsonConclusion(results, options, faults))}\n`;
    },
  };
}
