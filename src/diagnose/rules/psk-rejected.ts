import { party, someOf, times } from '../../message.js';
import { overUdp, type Connection } from '../../connection/connection.js';
import { alertEvidence, clientHelloEvidence, evidence, serverHelloEvidence } from '../evidence/citations.js';
import { alertText, fatalAlert } from '../evidence/alerts.js';
import { beginsLate } from '../evidence/gaps.js';
import { hasServerAnswered } from '../evidence/progress.js';
import { placesOf } from '../evidence/places.js';
import { offeredCipherSuites, isPskSuite } from '../evidence/offers.js';
import { REMAINING, remainingFault } from '../evidence/hello-refusals.js';
import { refusedSession } from '../evidence/refused-session.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

/**
 * Alerts caused by a wrong key: what it encrypts cannot be decrypted (RFC 4279 §2, RFC 8446 §4.2.11.2). Pion's servers send
 * internal_error for an unknown identity.
 */
const WRONG_KEY: ReadonlySet<string> = new Set([
  'bad_record_mac',
  'decryption_failed',
  'decrypt_error',
  'illegal_parameter',
  'handshake_failure',
  'internal_error',
]);

/** How the client wants to authenticate: by a suite with a pre-shared key, or the extension of TLS 1.3. */
function wayOf(connection: Connection): 'suite' | 'suites' | 'extension' | null {
  const suites = offeredCipherSuites(connection);
  if (isPskSuite(connection.serverHello?.cipherSuite ?? '')) return 'suite';
  if (suites.length > 0 && suites.every(isPskSuite)) return 'suites';
  return connection.clientHello?.pskOffered === true ? 'extension' : null;
}

/** Whether the client may have offered a key of any kind, as far as the capture shows. */
const mayOfferKey = (connection: Connection): boolean =>
  connection.clientHello === null || wayOf(connection) !== null || offeredCipherSuites(connection).some(isPskSuite);

const messages = defineMessages({
  explanations: {
    left: REMAINING,
    said: 'The server does not know the identity of the pre-shared key that {client} uses: alert unknown_psk_identity (115).',
    unoffered:
      'The server ended the handshake with alert unknown_psk_identity (115): it does not know the identity of a pre-shared key. But the ClientHello offers none: either the server means something else, or something on the path changed the ClientHello or sent the alert.',
    ticket:
      'The client offers the ticket of an earlier session, or another pre-shared key, and the server ended the handshake with alert {alert}: it may have a different key under that identity.',
    wrongKey:
      'Client and server agreed on {cipherSuite}, which uses a pre-shared key, and the {from} ended the handshake with alert {alert}: the two have different keys under the same identity, or the server does not know the identity.',
    noPsk:
      'The client offers only cipher suites with a pre-shared key ({suites}). The server rejected them with alert {alert} before it had the identity of a key: it has no pre-shared keys, or enables none of these suites.',
    unread:
      'Client and server agreed on {cipherSuite}, which uses a pre-shared key. The client sent its Finished {times}, and the server never answered with its own. Over DTLS, a server silently drops what it cannot decrypt: the two may have different keys under the same identity. Or the path loses these packets.',
    binder:
      'The client offers a pre-shared key (or the ticket of an earlier session). The server rejected it with alert {alert}: it has a different key under that identity.',
  },
  evidence: {
    seenFinished: 'the Finished of the client, for the last time; none has come from the server',
  },
  remedies: {
    enable:
      'Configure pre-shared keys at {connect}, and a cipher suite with them that the client offers ({suites}). If it has them, compare the lists of cipher suites.',
    keys: 'Compare identity and key on both sides: the client {client} and the server {connect} must have the same, byte by byte (hexadecimal or text, no newline at the end).',
    tickets:
      'If the key is a session ticket: the servers behind {connect} must share their ticket keys, or decline tickets that they do not know instead of failing.',
  },
  commands: {
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} -psk_identity IDENTITY -psk KEY_IN_HEX </dev/null',
      does: 'shows whether the server knows this key',
      where: 'from-client',
    },
  },
});

