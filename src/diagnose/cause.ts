import type { Basis, Certainty, Finding, Rule, Verdict } from './rule.js';

/** A rule that spoke. */
export interface Spoken {
  readonly rule: Rule;
  readonly verdict: Verdict;
}

const BASIS: Readonly<Record<Basis, number>> = { fact: 2, alert: 1, ending: 0 };
const CERTAINTY: Readonly<Record<Certainty, number>> = { certain: 2, likely: 1, possible: 0 };

/**
 * Weighs two candidates for the cause. One of several possibilities never wins against what is at least likely; then
 * facts explain more than an alert, and an alert more than how it ended; then the surer one.
 */
function compare(a: Spoken, b: Spoken): number {
  const isOpen = ({ verdict }: Spoken): number => (verdict.certainty === 'possible' ? 1 : 0);
  return (
    isOpen(a) - isOpen(b) ||
    BASIS[b.rule.basis] - BASIS[a.rule.basis] ||
    CERTAINTY[b.verdict.certainty] - CERTAINTY[a.verdict.certainty]
  );
}

const NOTHING = { findings: [], cause: null };

/**
 * Chooses the cause of a failed connection among the rules that spoke, in the order of the rule index where they weigh
 * the same, and gives every finding its role. Of the others, an alert or an ending is what the cause led to; a fact that
 * is certain is a fault of its own, so a risk; one that was only likely was the answer while nothing fitted better.
 */
export function chooseCause(spoken: readonly Spoken[]): {
  readonly findings: readonly Finding[];
  readonly cause: Finding | null;
} {
  if (spoken.length === 0) return NOTHING;
  const findings: Finding[] = [];
  const [first, ...others] = spoken.filter(({ rule }) => rule.role === 'cause').sort(compare);
  const cause: Finding | null = first === undefined ? null : { ...first.verdict, rule: first.rule, role: 'cause' };
  if (cause !== null) findings.push(cause);
  for (const { rule, verdict } of others) {
    if (rule.basis !== 'fact') findings.push({ ...verdict, rule, role: 'symptom' });
    else if (verdict.certainty === 'certain') findings.push({ ...verdict, rule, role: 'risk' });
  }
  for (const { rule, verdict } of spoken) {
    if (rule.role === 'risk') findings.push({ ...verdict, rule, role: 'risk' });
  }
  return { findings, cause };
}
