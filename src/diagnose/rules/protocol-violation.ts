import { millisecondsBetween } from '../../capture/timestamp.js';
import { type PhraseId, phrase } from '../phrases.js';
import type { Alert, Connection } from '../../connection/connection.js';
import type { Phrase } from '../../message.js';
import type { Violation } from '../../tls/conformance.js';
import {
  alertEvidence,
  clientHelloEvidence,
  closeEvidence,
  connectionCloseEvidence,
  evidence,
} from '../evidence/citations.js';
import { alertText, answeredMessage, encryptedAlert, fatalAlert, sidesOf } from '../evidence/alerts.js';
import { messageName, messagePhrase, messageValue } from '../evidence/messages.js';
import { closeText, refusingClose } from '../evidence/quic.js';
import { placesOf } from '../evidence/places.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { plaintextBefore } from '../evidence/plaintext.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

type Complaint = Extract<
  PhraseId,
  | 'unexpectedMessage'
  | 'recordTooLong'
  | 'notDecompressed'
  | 'illegalValue'
  | 'notDecoded'
  | 'missingExtension'
  | 'unsolicitedExtension'
  | 'nothingToAgreeOn'
  | 'unknownRecordVersion'
>;

type QuicComplaint = Extract<
  PhraseId,
  | 'quicFlowControl'
  | 'quicStreams'
  | 'quicFrame'
  | 'quicTransportParameter'
  | 'quicConnectionIds'
  | 'quicProtocol'
  | 'quicCryptoBuffer'
  | 'quicKeyUpdate'
  | 'quicVersionInformation'
>;

/** What each alert is about (RFC 8446 §6.2, RFC 5246 §7.2.2), by number. */
const COMPLAINTS: ReadonlyMap<number, Complaint> = new Map([
  [10, 'unexpectedMessage'],
  [22, 'recordTooLong'],
  [30, 'notDecompressed'],
  [47, 'illegalValue'],
  [50, 'notDecoded'],
  [109, 'missingExtension'],
  [110, 'unsolicitedExtension'],
]);

/** What alerts that belong to other rules are about, if the peer violated the protocol before. */
const COMPLAINTS_OF_VIOLATIONS: ReadonlyMap<number, Complaint> = new Map([
  [40, 'nothingToAgreeOn'],
  [70, 'unknownRecordVersion'],
  [80, 'unexpectedMessage'],
]);

/** The same for QUIC's own codes (RFC 9000 §20.1, RFC 9368 §9). */
const QUIC_COMPLAINTS: ReadonlyMap<number, QuicComplaint> = new Map([
  [0x03, 'quicFlowControl'],
  [0x04, 'quicStreams'],
  [0x05, 'quicStreams'],
  [0x06, 'quicStreams'],
  [0x07, 'quicFrame'],
  [0x08, 'quicTransportParameter'],
  [0x09, 'quicConnectionIds'],
  [0x0a, 'quicProtocol'],
  [0x0d, 'quicCryptoBuffer'],
  [0x0e, 'quicKeyUpdate'],
  [0x11, 'quicVersionInformation'],
]);

/**
 * The alerts that stand for a kind of violation; illegal_parameter may stand for any. Kinds that are not here have
 * rules of their own.
 */
const NAMED: Readonly<Partial<Record<Violation['kind'], readonly number[]>>> = {
  'trailing-bytes': [47, 50],
  'malformed-message': [47, 50],
  // Go notices a missing ServerKeyExchange only when it needs it: internal_error.
  'unexpected-message': [10, 47, 80],
  // The alert depends on the type, version or length that the bytes would have as a record.
  'not-a-record': [10, 22, 50, 70],
  // An extension is refused only by unsupported_extension: many clients ignore it.
  'not-offered': [10, 40, 47, 110],
  'record-too-long': [22, 47],
  'empty-record': [10, 47, 50],
  'alert-length': [47, 50],
  // RFC 8446 §4.1.4 asks for unexpected_message.
  'second-hello-retry-request': [10, 47],
  // Java fails on the missing key: internal_error.
  'missing-extension': [40, 47, 80, 109],
};

const ILLEGAL_PARAMETER = 47;

/** Whether an alert may be about a violation; an encrypted one may be about any. */
function isNamedBy(violation: Violation, { frame: at, encrypted, code }: Alert): boolean {
  const { kind, frame, from } = violation;
  // Servers that do not look for it may send other alerts for reasons of their own.
  if (kind === 'not-offered' && from === 'client') return frame <= at && code === ILLEGAL_PARAMETER;
  // A client that refuses a ServerHello has no keys yet.
  if (kind === 'not-offered' && (encrypted || (violation.what === 'extension') !== (code === 110))) return false;
  return frame <= at && (encrypted ? kind in NAMED : NAMED[kind]?.includes(code ?? -1) === true);
}

