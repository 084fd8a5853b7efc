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

/**
 * Chooses the cause of a failed connection among the rules that spoke, in the order of the rule index where they weigh
 * the same, and gives every finding its role. Of the rest, a fact that would be a fault by itself is a risk; an alert or
 * an ending is what the cause led to.
 */
export function chooseCause(spoken: readonly Spoken[]): {
  readonly findings: Finding[];
  readonly cause: Finding | null;
} {
  const candidates = spoken.filter(({ rule }) => rule.role === 'cause').sort(compare);
  const risks = spoken.filter(({ rule }) => rule.role === 'risk');
  const [first, ...others] = candidates.map(({ rule, verdict }) => ({ ...verdict, rule }));
  if (first === undefined)
    return { findings: risks.map(({ rule, verdict }) => ({ ...verdict, rule, role: 'risk' })), cause: null };
  const cause: Finding = { ...first, role: 'cause' };
  return {
    cause,
    findings: [
      cause,
      ...others.map((finding): Finding => ({ ...finding, role: finding.rule.basis === 'fact' ? 'risk' : 'symptom' })),
      ...risks.map(({ rule, verdict }): Finding => ({ ...verdict, rule, role: 'risk' })),
    ],
  };
}
