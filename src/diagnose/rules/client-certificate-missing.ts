import type { Connection, HandshakeMessage } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { certificateMessage } from '../../connection/certificate-message.js';
import {
  alertEvidence,
  certificateEvidence,
  certificateRequestEvidence,
  evidence,
  otherConnectionEvidence,
} from '../evidence/citations.js';
import { phrase } from '../phrases.js';
import { alertText, fatalAlert } from '../evidence/alerts.js';
import { isDoubtful } from '../evidence/gaps.js';
import { encryptsHandshake } from '../evidence/offers.js';
import { connectTo, sniOption } from '../evidence/places.js';
import {
  encryptedDataRecords,
  encryptedEmptyCertificate,
  hasSentEmptyCertificate,
  protectionOf,
} from '../evidence/progress.js';
import { howRefused, refusalByServer, type Refusal } from '../evidence/refusals.js';
import { refusedInRenegotiation, type RefusedAnswer } from '../evidence/renegotiation.js';
import { encryptedCloseByServer } from '../evidence/encrypted-closes.js';
import { someOf } from '../../message.js';
import { canBeAlert, canBePaddedAlert, canHoldCertificate } from '../../tls/record/sizes.js';
import { defineRule } from '../rule.js';

/** Alerts about what cannot be decrypted or verified, and not about a missing certificate. */
const KEYS_DIFFER: ReadonlySet<string> = new Set(['bad_record_mac', 'decryption_failed', 'decrypt_error']);
/** Alerts about a message, which may be any of the client's flight. GnuTLS sends decode_error for the empty list. */
const OF_FORM: ReadonlySet<string> = new Set(['unexpected_message', 'record_overflow', 'illegal_parameter']);

/** A Certificate message without a certificate: the length of its list, and that of an empty context (TLS 1.3). */
const EMPTY_LENGTH = 4;

export const clientCertificateMissing = defineRule({
  id: 'client-certificate-missing',
  title: 'Client sends no certificate',
  description: 'The server demands a client certificate (two-way TLS), and the client has none to send.',
  settledBy:
    'The server\'s log (OpenSSL: "peer did not return a certificate"), and the client\'s configuration of its key and certificate.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §4.4.2', 'RFC 8446 §6.2', 'RFC 5246 §7.4.6'],
  messages: {
    explanations: {
      explanation:
        'The server asked for a client certificate; the client {client} sent none, and the server ended the handshake {how}.',
      wanted:
        'The server asked for a client certificate; the client {client} sent none, and the server ended the handshake {how}. It accepts certificates issued by: {wanted}.',
      inferred:
        'The server ended the handshake with an encrypted alert right after the client {client} answered with an empty Certificate message (by its size): the server demands a client certificate.',
      closed:
        'The server closed the connection silently, right after the client {client} completed the handshake with an empty Certificate message (by its size): the server demands a client certificate.',
      closedOnEmpty:
        'The server asked for a client certificate; the client {client} sent none. Right after the client completed the handshake, the server closed the connection silently: it demands a client certificate.',
      closedUnclear:
        'The server asked for a client certificate, as far as messages or their sizes show; the client {client} sent none. As soon as the handshake was complete, the server closed the connection silently. Servers that check after the handshake whether there is a certificate do so (MongoDB); so does a proxy whose back end is down.',
      eapFailure:
        'The RADIUS server answered with EAP-Failure, without an alert, right after the client {client} completed the handshake with an empty Certificate message (by its size): the server demands a client certificate.',
      hiddenClose:
        "The client {client} completed the handshake, and the server closed the connection in a packet that QUIC encrypts: both fell silent at once. By its size the client's flight holds no certificate: if the server asked for one, that is what it lacks.",
      unseen:
        "The server rejected the client's certificate {how}. The capture lacks the client's answer. Some servers say the same when a client sends no certificate.",
      unseenFlight:
        'The server asked for a certificate, and ended the handshake with alert {alert}. The capture lacks what the client {client} answered: a server that demands a certificate says this where the client sends none.',
      behindHandshake:
        'The server asked for a certificate after the handshake, as servers do that want one for some paths only (post-handshake authentication). By the sizes of its records {client} answered with an empty Certificate message, and the server ended the connection with an encrypted alert: it demands a client certificate there.',
      renegotiated:
        'After the handshake the server began another one (renegotiation), as servers do that want a client certificate for some paths only. The client {client} answered with an empty Certificate message (by its size), and the server ended it with an encrypted alert: it demands a client certificate.',
      said: 'The server demands a client certificate and the client {client} sent none: alert certificate_required (116).',
    },
    evidence: {
      seenFlight: 'encrypted packet of {length} bytes, too short to hold a certificate',
      seenHiddenEmpty: 'encrypted record of {length} bytes, the size of a Certificate message without a certificate',
    },
    remedies: {
      configure:
        'Configure a client certificate and its key on {client} for {connect}. If it has one, it does not fit what the server asks for (issuer, key type), or is not used for this name.',
      optional: 'Or make the client certificate optional at {connect}, if that is meant.',
    },
    commands: {
      confirm: {
        run: 'sleep 2 | openssl s_client -connect {connect} {sni}; sleep 2 | openssl s_client -connect {connect} {sni} -cert client.pem -key client.key',
        does: 'shows what the server says without a client certificate, and whether it accepts this one; over TLS 1.3 it says so only after the handshake, so the command waits',
        where: 'client',
      },
    },
    exclusions: {
      onControl:
        'The same server accepted the same client without a certificate on the FTP control connection ({control}) that this data connection belongs to.',
      othersWithout: 'The server served another client ({client}) that sent no certificate when it was asked for one.',
    },
  },
  applies: (connection) =>
    (connection.outcome === 'failed' || connection.outcome === 'established') &&
    (connection.serverHello !== null || certificateMessage(connection, 'client') !== undefined),
  judge(connection, context) {
    const again = refusedInRenegotiation(connection);
    if (again?.isEmpty === true) return judgeRenegotiation(connection, again);
    const refusal = refusalByServer(connection);
    if (refusal === undefined) return judgeUnseenFlight(connection);
    const control = context.serverHistory.ftpControlOf(connection);
    if (control !== undefined && hasSentEmptyCertificate(control)) return excludeByControl(control);
    const sent = certificateMessage(connection, 'client');
    if (sent !== undefined && (connection.clientCertificates.length > 0 || !isReadable(sent))) return undefined;
    if (sent !== undefined && refusal.how !== 'after-handshake') return judgeVisibleAnswer(connection, refusal);
    return (
      judgeRequiredAlert(connection, refusal) ??
      judgeUnseenAnswer(connection, refusal) ??
      judgeQuicClose(connection, refusal) ??
      judgeHiddenAnswer(connection, context, refusal)
    );
  },
});

