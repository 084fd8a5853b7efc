import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';
import type { EndFact, Evidence, Remedy, Verdict } from '../verdict.js';

/** What the files of the ends say about a fault as the cause. */
export interface Weight {
  /** `null`: they add information, but settle nothing. */
  readonly support: 'confirmed' | 'excluded' | null;
  readonly facts: readonly EndFact[];
  /** What the capture shows of it besides the rule's evidence. */
  readonly evidence?: readonly Evidence[];
  readonly remedies: readonly Remedy[];
}

/** Weighs one fault; `verdict` is that of its rule, undefined if it has none. Null if the files say nothing about it. */
export type Weigher = (connection: Connection, context: Context, verdict: Verdict | undefined) => Weight | null;
