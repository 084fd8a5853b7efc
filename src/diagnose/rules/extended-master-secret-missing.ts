import { alertEvidence, clientHelloEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { alertText, fatalAlert } from '../evidence/alerts.js';
import { placesOf } from '../evidence/places.js';
import { isRefusedByProgram } from '../evidence/refusals.js';
import { versionRank } from '../evidence/offers.js';
import { defineRule } from '../rule.js';

/**
 * Alerts of clients that refuse a server without it: RFC 7627 §5.3 says handshake_failure, programs in FIPS mode send
 * internal_error, Pion's DTLS (Go) insufficient_security.
 */
const ALERTS: ReadonlySet<string> = new Set([
  'handshake_failure',
  'insufficient_security',
  'internal_error',
  'missing_extension',
]);

const EXTENSION = 'extended_master_secret';

export const extendedMasterSecretMissing = defineRule({
  id: 'extended-master-secret-missing',
  title: 'Server lacks the extended master secret',
  description: 'The server does not answer extended_master_secret, which some clients (in FIPS mode, Java) require.',
  settledBy: 'The same client outside its FIPS mode, or a server with the extension, works if that is the fault.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 7627 §5.3'],
  messages: {
    explanations: {
      explanation:
        'The client offers extended_master_secret, the ServerHello ({version}) lacks it, and the client gave up with alert {alert}. Clients in FIPS mode, and others that are configured so (Java: jdk.tls.allowLegacyMasterSecret=false; Pion: RequireExtendedMasterSecret), refuse a server without it.',
    },
    evidence: {},
    remedies: {
      upgrade:
        'Upgrade the TLS library of {connect} to one that knows RFC 7627, or enable TLS 1.3 there, which needs no such extension.',
      allow: 'Or let {client} do without it, only for this server, if its policy allows that.',
    },
    commands: {
      confirm: {
        run: "openssl s_client -connect {connect} {sni12} </dev/null 2>&1 | grep 'Extended master secret'",
        does: 'shows whether the server supports the extended master secret',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome, clientHello, serverHello }) =>
    outcome === 'failed' &&
    clientHello !== null &&
    serverHello !== null &&
    clientHello.extensions.includes(EXTENSION) &&
    !serverHello.extensions.includes(EXTENSION) &&
    versionRank(serverHello.version) < versionRank('TLS 1.3'),
  judge(connection) {
    const { serverHello, messages, transport } = connection;
    const alert = fatalAlert(connection, 'client');
    if (alert === undefined || serverHello === null || !ALERTS.has(alert.name ?? '')) return undefined;
    // A client that computes the master secret does without it.
    if (messages.some(({ from, type }) => from === 'client' && type !== 'client_hello')) return undefined;
    const data = { ...placesOf(connection), alert: alertText(alert), version: serverHello.version };
    // OpenSSL also sends internal_error for what its program refuses, and for a certificate that it cannot use.
    const hasOtherReason = isRefusedByProgram(connection) || transport.server.missing > 0;
    return {
      // Nothing shows whether this client requires it.
      support: alert.name === 'internal_error' && !hasOtherReason ? 'supported' : 'open',
      basis: 'fact',
      explanation: { id: 'explanation', data },
      evidence: [...clientHelloEvidence(connection), ...serverHelloEvidence(connection), ...alertEvidence(alert)],
      remedies: [
        { who: 'server', id: 'upgrade', command: 'confirm', data },
        { who: 'client', id: 'allow', data },
      ],
    };
  },
});