/**
 * Whether a message would show certificates if it had some. The content of a certificate compressed in an unknown way is unknown,
 * and of one behind a gap only the length.
 */
const isReadable = ({ type, isBehindGap, length }: HandshakeMessage): boolean =>
  type === 'certificate' && (!isBehindGap || length <= EMPTY_LENGTH);

/** The server had accepted the client without a certificate on the FTP control connection. */
function excludeByControl(control: Connection) {
  return {
    support: 'excluded',
    because: { id: 'onControl', data: { control: connectTo(control) } },
    evidence: otherConnectionEvidence(control, phrase('noClientCertificate')),
  } as const;
}

/** The client's empty Certificate message is in plaintext or decrypted, and the server refuses the handshake. */
function judgeVisibleAnswer(connection: Connection, refusal: Refusal) {
  if (connection.outcome !== 'failed' || KEYS_DIFFER.has(refusal.alert ?? '')) return undefined;
  const isOfForm = OF_FORM.has(refusal.alert ?? '');
  const authorities = connection.certificateRequest?.certificateAuthorities ?? [];
  const data = dataOf(connection, refusal);
  return {
    support: isOfForm ? 'open' : refusal.how === 'alert' ? 'confirmed' : 'supported',
    basis: 'fact',
    explanation: { id: authorities.length === 0 ? 'explanation' : 'wanted', data },
    evidence: [
      ...certificateRequestEvidence(connection),
      ...certificateEvidence(connection, 'client', undefined),
      ...refusal.evidence,
    ],
    remedies: remediesOf(data),
  } as const;
}

/** The server says that it requires a certificate. */
function judgeRequiredAlert(connection: Connection, refusal: Refusal) {
  if (refusal.alert !== 'certificate_required') return undefined;
  const data = dataOf(connection, refusal);
  return {
    support: 'confirmed',
    basis: 'fact',
    explanation: { id: 'said', data },
    evidence: [...emptyAnswerEvidence(connection), ...refusal.evidence],
    remedies: remediesOf(data),
  } as const;
}

/** The server complains about the client's certificate, and the capture may lack the client's answer. */
function judgeUnseenAnswer(connection: Connection, refusal: Refusal) {
  const isComplaint = refusal.how === 'alert' && refusal.isExplicit;
  const isSeen = certificateMessage(connection, 'client') !== undefined;
  if (!isComplaint || isSeen || !isDoubtful(connection)) return undefined;
  const data = dataOf(connection, refusal);
  return {
    support: 'open',
    basis: 'alert',
    explanation: { id: 'unseen', data },
    evidence: [...certificateRequestEvidence(connection), ...refusal.evidence],
    remedies: remediesOf(data),
  } as const;
}

/**
 * The server asked for a certificate, and refuses without a reason what the capture lacks: all that the client sent after its
 * ClientHello.
 */
function judgeUnseenFlight(connection: Connection) {
  const alert = fatalAlert(connection, 'server');
  const hasGoneOn = connection.messages.some(({ from, type }) => from === 'client' && type !== 'client_hello');
  if (alert?.name !== 'handshake_failure' || connection.certificateRequest === null || hasGoneOn) return undefined;
  if (!isDoubtful(connection)) return undefined;
  const data = { ...addressesOf(connection), alert: alertText(alert) };
  return {
    support: 'open',
    basis: 'alert',
    explanation: { id: 'unseenFlight', data },
    evidence: [...certificateRequestEvidence(connection), ...alertEvidence(alert)],
    remedies: remediesOf(data),
  } as const;
}

