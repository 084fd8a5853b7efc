import { compareOffer, isShared } from '../evidence/offer-comparison.js';
import { alertEvidence, closeEvidence, evidence, otherConnectionEvidence } from '../evidence/citations.js';
import { fatalAlert, helloRejection } from '../evidence/alerts.js';
import { howEnded } from '../evidence/endings.js';
import { hasServerAnswered } from '../evidence/progress.js';
import { phrase } from '../phrases.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

/** Alerts of servers that cannot read a name. */
const ALERTS_ABOUT_NAMES: ReadonlySet<string> = new Set(['illegal_parameter', 'decode_error']);

/** What they may say instead. */
const OTHER_ALERTS: ReadonlySet<string> = new Set(['handshake_failure', 'unrecognized_name', 'internal_error']);

export const sniInvalid = defineRule({
  id: 'sni-invalid',
  title: 'Requested server name is not a host name',
  description: 'The client sends a server_name that is not a DNS host name, and the server refuses it.',
  settledBy: 'The same handshake with a proper host name works if the name is the fault.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 6066 §3', 'RFC 1123'],
  messages: {
    explanations: {
      explanation:
        'The client asked for the server name {name}, which is not a DNS host name ({reason}). The server rejected it {how}. Strict servers (rustls) reject such names.',
    },
    evidence: {
      seenName: 'ClientHello; server name: {name} ({reason})',
    },
    remedies: {
      client:
        'Correct the name that {client} is configured with: only a host name, of letters, digits and hyphens in labels, without port, address or underscore.',
      server: 'If the name cannot be changed, use a server or proxy at {connect} that accepts such names.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} </dev/null',
        does: 'shows whether the handshake works, and what the server answers',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome, violations }) =>
    outcome === 'failed' && violations.some(({ kind }) => kind === 'invalid-server-name'),
  judge(connection, context) {
    const fault = connection.violations.find(({ kind }) => kind === 'invalid-server-name');
    if (fault?.kind !== 'invalid-server-name' || hasServerAnswered(connection)) return undefined;
    const alert = helloRejection(connection);
    if (alert === undefined && (fatalAlert(connection) !== undefined || connection.ending.by !== 'server'))
      return undefined;
    // Servers say the same of a pre-shared key that does not fit.
    const isSaid =
      alert !== undefined && ALERTS_ABOUT_NAMES.has(alert.name ?? '') && connection.clientHello?.pskOffered === false;
    if (alert !== undefined && !isSaid && !OTHER_ALERTS.has(alert.name ?? '')) return undefined;
    const accepted = context.serverHistory.acceptedBy(connection);
    const other = [...accepted.serverNames].find(([name]) => name !== null && name !== fault.name);
    const isLeft = other !== undefined && isShared(compareOffer(connection, accepted));
    // Most servers accept an underscore; OpenJDK 17 does not, and its HTTPS server closes without an alert.
    const isUsual = fault.reason === 'underscore' && !isSaid && (alert !== undefined || !isLeft);
    if (accepted.serverNames.has(fault.name) || isUsual) return undefined;
    const data = {
      ...placesOf(connection),
      name: fault.name,
      reason: phrase(REASONS[fault.reason]),
      how: howEnded(connection, alert),
    };
    return {
      // A server closes without a word for other reasons, too.
      support: isSaid && isLeft ? 'confirmed' : alert !== undefined && (isSaid || isLeft) ? 'supported' : 'open',
      basis: 'fact',
      explanation: { id: 'explanation', data },
      evidence: [
        evidence(fault, 'seenName', data),
        ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert)),
        ...(isLeft ? otherConnectionEvidence(other[1], phrase('serverNameOf', { name: other[0] ?? '' })) : []),
      ],
      remedies: [
        { who: 'client', id: 'client', command: 'confirm', data },
        { who: 'server', id: 'server', data },
      ],
    };
  },
});

const REASONS = {
  empty: 'nameEmpty',
  'ip-address': 'nameAddress',
  port: 'namePort',
  'non-ascii': 'nameNotAscii',
  'invalid-character': 'nameCharacter',
  'trailing-dot': 'nameTrailingDot',
  'empty-label': 'nameEmptyLabel',
  'too-long': 'nameTooLong',
  hyphen: 'nameHyphen',
  underscore: 'nameUnderscore',
} as const;
