import type { Results } from '../../diagnose/results.js';
import type { CertificatePrinter, ReportOptions } from '../format.js';
import { clockOf, count, listed } from '../phrases.js';
import { observationOf } from '../words.js';
import { certificateSections, type CertificateSection } from './certificates.js';
import { connectionDetails, connectionList, type ConnectionDetails, type ConnectionList } from './connections.js';
import { diagnosisSection, type DiagnosisSection } from './diagnosis.js';
import { ladderOf, type Ladder } from './ladder.js';
import {
  captureLines,
  countUnexplained,
  moreCausesText,
  overviewOf,
  risksOf,
  selectionOf,
  talliesOf,
  toldCauses,
  verdictOf,
  warningsOf,
  type Glance,
  type Risk,
  type Tally,
} from './overview.js';
import type { Limits, Scope } from './scope.js';
import { postmortemOf, type Postmortem } from './postmortem.js';
import { connectionId, wire, type Text } from './text.js';
import type { Gathered, Timeline } from './timeline.js';

const MOST_IDS = 20;

/** What a report says, in the order in which it says it; a format draws it, and may leave sections out. */
export interface ReportDocument {
  /** All in one line. */
  readonly verdict: string;
  readonly outlook: 'failed' | 'good' | 'unclear';
  readonly selection: Text | null;
  readonly captures: readonly Text[];
  readonly tallies: readonly Tally[];
  /** The causes at a glance. */
  readonly overview: readonly Glance[];
  /** Kinds of cause that are not in it. */
  readonly otherKinds: number;
  readonly timeline: Timeline | null;
  readonly diagnoses: readonly DiagnosisSection[];
  /** Of causes that are not told in full, or null. */
  readonly moreCauses: Text | null;
  /** Failures without a known cause, or null. */
  readonly unexplained: Unexplained | null;
  readonly risks: readonly Risk[];
  readonly warnings: readonly Text[];
  readonly connections: ConnectionList;
  readonly details: Iterable<ConnectionDetails>;
  /** Connections that are not shown in detail. */
  readonly otherDetails: number;
  /** Of the connections in detail. */
  readonly certificates: { readonly shown: readonly CertificateSection[]; readonly others: number };
  readonly postmortem: Postmortem;
  /** The one date of all times, or null where they have their own. */
  readonly date: string | null;
}

export interface Unexplained {
  readonly handshakes: string;
  /** What happened to the connection whose ladder it is. */
  readonly observed: Text | null;
  readonly text: Text;
  readonly ladder: Ladder | null;
}

/**
 * The report of these results.
 * @param printCertificate for formats that show certificates in full
 * @param gathered for formats that draw pictures of all connections
 */
export function documentOf(
  results: Results,
  options: ReportOptions,
  limits: Limits,
  printCertificate?: CertificatePrinter,
  gathered: Gathered | null = null,
): ReportDocument {
  const { told, others } = toldCauses(results.diagnoses, limits.causes);
  const clock = clockOf(results.captures);
  const scope: Scope = { results, options, limits, clock, told, gathered, printCertificate };
  const { failed, established, incomplete } = results.summary;
  const overview = overviewOf(results.diagnoses, told, clock, options.language);
  const { connections, details, others: otherDetails } = connectionDetails(scope);
  return {
    verdict: verdictOf(results),
    outlook: failed > 0 ? 'failed' : established > 0 && incomplete === 0 ? 'good' : 'unclear',
    selection: selectionOf(options.selection),
    captures: captureLines(results),
    tallies: talliesOf(results),
    overview: overview.glances,
    otherKinds: overview.others,
    timeline: gathered === null ? null : gathered.timeline(results.diagnoses, told, options.language),
    diagnoses: told.map((diagnosis, index) => diagnosisSection(diagnosis, index, scope)),
    moreCauses: moreCausesText(others),
    unexplained: unexplainedOf(scope),
    risks: risksOf(results, options.language),
    warnings: warningsOf(results),
    connections: connectionList(scope),
    details,
    otherDetails,
    // Not every format draws these.
    get certificates() {
      const all = certificateSections(connections, printCertificate);
      const shown = all.slice(0, limits.certificates);
      return { shown, others: all.length - shown.length };
    },
    get postmortem() {
      return postmortemOf(scope);
    },
    date: clock.date,
  };
}

function unexplainedOf(scope: Scope): Unexplained | null {
  const { results, limits } = scope;
  const number = countUnexplained(results);
  if (number === 0) return null;
  const held = results.connections.filter(({ connection, cause }) => connection.outcome === 'failed' && cause === null);
  const ids = held.map(
    ({ connection: { id, firstFrame } }) => `${connectionId(id)} (from\u00a0frame\u00a0${firstFrame})`,
  );
  const notHeld = Array<string>(Math.max(0, number - ids.length)).fill('');
  const [example] = held;
  const observed = example?.observed ?? null;
  return {
    handshakes: count(number, 'handshake'),
    observed: observed && observationOf(observed, wire, scope.options.language),
    text: `The capture does not show why ${number === 1 ? 'connection' : 'connections'} ${listed([...ids, ...notHeld], Math.min(MOST_IDS, ids.length))} failed.`,
    ladder: example === undefined ? null : ladderOf(example, scope, limits.rungs),
  };
}
