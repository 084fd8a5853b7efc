import type { Connection } from '../connection/connection.js';
import { topicOf } from '../knowledge/services/device-management.js';
import { SERVICES } from '../knowledge/services/index.js';
import { advise } from './advise.js';
import { chooseCause } from './cause.js';
import type { Context } from './context.js';
import type { Candidate, DiagnosedConnection } from './finding.js';
import { isBeyondDoubt } from './healthy.js';
import { RISKS } from './rules/risks.js';

/** Whether no rule for causes need be asked: no fault ended the connection, and it carries no EAP, whose end TLS does not tell. */
export const canOnlyHaveRisks = (connection: Connection): boolean =>
  connection.like !== undefined || (connection.eap === null && isBeyondDoubt(connection));

const RISKS_OF_OTHERS = RISKS.filter(({ asksOthers }) => asksOthers);

/**
 * Judges a connection that can only have risks, as `diagnose` does. The rules for causes, a third of the program, need not be
 * loaded for it.
 */
export function diagnoseRisks(connection: Connection, context: Context): DiagnosedConnection {
  const candidates: Candidate[] = [];
  for (const rule of connection.like === undefined ? RISKS : RISKS_OF_OTHERS) {
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
 * Whether a connection, and others of its kind (connection/alike.ts), are told only as having worked. Rules for risks that ask
 * about other connections are asked for each one all the same.
 */
export function isPlain(connection: Connection, context: Context): boolean {
  const { notes, violations, preamble, keys } = connection;
  if (notes.length + violations.length > 0 || preamble !== null) return false;
  if (keys !== null && (keys.altered !== null || keys.unreadable !== null)) return false;
  // The topics that a client has shown are compared, and with their frames.
  if (topicOf(connection) !== undefined) return false;
  return canOnlyHaveRisks(connection) && diagnoseRisks(connection, context).findings.length === 0;
}