/** Milliseconds within which a client leaves that does not accept what it got. */
const AT_ONCE_MS = 1000;

/** The first violation by the server after which the client left without an alert, and without continuing. */
function violationLeftUpon({ violations, ending, messages, encryptedRecords }: Connection): Violation | undefined {
  const { at, frame } = ending;
  if (ending.by !== 'client' || ending.how === 'timeout' || at === null || frame === null) return undefined;
  const violation = violations.find((one) => one.from === 'server' && one.frame < frame);
  if (violation === undefined || millisecondsBetween(violation.at, at) > AT_ONCE_MS) return undefined;
  const isAnswer = (one: { readonly from: string; readonly frame: number }): boolean =>
    one.from === 'client' && one.frame > violation.frame;
  return messages.some(isAnswer) || encryptedRecords.some(isAnswer) ? undefined : violation;
}

/** The encrypted alert of a side that had received a violation of the protocol. */
function encryptedComplaint(connection: Connection): Alert | undefined {
  const { violations } = connection;
  if (violations.length === 0) return undefined;
  return SIDES.map((side) => encryptedAlert(connection, side)).find(
    (alert) => alert !== undefined && violations.some((one) => one.from !== alert.from && isNamedBy(one, alert)),
  );
}

const SIDES = ['server', 'client'] as const;

const UNOFFERED = {
  'cipher-suite': 'unofferedSuite',
  extension: 'unofferedExtension',
  'key-share': 'unofferedShare',
  'session-id': 'otherSessionId',
} as const;

function described(violation: Violation): Phrase {
  switch (violation.kind) {
    case 'trailing-bytes':
      return phrase('trailingBytes', { place: violation.extension ?? messageName(violation.message) });
    case 'malformed-message':
      return phrase('malformedMessage', { place: violation.extension ?? messageName(violation.message) });
    case 'unexpected-message':
      return phrase('outOfOrder', { place: messageName(violation.message) });
    case 'record-too-long':
      return phrase('tooLongRecord', { length: violation.length, limit: violation.limit });
    case 'empty-record':
      return phrase('emptyRecord');
    case 'not-a-record':
      return phrase('noRecord');
    case 'not-offered':
      return phrase(violation.from === 'client' ? 'foreignShare' : UNOFFERED[violation.what], {
        value: violation.value,
      });
    case 'missing-extension':
      return phrase('lacksExtension', { place: messageName(violation.message), extension: violation.extension });
    case 'alert-length':
      return phrase('alertOfLength', { length: violation.length });
    case 'second-hello-retry-request':
      return phrase('secondRetry');
    case 'downgrade-mark':
      return phrase('downgradeMark');
    case 'invalid-server-name':
      return phrase('noHostName');
    case 'message-too-long':
      return phrase('tooLongMessage', { place: messageName(violation.message) });
  }
}

const messages = defineMessages({
  explanations: {
    explanation:
      'The {from} {address} gave up with alert {alert}: it complains of {complaint}. The last message that it had received was {message}. Either the {peer} is at fault, or the {from}, or a device on the path altered the message.',
    named:
      'The {from} {address} gave up with alert {alert}: it complains of {complaint}. Before, the {peer} had sent {violation}, which the protocol does not allow. Either the {peer} is at fault, or a device on the path altered it.',
    left: 'The {from} {address} closed the connection at once, without an alert. Before, the {peer} had sent {violation}, which the protocol does not allow; some programs then leave without an alert (Go, Node.js).',
    hidden:
      'The {from} {address} gave up with an encrypted alert. Before, the {peer} had sent {violation}, which the protocol does not allow; probably the alert complains of that.',
    quic: 'The {from} {address} gave up with {code}: it complains of {complaint}. Either the {peer} is at fault, or the {from}, or a device on the path altered what was sent.',
    plaintext:
      'The {from} {address} gave up with alert {alert}: it complains of {complaint}. All that it had received from the {peer} was plaintext.',
    nothing:
      'The {from} {address} gave up with alert {alert}: it complains of {complaint}. The capture does not show what it had received.',
    nothingOrClosed:
      'The {from} {address} gave up with alert {alert}: it complains of {complaint}. It looks like OpenSSL (by its ClientHello), which says the same where the {peer} only closed the connection. The capture has nothing that the {peer} sent.',
  },
  evidence: {
    seenMessage: '{message} ({length} bytes)',
    seenViolation: 'against the protocol: {violation}',
  },
  remedies: {
    upgrade:
      'Upgrade the TLS library of the {peer} {peerAddress}; if it sends something unusual on purpose (an experimental extension, a fragmented record), switch that off and try again.',
    tolerate:
      'If other programs complain of nothing, upgrade the TLS library of the {from} {address}: older ones do not tolerate what newer ones send (large messages, new extensions).',
    path: 'If both are up to date, look for an inspection device between {client} and {connect}: capture on both sides of it and compare the messages.',
  },
  commands: {
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
      does: 'shows the handshake, message by message',
      where: 'from-client',
    },
  },
});

