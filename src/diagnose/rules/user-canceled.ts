import { millisecondsBetween } from '../../capture/timestamp.js';
import { alertEvidence, clientHelloEvidence, EVIDENCE_MESSAGES } from '../evidence/citations.js';
import { duration, fatalAlert, hasServerAnswered, meantAlerts, placesOf, sidesOf, waited } from '../evidence/facts.js';
import type { Rule } from '../rule.js';

/** A client that waited longer than this, in milliseconds, for a first answer ran into a time limit. */
const PATIENCE_MS = 1000;

export const userCanceled: Rule = {
  id: 'user-canceled',
  title: 'Handshake cancelled on purpose',
  description: 'A peer ends the handshake for a reason that has nothing to do with TLS: a user, or a time limit.',
  role: 'cause',
  severity: 'warning',
  basis: 'alert',
  sources: ['RFC 8446 §6.1', 'RFC 5246 §7.2.2'],
  messages: {
    ...EVIDENCE_MESSAGES,
    explanation:
      'The {from} {address} cancelled the handshake {waited} after the ClientHello: alert user_canceled (90). The reason lies outside TLS: a user closed the program, a request was given up, a time limit was reached. Java says so whenever a program closes a socket in the middle of the handshake.',
    unseen:
      'The {from} {address} cancelled the handshake: alert user_canceled (90). The reason lies outside TLS: a user closed the program, a request was given up, a time limit was reached.',
    logs: 'Look at the log of the {from} {address} at that time. If a time limit was reached, look for what makes the handshake slow.',
    confirm: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
  },
  applies: (connection) => connection.outcome === 'failed',
  judge(connection) {
    const alert = meantAlerts(connection).find(({ name }) => name === 'user_canceled');
    if (alert === undefined || (fatalAlert(connection) ?? alert) !== alert) return undefined;
    const { from } = alert;
    const { clientHello } = connection;
    // Java says so when its time is up: that the server was silent is what went wrong.
    if (
      from === 'client' &&
      clientHello !== null &&
      !hasServerAnswered(connection) &&
      waited(connection) >= PATIENCE_MS
    ) {
      return undefined;
    }
    const data = {
      ...placesOf(connection),
      ...sidesOf(connection, alert),
      waited: duration(millisecondsBetween(clientHello?.at ?? alert.at, alert.at)),
    };
    return {
      certainty: 'certain',
      messageId: clientHello === null ? 'unseen' : 'explanation',
      data,
      evidence: [...clientHelloEvidence(connection), ...alertEvidence(alert)],
      remedies: [{ who: from, messageId: 'logs', commandId: 'confirm', data }],
    };
  },
};
