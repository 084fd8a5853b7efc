import { listOf, party, type Phrase } from '../../message.js';
import type { Alert, Connection } from '../../connection/connection.js';
import { eapData, eapRefusal } from '../evidence/eap.js';
import type { Context } from '../context.js';
import {
  alertEvidence,
  clientHelloEvidence,
  evidence,
  otherConnectionEvidence,
  serverHelloEvidence,
} from '../evidence/citations.js';
import { alertText, endingAlert, helloRejection } from '../evidence/alerts.js';
import { offerOptions } from '../evidence/openssl-offer.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { plaintextBefore } from '../evidence/plaintext.js';
import { helloCandidates, likeliestOf } from '../evidence/hello-refusals.js';
import { isSameOffer } from '../evidence/offer-comparison.js';
import type { AcceptedConnection } from '../evidence/server-history.js';
import { phrase } from '../phrases.js';
import { defineRule } from '../rule.js';

/** A full handshake that worked with the offer that the server refuses here; undefined if there is none. */
function acceptedAlike(connection: Connection, { serverHistory }: Context): AcceptedConnection | undefined {
  const { clientHello } = connection;
  if (clientHello === null || helloRejection(connection) === undefined) return undefined;
  return [...serverHistory.acceptedBy(connection).programs.values()].find(
    (one) => one.clientHello !== null && isSameOffer(clientHello, one.clientHello),
  );
}

function explanationFor(connection: Connection, alert: Alert, left: readonly Phrase[], isAcceptedElsewhere: boolean) {
  if (alert.encrypted) return alert.inferred ? 'inferred' : 'hidden';
  if (connection.messages.length === 0 && plaintextBefore(connection, alert) !== undefined) return 'plaintext';
  if (left.length > 0) return 'candidates';
  return isAcceptedElsewhere ? 'acceptedAlike' : 'explanation';
}

export const handshakeRejected = defineRule({
  id: 'handshake-rejected',
  title: 'Handshake rejected',
  description: 'A peer refuses the handshake, and the wire does not say which of several reasons it is.',
  settledBy: 'The log of the side that sent the alert says why.',
  role: 'cause',
  isObservation: true,
  severity: 'error',
  sources: ['RFC 8446 §6.2', 'RFC 5246 §7.2.2'],
  messages: {
    explanations: {
      candidates:
        'The {from} {address} refused the handshake with alert {alert}. The alert does not say why. The capture leaves these causes, most probable first: {candidates}.',
      acceptedAlike:
        'The server refused the handshake with alert {alert}, although it accepted the same offer (server name, versions, cipher suites, groups, signature schemes) in another connection. Usually, several servers behind {connect} share an address, and one of them is configured otherwise; or the server changed in between.',
      explanation:
        'The {from} {address} ended the handshake with alert {alert}. Neither the alert nor anything else in the capture says why.',
      plaintext:
        'The {from} {address} ended the connection with alert {alert}. All that it had received from the {peer} was plaintext.',
      eap: 'The RADIUS server {address} answered the ClientHello with EAP-Failure, without an alert. EAP does not say why. The capture leaves these causes, most probable first: {candidates}.',
      hidden: 'The {from} {address} ended the handshake with an encrypted alert. Encryption hides which alert.',
      inferred:
        'The {from} {address} ended the handshake with an encrypted alert. The size of the record shows that it is an alert; encryption hides which one.',
    },
    evidence: {},
    remedies: {
      logs: 'Look at the log of the {from} {address} at that time: it knows the reason.',
      each: 'Ask each of the servers behind {connect} by its own address, and compare their versions, cipher suites and certificates.',
      compare:
        'Compare with a client that gets through: capture one, or try with and without the server name, and with other versions and suites.',
    },
    commands: {
      eap: {
        run: 'eapol_test -c SUPPLICANT.conf -a {host} -p {port} -s SECRET',
        does: 'logs on as a supplicant would, step by step',
        where: 'radius-client',
      },
      messages: {
        run: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
        does: 'shows the handshake, message by message',
        where: 'from-client',
      },
      confirm: {
        run: 'openssl s_client -connect {connect} {offer} </dev/null; openssl s_client -connect {connect} {sni} </dev/null; openssl s_client -connect {connect} {otherwise} </dev/null',
        does: "shows whether the server refuses what the client offers, as far as OpenSSL has it, and the difference that OpenSSL's own offer and the server name make",
        where: 'from-client',
      },
    },
  },
  applies: (connection) =>
    connection.outcome === 'failed' && (endingAlert(connection) ?? eapRefusal(connection)) !== undefined,
  judge(connection, context) {
    const alert = endingAlert(connection);
    const candidates = helloCandidates(connection, context);
    if (alert === undefined) {
      const failure = eapRefusal(connection);
      if (failure === undefined) return undefined;
      const data = {
        ...eapData(connection),
        from: party('server'),
        address: connectTo(connection),
        candidates: listOf(
          candidates.map(({ reason }) => reason),
          'ranked',
        ),
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
    const left = candidates.map(({ reason }) => reason);
    const data = {
      from: party(alert.from),
      address: connection[alert.from].address,
      peer: party(alert.from === 'client' ? 'server' : 'client'),
      alert: alertText(alert),
      candidates: listOf(left, 'ranked'),
      connect: connectTo(connection),
      offer: offerOptions(connection, 'suites', 'groups', 'schemes'),
      sni: sniOption(connection),
      otherwise: (connection.clientHello?.serverName ?? null) === null ? ['-servername', 'NAME'] : ['-noservername'],
    };
    const alike = acceptedAlike(connection, context);
    const explanation = explanationFor(connection, alert, left, alike !== undefined);
    const isByOne = explanation === 'acceptedAlike';
    return {
      // The refusal itself is visible. If one cause stands out, or the alert has a meaning of its own, its rule says more.
      support:
        left.length > 1 && likeliestOf(candidates) === undefined && alert.name !== 'access_denied'
          ? 'supported'
          : 'open',
      // The alert only says that it ended: any more specific rule is right.
      basis: 'ending',
      explanation: { id: explanation, data },
      evidence: [
        ...clientHelloEvidence(connection),
        ...serverHelloEvidence(connection),
        ...alertEvidence(alert),
        ...(isByOne && alike !== undefined ? otherConnectionEvidence(alike, phrase('theSameOffer')) : []),
      ],
      remedies:
        left.length === 0
          ? [
              ...(isByOne ? [{ who: 'server', id: 'each', data } as const] : []),
              { who: alert.from, id: 'logs', command: 'messages', data },
            ]
          : [
              { who: alert.from, id: 'logs', data },
              { who: 'client', id: 'compare', command: 'confirm', data },
            ],
    };
  },
});
