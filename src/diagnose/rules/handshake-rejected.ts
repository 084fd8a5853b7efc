import { listOf, party, type Phrase } from '../../message.js';
import { phrase } from '../phrases.js';
import type { Alert, Connection } from '../../connection/connection.js';
import { compare, hasOrdinaryGroups, hasOrdinarySuites, lackedKeys } from '../evidence/compare.js';
import type { Context } from '../context.js';
import { eapData, eapRefusal } from '../evidence/eap.js';
import { alertEvidence, clientHelloEvidence, evidence, serverHelloEvidence } from '../evidence/citations.js';
import { alertText, endingAlert, helloRejection } from '../evidence/alerts.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { newestOffered, offeredCipherSuites, versionRank } from '../evidence/offers.js';
import { defineRule } from '../rule.js';

/** What the facts leave as reasons for a refusal of the ClientHello, most likely first. */
function candidates(connection: Connection, context: Context, alert: Alert | null): Phrase[] {
  const { clientHello, eap } = connection;
  if (clientHello === null) return [];
  const accepted = context.serverHistory.acceptedBy(connection);
  const suites = offeredCipherSuites(connection);
  const found: Phrase[] = [];
  /** What cannot be excluded, although the offer is one that nearly every server takes. */
  const unlikely: Phrase[] = [];
  const answered = alert?.recordVersion;
  if (answered !== undefined && accepted.versions.size === 0 && versionRank(answered) < versionRank('TLS 1.2')) {
    found.push(phrase('theRecordVersion', { version: answered }));
  }
  // No supplicant names the server.
  if (eap === null && clientHello.serverName === null && !accepted.serverNames.has(null)) {
    found.push(phrase('theMissingServerName'));
  }
  const { groups, signatures } = compare(connection, accepted);
  const lacking = signatures === true ? [] : lackedKeys(connection);
  if (lacking.length > 0) {
    found.push(phrase('theSignatureSchemes', { keys: listOf(lacking, 'alternatives') }));
  }
  if (![...accepted.cipherSuites.keys()].some((suite) => suites.includes(suite))) {
    (hasOrdinarySuites(connection) ? unlikely : found).push(phrase('theCipherSuites', { count: suites.length }));
  }
  const newest = newestOffered(connection);
  const rank = newest === null ? null : versionRank(newest);
  const isTls13Alone = clientHello.supportedVersions.every(
    (version) => version.startsWith('GREASE') || versionRank(version) === versionRank('TLS 1.3'),
  );
  if (newest !== null && rank !== null && !accepted.versions.has(newest)) {
    if (rank < versionRank('TLS 1.2')) found.push(phrase('theOldVersion', { version: newest }));
    else if (isTls13Alone) found.push(phrase('tls13Alone'));
    else if (rank < versionRank('TLS 1.3')) unlikely.push(phrase('theVersion', { version: newest }));
  }
  if (clientHello.supportedGroups.length > 0 && groups !== true) {
    (hasOrdinaryGroups(connection) ? unlikely : found).push(phrase('theGroups'));
  }
  if (clientHello.pskOffered) {
    found.push(phrase('thePreSharedKey'));
  }
  if (clientHello.serverName !== null && !accepted.serverNames.has(clientHello.serverName)) {
    found.push(phrase('theServerName'));
  }
  if (lacking.length === 0 && clientHello.signatureSchemes.length > 0 && signatures !== true) {
    unlikely.push(phrase('noSignatureScheme'));
  }
  return [...found, ...unlikely];
}

function explanationFor({ inferred, encrypted }: Alert, left: readonly Phrase[]) {
  if (encrypted) return inferred ? 'inferred' : 'hidden';
  return left.length > 0 ? 'candidates' : 'explanation';
}

/** Alerts that name no reason. */
const VAGUE: ReadonlySet<string | null> = new Set(['handshake_failure', 'close_notify', 'access_denied']);

export const handshakeRejected = defineRule({
  id: 'handshake-rejected',
  title: 'Handshake rejected',
  description: 'A peer refuses the handshake, and the wire does not say which of several reasons it is.',
  settledBy: 'The log of the side that sent the alert says why.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §6.2', 'RFC 5246 §7.2.2'],
  messages: {
    explanations: {
      candidates:
        'The {from} {address} refused the handshake with alert {alert}. The alert does not say why. The capture leaves these causes, most probable first: {candidates}.',
      explanation:
        'The {from} {address} ended the handshake with alert {alert}. Neither the alert nor anything else in the capture says why.',
      eap: 'The RADIUS server {address} answered the ClientHello with EAP-Failure, without an alert. EAP does not say why. The capture leaves these causes, most probable first: {candidates}.',
      hidden: 'The {from} {address} ended the handshake with an encrypted alert. Encryption hides which alert.',
      inferred:
        'The {from} {address} ended the handshake with an encrypted alert. The size of the record shows that it is an alert; encryption hides which one.',
    },
    evidence: {},
    remedies: {
      logs: 'Look at the log of the {from} {address} at that time: it knows the reason.',
      compare:
        'Compare with a client that gets through: capture one, or try with and without the server name, and with other versions and suites.',
    },
    commands: {
      eap: 'eapol_test -c SUPPLICANT.conf -a {host} -p {port} -s SECRET',
      messages: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
      confirm:
        'openssl s_client -connect {connect} {sni} </dev/null; openssl s_client -connect {connect} {otherwise} </dev/null',
    },
  },
  applies: (connection) =>
    connection.outcome === 'failed' && (endingAlert(connection) ?? eapRefusal(connection)) !== undefined,
  judge(connection, context) {
    const alert = endingAlert(connection);
    if (alert === undefined) {
      const failure = eapRefusal(connection);
      if (failure === undefined) return undefined;
      const data = {
        ...eapData(connection),
        from: party('server'),
        address: connectTo(connection),
        candidates: listOf(candidates(connection, context, null), 'ranked'),
      };
      return {
        support: 'open',
        basis: 'ending',
        explanation: { id: 'eap', data },
        evidence: [...clientHelloEvidence(connection), evidence(failure, 'seenEapFailure')],
        remedies: [{ who: 'server', id: 'logs', command: 'eap', data }],
      };
    }
    if (alert.name === 'internal_error') return undefined;
    const left =
      alert === helloRejection(connection) && VAGUE.has(alert.name) ? candidates(connection, context, alert) : [];
    const data = {
      from: party(alert.from),
      address: connection[alert.from].address,
      alert: alertText(alert),
      candidates: listOf(left, 'ranked'),
      connect: connectTo(connection),
      sni: sniOption(connection),
      otherwise: (connection.clientHello?.serverName ?? null) === null ? ['-servername', 'NAME'] : ['-noservername'],
    };
    return {
      // The refusal is there for all to see; its cause is one of several.
      support: left.length === 1 ? 'supported' : 'open',
      // The alert says no more than that it ended: whoever knows more is right.
      basis: 'ending',
      explanation: { id: explanationFor(alert, left), data },
      evidence: [...clientHelloEvidence(connection), ...serverHelloEvidence(connection), ...alertEvidence(alert)],
      remedies:
        left.length === 0
          ? [{ who: alert.from, id: 'logs', command: 'messages', data }]
          : [
              { who: alert.from, id: 'logs', data },
              { who: 'client', id: 'compare', command: 'confirm', data },
            ],
    };
  },
});
