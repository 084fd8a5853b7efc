import type { Results } from '../../diagnose/results.js';
import type { CertificatePrinter, ReportOptions } from '../format.js';
import { attempt, causeName } from '../attempt.js';
import { describedCauses } from './causes.js';
import { goneLines } from './baseline.js';
import { clockOf } from '../phrases.js';
import { ENGLISH } from '../messages/english.js';
import { inZone, timeZoneOf } from '../time-zone.js';
import { wordingOf, type Wording } from '../wording.js';
import { observationOf } from '../words.js';
import { certificateSections, type CertificateSection } from './certificates.js';
import { connectionDetails, connectionList, type ConnectionDetails, type ConnectionList } from './connections.js';
import { diagnosisSection, type DiagnosisSection } from './diagnosis.js';
import { ladderOf, type Ladder } from './ladder.js';
import {
  captureLines,
  fileLines,
  countUnexplained,
  moreCausesText,
  overviewOf,
  risksOf,
  selectionOf,
  talliesOf,
  verdictOf,
  warningsOf,
  type CauseSummary,
  type Risk,
  type Tally,
} from './overview.js';
import { whatIfOf } from './ends.js';
import type { Limits, Scope } from './scope.js';
import { namingOf } from './naming.js';
import { pathLines } from './path.js';
import { postmortemOf, type Postmortem } from './postmortem.js';
import { connectionId, prose, wire, type Text } from './text.js';
import { summaryOf } from './summary.js';
import type { ConnectionGatherer, Timeline } from './timeline.js';

const MOST_IDS = 20;

/** What a report says, in order; a format draws it, and may leave sections out. */
export interface ReportDocument {
  /** For the texts that a format adds: headings, and counts of what it omits. */
  readonly words: Wording;
  /** All in one line. */
  readonly verdict: string;
  readonly outlook: 'failed' | 'good' | 'unclear';
  readonly selection: Text | null;
  readonly captures: readonly Text[];
  /** The files with their numbers, if there are several. */
  readonly files: readonly Text[];
  readonly tallies: readonly Tally[];
  /** The whole report in a few lines, to be pasted elsewhere. */
  readonly summary: string;
  /** The causes at a glance. */
  readonly overview: readonly CauseSummary[];
  /** Number of kinds of causes that it leaves out. */
  readonly otherKinds: number;
  readonly timeline: Timeline | null;
  readonly diagnoses: readonly DiagnosisSection[];
  /** About causes that are not described in full, or null. */
  readonly moreCauses: Text | null;
  /** What would have become of the connections with another file; null unless asked. */
  readonly whatIf: ReturnType<typeof whatIfOf>;
  /** Failures without a known cause, or null. */
  readonly unexplained: Unexplained | null;
  readonly risks: readonly Risk[];
  /** Known failures that did not occur again; empty without a baseline. */
  readonly gone: readonly Text[];
  readonly warnings: readonly Text[];
  readonly connections: ConnectionList;
  readonly details: Iterable<ConnectionDetails>;
  /** Connections that are not shown in detail. */
  readonly otherDetails: number;
  /** Of the connections shown in detail. */
  readonly certificates: { readonly shown: readonly CertificateSection[]; readonly others: number };
  readonly postmortem: Postmortem;
  /** Of all times. */
  readonly timeZone: string;
  /** The one date of all times, or null if each has its own. */
  readonly date: string | null;
}

export interface Unexplained {
  readonly handshakes: string;
  /** What happened to the connection whose ladder it is. */
  readonly observed: Text | null;
  readonly text: Text;
  readonly ladder: Ladder | null;
}

/** What a format shows, and how much of it. */
export interface DocumentOptions {
  readonly limits: Limits;
  /** For formats that show certificates in full. */
  readonly printCertificate?: CertificatePrinter | undefined;
  /** For formats that draw pictures of all connections. */
  readonly gathered?: ConnectionGatherer | null;
}

/** The report of these results. */
export function documentOf(
  results: Results,
  { timeZone, ...given }: ReportOptions,
  { limits, printCertificate, gathered = null }: DocumentOptions,
): ReportDocument {
  const { described, others } = describedCauses(results.diagnoses, limits.causes);
  const zone = timeZoneOf(timeZone);
  const language = inZone(given.language ?? ENGLISH, zone);
  const words = wordingOf(language);
  const options = { ...given, timeZone, language };
  const clock = clockOf(results.captures, zone);
  const naming = namingOf(results, words);
  const scope: Scope = { results, options, words, limits, clock, described, gathered, naming, printCertificate };
  const { failed, established, incomplete } = results.summary;
  const overview = overviewOf(scope);
  const { connections, details, others: otherDetails } = connectionDetails(scope);
  const faults: Text[] = [];
  const part = <T>(what: string, draw: () => T, otherwise: T): T =>
    attempt(
      what,
      draw,
      (sentence) => {
        faults.push(prose(sentence));
        return otherwise;
      },
      words,
    );
  const diagnoses = described.flatMap((diagnosis, index) =>
    part(causeName(diagnosis, words), () => [diagnosisSection(diagnosis, index, scope)], []),
  );
  const unexplained = part(words.faults.unexplained, () => unexplainedOf(scope), null);
  const risks = part(words.faults.risks, () => risksOf(scope), []);
  const drawTimeline = (): Timeline | null => gathered?.timeline(results.diagnoses, described, words) ?? null;
  const timeline = part(words.faults.timeline, drawTimeline, null);
  const verdict = verdictOf(results, words);
  const captures = [...captureLines(results, zone, words), ...pathLines(results, words)];
  return {
    words,
    verdict,
    outlook: failed > 0 ? 'failed' : established > 0 && incomplete === 0 ? 'good' : 'unclear',
    selection: selectionOf(options.selection, words),
    captures,
    files: fileLines(results, zone, words),
    tallies: talliesOf(results, words),
    // Not every format has it.
    get summary() {
      return summaryOf(verdict, captures, overview.glances, diagnoses, words);
    },
    overview: overview.glances,
    otherKinds: overview.others,
    timeline,
    diagnoses,
    moreCauses: moreCausesText(others, words),
    whatIf: whatIfOf(results.whatIf, words),
    unexplained,
    risks,
    gone: goneLines(results, words),
    warnings: [...warningsOf(results, words), ...faults],
    connections: connectionList(scope),
    details,
    otherDetails,
    // Not every format draws these.
    get certificates() {
      const all = certificateSections(connections, zone, words, printCertificate);
      const shown = all.slice(0, limits.certificates);
      return { shown, others: all.length - shown.length };
    },
    get postmortem() {
      return postmortemOf(scope);
    },
    timeZone: zone.name,
    date: clock.date,
  };
}

function unexplainedOf(scope: Scope): Unexplained | null {
  const { results, limits, words } = scope;
  const number = countUnexplained(results);
  if (number === 0) return null;
  const held = results.connections.filter(({ connection, cause }) => connection.outcome === 'failed' && cause === null);
  const ids = held.map(({ connection: { id, firstFrame } }) =>
    words.unexplained.connection({ id: connectionId(id), frame: String(firstFrame) }),
  );
  const notHeld = Array<string>(Math.max(0, number - ids.length)).fill('');
  const [example] = held;
  const observed = example?.observed ?? null;
  return {
    handshakes: words.counts.handshakes({ count: number }),
    observed: observed && observationOf(observed, wire, words.language),
    text: words.unexplained.text({
      count: number,
      ids: words.list([...ids, ...notHeld], Math.min(MOST_IDS, ids.length)),
    }),
    ladder: example === undefined ? null : ladderOf(example, scope, limits.rungs),
  };
}