/** The server closes in a packet that QUIC encrypts, after a flight of the client too short for a certificate. */
function judgeQuicClose(connection: Connection, refusal: Refusal) {
  const flight = refusal.how === 'encrypted-close' ? encryptedCloseByServer(connection)?.flight : undefined;
  if (flight === undefined || canHoldCertificate(flight.length)) return undefined;
  const data = dataOf(connection, refusal);
  return {
    // QUIC hides whether the server asked.
    support: 'open',
    basis: 'fact',
    explanation: { id: 'hiddenClose', data },
    evidence: [evidence(flight, 'seenFlight', { length: flight.length }), ...refusal.evidence],
    remedies: remediesOf(data),
  } as const;
}

/**
 * The server ends the connection with an encrypted alert, or silently after the handshake, and the client's Certificate
 * message is empty, by its size at least.
 */
function judgeHiddenAnswer(connection: Connection, context: Context, refusal: Refusal) {
  const empty = emptyAnswerEvidence(connection);
  const isSilent = refusal.how === 'after-handshake';
  if ((refusal.how !== 'encrypted-alert' && !isSilent) || empty.length === 0) return undefined;
  const served = context.serverHistory.acceptedBy(connection).withoutClientCertificate;
  // Another name may have other rules.
  if (served !== null && served.clientHello?.serverName === connection.clientHello?.serverName) {
    return {
      support: 'excluded',
      because: { id: 'othersWithout', data: { client: served.client.address } },
      evidence: otherConnectionEvidence(served, phrase('noClientCertificate')),
    } as const;
  }
  const isReset = isSilent && connection.ending.how === 'reset';
  const isVisible = certificateMessage(connection, 'client') !== undefined;
  const silentEnd = refusal.isEapFailure ? 'eapFailure' : isVisible ? 'closedOnEmpty' : 'closed';
  // Before TLS 1.3, a server that wants a certificate may say so before it completes the handshake.
  const isLate = isSilent && !encryptsHandshake(connection.serverHello?.version) && !refusal.isEapFailure;
  const data = dataOf(connection, refusal);
  // A server that wants a certificate sends an alert, or closes: a reset may come from elsewhere, or from data that
  // it did not read. Sizes of records only describe complete flights.
  const isOpen = isReset || isLate || isDoubtful(connection) || hasSentTickets(connection);
  const isUnclear = isOpen && refusal.mayBeNormalClose;
  return {
    support: isOpen ? 'open' : 'supported',
    basis: 'fact',
    explanation: { id: isSilent ? (isUnclear ? 'closedUnclear' : silentEnd) : 'inferred', data },
    evidence: [...empty, ...refusal.evidence],
    remedies: remediesOf(data),
  } as const;
}

/** The client's Certificate message without a certificate, if it is visible, or inferred from its size. */
function emptyAnswerEvidence(connection: Connection) {
  if (certificateMessage(connection, 'client') !== undefined)
    return [...certificateRequestEvidence(connection), ...certificateEvidence(connection, 'client', undefined)];
  const record = encryptedEmptyCertificate(connection);
  return record === undefined ? [] : [evidence(record, 'seenHiddenEmpty', { length: record.length })];
}

/**
 * Whether a TLS 1.3 server sent possible tickets after the client's flight. Then it probably accepted the flight
 * without a certificate, and closed for another reason: vsftpd does so with a data connection that does not resume a
 * session.
 */
function hasSentTickets(connection: Connection): boolean {
  const flight = encryptedEmptyCertificate(connection);
  if (flight === undefined) return false;
  const protection = protectionOf(connection);
  return encryptedDataRecords(connection, 'server').some(
    ({ frame, length }) =>
      frame > flight.frame && !canBeAlert(protection, length) && !canBePaddedAlert(protection, length),
  );
}

/** The server refuses an empty Certificate message in a handshake after the first. */
function judgeRenegotiation(connection: Connection, { by, certificate, evidence: ending }: RefusedAnswer) {
  const data = addressesOf(connection);
  return {
    support: isDoubtful(connection) ? 'open' : 'supported',
    basis: 'fact',
    explanation: { id: by === 'renegotiation' ? 'renegotiated' : 'behindHandshake', data },
    evidence: [...ending, evidence(certificate, 'seenHiddenEmpty', { length: certificate.length })],
    remedies: remediesOf(data),
  } as const;
}

const addressesOf = (connection: Connection) => ({
  client: connection.client.address,
  connect: connectTo(connection),
  sni: sniOption(connection),
});

const dataOf = (connection: Connection, refusal: Refusal) => ({
  ...addressesOf(connection),
  how: howRefused(refusal),
  wanted: someOf(connection.certificateRequest?.certificateAuthorities ?? [], 'names'),
});

const remediesOf = (data: ReturnType<typeof addressesOf>) =>
  [
    { who: 'client', id: 'configure', command: 'confirm', data },
    { who: 'server', id: 'optional', data },
  ] as const;
