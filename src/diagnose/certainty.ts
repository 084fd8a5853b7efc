import type { Verdict } from './verdict.js';

/** `certain`: the wire shows it. `likely`: the wire shows nothing else that fits. `possible`: one of several. */
export type Certainty = 'certain' | 'likely' | 'possible';

const CERTAINTY = { confirmed: 'certain', supported: 'likely', open: 'possible' } as const;

/** How sure it is that a fault is the cause. */
export function certaintyOf({ support }: Pick<Verdict, 'support'>): Certainty {
  return CERTAINTY[support];
}
