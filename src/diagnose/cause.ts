import type { Basis, Certainty, Finding, Role, Rule, Verdict } from './rule.js';

/** A rule that spoke. */
export interface Spoken {
  readonly rule: Rule;
  readonly verdict: Verdict;
}

const BASIS: Readonly<Record<Basis, number>> = { fact: 2, alert: 1, ending: 0 };
const CERTAINTY: Readonly<Record<Certainty, number>> = { certain: 2, likely: 1, possible: 0 };

/**
 * How much a candidate for the cause weighs. One of several possibilities never wins against what is at least likely; then
 * facts explain more than an alert, and an alert more than how it ended; then the surer one.
 */
function weightOf({ rule, verdict: { certainty } }: Spoken): number {
  return (certainty === 'possible' ? 0 : 100) + BASIS[rule.basis] * 10 + CERTAINTY[certainty];
}

/**
 * The candidates for the cause, the weightiest first; in the order given where they weigh the same. There are two or three:
 * to sort them takes half a kilobyte each time.
 */
function candidatesAmong(spoken: readonly Spoken[]): readonly Spoken[] {
  const candidates: Spoken[] = [];
  for (const one of spoken) {
    if (one.rule.role !== 'cause') continue;
    const place = candidates.findIndex((other) => weightOf(other) < weightOf(one));
    if (place < 0) candidates.push(one);
    else candidates.splice(place, 0, one);
  }
  return candidates;
}

/** A spread of the verdict would do; this takes less than half of the memory, and there are several for each failed connection. */
function findingOf({ rule, verdict }: Spoken, role: Role): Finding {
  const { certainty, subject, messageId, data, evidence, remedies } = verdict;
  return subject === undefined
    ? { certainty, messageId, data, evidence, remedies, rule, role }
    : { certainty, subject, messageId, data, evidence, remedies, rule, role };
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
  let cause: Finding | null = null;
  for (const one of candidatesAmong(spoken)) {
    if (cause === null) findings.push((cause = findingOf(one, 'cause')));
    else if (one.rule.basis !== 'fact') findings.push(findingOf(one, 'symptom'));
    else if (one.verdict.certainty === 'certain') findings.push(findingOf(one, 'risk'));
  }
  for (const one of spoken) {
    if (one.rule.role === 'risk') findings.push(findingOf(one, 'risk'));
  }
  return { findings, cause };
}
