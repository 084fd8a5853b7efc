import { memoizeLastQuestion } from '../../memoize.js';
import { formatTimestamp } from '../../capture/timestamp.js';
import type { Retries } from '../../diagnose/evidence/attempts.js';
import { SHARED_EVIDENCE } from '../../diagnose/evidence/texts.js';
import type { Success, Successes, Timeline } from '../../diagnose/evidence/timeline.js';
import type { Candidate, Diagnosis, Finding } from '../../diagnose/finding.js';
import type { Results } from '../../diagnose/results.js';
import type { Rule } from '../../diagnose/rule.js';
import type { Evidence, Exclusion, Remedy } from '../../diagnose/verdict.js';
import type { Message } from '../../message.js';
import { showUnprintable } from '../escape.js';
import { actionOf, commandOf, endFactOf, exclusionOf, explanationOf, factOf, observationOf } from '../words.js';
import { said, sighting } from './common.js';
import { BECAUSE_SEPARATOR, becauseOf, candidateLayout, exclusionLayout, findingLayout } from './layouts.js';
import type {
  JsonCandidate,
  JsonTimeline,
  JsonDiagnosis,
  JsonEndFact,
  JsonEvidence,
  JsonFinding,
  JsonRemedy,
  JsonRetries,
  JsonSaid,
  JsonSuccesses,
} from './contract.js';

export function jsonDiagnosis(diagnosis: Diagnosis, baseline: Results['baseline']): JsonDiagnosis {
  const { rule, finding } = diagnosis;
  return {
    rule: rule.id,
    id: diagnosis.id,
    title: rule.title,
    baseline: baseline && (baseline.known.has(diagnosis.id) ? 'known' : 'new'),
    severity: rule.severity,
    certainty: diagnosis.certainty,
    connections: diagnosis.connections,
    examples: diagnosis.examples,
    count: diagnosis.count,
    servers: diagnosis.servers,
    clients: diagnosis.clients,
    serverNames: diagnosis.serverNames,
    firstSeenAt: formatTimestamp(diagnosis.firstSeenAt),
    lastSeenAt: formatTimestamp(diagnosis.lastSeenAt),
    timeline: diagnosis.timeline && jsonTimeline(diagnosis.timeline),
    retries: diagnosis.retries && jsonRetries(diagnosis.retries),
    places: (diagnosis.timeline?.places ?? []).map((place) => ({
      ...place,
      firstFailureAt: formatTimestamp(place.firstFailureAt),
      lastFailureAt: formatTimestamp(place.lastFailureAt),
    })),
    endings: diagnosis.endings.map(({ observed, count }) => ({
      text: observationOf(observed, showUnprintable),
      messageId: observed.id,
      data: observed.data,
      count,
    })),
    ...jsonExplanation(rule, finding.explanation),
    remedies: jsonRemedies(finding),
  };
}

function jsonTimeline({ others, ...timeline }: Timeline): JsonTimeline {
  return {
    change: timeline.change,
    before: jsonSuccesses(timeline.before),
    meanwhile: jsonSuccesses(timeline.meanwhile),
    after: jsonSuccesses(timeline.after),
    others: {
      before: jsonSuccesses(others.before),
      meanwhile: jsonSuccesses(others.meanwhile),
      after: jsonSuccesses(others.after),
    },
    otherOffers: jsonSuccesses(timeline.otherOffers),
    otherNames: timeline.otherNames,
    elsewhere: timeline.elsewhere,
  };
}

function jsonSuccesses({ count, clients, first, last }: Successes): JsonSuccesses {
  return { count, clients, first: first && jsonSuccess(first), last: last && jsonSuccess(last) };
}

function jsonSuccess({ connection, client, at }: Success): NonNullable<JsonSuccesses['first']> {
  return { connection, client, at: formatTimestamp(at) };
}

function jsonRetries({ attempts, retried, succeeded, mended, example }: Retries): JsonRetries {
  return {
    attempts,
    retried,
    succeeded,
    mended,
    example: example && {
      client: example.client,
      succeeded: example.succeeded,
      count: example.count,
      tries: example.tries.map((each) => ({
        connection: each.connection,
        startedAt: formatTimestamp(each.startedAt),
        endedAt: formatTimestamp(each.endedAt),
        server: each.server,
        serverName: each.serverName,
        version: each.version,
        rule: each.diagnosis,
        changes: each.changes,
      })),
    },
  };
}

