import type { Connection } from '../connection/connection.js';
import type { Context } from './context.js';
import type { Exclusion, ExclusionOf, Messages, Verdict, VerdictOf } from './verdict.js';

export type Severity = 'error' | 'warning' | 'info';

/** A fault: how it is recognised, and what is said of it. */
export interface Rule {
  /** Public and stable. */
  readonly id: string;
  readonly title: string;
  /** One sentence: what it means when this is the cause. */
  readonly description: string;
  /** Of a cause: what settles whether it is the one, where the capture leaves several. One sentence. */
  readonly settledBy?: string;
  /** `cause`: explains a failure. `risk`: holds although nothing failed. */
  readonly role: 'cause' | 'risk';
  /** It judges by what did not arrive: that the capture lacks it makes it no less sure. */
  readonly readsGaps?: true;
  /** What it explains is no failure of TLS: a connection keeps its outcome. */
  readonly isNoFailure?: true;
  readonly severity: Severity;
  /** Of a risk: it depends on other connections too, so that it may hold for one and not for another that is like it. */
  readonly asksOthers?: true;
  /** Where the judgement is founded: RFC sections. */
  readonly sources: readonly string[];
  readonly messages: Messages;
  /** Whether the rule has anything to judge here. */
  applies(connection: Connection): boolean;
  /** The judgement; undefined when the fault has nothing to do with this connection. */
  judge(connection: Connection, context: Context): Verdict | Exclusion | undefined;
}

/** A rule whose verdicts the compiler holds against its messages. */
export type RuleDefinition<Own extends Messages> = Rule & {
  readonly messages: Own;
  judge(connection: Connection, context: Context): VerdictOf<Own> | ExclusionOf<Own> | undefined;
} & ({ readonly role: 'cause'; readonly settledBy: string } | { readonly role: 'risk'; readonly settledBy?: never });

/** Makes a rule. The ids and the placeholders of all that it says are checked by the compiler. */
export function defineRule<const Own extends Messages>(definition: RuleDefinition<Own>): Rule {
  return definition;
}

/** The messages of a rule whose judgement is spread over several functions: these return `VerdictOf<typeof messages>`. */
export function defineMessages<const Own extends Messages>(messages: Own): Own {
  return messages;
}
