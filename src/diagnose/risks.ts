import type { Connection } from '../connection/connection.js';
import { topicOf } from '../knowledge/services/device-management.js';
import { SERVICES } from '../knowledge/services/index.js';
import { advise } from './advise.js';
import { chooseCause } from './cause.js';
import type { Context } from './context.js';
import type { Candidate, DiagnosedConnection } from './finding.js';
import { isBeyondDoubt } from './healthy.js';
import { RISKS } from './rules/risks.js';

/**
 * Whether rules for causes can be skipped: no fault ended the connection, and it carries no EAP, whose failure TLS does
 * not show.
 */
export const canOnlyHaveRisks = (connection: Connection): boolean =>
  connection.repeats !== undefined || (connection.eap === null && isBeyondDoubt(connection));

const RISKS_OF_OTHERS = RISKS.filter(({ asksOthers }) => asksOthers);

/**
 * Judges a connection that can only have risks, as `diagnose` does, but without loading the rules for causes, a third
 * of the program.
 */
export function diagnoseRisks(connection: Connection, context: Context): DiagnosedConnection {
  const candidates: Candidate[] = [];
  for (const rule of connection.repeats === undefined ? RISKS : RISKS_OF_OTHERS) {
    const verdict = rule.applies(connection) ? rule.judge(connection, context) : undefined;
    if (verdict !== undefined) candidates.push({ rule, verdict });
  }
  const findings = advise(chooseCause(candidates).findings, connection, SERVICES);
  return {
    connection,
    observed: null,
    findings,
    cause: null,
    differential: [],
    lookup: context.lookups.of(connection),
  };
}

/**
 * Whether the report says about a connection, and others of its kind (connection/fast-path/repeated.ts), only that they
 * worked. Rules for risks that depend on other connections are still run for each one.
 */
export function isPlain(connection: Connection, context: Context): boolean {
  const { notes, violations, preamble, keys } = connection;
  if (notes.length + violations.length > 0 || preamble !== null) return false;
  if (keys !== null && (keys.altered !== null || keys.unreadable !== null)) return false;
  // The topics that a client used are compared, with their frames.
  if (topicOf(connection) !== undefined) return false;
  return canOnlyHaveRisks(connection) && diagnoseRisks(connection, context).findings.length === 0;
}
