import type { Timestamp } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import type { Certainty } from './certainty.js';
import type { ServerLookup } from '../names/lookups.js';
import type { Retries } from './evidence/attempts.js';
import type { Timeline } from './evidence/timeline.js';
import type { Comparison } from './ends/comparison.js';
import type { Observation } from './observed.js';
import type { Rule } from './rule.js';
import type { Exclusion, Verdict } from './verdict.js';

/** `cause` explains the failure, `symptom` follows from it, `risk` holds although nothing failed. */
export type Role = 'cause' | 'symptom' | 'risk';

/** A rule's verdict on one connection, with its role after the cause was chosen. */
export interface Finding extends Verdict {
  readonly rule: Rule;
  readonly role: Role;
  readonly certainty: Certainty;
}

/** A fault that was weighed as the cause of one connection's failure. */
export interface Candidate {
  readonly rule: Rule;
  readonly verdict: Verdict | Exclusion;
}

/** A connection judged. */
export interface DiagnosedConnection {
  readonly connection: Connection;
  /** What happened, without a reason; null if the connection did not fail. */
  readonly observed: Observation | null;
  readonly findings: readonly Finding[];
  /** The finding that is the cause, or null. */
  readonly cause: Finding | null;
  /** All faults that were weighed, the cause first, excluded ones last; empty if the connection did not fail. */
  readonly differential: readonly Candidate[];
  /** How the address of its server was found; null if no lookup leads to it. */
  readonly lookup: ServerLookup | null;
  /** Comparison of what was sent with the files of the ends; only for a failed connection, if files were given. */
  readonly comparisons?: readonly Comparison[];
  /** The verdict on an earlier connection which this one repeats: all but the connection, and the frames and times that it cites. */
  readonly repeats?: DiagnosedConnection;
}

/** A way in which connections of one diagnosis ended, and how many did. */
export interface EndingCount {
  readonly observed: Observation;
  readonly count: number;
  /** After what kind of thing, by `receivedKind`, and how often; their sum is `count`. */
  readonly received: ReadonlyMap<string, number>;
}

/** The connections of the capture that failed with one cause. */
export interface Diagnosis {
  /** The same in every run, for the same fault at the same place: `certificate-expired-1f3a5c7e9b2d`. */
  readonly id: string;
  readonly rule: Rule;
  /** The weightiest of its connections' findings, which is shown. */
  readonly finding: Finding;
  /** The connection of `finding`. */
  readonly example: DiagnosedConnection;
  /** Ids, in order of first frame. */
  readonly connections: readonly string[];
  /** Ids of those to look at first (see examples.ts); the first one is `example`. */
  readonly examples: readonly string[];
  readonly count: number;
  /** Of the surest connection. */
  readonly certainty: Certainty;
  /** How many connections are how sure. */
  readonly certainties: Readonly<Record<Certainty, number>>;
  /** `address:port`, IPv6 in brackets; in order of first sight. */
  readonly servers: readonly string[];
  readonly clients: readonly string[];
  readonly serverNames: readonly string[];
  readonly firstSeenAt: Timestamp;
  readonly lastSeenAt: Timestamp;
  /** What worked before, between and after; null for risks, and if unknown. */
  readonly timeline: Timeline | null;
  /** What clients tried after a failure; null for risks, and if none tried again. */
  readonly retries: Retries | null;
  /** How they ended, the most frequent first; empty for risks. Bounded. */
  readonly endings: readonly EndingCount[];
}
