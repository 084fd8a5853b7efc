import { alertEvidence, evidence, EVIDENCE_MESSAGES } from '../evidence/citations.js';
import { alertText, answeredMessage, fatalAlert, placesOf, sidesOf } from '../evidence/facts.js';
import type { Rule } from '../rule.js';

/** What each alert complains of (RFC 8446 §6.2, RFC 5246 §7.2.2), by number. */
const COMPLAINTS: ReadonlyMap<number, string> = new Map([
  [10, 'a message that it did not expect at that point'],
  [22, 'a record longer than allowed'],
  [30, 'data that it could not decompress'],
  [47, 'a field with a value that is not allowed, or that contradicts another one'],
  [50, 'a message that it could not decode: a length or a field that is out of range'],
  [109, 'an extension that is missing'],
  [110, 'an extension that it had not asked for'],
]);

export const protocolViolation: Rule = {
  id: 'protocol-violation',
  title: 'Peer breaks the rules of the protocol',
  description: 'A peer received a message that TLS does not allow, or that it took for such, and gave up.',
  role: 'cause',
  severity: 'error',
  basis: 'alert',
  sources: ['RFC 8446 §6.2', 'RFC 5246 §7.2.2'],
  messages: {
    ...EVIDENCE_MESSAGES,
    seenMessage: '{type} ({length} bytes)',
    explanation:
      'The {from} {address} gave up with alert {alert}: it complains of {complaint}. The last that it had received is the {type} of the {peer}. Either the {peer} is at fault, or the {from}, or a device on the way altered it.',
    nothing:
      'The {from} {address} gave up with alert {alert}: it complains of {complaint}. The capture does not show what it had received.',
    upgrade:
      'Upgrade the TLS library of the {peer} {peerAddress}; if it sends something unusual on purpose (an experimental extension, a fragmented record), switch that off and try again.',
    tolerate:
      'If other programs complain of nothing, upgrade the TLS library of the {from} {address}: older ones do not tolerate what newer ones send (large messages, new extensions).',
    path: 'If both are up to date, look for an inspection device between {client} and {connect}: capture on both sides of it and compare the messages.',
    confirm: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
  },
  applies: (connection) => connection.outcome === 'failed' && COMPLAINTS.has(fatalAlert(connection)?.code ?? -1),
  judge(connection) {
    const alert = fatalAlert(connection);
    if (alert === undefined) return undefined;
    const sides = sidesOf(connection, alert);
    const message = answeredMessage(connection, alert);
    const data = {
      ...placesOf(connection),
      ...sides,
      alert: alertText(alert),
      complaint: COMPLAINTS.get(alert.code ?? -1) ?? '',
      type: message?.type ?? '',
    };
    return {
      // What it complains of may be no TLS at all.
      certainty: message === undefined ? 'possible' : 'certain',
      messageId: message === undefined ? 'nothing' : 'explanation',
      data,
      evidence: [
        ...(message === undefined
          ? []
          : [evidence(message, 'seenMessage', { type: message.type, length: message.length })]),
        ...alertEvidence(alert),
      ],
      remedies: [
        { who: sides.peer, messageId: 'upgrade', commandId: 'confirm', data },
        { who: sides.from, messageId: 'tolerate', data },
        { who: 'network', messageId: 'path', data },
      ],
    };
  },
};
