import { type PhraseId, phrase } from '../phrases.js';
import { alertEvidence, evidence } from '../evidence/citations.js';
import { alertText, answeredMessage, fatalAlert, sidesOf } from '../evidence/alerts.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

type Complaint = Extract<
  PhraseId,
  | 'unexpectedMessage'
  | 'recordTooLong'
  | 'notDecompressed'
  | 'illegalValue'
  | 'notDecoded'
  | 'missingExtension'
  | 'unsolicitedExtension'
>;

/** What each alert complains of (RFC 8446 §6.2, RFC 5246 §7.2.2), by number. */
const COMPLAINTS: ReadonlyMap<number, Complaint> = new Map([
  [10, 'unexpectedMessage'],
  [22, 'recordTooLong'],
  [30, 'notDecompressed'],
  [47, 'illegalValue'],
  [50, 'notDecoded'],
  [109, 'missingExtension'],
  [110, 'unsolicitedExtension'],
]);

export const protocolViolation = defineRule({
  id: 'protocol-violation',
  title: 'Peer breaks the rules of the protocol',
  description: 'A peer received a message that TLS does not allow, or that it took for such, and gave up.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §6.2', 'RFC 5246 §7.2.2'],
  messages: {
    explanations: {
      explanation:
        'The {from} {address} gave up with alert {alert}: it complains of {complaint}. The last that it had received is the {type} of the {peer}. Either the {peer} is at fault, or the {from}, or a device on the way altered it.',
      nothing:
        'The {from} {address} gave up with alert {alert}: it complains of {complaint}. The capture does not show what it had received.',
    },
    evidence: {
      seenMessage: '{type} ({length} bytes)',
    },
    remedies: {
      upgrade:
        'Upgrade the TLS library of the {peer} {peerAddress}; if it sends something unusual on purpose (an experimental extension, a fragmented record), switch that off and try again.',
      tolerate:
        'If other programs complain of nothing, upgrade the TLS library of the {from} {address}: older ones do not tolerate what newer ones send (large messages, new extensions).',
      path: 'If both are up to date, look for an inspection device between {client} and {connect}: capture on both sides of it and compare the messages.',
    },
    commands: {
      confirm: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
    },
  },
  applies: (connection) => connection.outcome === 'failed' && COMPLAINTS.has(fatalAlert(connection)?.code ?? -1),
  judge(connection) {
    const alert = fatalAlert(connection);
    const complaint = COMPLAINTS.get(alert?.code ?? -1);
    if (alert === undefined || complaint === undefined) return undefined;
    const sides = sidesOf(connection, alert);
    const message = answeredMessage(connection, alert);
    const data = {
      ...placesOf(connection),
      ...sides,
      alert: alertText(alert),
      complaint: phrase(complaint),
      type: message?.type ?? '',
    };
    return {
      // What it complains of may be no TLS at all.
      support: message === undefined ? 'open' : 'confirmed',
      basis: 'alert',
      explanation: { id: message === undefined ? 'nothing' : 'explanation', data },
      evidence: [
        ...(message === undefined
          ? []
          : [evidence(message, 'seenMessage', { type: message.type, length: message.length })]),
        ...alertEvidence(alert),
      ],
      remedies: [
        { who: sides.peer.party, id: 'upgrade', command: 'confirm', data },
        { who: sides.from.party, id: 'tolerate', data },
        { who: 'network', id: 'path', data },
      ],
    };
  },
});
