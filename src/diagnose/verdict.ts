import type { Sighting } from '../connection/connection.js';
import type { Actor, CommandPlace, Commands, Data, Message, MessageOf, RemedyOf, Texts } from '../message.js';
import type { Service } from '../knowledge/services/service.js';
import type { SharedEvidence } from './evidence/texts.js';

/**
 * How well a fault is supported as the cause of this connection's end. `confirmed`: a fact makes success impossible, or
 * a peer says so and the facts agree. `supported`: something speaks for it besides the ending, or, of an observation
 * (`Rule.isObservation`), nothing makes another cause more likely. `open`: nothing speaks against it. `excluded`: something
 * does.
 */
export type Support = 'confirmed' | 'supported' | 'open' | 'excluded';

/**
 * How a fault was established. `fact`: facts on the wire show it; `alert`: a peer said so; `ending`: only known by how
 * it ended.
 */
export type Basis = 'fact' | 'alert' | 'ending';

/** One fact, at its frame. */
export interface Evidence extends Sighting, Message {}

/** What somebody has to change. */
export interface Remedy {
  readonly who: Actor;
  /** Among the rule's `remedies`, or the service's. */
  readonly id: string;
  /** Among the rule's `commands`, or the service's; placeholders are quoted for a shell. */
  readonly command?: string;
  /** Where the command is run, if not where its definition says. */
  readonly where?: CommandPlace;
  readonly data: Data;
  /** The known service that gives this advice, or the files of the ends (ends/texts.ts); the rule itself if absent. */
  readonly service?: Pick<Service, 'id' | 'messages'>;
}

/** What a file of one end shows: a fact without a frame. Its id is one of `END_FACTS` (ends/texts.ts). */
export interface EndFact extends Message {
  /** The file, and the line in it, from 1; null if it has no lines. */
  readonly source: { readonly path: string; readonly line: number | null };
}

/** A fault that a rule finds: ids and data, no sentences. */
export interface Verdict {
  readonly support: Exclude<Support, 'excluded'>;
  readonly basis: Basis;
  /**
   * What is at fault, as a key: failures of one rule with the same key are one diagnosis. The server's address and port
   * if absent.
   */
  readonly subject?: string;
  /** Among the rule's `explanations`. */
  readonly explanation: Message;
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
  /** What the files of the ends say about it, if given. */
  readonly known?: readonly EndFact[];
}

/** A fault that could have led to this end, but did not. */
export interface Exclusion {
  readonly support: 'excluded';
  /** Why not: one of the rule's `exclusions`, or of the facts in the ends' files. */
  readonly because: Message;
  /** What shows it. */
  readonly evidence: readonly Evidence[];
}

/** Everything that a rule can say, by kind. */
export interface Messages {
  /** What happened, if this is the cause: one sentence or more. */
  readonly explanations: Texts;
  /** One fact each, without a full stop. An id must not be that of a shared fact. */
  readonly evidence: Texts;
  /** What somebody has to do. */
  readonly remedies: Texts;
  /** Shell commands that confirm the fault or the fix. */
  readonly commands: Commands;
  /** Why this cannot be the cause: a sentence each. */
  readonly exclusions?: Texts;
}

/** What `judge` of a rule with these messages may return: ids and placeholders are checked. */
export type VerdictOf<Own extends Messages> = Pick<Verdict, 'support' | 'basis' | 'subject'> & {
  readonly explanation: MessageOf<Own['explanations']>;
  readonly evidence: readonly EvidenceOf<Own>[];
  readonly remedies: readonly RemedyOf<Own['remedies'], Own['commands']>[];
};

/** As `VerdictOf`, for an excluded fault. */
export interface ExclusionOf<Own extends Messages> {
  readonly support: 'excluded';
  readonly because: Own extends { readonly exclusions: infer Table extends Texts } ? MessageOf<Table> : never;
  readonly evidence: readonly EvidenceOf<Own>[];
}

/** A fact that a rule with these messages may cite. */
export type EvidenceOf<Own extends Messages> = Sighting & (MessageOf<Own['evidence']> | SharedEvidence);
