/** Which causes a report describes in full: each by itself, or those of one kind at many places as one. */
import { BOUNDS } from '../../bounds.js';
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
import type { Certainty } from '../../diagnose/certainty.js';
import type { Diagnosis, EndingCount } from '../../diagnose/finding.js';
import { endingKey } from '../../diagnose/observed.js';

/** Diagnoses of one kind that are described one by one; more are merged. */
const MOST_ALIKE = 3;

/** A diagnosis, or several of one kind merged. */
export interface Cause extends Diagnosis {
  /** The merged diagnoses; itself if it is only one. */
  readonly members: readonly Diagnosis[];
}

/** The causes to describe in full, at most so many, and the remaining diagnoses. */
export function describedCauses(
  diagnoses: readonly Diagnosis[],
  most: number,
): { readonly described: readonly Cause[]; readonly others: readonly Diagnosis[] } {
  const kinds = byRule(diagnoses);
  // Diagnoses of a kind join the first of it, as they come worst first.
  const causes = diagnoses.flatMap((diagnosis): Cause[] => {
    const members = kinds.get(diagnosis.rule.id) ?? [];
    if (members.length <= MOST_ALIKE) return [{ ...diagnosis, members: [diagnosis] }];
    return members[0] === diagnosis ? [together(members)] : [];
  });
  causes.sort((a, b) => SEVERITIES.indexOf(a.rule.severity) - SEVERITIES.indexOf(b.rule.severity) || b.count - a.count);
  return { described: causes.slice(0, most), others: causes.slice(most).flatMap(({ members }) => members) };
}

/** All diagnoses of a rule merged, most handshakes first. */
export function kindsOf(diagnoses: readonly Diagnosis[]): Cause[] {
  return [...byRule(diagnoses).values()].map(together).sort((a, b) => b.count - a.count);
}

function byRule(diagnoses: readonly Diagnosis[]): Map<string, Diagnosis[]> {
  const kinds = new Map<string, Diagnosis[]>();
  for (const diagnosis of diagnoses) {
    const kind = kinds.get(diagnosis.rule.id);
    if (kind === undefined) kinds.set(diagnosis.rule.id, [diagnosis]);
    else kind.push(diagnosis);
  }
  return kinds;
}

const SEVERITIES = ['error', 'warning', 'info'] as const;
const CERTAINTIES = ['certain', 'likely', 'possible'] as const;

/** Several diagnoses of one rule merged, with the example of the most certain. Their timelines stay separate. */
function together(members: readonly Diagnosis[]): Cause {
  const rank = ({ certainty }: Diagnosis): number => CERTAINTIES.indexOf(certainty);
  const surest = members.reduce((a, b) => (rank(b) < rank(a) ? b : a));
  const all = (valuesOf: (one: Diagnosis) => readonly string[]): readonly string[] => [
    ...new Set(members.flatMap(valuesOf)),
  ];
  return {
    ...surest,
    members,
    count: members.reduce((sum, { count }) => sum + count, 0),
    certainties: certaintiesOf(members),
    connections: [...all(({ connections }) => connections)].sort((a, b) => Number(a) - Number(b)),
    examples: [
      ...new Set([...surest.examples.slice(0, 1), ...members.flatMap(({ examples }) => examples.slice(0, 1))]),
    ].slice(0, BOUNDS.examples.value),
    servers: all(({ servers }) => servers),
    clients: all(({ clients }) => clients),
    serverNames: all(({ serverNames }) => serverNames),
    firstSeenAt: members.map((one) => one.firstSeenAt).reduce((a, b) => (isBefore(b, a) ? b : a)),
    lastSeenAt: members.map((one) => one.lastSeenAt).reduce((a, b) => (isBefore(a, b) ? b : a)),
    timeline: null,
    retries: null,
    endings: endingsOf(members),
  };
}

function certaintiesOf(members: readonly Diagnosis[]): Diagnosis['certainties'] {
  const sum = (level: Certainty): number => members.reduce((all, { certainties }) => all + certainties[level], 0);
  return { certain: sum('certain'), likely: sum('likely'), possible: sum('possible') };
}

function isBefore(a: Timestamp, b: Timestamp): boolean {
  return millisecondsBetween(a, b) > 0;
}

function endingsOf(members: readonly Diagnosis[]): EndingCount[] {
  const endings = new Map<string, EndingCount>();
  for (const ending of members.flatMap((each) => each.endings)) {
    const key = endingKey(ending.observed);
    const before = endings.get(key);
    endings.set(key, before === undefined ? ending : bothEndings(before, ending));
  }
  return [...endings.values()].sort((a, b) => b.count - a.count);
}

function bothEndings(one: EndingCount, other: EndingCount): EndingCount {
  const received = new Map(one.received);
  for (const [kind, count] of other.received) received.set(kind, (received.get(kind) ?? 0) + count);
  return { observed: one.observed, count: one.count + other.count, received };
}

/** Whether the capture shows that it works again everywhere it failed. */
function hasEnded({ members }: Pick<Cause, 'members'>): boolean {
  return members.every(({ timeline }) => timeline?.change === 'ended' || timeline?.change === 'began-and-ended');
}

/** When a cause was active, as far as the capture shows. */
export type Occurrence = 'once' | 'began' | 'ended' | 'throughout' | 'on-and-off' | 'unknown';

/**
 * `throughout`: the same never worked, from early to late in `extentMs`, the time span of the capture or its
 * connections. `unknown`: merged causes that differ, or too little to tell.
 */
export function occurrenceOf(
  cause: Pick<Cause, 'members' | 'firstSeenAt' | 'lastSeenAt'>,
  extentMs: number,
): Occurrence {
  const { members, firstSeenAt, lastSeenAt } = cause;
  const first = members[0];
  if (members.length === 1 && first?.count === 1) return 'once';
  if (hasEnded({ members })) return 'ended';
  const changes = new Set(members.map(({ timeline }) => timeline?.change));
  const [change] = changes;
  if (changes.size > 1) return 'unknown';
  if (change === 'none') {
    return millisecondsBetween(firstSeenAt, lastSeenAt) >= extentMs / 2 ? 'throughout' : 'unknown';
  }
  return change === 'comes-and-goes' ? 'on-and-off' : change === 'began' ? 'began' : 'unknown';
}