export const protocolViolation = defineRule({
  id: 'protocol-violation',
  title: 'Peer breaks the rules of the protocol',
  description: 'A peer received a message that TLS does not allow, or that it considered not allowed, and gave up.',
  settledBy: 'The log of the side that sent the alert says which message it rejected.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §6.2', 'RFC 5246 §7.2.2', 'RFC 9000 §20.1'],
  messages,
  applies: ({ outcome }) => outcome === 'failed',
  judge(connection) {
    const close = refusingClose(connection);
    const quicComplaint = QUIC_COMPLAINTS.get(close?.code ?? -1);
    if (close !== undefined && quicComplaint !== undefined && fatalAlert(connection) === undefined) {
      const sides = sidesOf(connection, close);
      const data = { ...placesOf(connection), ...sides, code: closeText(close), complaint: phrase(quicComplaint) };
      return {
        support: 'supported',
        basis: 'alert',
        explanation: { id: 'quic', data },
        evidence: [...clientHelloEvidence(connection), ...connectionCloseEvidence(close)],
        remedies: [
          { who: sides.peer.party, id: 'upgrade', command: 'confirm', data },
          { who: sides.from.party, id: 'tolerate', data },
        ],
      };
    }
    const alert = fatalAlert(connection) ?? encryptedComplaint(connection);
    if (alert === undefined) return judgeSilentLeave(connection);
    const sides = sidesOf(connection, alert);
    const message = answeredMessage(connection, alert);
    const violation = connection.violations.find((one) => one.from !== alert.from && isNamedBy(one, alert));
    const code = alert.code ?? -1;
    const complaint = COMPLAINTS.get(code) ?? (violation && COMPLAINTS_OF_VIOLATIONS.get(code));
    if (complaint === undefined && !alert.encrypted) return undefined;
    const data = {
      ...placesOf(connection),
      ...sides,
      alert: alertText(alert),
      complaint: complaint === undefined ? '' : phrase(complaint),
      message: message === undefined ? '' : messagePhrase(message, sides.peer),
      violation: violation === undefined ? '' : described(violation),
    };
    return {
      // Without a visible violation, the alert may mean anything, and its sender may be wrong.
      support: violation === undefined ? 'open' : alert.encrypted || code === 80 ? 'supported' : 'confirmed',
      basis: violation === undefined ? 'alert' : 'fact',
      explanation: {
        id: alert.encrypted
          ? 'hidden'
          : violation !== undefined
            ? 'named'
            : message !== undefined
              ? 'explanation'
              : plaintextBefore(connection, alert) !== undefined
                ? 'plaintext'
                : mayBeAboutEnd(connection, alert)
                  ? 'nothingOrClosed'
                  : 'nothing',
        data,
      },
      evidence: [
        ...(violation === undefined ? [] : [evidence(violation, 'seenViolation', { violation: described(violation) })]),
        ...(message === undefined || violation !== undefined
          ? []
          : [evidence(message, 'seenMessage', { message: messageValue(message), length: message.length })]),
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

/** Whether OpenSSL may say that the server closed the connection, of which the capture has nothing. */
const mayBeAboutEnd = ({ clientHello, transport }: Connection, { from, name }: Alert): boolean =>
  from === 'client' &&
  name === 'decode_error' &&
  transport.server.bytes === 0 &&
  clientHello !== null &&
  libraryOf(clientHello) === 'OpenSSL';

function judgeSilentLeave(connection: Connection): VerdictOf<typeof messages> | undefined {
  const violation = violationLeftUpon(connection);
  if (violation === undefined) return undefined;
  const sides = sidesOf(connection, { frame: violation.frame, at: violation.at, from: 'client' });
  const data = { ...placesOf(connection), ...sides, violation: described(violation) };
  // It may have refused a certificate that came with it; nothing can be encrypted before the ServerHello.
  const { serverHello, serverCertificates, encryptedRecords } = connection;
  const hasCertificate = serverCertificates.length > 0 || (serverHello !== null && encryptedRecords.length > 0);
  return {
    support: hasCertificate ? 'open' : 'supported',
    basis: 'fact',
    explanation: { id: 'left', data },
    evidence: [evidence(violation, 'seenViolation', { violation: described(violation) }), ...closeEvidence(connection)],
    remedies: [{ who: sides.peer.party, id: 'upgrade', command: 'confirm', data }],
  };
}
