import { certaintyOf, STRENGTH } from './certainty.js';
import type { Candidate, Finding, Role } from './finding.js';
import type { Rule } from './rule.js';
import type { Basis, Verdict } from './verdict.js';

const BASIS: Readonly<Record<Basis, number>> = { fact: 2, alert: 1, ending: 0 };

/**
 * The weight of a candidate for the cause. One with no support never wins against one that is at least supported; then
 * facts weigh more than an alert, and an alert more than how the connection ended; then the better supported one wins.
 * Excluded ones come last.
 */
function weightOf({ verdict }: Candidate): number {
  if (verdict.support === 'excluded') return -1;
  return (verdict.support === 'open' ? 0 : 100) + BASIS[verdict.basis] * 10 + STRENGTH[verdict.support];
}

/**
 * The candidates for the cause, the weightiest first, and in the given order where they weigh the same. There are two
 * or three: sorting them would take half a kilobyte each time.
 */
function rank(candidates: readonly Candidate[]): readonly Candidate[] {
  const ranked: Candidate[] = [];
  for (const one of candidates) {
    if (one.rule.role !== 'cause') continue;
    const place = ranked.findIndex((other) => weightOf(other) < weightOf(one));
    if (place < 0) ranked.push(one);
    else ranked.splice(place, 0, one);
  }
  return ranked;
}

type Verdicts = readonly Candidate['verdict'][];

/**
 * Instead of a spread of the verdict: takes less than half of the memory, and there are several for each failed
 * connection.
 */
function findingOf(rule: Rule, verdict: Verdict, role: Role, rivals: Verdicts, isPartial = false): Finding {
  const { support, basis, subject, explanation, evidence, remedies, known } = verdict;
  const certainty = certaintyOf(verdict, rivals, rule, isPartial && rule.readsGaps !== true);
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
const NO_RIVALS: Verdicts = [];

const NOTHING: Choice = { findings: [], cause: null, differential: [] };

/**
 * Chooses the cause of a failed connection among the candidates, in the order of the rule index where they weigh the
 * same, and gives every finding its role. Of the others, an alert or an ending is a symptom of the cause; a confirmed
 * fact is a fault of its own, so a risk; one that was only supported is dropped, since something fitted better.
 * `isPartial`: see `certaintyOf`.
 */
export function chooseCause(candidates: readonly Candidate[], isPartial = false): Choice {
  if (candidates.length === 0) return NOTHING;
  const findings: Finding[] = [];
  let cause: Finding | null = null;
  const differential = rank(candidates);
  const verdicts = differential.map(({ verdict }) => verdict);
  for (const { rule, verdict } of differential) {
    if (verdict.support === 'excluded') continue;
    if (cause === null) findings.push((cause = findingOf(rule, verdict, 'cause', verdicts, isPartial)));
    else if (verdict.basis !== 'fact') findings.push(findingOf(rule, verdict, 'symptom', NO_RIVALS));
    else if (verdict.support === 'confirmed') findings.push(findingOf(rule, verdict, 'risk', NO_RIVALS));
  }
  for (const { rule, verdict } of candidates) {
    if (rule.role === 'risk' && verdict.support !== 'excluded')
      findings.push(findingOf(rule, verdict, 'risk', NO_RIVALS));
  }
  return { findings, cause, differential };
}
