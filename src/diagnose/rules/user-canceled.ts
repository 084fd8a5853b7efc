import { millisecondsBetween } from '../../capture/timestamp.js';
import { alertEvidence, clientHelloEvidence } from '../evidence/citations.js';
import { duration } from '../../message.js';
import { fatalAlert, alertsBeforePeerClosed, sidesOf } from '../evidence/alerts.js';
import { hasServerAnswered } from '../evidence/progress.js';
import { placesOf } from '../evidence/places.js';
import { waited } from '../evidence/endings.js';
import { defineRule } from '../rule.js';

/** A client that waited longer than this, in milliseconds, for a first answer ran into a time limit. */
const PATIENCE_MS = 1000;

export const userCanceled = defineRule({
  id: 'user-canceled',
  title: 'Handshake cancelled on purpose',
  description: 'A peer ends the handshake for a reason that has nothing to do with TLS: a user, or a time limit.',
  settledBy: 'The log of the side that gave up says whether a user or a time limit ended it.',
  role: 'cause',
  severity: 'warning',
  sources: ['RFC 8446 §6.1', 'RFC 5246 §7.2.2'],
  messages: {
    explanations: {
      explanation:
        'The {from} {address} cancelled the handshake {waited} after the ClientHello: alert user_canceled (90). The reason lies outside TLS: a user closed the program, a request was given up, a time limit was reached. Java sends this alert whenever a program closes a socket in the middle of the handshake.',
      unseen:
        'The {from} {address} cancelled the handshake: alert user_canceled (90). The reason lies outside TLS: a user closed the program, a request was given up, a time limit was reached.',
    },
    evidence: {},
    remedies: {
      logs: 'Look at the log of the {from} {address} at that time. If a time limit was reached, look for what makes the handshake slow.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
        does: 'shows the handshake, message by message',
        where: 'from-client',
      },
    },
  },
  applies: (connection) => connection.outcome === 'failed',
  judge(connection) {
    const alert = alertsBeforePeerClosed(connection).find(({ name }) => name === 'user_canceled');
    if (alert === undefined || (fatalAlert(connection) ?? alert) !== alert) return undefined;
    const { from } = alert;
    const { clientHello } = connection;
    // Java sends it when its time is up: then the fault is the server's silence.
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
      support: 'confirmed',
      basis: 'alert',
      explanation: { id: clientHello === null ? 'unseen' : 'explanation', data },
      evidence: [...clientHelloEvidence(connection), ...alertEvidence(alert)],
      remedies: [{ who: from, id: 'logs', command: 'confirm', data }],
    };
  },
});
