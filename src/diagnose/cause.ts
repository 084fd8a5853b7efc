import { certaintyOf } from './certainty.js';
import type { Candidate, Finding, Role } from './finding.js';
import type { Rule } from './rule.js';
import type { Basis, Support, Verdict } from './verdict.js';

const BASIS: Readonly<Record<Basis, number>> = { fact: 2, alert: 1, ending: 0 };
const SUPPORT: Readonly<Record<Support, number>> = { confirmed: 2, supported: 1, open: 0, excluded: -1 };

/**
 * The weight of a candidate for the cause. One with no support never wins against one that is at least supported; then
 * facts weigh more than an alert, and an alert more than how the connection ended; then the better supported one wins.
 * Excluded ones come last.
 */
function weightOf({ verdict }: Candidate): number {
  if (verdict.support === 'excluded') return -1;
  return (verdict.support === 'open' ? 0 : 100) + BASIS[verdict.basis] * 10 + SUPPORT[verdict.support];
}

/**
 * The candidates for the cause, the weightiest first, and in the given order where they weigh the same. There are two
 * or three: sorting them would take half a kilobyte each time.
 */
function rank(spoken: readonly Candidate[]): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const one of spoken) {
    if (one.rule.role !== 'cause') continue;
    const place = candidates.findIndex((other) => weightOf(other) < weightOf(one));
    if (place < 0) candidates.push(one);
    else candidates.splice(place, 0, one);
  }
  return candidates;
}

type Judged = readonly Candidate['verdict'][];

/**
 * Instead of a spread of the verdict: takes less than half of the memory, and there are several for each failed
 * connection.
 */
function findingOf(rule: Rule, verdict: Verdict, role: Role, judged: Judged, isPartial = false): Finding {
  const { support, basis, subject, explanation, evidence, remedies, known } = verdict;
  const certainty = certaintyOf(verdict, judged, isPartial && rule.readsGaps !== true);
  const finding = { support, basis, certainty, explanation, evidence, remedies, rule, role };
  if (known !== undefined) return { ...finding, known, ...(subject === undefined ? {} : { subject }) };
  return subject === undefined
    ? finding
    : { support, basis, certainty, subject, explanation, evidence, remedies, rule, role };
}

/** The cause among the candidates, and the role of the others. */
export interface Choice {
  readonly findings: readonly Finding[];
  readonly cause: Finding | null;
  /** All candidates for the cause, the weightiest first. */
  readonly differential: readonly Candidate[];
}

/** A symptom or a risk is true in addition to the cause, and has no rivals. */
const NO_RIVALS: Judged = [];

const NOTHING: Choice = { findings: [], cause: null, differential: [] };

/**
 * Chooses the cause of a failed connection among the candidates, in the order of the rule index where they weigh the
 * same, and gives every finding its role. Of the others, an alert or an ending is a symptom of the cause; a confirmed
 * fact is a fault of its own, so a risk; one that was only supported is dropped, since something fitted better.
 * `isPartial`: see `certaintyOf`.
 */
export function chooseCause(spoken: readonly Candidate[], isPartial = false): Choice {
  if (spoken.length === 0) return NOTHING;
  const findings: Finding[] = [];
  let cause: Finding | null = null;
  const differential = rank(spoken);
  const judged = differential.map(({ verdict }) => verdict);
  for (const { rule, verdict } of differential) {
    if (verdict.support === 'excluded') continue;
    if (cause === null) findings.push((cause = findingOf(rule, verdict, 'cause', judged, isPartial)));
    else if (verdict.basis !== 'fact') findings.push(findingOf(rule, verdict, 'symptom', NO_RIVALS));
    else if (verdict.support === 'confirmed') findings.push(findingOf(rule, verdict, 'risk', NO_RIVALS));
  }
  for (const { rule, verdict } of spoken) {
    if (rule.role === 'risk' && verdict.support !== 'excluded')
      findings.push(findingOf(rule, verdict, 'risk', NO_RIVALS));
  }
  return { findings, cause, differential };
}
