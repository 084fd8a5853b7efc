import { fillPlain, type MessageOf } from '../message.js';
/** Known failures from before: which diagnoses are new, which are known, and which are gone. */
import { isObject } from '../is-object.js';
import { BOUNDS } from '../bounds.js';
import type { Diagnosis } from './finding.js';

/** A diagnosis that is known. */
export interface KnownDiagnosis {
  readonly id: string;
  /** Its title and servers, if an earlier report has them; they are text from outside. */
  readonly title: string | null;
  readonly servers: readonly string[];
}

/** What is known, by id. */
export type Baseline = ReadonlyMap<string, KnownDiagnosis>;

/** How results compare with the known failures. */
export interface BaselineComparison {
  /** Ids of the diagnoses and risks that are known. */
  readonly known: ReadonlySet<string>;
  /** Handshakes that failed without a known cause. */
  readonly newFailures: number;
  /** Risks that are not known. */
  readonly newRisks: number;
  /** Known diagnoses that are not in these results. */
  readonly gone: readonly KnownDiagnosis[];
}

/** The part of results that is compared. */
interface Judged {
  readonly summary: { readonly failed: number };
  readonly diagnoses: readonly Diagnosis[];
  readonly risks: readonly Diagnosis[];
}

/** What is wrong with a baseline: texts by id. */
const BASELINE_FAULTS = {
  noBaseline: 'neither a report in JSON or NDJSON that was written to its end, nor a list of ids',
  noId: 'line {line} is no id of a diagnosis, such as certificate-expired-1f3a5c7e9b2d (JSON: diagnoses[].id)',
  tooLong: 'has more than {most} bytes besides connections; give a list of ids',
} as const;

/** A baseline that cannot be read; the message is one line, and says where. */
export class BaselineError extends Error {
  override readonly name = 'BaselineError';

  constructor(readonly fault: MessageOf<typeof BASELINE_FAULTS, string | number>) {
    super(fillPlain(BASELINE_FAULTS[fault.id], fault.data));
  }
}

/** The form of diagnosis ids (`Diagnosis.id`). */
const ID = /^[a-z0-9-]{1,80}-[0-9a-f]{12}$/;
const NO_BASELINE = { id: 'noBaseline', data: {} } as const;
const MOST_SERVERS = BOUNDS.baselineServers.value;

/**
 * Reads a baseline: a report of an earlier run in JSON or NDJSON, or ids of diagnoses, one per line, with `#` comments.
 * Throws BaselineError.
 */
export function parseBaseline(source: string): Baseline {
  // PowerShell writes a byte order mark.
  const text = source.replace(/^\ufeff/, '');
  // A failed run leaves an empty file, or one with connections only. A list without any id has at least a comment.
  if (text.trim() === '') throw new BaselineError(NO_BASELINE);
  const lines = text.split('\n');
  const known = /^\s*\{/.test(text) ? ofReport(text, lines) : lines.flatMap(ofLine);
  return new Map(known.map((one) => [one.id, one]));
}

/** What a line of a list names. */
function ofLine(line: string, index: number): KnownDiagnosis[] {
  const id = line.replace(/#.*/, '').trim();
  if (id === '') return [];
  if (!ID.test(id)) {
    throw new BaselineError({ id: 'noId', data: { line: index + 1 } });
  }
  return [{ id, title: null, servers: [] }];
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A whole report, or the last line of NDJSON, which has everything but the connections. */
function ofReport(text: string, lines: readonly string[]): KnownDiagnosis[] {
  const report = parsed(text) ?? parsed(lines.findLast((line) => line.trim() !== '') ?? '');
  const { diagnoses, risks } = isObject(report) ? report : {};
  if (!Array.isArray(diagnoses)) {
    throw new BaselineError(NO_BASELINE);
  }
  return [...listOf(diagnoses), ...listOf(risks)].flatMap((one) => {
    const { id, title, servers } = isObject(one) ? one : {};
    if (typeof id !== 'string' || !ID.test(id)) return [];
    const names = listOf(servers).filter((each) => typeof each === 'string');
    return [{ id, title: typeof title === 'string' ? title : null, servers: names.slice(0, MOST_SERVERS) }];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Compares results with the known failures. */
export function compareWithBaseline({ summary, diagnoses, risks }: Judged, baseline: Baseline): BaselineComparison {
  const all = [...diagnoses, ...risks];
  const isKnown = ({ id }: Diagnosis): boolean => baseline.has(id);
  const ids = new Set(all.map(({ id }) => id));
  const knownFailures = diagnoses.filter(isKnown).reduce((sum, { count }) => sum + count, 0);
  return {
    known: new Set(all.filter(isKnown).map(({ id }) => id)),
    newFailures: summary.failed - knownFailures,
    newRisks: risks.filter((risk) => !isKnown(risk)).length,
    gone: [...baseline.values()].filter(({ id }) => !ids.has(id)),
  };
}
