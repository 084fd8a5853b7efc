import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';
import type { EndFact, Evidence, Remedy, Verdict } from '../verdict.js';

/** What the files of the ends say of a fault as the cause. */
export interface Weight {
  /** `null`: they tell something of it, and settle nothing. */
  readonly support: 'confirmed' | 'excluded' | null;
  readonly facts: readonly EndFact[];
  /** What the capture shows of it besides what the rule cites. */
  readonly evidence?: readonly Evidence[];
  readonly remedies: readonly Remedy[];
}

/** Weighs one fault; `verdict` is what its rule says, undefined where it says nothing. Null where the files do not tell. */
export type Weigher = (connection: Connection, context: Context, verdict: Verdict | undefined) => Weight | null;