export const pskRejected = defineRule({
  id: 'psk-rejected',
  title: 'Pre-shared key rejected',
  description:
    'The server does not know the pre-shared key that the client uses, or has a different key under its identity.',
  settledBy: "The server's log says whether it knows the identity of the key; compare the key's hash on both sides.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 4279 §2', 'RFC 8446 §4.2.11', 'RFC 8446 §6.2'],
  messages,
  applies: ({ outcome }) => outcome === 'failed',
  judge(connection, context) {
    const alert = fatalAlert(connection);
    if (alert === undefined) return judgeUnread(connection);
    if (alert.name === null) return undefined;
    const isSaid = alert.name === 'unknown_psk_identity';
    if (!isSaid && !WRONG_KEY.has(alert.name)) return undefined;
    const way = wayOf(connection);
    if (!isSaid && way === null) return undefined;
    const data = {
      ...placesOf(connection),
      from: party(alert.from),
      alert: alertText(alert),
      cipherSuite: connection.serverHello?.cipherSuite ?? '',
      suites: someOf(offeredCipherSuites(connection)),
    };
    const keys = { who: 'client', id: 'keys', command: 'confirm', data } as const;
    const seen = [...clientHelloEvidence(connection), ...serverHelloEvidence(connection), ...alertEvidence(alert)];
    if (isSaid) {
      const isOffered = mayOfferKey(connection);
      return {
        support: isOffered ? 'confirmed' : 'open',
        basis: isOffered ? 'fact' : 'alert',
        explanation: { id: isOffered ? 'said' : 'unoffered', data },
        evidence: seen,
        remedies: [keys],
      };
    }
    switch (way) {
      case 'suite':
        return {
          support: 'supported',
          basis: 'fact',
          explanation: { id: 'wrongKey', data },
          evidence: seen,
          remedies: [keys],
        };
      case 'suites':
        if (alert.from !== 'server' || alert.name === 'internal_error') return undefined;
        // Others use keys there: what this client lacks is one of the server's suites.
        if ([...context.serverHistory.acceptedBy(connection).cipherSuites.keys()].some(isPskSuite)) return undefined;
        return {
          // The identity comes later (RFC 4279 §2): see cipher-suite-mismatch for the other reason.
          support: 'supported',
          basis: 'fact',
          explanation: { id: 'noPsk', data },
          evidence: seen,
          remedies: [{ who: 'server', id: 'enable', command: 'confirm', data }],
        };
      case 'extension': {
        // A server can continue without a bad ticket; an alert about the rest of the hello is another matter.
        if (alert.name === 'internal_error') return undefined;
        const isAboutKey = alert.name !== 'handshake_failure' && alert.name !== 'bad_record_mac';
        if (alert.from !== 'server' || hasServerAnswered(connection)) return undefined;
        // The same client can do without: what it offers is a ticket (see resumption-broken).
        if (refusedSession(connection, context)?.full?.client.address === connection.client.address) {
          return {
            support: 'open',
            basis: 'alert',
            explanation: { id: 'ticket', data },
            evidence: seen,
            remedies: [{ who: 'server', id: 'tickets', command: 'confirm', data }],
          };
        }
        if (!isAboutKey) {
          const left = remainingFault(connection, context, 'psk-rejected');
          return left && { ...left, remedies: [keys, { who: 'server', id: 'tickets', data }] };
        }
        return {
          // Few clients have a key of their own; the others offer a ticket.
          support: offeredCipherSuites(connection).some(isPskSuite) ? 'supported' : 'open',
          basis: 'fact',
          explanation: { id: 'binder', data },
          evidence: seen,
          remedies: [keys, { who: 'server', id: 'tickets', data }],
        };
      }
      case null:
        return undefined;
    }
  },
});

/** How often a client sends its Finished before only a wrong key or loss explains that the server has none. */
const LEAST_SENT = 2;
/** And before loss is unlikely, on a path that lost nothing before. */
const LEAST_SENT_IN_VAIN = 3;

/**
 * Over DTLS, a server that cannot decrypt the Finished of the client discards it (RFC 6347 §4.1.2.7), and waits for
 * another one, as the client does.
 */
function judgeUnread(connection: Connection): VerdictOf<typeof messages> | undefined {
  const { protocol, encryptedRecords, serverHello } = connection;
  if (protocol !== 'dtls' || serverHello === null || wayOf(connection) !== 'suite') return undefined;
  const finished = encryptedRecords.filter(({ from, contentType }) => from === 'client' && contentType === 'handshake');
  const [first, last] = [finished[0], finished.at(-1)];
  if (
    first === undefined ||
    last === undefined ||
    finished.length < LEAST_SENT ||
    encryptedRecords.some(({ from }) => from === 'server')
  )
    return undefined;
  // A server that says nothing any more may be gone, or the way to it.
  const isHeard = (connection.transport.server.lastData?.frame ?? 0) > first.frame;
  const data = {
    ...placesOf(connection),
    cipherSuite: serverHello.cipherSuite,
    times: times(finished.length),
  };
  return {
    support: isHeard && finished.length >= LEAST_SENT_IN_VAIN && !hasLostBefore(connection) ? 'supported' : 'open',
    basis: 'fact',
    explanation: { id: 'unread', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...serverHelloEvidence(connection),
      evidence(last, 'seenFinished', data),
    ],
    remedies: [{ who: 'client', id: 'keys', command: 'confirm', data }],
  };
}

/** Whether the client had to send something else again, too, or may have had to before the capture began. */
function hasLostBefore(connection: Connection): boolean {
  if (beginsLate(connection)) return true;
  const client = overUdp(connection)?.client;
  return client === undefined || client.retransmissions > (client.mostResent?.times ?? 0);
}
