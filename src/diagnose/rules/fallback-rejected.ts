import { alertEvidence, clientHelloEvidence, otherConnectionEvidence } from '../evidence/citations.js';
import { fatalAlert } from '../evidence/alerts.js';
import { newestOffered, versionRank } from '../evidence/offers.js';
import { offerOptions } from '../evidence/openssl-offer.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const fallbackRejected = defineRule({
  id: 'fallback-rejected',
  title: 'Server rejects a retry with an older TLS version',
  description:
    'The client tries again with an older version than it can speak, and says so (TLS_FALLBACK_SCSV); the server, which can speak a newer one, refuses.',
  settledBy: 'The first attempt of the same client: what made it fail is the fault behind this one.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 7507 §3', 'RFC 7507 §4'],
  messages: {
    explanations: {
      explanation:
        'The client offers {newest} at most and marks this as a retry with an older version than it can speak (TLS_FALLBACK_SCSV). The server speaks a newer one, so it treats the retry as an attack: alert inappropriate_fallback (86).',
      known:
        'The client offers {newest} at most and marks this as a retry with an older version than it can speak (TLS_FALLBACK_SCSV). The server speaks a newer one ({accepted}, as other connections show), so it treats the retry as an attack: alert inappropriate_fallback (86).',
      unmarked:
        'The server ended the handshake with alert inappropriate_fallback (86), which refuses a retry that a client marks (TLS_FALLBACK_SCSV). This ClientHello has no such mark: either the server is at fault, or something on the path changed the ClientHello or sent the alert.',
      unseen:
        "The server treats the client's version as a forced step back to an older one: alert inappropriate_fallback (86). The capture lacks the ClientHello.",
    },
    evidence: {},
    remedies: {
      first:
        'Look for the attempt before this one, from {client} to {connect}: why it failed (a reset, a time limit, a device on the path) is the real fault. This refusal is right.',
      stop: 'If there was none, the client {client} marks every connection in this way: remove TLS_FALLBACK_SCSV (SSL_MODE_SEND_FALLBACK_SCSV) or its maximum version.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {offer} -fallback_scsv </dev/null; openssl s_client -connect {connect} {sni} </dev/null',
        does: 'shows whether the server refuses such a retry, and which version it chooses when all are offered',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome }) => outcome === 'failed',
  judge(connection, context) {
    const alert = fatalAlert(connection, 'server');
    if (alert?.name !== 'inappropriate_fallback') return undefined;
    const newest = newestOffered(connection);
    const isMarked = connection.clientHello?.cipherSuites.includes('TLS_FALLBACK_SCSV') ?? true;
    const newer = [...context.serverHistory.acceptedBy(connection).versions].filter(
      ([version]) => newest !== null && versionRank(version) > versionRank(newest),
    );
    const data = {
      ...placesOf(connection),
      offer: offerOptions(connection),
      newest: newest ?? '',
      accepted: newer.map(([version]) => version),
    };
    return {
      support: isMarked ? 'confirmed' : 'open',
      basis: isMarked ? 'fact' : 'alert',
      explanation: {
        id: !isMarked ? 'unmarked' : newest === null ? 'unseen' : newer.length > 0 ? 'known' : 'explanation',
        data,
      },
      evidence: [
        ...clientHelloEvidence(connection),
        ...alertEvidence(alert),
        ...newer.flatMap(([version, other]) => otherConnectionEvidence(other, version)),
      ],
      remedies: [
        { who: 'network', id: 'first', command: 'confirm', data },
        { who: 'client', id: 'stop', data },
      ],
    };
  },
});