export interface DrawnFinding {
  readonly finding: Finding;
  readonly json: JsonFinding;
}

/**
 * What speaks for a fault: what its frames show; where it is excluded, why.
 * @param drawn the findings of the connection, each beside its JSON: what they say is not said again
 */
export function jsonCandidate({ rule, verdict }: Candidate, drawn: readonly DrawnFinding[]): JsonCandidate {
  const same = drawn.find(({ finding }) => isSaidBy(finding, { rule, verdict }));
  const evidence = same?.json.evidence ?? verdict.evidence.map((item) => jsonEvidence(rule, item));
  const frames = evidence.map(({ frame }) => frame);
  if (verdict.support === 'excluded') {
    return exclusionLayout(rule, { because: jsonExclusion(rule, verdict), frames, evidence });
  }
  return candidateLayout(rule, {
    state: verdict.support,
    because: evidence.map(({ fact, frame }) => becauseOf(fact, frame)).join(BECAUSE_SEPARATOR),
    frames,
    more: same === undefined ? { evidence, ...jsonExplanation(rule, verdict.explanation) } : {},
  });
}

/** Why a fault is excluded. */
export function jsonExclusion(rule: Rule, exclusion: Exclusion): Pick<JsonCandidate, 'because'> & JsonSaid {
  return {
    because: exclusionOf(rule, exclusion, showUnprintable),
    ...said(rule, 'exclusions', exclusion.because),
  };
}

/** What happened, if a fault is the cause. */
export function jsonExplanation(rule: Rule, explanation: Message): Pick<JsonFinding, 'explanation'> & JsonSaid {
  return {
    explanation: explanationOf({ rule, explanation }, showUnprintable),
    ...said(rule, 'explanations', explanation),
  };
}

/** Whether a finding says all that there is to say of a fault that was weighed. */
export const isSaidBy = (finding: Finding, { rule, verdict }: Candidate): boolean =>
  verdict.support !== 'excluded' &&
  finding.rule === rule &&
  finding.evidence === verdict.evidence &&
  finding.explanation === verdict.explanation;

function jsonEvidence(rule: Rule, item: Evidence): JsonEvidence {
  return Object.hasOwn(SHARED_EVIDENCE, item.id) ? sharedEvidence(item, rule) : newEvidence(item, rule);
}

/** One rule after another cites the same shared facts of a connection, whose words do not depend on the rule. */
const sharedEvidence = memoizeLastQuestion(newEvidence, () => true);

function newEvidence(item: Evidence, rule: Rule): JsonEvidence {
  return { ...sighting(item), ...jsonFact(rule, item) };
}

/** What a frame shows. */
export function jsonFact(rule: Rule, item: Evidence): Pick<JsonEvidence, 'fact'> & JsonSaid {
  return { fact: factOf(rule, item, showUnprintable), ...said(rule, 'evidence', item) };
}

export function jsonFinding(finding: Finding): JsonFinding {
  const { rule } = finding;
  return findingLayout(rule, {
    role: finding.role,
    certainty: finding.certainty,
    explanation: jsonExplanation(rule, finding.explanation),
    evidence: finding.evidence.map((item) => jsonEvidence(rule, item)),
    known: finding.known && jsonEndFacts(finding.known),
    remedies: jsonRemedies(finding),
  });
}

export function jsonEndFacts(known: NonNullable<Finding['known']>): JsonEndFact[] {
  return known.map(({ id, data, source }) => ({
    fact: endFactOf({ id, data }, showUnprintable),
    messageId: id,
    data,
    ...source,
  }));
}

const jsonRemedies = ({ rule, remedies }: Finding): JsonRemedy[] => remedies.map((remedy) => jsonRemedy(rule, remedy));

export function jsonRemedy(rule: Rule, remedy: Remedy): JsonRemedy {
  const command = commandOf(rule, remedy, showUnprintable);
  return {
    who: remedy.who,
    action: actionOf(rule, remedy, showUnprintable),
    ...said(rule, 'remedies', remedy),
    service: remedy.service?.id,
    command: command?.text ?? null,
    commandDetails: command && {
      messageId: remedy.command ?? '',
      data: command.data,
      does: command.does,
      where: command.place,
    },
  };
}
