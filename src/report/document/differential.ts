/** What else may have been the cause, and what cannot: the faults that were weighed besides the cause. */
import { isExplanation, STRENGTH } from '../../diagnose/certainty.js';
import type { Candidate, Finding } from '../../diagnose/finding.js';
import type { Exclusion, Verdict } from '../../diagnose/verdict.js';
import { exclusionOf, explanationOf, ruleWords } from '../words.js';
import type { Scope } from './scope.js';
import { wire, type Text } from './text.js';

/** A fault that may be the cause too. */
export interface Rival {
  readonly title: string;
  readonly explanation: Text;
  /** What settles whether it is the cause, or null. */
  readonly settledBy: string | null;
}

/** A fault that cannot be the cause. */
export interface ExcludedFault {
  readonly title: string;
  readonly because: Text;
}

export interface Differential {
  /** The best supported first; empty if the cause is certain. */
  readonly rivals: readonly Rival[];
  readonly excluded: readonly ExcludedFault[];
}

/**
 * The other faults that were weighed. A verdict that only knows how the connection ended explains nothing, and does not
 * count.
 */
export function differentialOf(
  { rule: { id }, certainty }: Finding,
  candidates: readonly Candidate[],
  { words: { language } }: Pick<Scope, 'words'>,
): Differential {
  const others = candidates.filter(({ rule }) => rule.id !== id);
  const explanations = others.flatMap(({ rule, verdict }) => (isExplanation(verdict) ? [{ ...verdict, rule }] : []));
  return {
    rivals:
      certainty === 'certain'
        ? []
        : explanations
            .sort((a, b) => STRENGTH[b.support] - STRENGTH[a.support])
            .map((rival) => {
              const { title, settledBy } = ruleWords(rival.rule, language);
              return { title, settledBy, explanation: explanationOf(rival, wire, language) };
            }),
    excluded: others.flatMap(({ rule, verdict }) =>
      isExclusion(verdict)
        ? [{ title: ruleWords(rule, language).title, because: exclusionOf(rule, verdict, wire, language) }]
        : [],
    ),
  };
}

function isExclusion(verdict: Verdict | Exclusion): verdict is Exclusion {
  return verdict.support === 'excluded';
}
