import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';
import type { Rule } from '../rule.js';
import type { EndFact, Exclusion, Verdict } from '../verdict.js';
import { withConfiguredChain } from './chain.js';
import { weighByEnds } from './weigh.js';

/**
 * A rule's judgement with files of the ends: of the connection as captured and, if TLS 1.3 encrypts the server's chain,
 * with the configured one in its place. Conclusions from that are at most supported: the chain was not seen.
 */
export function judgeByEnds(rule: Rule, connection: Connection, context: Context): Verdict | Exclusion | undefined {
  const seen = rule.applies(connection) ? rule.judge(connection, context) : undefined;
  if (rule.role !== 'cause' || connection.outcome !== 'failed') return seen;
  const assumed = withConfiguredChain(connection, context);
  if (assumed === null) return weighByEnds(rule.id, seen, connection, context);
  const judged = weighByEnds(
    rule.id,
    rule.applies(assumed) ? rule.judge(assumed, context) : undefined,
    assumed,
    context,
  );
  if (judged === undefined || isSame(judged, seen)) return seen;
  if (judged.support === 'excluded') return seen?.support === 'confirmed' ? seen : judged;
  const known = [...(standIn(assumed, context) ?? []), ...(judged.known ?? [])];
  return { ...judged, support: judged.support === 'open' ? 'open' : 'supported', known };
}

/** Whether the configured chain changed nothing in what a rule says. */
function isSame(judged: Verdict | Exclusion, seen: Verdict | Exclusion | undefined): boolean {
  if (seen?.support !== judged.support) return false;
  if (judged.support === 'excluded' || seen.support === 'excluded') return true;
  return judged.explanation.id === seen.explanation.id && judged.known === undefined;
}

function standIn({ serverCertificates: [leaf] }: Connection, { ends }: Context): EndFact[] | undefined {
  const store = ends?.serverCertificates ?? null;
  if (store === null || leaf === undefined) return undefined;
  const data = { store: store.name, stored: leaf.sha256, subject: leaf.subject };
  return [{ id: 'configuredStandsIn', data, source: { path: store.path, line: null } }];
}
