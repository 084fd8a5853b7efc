/** Results built by hand, as `connections.ts` builds connections: complete and consistent, a test overrides what it is about. */
import type { Connection } from '../../src/connection/connection.js';
import type { CaptureSummary } from '../../src/capture/open.js';
import { createGroups } from '../../src/diagnose/group.js';
import type { Results } from '../../src/diagnose/results.js';
import type { DiagnosedConnection, Finding, Role } from '../../src/diagnose/finding.js';
import type { Evidence, Messages } from '../../src/diagnose/verdict.js';
import type { Rule } from '../../src/diagnose/rule.js';
import { duration, type Data } from '../../src/message.js';
import { observe } from '../../src/diagnose/observed.js';
import { createChronology } from '../../src/diagnose/evidence/chronology.js';
import { alert, at, certificate, connection, sighting } from './connections.js';

/** A rule on an expired certificate; it judges nothing. */
export function rule(overrides: Partial<Rule> = {}): Rule {
  return {
    id: 'certificate-expired',
    title: 'The server certificate had expired',
    description: 'The server sent a certificate past its end, and the client refused it.',
    settledBy: "The client's log.",
    role: 'cause',
    severity: 'error',
    sources: ['RFC 5280 §4.1.2.5'],
    messages: {
      explanations: {
        expired:
          'The certificate of {name} ended on {end}, {ago} before this handshake. The client refused it with the alert certificate_expired (45).',
      },
      evidence: {
        shown: 'certificate {subject} is valid until {end}',
        refused: 'fatal alert certificate_expired (45)',
      },
      remedies: {
        renew: 'install a renewed certificate for {name} and reload; one reload covers every address that serves it.',
        wait: 'nothing to change; do not switch verification off.',
      },
      commands: {
        check: {
          run: 'openssl s_client -connect {server} -servername {name} </dev/null | openssl x509 -noout -subject -dates',
          does: 'shows the certificate that the server sends now, and its dates',
          where: 'from-client',
        },
      },
    },
    applies: () => false,
    judge: () => undefined,
    ...overrides,
  };
}

/** The messages of a rule whose one explanation, `expired`, is this text. */
export function explaining(expired: string): Messages {
  return { explanations: { expired }, evidence: {}, remedies: {}, commands: {} };
}

/** A fact at a frame. */
export function evidence(id: string, frame: number, overrides: Partial<Evidence> = {}): Evidence {
  return { ...sighting('server', frame), id, data: {}, ...overrides };
}

/** The finding of `rule()` on a server's certificate. */
export function finding(overrides: Partial<Finding> = {}): Finding {
  return {
    rule: rule(),
    role: 'cause',
    support: 'confirmed',
    basis: 'fact',
    certainty: 'certain',
    explanation: {
      id: 'expired',
      data: { name: 'www.example.com', end: '2026-02-20T00:00:00Z', ago: duration(10 * 24 * 3_600_000) },
    },
    evidence: [
      evidence('shown', 5, { data: { subject: 'CN=www.example.com', end: '2026-02-20T00:00:00Z' } }),
      evidence('refused', 6, { from: 'client' }),
    ],
    remedies: [
      {
        who: 'server',
        id: 'renew',
        command: 'check',
        data: { name: 'www.example.com', server: '198.51.100.20:443' },
      },
      { who: 'client', id: 'wait', data: {} },
    ],
    ...overrides,
  };
}

/** A connection that failed of an expired certificate; `diagnosed(connection())` makes a healthy one. */
export function diagnosed(
  of: Connection = expired(),
  findings: readonly Finding[] = defaultFindings(of),
): DiagnosedConnection {
  return {
    connection: of,
    observed: of.outcome === 'failed' ? observe(of) : null,
    findings,
    cause: findings.find(({ role }) => role === 'cause') ?? null,
    differential: findings.flatMap((one) => (one.role === 'cause' ? [{ rule: one.rule, verdict: one }] : [])),
    lookup: null,
  };
}

function expired(): Connection {
  return connection({
    serverCertificates: [certificate({ notAfter: '2026-02-20T00:00:00Z' })],
    alerts: [alert({ from: 'client', code: 45, name: 'certificate_expired' })],
  });
}

function defaultFindings({ outcome }: Connection): Finding[] {
  return outcome === 'failed' ? [finding()] : [];
}

/** A rule's finding as a risk. */
export function risk(overrides: Partial<Rule>, data: Data = {}): Finding {
  const role: Role = 'risk';
  return finding({
    rule: rule({ role, severity: 'warning', ...overrides }),
    role,
    explanation: { id: 'expired', data },
    evidence: [],
    remedies: [],
  });
}

/** A capture without trouble. */
export function capture(overrides: Partial<CaptureSummary> = {}): CaptureSummary {
  return {
    path: 'incident.pcap',
    format: 'pcap',
    compression: null,
    packets: 1204,
    bytes: 345678,
    truncatedPackets: 0,
    firstPacketAt: at(0),
    lastPacketAt: at(2472),
    linkTypes: ['ETHERNET'],
    warnings: [],
    ...overrides,
  };
}

/** Results of the connections, diagnoses grouped by rule in order of first sight, everything counted. */
export function results(
  connections: readonly DiagnosedConnection[],
  captures: readonly CaptureSummary[] = [capture()],
): Results {
  const counted = (outcome: Connection['outcome']): number =>
    connections.filter((each) => each.connection.outcome === outcome).length;
  const causes = createGroups();
  const risks = createGroups();
  const chronology = createChronology();
  for (const each of connections) {
    const { connection, findings, cause } = each;
    const key = cause === null ? null : causes.add(cause, each, cause.rule.id);
    chronology.judged(connection, key, cause?.rule.id ?? null);
    for (const finding of findings) if (finding.role === 'risk') risks.add(finding, each, finding.rule.id);
  }
  return {
    captures,
    notSelected: 0,
    unread: [],
    keys: null,
    summary: {
      connections: connections.length,
      established: counted('established'),
      failed: counted('failed'),
      incomplete: counted('incomplete'),
      notTls: counted('not-tls'),
    },
    diagnoses: causes.diagnoses(chronology),
    risks: risks.diagnoses(),
    connections,
    names: { addresses: [], unresolved: [] },
  };
}
