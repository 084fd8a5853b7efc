import type { CaptureWarning } from '../../capture/frame.js';
import type { CaptureSummary } from '../../capture/open.js';
import { formatTimestamp } from '../../capture/timestamp.js';
import { faultWarnings } from '../../connection/warnings.js';
import type { DiagnosedConnection, Diagnosis } from '../../diagnose/finding.js';
import type { KeyResults, Results } from '../../diagnose/results.js';
import { type Faults, createFaults } from '../../fault.js';
import type { NameResults } from '../../names/results.js';
import { escapeJson } from '../escape.js';
import type { ReportOptions, ReportWriter } from '../format.js';
import { generator } from '../generator.js';
import { UTC } from '../time-zone.js';
import { faultOf } from '../words.js';
import { jsonNotice } from './common.js';
import type { JsonCapture, JsonConclusion, JsonDiagnosis, JsonKeyResults, JsonNames } from './contract.js';
import { jsonDiagnosis } from './diagnosis.js';
import { createConnectionText } from './fast-path/connection-text.js';

/**
 * The JSON report: its connections as their results become final, then everything else. Each connection, capture and
 * diagnosis is on a line of its own, for grep and comparison.
 */
export function createJsonWriter(options: Pick<ReportOptions, 'only' | 'selection'>): ReportWriter {
  let isOpen = false;
  const separator = (): string => {
    const text = isOpen ? ',\n' : '{\n"connections": [\n';
    isOpen = true;
    return text;
  };
  const faults = createFaults();
  const lineOf = createConnectionLine(faults);
  return {
    connection: (connection) => {
      const text = isListed(connection, options) ? lineOf(connection) : '';
      return text === '' ? '' : separator() + text;
    },
    *end(results) {
      yield isOpen ? '\n]' : '{\n"connections": []';
      for (const [key, value] of Object.entries(jsonConclusion(results, options, faults))) {
        yield `,\n${line(key)}: `;
        if (Array.isArray(value)) yield* list(value);
        else yield line(value);
      }
      yield '\n}\n';
    },
  };
}

/** Whether the report lists the connection, by `--only`. */
export function isListed({ connection }: DiagnosedConnection, { only }: Pick<ReportOptions, 'only'>): boolean {
  return only === 'all' || connection.outcome === 'failed';
}

/** Writes a connection as JSON in one line; empty, and noted, if a fault of this program prevents it. */
export function createConnectionLine(faults: Faults): (connection: DiagnosedConnection) => string {
  const textOf = createConnectionText();
  return (connection) =>
    faults.attempt('report', connection.connection.firstFrame, () => escapeJson(textOf(connection)), '');
}

/** A value as JSON in one line that is safe in a terminal. */
export function line(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}

function* list(items: Iterable<unknown>): Iterable<string> {
  let separator = '\n';
  yield '[';
  for (const item of items) {
    yield separator + line(item);
    separator = ',\n';
  }
  yield separator === '\n' ? ']' : '\n]';
}

/** The report without its connections. */
export function jsonConclusion(
  { captures, summary, unread, keys, diagnoses, risks, path, unreadLines, whatIf, baseline, names }: Results,
  { only, selection }: Pick<ReportOptions, 'only' | 'selection'>,
  faults: Faults,
): JsonConclusion {
  const drawn = (each: Diagnosis): JsonDiagnosis[] =>
    faults.attempt('report', each.example.connection.firstFrame, () => [jsonDiagnosis(each, baseline)], []);
  const [causes, holding] = [diagnoses.flatMap(drawn), risks.flatMap(drawn)];
  const { connections, established, failed, incomplete, notTls } = summary;
  const { since, until, diagnoses: rules, ...criteria } = selection;
  const timeZone = (since ?? until ?? { zone: UTC }).zone.name;
  return {
    schemaVersion: 2,
    generator,
    selection: {
      only,
      ...criteria,
      rules,
      since: since?.text ?? null,
      until: until?.text ?? null,
      timeZone: timeZone === UTC.name ? undefined : timeZone,
    },
    captures: captures.map((capture, index) => jsonCapture(capture, index === 0 ? faultWarnings(faults) : [])),
    summary: {
      connections,
      established,
      failed,
      incomplete,
      notTls,
      unread: unread.length === 0 ? undefined : unread,
    },
    ...(keys === null ? {} : { keys: jsonKeyResults(keys) }),
    ...(unreadLines === undefined ? {} : { unreadLines }),
    ...(whatIf === undefined ? {} : { whatIf }),
    ...(baseline === undefined ? {} : { baseline: { newFailures: baseline.newFailures, gone: baseline.gone } }),
    ...(names.addresses.length + names.unresolved.length === 0 ? {} : { names: jsonNames(names) }),
    ...(path === undefined ? {} : { path }),
    diagnoses: causes,
    risks: holding,
  };
}

function jsonKeyResults({ logs, ...rest }: KeyResults): JsonKeyResults {
  const inWords = logs.map((log) => {
    return { ...log, faults: log.faults.map((fault) => ({ ...fault, what: faultOf(fault.what) })) };
  });
  return { logs: inWords, ...rest };
}

function jsonNames({ addresses, unresolved }: NameResults): JsonNames {
  return { addresses, unresolved: unresolved.map((one) => ({ ...one, at: formatTimestamp(one.at) })) };
}

function jsonCapture(capture: CaptureSummary, more: readonly CaptureWarning[]): JsonCapture {
  const { firstPacketAt, lastPacketAt } = capture;
  return {
    path: capture.path,
    format: capture.format,
    compression: capture.compression,
    packets: capture.packets,
    bytes: capture.bytes,
    truncatedPackets: capture.truncatedPackets,
    firstPacketAt: firstPacketAt && formatTimestamp(firstPacketAt),
    lastPacketAt: lastPacketAt && formatTimestamp(lastPacketAt),
    linkTypes: capture.linkTypes,
    warnings: [...capture.warnings, ...more].map(({ frame, byteOffset, ...warning }) => ({
      ...jsonNotice(warning),
      frame: frame ?? null,
      byteOffset: byteOffset ?? null,
    })),
  };
}
