import type { ReportOptions, ReportWriter } from './format.js';
import { isListed, jsonConclusion, jsonConnection, line } from './json.js';

/** The JSON report for streams: each connection is a line as soon as it is settled; the last line is all the rest. */
export function createNdjsonWriter(options: Pick<ReportOptions, 'only' | 'selection'>): ReportWriter {
  return {
    connection: (connection) => (isListed(connection, options) ? `${line(jsonConnection(connection))}\n` : ''),
    *end(results) {
      yield `${line(jsonConclusion(results, options))}\n`;
    },
  };
}
