import type { Rule } from './rule.js';
import type { Exclusion, Verdict } from './verdict.js';

/**
 * How certain it is that a fault is the cause. `certain`: it is confirmed, and no rival is. `likely`: it is supported,
 * and no rival is supported or confirmed. `possible`: several faults remain, or only what happened is known.
 */
export type Certainty = 'certain' | 'likely' | 'possible';

/** Rank of each level of support; higher is better. */
export const STRENGTH = { confirmed: 2, supported: 1, open: 0, excluded: -1 } as const;

/**
 * Whether a candidate explains why the connection failed. A verdict about how it ended explains nothing, and is no
 * rival.
 */
export function isExplanation(verdict: Verdict | Exclusion): verdict is Verdict {
  return verdict.support !== 'excluded' && verdict.basis !== 'ending';
}

/**
 * The certainty of a verdict of `rule`, given all candidates for the cause of the same connection, itself included. A
 * verdict by the ending is possible while something remains that would explain the end; an observation (`Rule.isObservation`)
 * explains nothing, and is possible unless it is confirmed, or a fact supports it.
 * `isPartial`: the capture may lack the last message (evidence/gaps.ts); then only confirmed faults are certain.
 */
export function certaintyOf(
  verdict: Verdict,
  all: readonly (Verdict | Exclusion)[],
  { isObservation }: Pick<Rule, 'isObservation'> = {},
  isPartial = false,
): Certainty {
  const rivals = all.filter((other) => other !== verdict && isExplanation(other));
  const own = STRENGTH[verdict.support];
  if (own === STRENGTH.open) return 'possible';
  if (isObservation === true && verdict.basis !== 'fact' && own === STRENGTH.supported) return 'possible';
  if (isPartial && (verdict.basis === 'ending' || own === STRENGTH.supported)) return 'possible';
  const bar = verdict.basis === 'ending' ? STRENGTH.open : own;
  if (rivals.some((rival) => STRENGTH[rival.support] >= bar)) return 'possible';
  return verdict.support === 'confirmed' ? 'certain' : 'likely';
}
