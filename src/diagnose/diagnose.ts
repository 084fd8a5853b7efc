import type { Connection } from '../connection/connection.js';
import { chooseCause, type Spoken } from './cause.js';
import type { Context } from './context.js';
import type { DiagnosedConnection, Rule } from './rule.js';
import { RULES } from './rules/index.js';
import { SERVICES } from '../knowledge/services/index.js';
import { advise } from '../knowledge/services/service.js';

/**
 * Judges one connection by every rule. A connection whose handshake was completed and then refused (a client that
 * verifies late), or never begun where it should have been, becomes a failed one by its diagnosis.
 */
export function diagnose(
  connection: Connection,
  context: Context,
  rules: readonly Rule[] = RULES,
): DiagnosedConnection {
  const spoken: Spoken[] = [];
  for (const rule of rules) {
    if (!rule.applies(connection)) continue;
    const verdict = rule.judge(connection, context);
    if (verdict !== undefined) spoken.push({ rule, verdict });
  }
  const chosen = chooseCause(spoken);
  const findings = advise(chosen.findings, connection, SERVICES);
  const cause = findings.find(({ role }) => role === 'cause') ?? null;
  const isFailed = cause !== null && (connection.outcome === 'established' || connection.outcome === 'not-tls');
  return { connection: isFailed ? { ...connection, outcome: 'failed' } : connection, findings, cause };
}
