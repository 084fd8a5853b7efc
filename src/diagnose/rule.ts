import type { Connection } from '../connection/connection.js';
import type { Context } from './context.js';
import type { Exclusion, ExclusionOf, Messages, Verdict, VerdictOf } from './verdict.js';

export type Severity = 'error' | 'warning' | 'info';

/** A fault: how it is recognised, and what is said about it. */
export interface Rule {
  /** Public and stable. */
  readonly id: string;
  readonly title: string;
  /** One sentence: what it means if this is the cause. */
  readonly description: string;
  /** For a cause: what settles whether it is the one, if several remain possible. One sentence. */
  readonly settledBy?: string;
  /** `cause`: explains a failure. `risk`: holds although nothing failed. */
  readonly role: 'cause' | 'risk';
  /** It judges by what did not arrive, so gaps in the capture do not make it less certain. */
  readonly readsGaps?: true;
  /** An observation: by an alert or an ending alone it says what happened, and not why. See `certaintyOf`. */
  readonly isObservation?: true;
  /** What it explains is not a failure of TLS: the connection's outcome stays as it is. */
  readonly isNoFailure?: true;
  readonly severity: Severity;
  /**
   * For a risk: it also depends on other connections, so it may apply to one connection and not to another of the same
   * kind.
   */
  readonly asksOthers?: true;
  /** The basis of the judgement: RFC sections. */
  readonly sources: readonly string[];
  readonly messages: Messages;
  /** Whether the rule has anything to judge here. */
  applies(connection: Connection): boolean;
  /** The verdict; undefined if the fault does not concern this connection. */
  judge(connection: Connection, context: Context): Verdict | Exclusion | undefined;
}

/** A rule whose verdicts the compiler checks against its messages. */
export type RuleDefinition<Own extends Messages> = Rule & {
  readonly messages: Own;
  judge(connection: Connection, context: Context): VerdictOf<Own> | ExclusionOf<Own> | undefined;
} & ({ readonly role: 'cause'; readonly settledBy: string } | { readonly role: 'risk'; readonly settledBy?: never });

/** Makes a rule. The compiler checks the ids and placeholders of everything that it says. */
export function defineRule<const Own extends Messages>(definition: RuleDefinition<Own>): Rule {
  return definition;
}

/**
 * The messages of a rule whose judgement is spread over several functions, which return `VerdictOf<typeof messages>`.
 */
export function defineMessages<const Own extends Messages>(messages: Own): Own {
  return messages;
}
