import type { Exclusion, Verdict } from './verdict.js';

/**
 * How sure it is that a fault is the cause. `certain`: it is confirmed, and no rival is. `likely`: it is supported, and no
 * rival is supported or confirmed. `possible`: several faults are left.
 */
export type Certainty = 'certain' | 'likely' | 'possible';

/** How well supported a fault is; more is better. */
export const STRENGTH = { confirmed: 2, supported: 1, open: 0, excluded: -1 } as const;

/** Whether a candidate says why the connection failed. A verdict that knows only how it ended says no why, and rivals none. */
export function isExplanation(verdict: Verdict | Exclusion): verdict is Verdict {
  return verdict.support !== 'excluded' && verdict.basis !== 'ending';
}

/**
 * How sure a verdict is, given what was judged of all the candidates for the cause of the same connection, itself among them.
 *
 * A verdict that knows only how the connection ended is as sure as what it saw, unless something is left that would explain
 * the end: then the end is only the first thing to know of it.
 *
 * `isPartial`: the capture lacks what may have been the last word (evidence/gaps.ts). Then nothing is sure but a fault that the
 * facts confirm.
 */
export function certaintyOf(verdict: Verdict, all: readonly (Verdict | Exclusion)[], isPartial = false): Certainty {
  const rivals = all.filter((other) => other !== verdict && isExplanation(other));
  const own = STRENGTH[verdict.support];
  if (own === STRENGTH.open) return 'possible';
  if (isPartial && (verdict.basis === 'ending' || own === STRENGTH.supported)) return 'possible';
  const bar = verdict.basis === 'ending' ? STRENGTH.open : own;
  if (rivals.some((rival) => STRENGTH[rival.support] >= bar)) return 'possible';
  return verdict.support === 'confirmed' ? 'certain' : 'likely';
}
