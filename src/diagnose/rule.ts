import type { Timestamp } from '../capture/timestamp.js';
import type { Connection, Side } from '../connection/connection.js';
import type { Retries } from './evidence/attempts.js';
import type { Context } from './context.js';
import type { Timeline } from './evidence/timeline.js';

/** `cause` explains the failure, `symptom` follows from it, `risk` holds although nothing failed. */
export type Role = 'cause' | 'symptom' | 'risk';
export type Severity = 'error' | 'warning' | 'info';
/** `certain`: the wire shows it. `likely`: the wire shows nothing else that fits. `possible`: one of several. */
export type Certainty = 'certain' | 'likely' | 'possible';
/** Who has to act. */
export type Actor = 'server' | 'client' | 'network';

/** Values for the named placeholders of a message. */
export type Data = Readonly<Record<string, string | number | readonly string[]>>;

/** One fact that proves a finding, at its frame. */
export interface Evidence {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  readonly from: Side;
  /** Id among the rule's messages, in words at report time. */
  readonly messageId: string;
  readonly data: Data;
}

/** What somebody has to change. The command, if any, confirms the fault or the cure. */
export interface Remedy {
  readonly who: Actor;
  /** Id among the rule's messages. */
  readonly messageId: string;
  /** Id among the rule's messages of a shell command; its placeholders are quoted for a shell. */
  readonly commandId?: string;
  readonly data: Data;
}

/** What a rule says of a connection: ids and data, no sentences. */
export interface Verdict {
  readonly certainty: Certainty;
  /**
   * What is at fault, as a key: failures of one rule that share it are one diagnosis. The server's address and port if
   * not given.
   */
  readonly subject?: string;
  /** Id of the explanation among the rule's messages. */
  readonly messageId: string;
  readonly data: Data;
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
}

/**
 * How a cause was established; decides between findings of the same certainty (see cause.ts).
 * `fact`: facts on the wire show it; `alert`: a peer said so; `ending`: known only by how it ended.
 */
export type Basis = 'fact' | 'alert' | 'ending';

export interface Rule {
  /** Public and stable. */
  readonly id: string;
  readonly title: string;
  /** One sentence: what it means when this is the cause. */
  readonly description: string;
  readonly role: 'cause' | 'risk';
  readonly severity: Severity;
  readonly basis: Basis;
  /** Where the judgement is founded: RFC sections. */
  readonly sources: readonly string[];
  /** Texts by id, with `{name}` placeholders. */
  readonly messages: Readonly<Record<string, string>>;
  /** Whether the rule has anything to judge here. */
  applies(connection: Connection): boolean;
  /** The judgement; undefined when the rule is silent. */
  judge(connection: Connection, context: Context): Verdict | undefined;
}

/** A rule's verdict on one connection, with the role that the choice of cause gave it. */
export interface Finding extends Verdict {
  readonly rule: Rule;
  readonly role: Role;
}

/** A connection judged. */
export interface DiagnosedConnection {
  readonly connection: Connection;
  readonly findings: readonly Finding[];
  /** The finding that is the cause, or null. */
  readonly cause: Finding | null;
}

/** The connections of the capture that failed of one cause. */
export interface Diagnosis {
  readonly rule: Rule;
  /** The weightiest of its connections' findings: the one to show. */
  readonly finding: Finding;
  /** The connection of `finding`. */
  readonly example: Connection;
  /** Ids, in order of first frame. */
  readonly connections: readonly string[];
  /** Ids of those to look at first (see examples.ts); the first one is `example`. */
  readonly examples: readonly string[];
  readonly count: number;
  readonly certainty: Certainty;
  /** `address:port`, IPv6 in brackets; in order of first sight. */
  readonly servers: readonly string[];
  readonly clients: readonly string[];
  readonly serverNames: readonly string[];
  readonly firstSeenAt: Timestamp;
  readonly lastSeenAt: Timestamp;
  /** What worked before, between and after; null of risks, and where it is not known. */
  readonly timeline: Timeline | null;
  /** What clients tried after a failure; null of risks, and if none tried again. */
  readonly retries: Retries | null;
}
