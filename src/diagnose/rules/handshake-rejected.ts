import type { Alert, Connection } from '../../connection/connection.js';
import { compare, hasOrdinaryGroups, hasOrdinarySuites, lackedKeys } from '../evidence/compare.js';
import type { Context } from '../context.js';
import { alertEvidence, clientHelloEvidence, EVIDENCE_MESSAGES, serverHelloEvidence } from '../evidence/citations.js';
import {
  alertText,
  connectTo,
  endingAlert,
  helloRejection,
  newestOffered,
  offeredCipherSuites,
  sniOption,
  versionRank,
} from '../evidence/facts.js';
import type { Rule } from '../rule.js';

/** What the facts leave as reasons for a refusal of the ClientHello, most likely first. */
function candidates(connection: Connection, context: Context, alert: Alert): string[] {
  const { clientHello } = connection;
  if (clientHello === null) return [];
  const accepted = context.serverHistory.acceptedBy(connection);
  const suites = offeredCipherSuites(connection);
  const found: string[] = [];
  /** What cannot be excluded, although the offer is one that nearly every server takes. */
  const unlikely: string[] = [];
  const answered = alert.recordVersion;
  if (accepted.versions.size === 0 && versionRank(answered) < versionRank('TLS 1.2')) {
    found.push(`the version: the alert comes in a record of ${answered}, which may be all that the server speaks`);
  }
  if (clientHello.serverName === null && !accepted.serverNames.has(null)) {
    found.push('the missing server name (SNI): the server may need it to choose a certificate');
  }
  const { groups, signatures } = compare(connection, accepted);
  const lacking = signatures === true ? [] : lackedKeys(connection);
  if (lacking.length > 0) {
    found.push(`the signature schemes of the client, which exclude certificates with a key of ${lacking.join(' or ')}`);
  }
  if (![...accepted.cipherSuites.keys()].some((suite) => suites.includes(suite))) {
    (hasOrdinarySuites(connection) ? unlikely : found).push(
      `no cipher suite in common (the client offers ${suites.length}), or none that fits the server's certificate`,
    );
  }
  const newest = newestOffered(connection);
  const rank = newest === null ? null : versionRank(newest);
  const isTls13Alone = clientHello.supportedVersions.every(
    (version) => version.startsWith('GREASE') || versionRank(version) === versionRank('TLS 1.3'),
  );
  if (newest !== null && rank !== null && !accepted.versions.has(newest)) {
    if (rank < versionRank('TLS 1.2')) found.push(`the old version of the client (${newest})`);
    else if (isTls13Alone) found.push('the version: the client offers TLS 1.3 alone, the server may not speak it');
    else if (rank < versionRank('TLS 1.3'))
      unlikely.push(`the version: the server may want a newer one than ${newest}`);
  }
  if (clientHello.supportedGroups.length > 0 && groups !== true) {
    (hasOrdinaryGroups(connection) ? unlikely : found).push('no supported group in common');
  }
  if (clientHello.pskOffered) {
    found.push('the pre-shared key or ticket, which the server may not know, without a certificate to fall back on');
  }
  if (clientHello.serverName !== null && !accepted.serverNames.has(clientHello.serverName)) {
    found.push('the server name, which the server may not serve');
  }
  if (lacking.length === 0 && clientHello.signatureSchemes.length > 0 && signatures !== true) {
    unlikely.push('no signature scheme in common');
  }
  return [...found, ...unlikely];
}

/** Alerts that name no reason. */
const VAGUE: ReadonlySet<string | null> = new Set(['handshake_failure', 'close_notify', 'access_denied']);

export const handshakeRejected: Rule = {
  id: 'handshake-rejected',
  title: 'Handshake rejected',
  description: 'A peer refuses the handshake, and the wire does not say which of several reasons it is.',
  role: 'cause',
  severity: 'error',
  // The alert says no more than that it ended: whoever knows more is right.
  basis: 'ending',
  sources: ['RFC 8446 §6.2', 'RFC 5246 §7.2.2'],
  messages: {
    ...EVIDENCE_MESSAGES,
    candidates:
      'The {from} {address} refused the handshake with alert {alert}. That it refused is certain; why, the alert does not say. The capture leaves these causes, the most likely first: {candidates}.',
    explanation:
      'The {from} {address} ended the handshake with alert {alert}. That it did so is certain; why, neither the alert nor anything else in the capture says.',
    hidden:
      'The {from} {address} ended the handshake with an encrypted alert. That it did so is {sureness}; why is hidden: the alert could say anything.',
    logs: 'Look at the log of the {from} {address} at that time: it knows the reason.',
    messages: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
    compare:
      'Compare with a client that gets through: capture one, or try with and without the server name, and with other versions and suites.',
    confirm:
      'openssl s_client -connect {connect} {sni} </dev/null; openssl s_client -connect {connect} {otherwise} </dev/null',
  },
  applies: (connection) => connection.outcome === 'failed' && endingAlert(connection) !== undefined,
  judge(connection, context) {
    const alert = endingAlert(connection);
    if (alert === undefined || alert.name === 'internal_error') return undefined;
    const left =
      alert === helloRejection(connection) && VAGUE.has(alert.name) ? candidates(connection, context, alert) : [];
    const data = {
      from: alert.from,
      address: connection[alert.from].address,
      alert: alertText(alert),
      candidates: left.map((text, index) => `${index + 1}. ${text}`),
      sureness: alert.inferred ? 'likely, by the size of the record' : 'certain',
      connect: connectTo(connection),
      sni: sniOption(connection),
      otherwise: (connection.clientHello?.serverName ?? null) === null ? ['-servername', 'NAME'] : ['-noservername'],
    };
    return {
      // The refusal is there for all to see; its cause is one of several.
      certainty: left.length === 1 ? 'likely' : 'possible',
      messageId: alert.encrypted ? 'hidden' : left.length > 0 ? 'candidates' : 'explanation',
      data,
      evidence: [...clientHelloEvidence(connection), ...serverHelloEvidence(connection), ...alertEvidence(alert)],
      remedies:
        left.length === 0
          ? [{ who: alert.from, messageId: 'logs', commandId: 'messages', data }]
          : [
              { who: alert.from, messageId: 'logs', data },
              { who: 'client', messageId: 'compare', commandId: 'confirm', data },
            ],
    };
  },
};
