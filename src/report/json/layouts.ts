/**
 * The members of the objects about a connection, and their order. The plain writer passes in values, and
 * fast-path/connection-text.ts placeholders for their text.
 */
import type { Rule } from '../../diagnose/rule.js';

/** A connection: its facts, its verdict, and what follows. */
export function connectionLayout<Facts extends object, Verdict extends object, Notes, Path>(of: {
  readonly facts: Facts;
  readonly verdict: Verdict;
  readonly notes: Notes;
  /** Undefined unless there are points of a path. */
  readonly path: Path;
}) {
  return { ...of.facts, ...of.verdict, notes: of.notes, path: of.path };
}

/** What is said of a connection; what was observed and the differential are undefined unless it failed. */
export function verdictLayout<Observed, Findings, Differential, Result extends object>(of: {
  readonly observed: Observed;
  readonly findings: Findings;
  readonly differential: Differential;
  readonly result: Result;
}) {
  return { observed: of.observed, findings: of.findings, differential: of.differential, ...of.result };
}

export function observedLayout<Said extends object, Frames>(of: { readonly said: Said; readonly frames: Frames }) {
  return { ...of.said, frames: of.frames };
}

export function noteLayout<Said extends object, Capture, FrameNumber>(of: {
  readonly said: Said;
  readonly capture: Capture;
  readonly frame: FrameNumber;
}) {
  return { ...of.said, capture: of.capture, frame: of.frame };
}

export function findingLayout<Role, Certainty, Explanation extends object, Evidence, Known, Remedies>(
  rule: Rule,
  of: {
    readonly role: Role;
    readonly certainty: Certainty;
    readonly explanation: Explanation;
    readonly evidence: Evidence;
    readonly known: Known;
    readonly remedies: Remedies;
  },
) {
  return {
    rule: rule.id,
    role: of.role,
    severity: rule.severity,
    certainty: of.certainty,
    title: rule.title,
    ...of.explanation,
    evidence: of.evidence,
    known: of.known,
    remedies: of.remedies,
  };
}

/** A fault that was weighed; `more` is what no finding of the connection says. */
export function candidateLayout<State, Because, Frames, More extends object>(
  { id, settledBy }: Rule,
  of: { readonly state: State; readonly because: Because; readonly frames: Frames; readonly more: More },
) {
  return {
    rule: id,
    state: of.state,
    because: of.because,
    frames: of.frames,
    ...of.more,
    settledBy,
    settledByDetails: settledBy === undefined ? undefined : { messageId: 'settledBy', data: {} },
  };
}

export function exclusionLayout<Because extends object, Frames, Evidence>(
  rule: Rule,
  of: { readonly because: Because; readonly frames: Frames; readonly evidence: Evidence },
) {
  return { rule: rule.id, state: 'excluded' as const, ...of.because, frames: of.frames, evidence: of.evidence };
}

/** A fact among those that speak for a fault. */
export const becauseOf = (fact: string, frame: number | string): string => `${fact} (frame ${frame})`;
export const BECAUSE_SEPARATOR = '; ';
