import type { Connection } from '../connection/connection.js';
import { SERVICES } from '../knowledge/services/index.js';
import { advise } from './advise.js';
import { chooseCause } from './cause.js';
import type { Context } from './context.js';
import type { Candidate, DiagnosedConnection, Finding } from './finding.js';
import { withFurtherFaults } from './further-faults.js';
import { observe } from './observed.js';
import { withCorrectedOutcome, isBeyondDoubt } from './healthy.js';
import { canOnlyHaveRisks, diagnoseRisks } from './risks.js';
import { endingAlert } from './evidence/alerts.js';
import { isDoubtful, mayHaveGoneOn } from './evidence/gaps.js';
import { withConfiguredChain } from './ends/chain.js';
import { compareWithEnds } from './ends/comparison.js';
import { judgeByEnds } from './ends/judge.js';
import { RULES } from './rules/index.js';

/**
 * Judges one connection by every rule. A connection whose handshake was completed and then refused (by a client that
 * verifies late), or should have begun and did not, becomes a failed one by its diagnosis.
 */
export function diagnose(given: Connection, context: Context): DiagnosedConnection {
  if (canOnlyHaveRisks(given)) return diagnoseRisks(given, context);
  const connection = withCorrectedOutcome(given, context);
  const candidates: Candidate[] = [];
  const hasNoFault = isBeyondDoubt(connection);
  for (const rule of RULES) {
    if (hasNoFault && rule.role === 'cause' && rule.isNoFailure !== true) continue;
    const verdict =
      context.ends !== null
        ? judgeByEnds(rule, connection, context)
        : rule.applies(connection)
          ? rule.judge(connection, context)
          : undefined;
    if (verdict !== undefined) candidates.push({ rule, verdict });
  }
  // Without an alert that can be read, the cause depends on what was sent last, which the capture may lack.
  const hasReadableAlert = (endingAlert(connection)?.name ?? null) !== null;
  const chosen = chooseCause(candidates, !hasReadableAlert && isDoubtful(connection));
  const findings = advise(withFurtherFaults(chosen.findings, connection, context), connection, SERVICES);
  const cause = findings.find(({ role }) => role === 'cause') ?? null;
  const hasFailed =
    connection.outcome === 'failed' ||
    (cause !== null &&
      cause.rule.isNoFailure !== true &&
      (hasReadableAlert || !mayHaveGoneOn(connection)) &&
      (connection.outcome === 'established' || connection.outcome === 'not-tls') &&
      !context.surveys.has(connection));
  const lookup = context.lookups.of(connection);
  if (!hasFailed) {
    // A connection that was not meant to become a session has no cause, whatever a rule says about a failure.
    const holds = ({ role, rule }: Finding): boolean => role === 'risk' || rule.isNoFailure === true;
    return {
      connection,
      observed: null,
      findings: findings.filter(holds),
      cause: cause !== null && holds(cause) ? cause : null,
      differential: [],
      lookup,
    };
  }
  const comparisons = compareWithEnds(withConfiguredChain(connection, context) ?? connection, context);
  return {
    connection: connection.outcome === 'failed' ? connection : { ...connection, outcome: 'failed' },
    observed: observe(connection),
    findings,
    cause,
    differential: chosen.differential,
    lookup,
    ...(comparisons.length === 0 ? {} : { comparisons }),
  };
}
