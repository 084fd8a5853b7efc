import { certificateMessage } from '../../connection/certificate-message.js';
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
import type {
  Alert,
  ClientHello,
  Connection,
  EncryptedRecord,
  HandshakeMessage,
  ServerHello,
  Sighting,
} from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import { isAboutLateRequest, roundTrip } from '../../connection/late-request.js';
import type { Fault } from '../../knowledge/stacks/faults.js';
import { libraryOf, type Library } from '../../knowledge/stacks/recognise.js';
import { isPhp } from '../../knowledge/stacks/openssl.js';
import { responses } from '../../knowledge/stacks/responses.js';
import { innermost, isOpenVpn } from '../../preamble/preamble.js';
import { memoizeLast } from '../../memoize.js';
import type { Phrase } from '../../message.js';
import { saysProtocol } from '../../preamble/preamble.js';
import { allowsClientAuth } from '../../x509/purpose.js';
import { phrase } from '../phrases.js';
import { alertsBeforePeerClosed, alertText, encryptedAlert, fatalAlert, helloRejection } from './alerts.js';
import { alertEvidence, certificateEvidence, closeEvidence, evidence, type Citation } from './citations.js';
import { isDoubtful } from './gaps.js';
import { encryptedCloseByClient, encryptedCloseByServer } from './encrypted-closes.js';
import { connectTo, sniOption } from './places.js';
import { encryptsHandshake } from './offers.js';
import {
  canBeAcknowledgement,
  canBeAlert,
  canBeClientFlight,
  canBeFinished,
  canHoldCertificate,
  lacksFinished,
} from '../../tls/record/sizes.js';
import {
  encryptedDataRecords,
  encryptedEmptyCertificate,
  hasSentEmptyCertificate,
  openedMessage,
  protectionOf,
} from './progress.js';
import { forgedReset } from './resets.js';

// How a side refused the other's certificate, and what that means.

/**
 * Milliseconds within which a side leaves during the handshake because of a certificate, with room for a slow check. Later, it has
 * reached a time limit, or stops.
 */
const LATE_MS = 2000;
/**
 * Milliseconds within which a server closes on the client's flight, or a client that verifies after the handshake
 * leaves at its end. A later end may be due to a missing request, or because a program or a person is done.
 */
const AT_ONCE_MS = 500;

/** Milliseconds within which a client that does not wait for the server's Finished has checked its certificate. */
const CHECKED_MS = 100;

/** Alerts that say that a certificate is not accepted, and those that stacks send instead. */
export const CERTIFICATE_ALERTS: ReadonlySet<string> = new Set([
  'bad_certificate',
  'unsupported_certificate',
  'certificate_revoked',
  'certificate_expired',
  'certificate_unknown',
  'unknown_ca',
  'bad_certificate_status_response',
]);

const GENERIC_ALERTS: ReadonlySet<string> = new Set([
  'handshake_failure',
  'access_denied',
  'internal_error',
  'close_notify',
]);

/** Alerts that certificates may also lead to: by their signatures, form, strength, or permitted use. */
const SOMETIMES: ReadonlySet<string> = new Set([
  'decrypt_error',
  'decode_error',
  'insufficient_security',
  'illegal_parameter',
  'unexpected_message',
]);

/** Alerts that name no particular fault of a certificate. */
const UNSPECIFIC: ReadonlySet<string> = new Set(['bad_certificate', 'certificate_unknown', ...GENERIC_ALERTS]);

/** Stacks that check the chain during the handshake, and report it by an alert. Programs may check the name later. */
const CHECKS_CHAINS_FIRST: ReadonlySet<Library> = new Set(['OpenSSL', 'JSSE', 'Go', 'rustls']);

/**
 * Stacks that check the chain and the name before they send their Finished, and refuse by an alert: a program that leaves after
 * that refuses nothing. Erlang's node, when it stops, closes without close_notify (OTP 25).
 */
const DECIDES_BEFORE: ReadonlySet<Library> = new Set(['Erlang']);

/** How a side refused the other's certificate. */
export interface Refusal {
  /**
   * `alert`: it said so, or reported an error after it got the certificate. `encrypted-alert`: by an encrypted alert.
   * `encrypted-close`: by an encrypted CONNECTION_CLOSE of QUIC. `close`: it left during the handshake.
   * `after-handshake`: it completed the handshake and left without an alert.
   */
  readonly how: 'alert' | 'encrypted-alert' | 'encrypted-close' | 'close' | 'after-handshake';
  /** The alert's name, null if none is visible. */
  readonly alert: string | null;
  readonly code: number | null;
  /** The alert is one about certificates. */
  readonly isExplicit: boolean;
  /**
   * The stack that wrote the ClientHello, if known, and the negotiated version: the meaning of its alerts depends on
   * both.
   */
  readonly library: Library | null;
  readonly version: string | null;
  /**
   * It completed the handshake and sent close_notify before it closed, as clients do that refuse nothing. Only with
   * `after-handshake`; false for NSS and for curl on GnuTLS, which refuse certificates in this way.
   */
  readonly isOrderlyClose: boolean;
  /**
   * Its library checks certificates during the handshake, or is unknown because the ClientHello is missing, so it may
   * have left for any other reason; only with `after-handshake`.
   */
  readonly hasAcceptedChain: boolean;
  /** Keys decrypted the server's flight, and it left after it as its stack does when it refuses; only with `close`. */
  readonly isHabit: boolean;
  /** It reset the connection; only with `close`. */
  readonly isReset: boolean;
  /** It ended with EAP-Failure, where there is no connection to close. */
  readonly isEapFailure: boolean;
  /**
   * A TLS 1.3 server ended the connection in a way that is normal after it has accepted the client: with one alert after its
   * tickets, or without tickets where it had to send none.
   */
  readonly mayBeNormalClose: boolean;
  readonly evidence: readonly Citation[];
}

/** For a refusal of which only its way is known. */
const NO_DETAILS = {
  alert: null,
  code: null,
  isExplicit: false,
  library: null,
  version: null,
  isOrderlyClose: false,
  hasAcceptedChain: false,
  isHabit: false,
  isReset: false,
  isEapFailure: false,
  mayBeNormalClose: false,
} as const;

/**
 * How the client refused the server's certificate, or undefined if it did not, as far as the capture shows. Clients
 * differ: most send an alert at once; curl checks the name after the handshake, and Node.js everything.
 */
export const refusalByClient = memoizeLast((connection: Connection): Refusal | undefined => {
  const { serverHello, serverCertificates, outcome, ending } = connection;
  const alert = fatalAlert(connection, 'client');
  if (alert !== undefined && alert.name !== null) return refusalByAlert(connection, alert, alert.name);
  if (serverHello === null || serverHello.resumed) return undefined;
  const closed = encryptedCloseByClient(connection);
  if (closed !== undefined) {
    return { ...NO_DETAILS, how: 'encrypted-close', evidence: [evidence(closed, 'seenHiddenClose')] };
  }
  const isEncrypted = isFlightEncrypted(connection);
  if (serverCertificates.length === 0 && !isEncrypted) return undefined;
  if (fatalAlert(connection, 'server') !== undefined) return undefined;
  const encrypted = isEncrypted || verifiesLate(connection) ? encryptedAlert(connection, 'client') : undefined;
  if (encrypted !== undefined && encryptedAlert(connection, 'server') === undefined) {
    return { ...NO_DETAILS, how: 'encrypted-alert', evidence: alertEvidence(encrypted) };
  }
  // A client that leaves after the server has given up refuses nothing.
  if (isEncrypted && encryptedAlert(connection, 'server') !== undefined) return undefined;
  const closeAlert = alertsBeforePeerClosed(connection).find(
    ({ from, encrypted, decrypted, name }) =>
      from === 'client' && (encrypted || decrypted === true || name === 'close_notify'),
  );
  if (ending.by !== 'client' && closeAlert === undefined) return undefined;
  // A forged reset is no refusal by the client.
  if (forgedReset(connection) !== null) return undefined;
  // It looks at the certificate, whatever that is, and leaves; if it is told to refuse, it says so by an alert.
  const { preamble } = connection;
  if (outcome !== 'failed' && preamble !== null && innermost(preamble).isByOpenssl === true) return undefined;
  return outcome === 'failed'
    ? refusalByLeaving(connection, serverHello, closeAlert)
    : refusalAfterHandshake(connection, closeAlert);
});

/** Whether the server's flight is encrypted, its certificate too. */
function isFlightEncrypted(connection: Connection): boolean {
  const isUnseen = connection.serverCertificates.length === 0 || connection.hasStandInChain === true;
  return isUnseen && encryptedDataRecords(connection, 'server').length > 0;
}

/**
 * Before TLS 1.3, a client encrypts only after it has accepted the certificate; but NSS lets programs verify it later,
 * while the server's Finished is on its way.
 */
const verifiesLate = ({ clientHello }: Connection): boolean => clientHello !== null && libraryOf(clientHello) === 'NSS';

/** A refusal by an alert with a name, if it can be about a certificate. */
function refusalByAlert(connection: Connection, alert: Alert, name: string): Refusal | undefined {
  const { clientHello, serverHello, serverCertificates } = connection;
  // An alert about certificates counts even if the capture lacks the certificate.
  const isExplicit = CERTIFICATE_ALERTS.has(name);
  const isPossible =
    (GENERIC_ALERTS.has(name) || SOMETIMES.has(name)) &&
    (serverCertificates.length > 0 || isFlightEncrypted(connection));
  if (!isExplicit && !isPossible) return undefined;
  // Field by field: asked of every failure, and a spread takes a microsecond.
  return {
    how: 'alert',
    alert: name,
    code: alert.code,
    isExplicit,
    library: clientHello === null ? null : libraryOf(clientHello),
    version: serverHello?.version ?? null,
    isOrderlyClose: false,
    hasAcceptedChain: false,
    isHabit: false,
    isReset: false,
    isEapFailure: false,
    mayBeNormalClose: false,
    evidence: alertEvidence(alert),
  };
}

/**
 * A refusal by a client that left during the handshake, without an alert that says why.
 * @param closeAlert its close_notify, to which the server may close before the client does (GnuTLS)
 */
function refusalByLeaving(
  connection: Connection,
  { frame: helloFrame, version }: ServerHello,
  closeAlert: Alert | undefined,
): Refusal | undefined {
  const { clientHello, messages } = connection;
  const isEncrypted = isFlightEncrypted(connection);
  const hasGoneOn =
    messages.some(({ from, type }) => from === 'client' && (type === 'client_key_exchange' || type === 'finished')) ||
    encryptedDataRecords(connection, 'client').some(({ frame }) => frame > helloFrame);
  // A client that leaves before the end of the server's flight, or long after it, does not refuse: it ran out of
  // patience.
  const isAtOnce = isEncrypted ? !isFlightCut(connection) : leavesOnFlight(connection, closeAlert);
  if (hasGoneOn || !isAtOnce) return undefined;
  const library = clientHello === null ? null : libraryOf(clientHello);
  const isHabit = version === 'TLS 1.3' && !isEncrypted && leavesByHabit(connection);
  const isReset = connection.ending.how === 'reset';
  const goodbye = closeAlert === undefined ? [] : alertEvidence(closeAlert);
  return {
    ...NO_DETAILS,
    how: 'close',
    isReset,
    library,
    version,
    isHabit,
    evidence: [...goodbye, ...closeEvidence(connection)],
  };
}

/**
 * Whether the client left at once after the last message of the server's flight, which is visible. OpenVPN hands on its
 * messages packet by packet: there, the certificate is enough.
 */
function leavesOnFlight({ messages, preamble, ending }: Connection, closeAlert: Alert | undefined): boolean {
  const { at, frame } = closeAlert ?? ending;
  const isByPacket = isOpenVpn(preamble);
  const flight = messages.findLast(
    ({ from, type, frame: seen }) =>
      from === 'server' &&
      seen <= (frame ?? Infinity) &&
      (type === 'server_hello_done' || type === 'finished' || (isByPacket && type === 'certificate')),
  );
  return flight !== undefined && at !== null && millisecondsBetween(flight.at, at) <= LATE_MS;
}

/**
 * A refusal by a client that left right after the handshake.
 * @param closeAlert the encrypted alert that it sent before it closed, if any
 */
function refusalAfterHandshake(connection: Connection, closeAlert: Alert | undefined): Refusal | undefined {
  const { clientHello, messages, outcome, ending } = connection;
  // QUIC has no data records: whether the client sent data is unknown.
  if (connection.quic !== null) return undefined;
  const hasSentData = encryptedDataRecords(connection, 'client').length > 0;
  if (outcome !== 'established' || isFlightEncrypted(connection) || hasSentData) return undefined;
  // Health checks end with a reset and without an alert (HAProxy).
  if (ending.how === 'reset' && closeAlert === undefined) return undefined;
  // In TLS 1.3, tickets come after the handshake: a client at its end need not have waited for them.
  const isServers = ({ from, type, encrypted, decrypted }: HandshakeMessage): boolean =>
    from === 'server' && (encrypted || decrypted === true) && type !== 'new_session_ticket';
  const library = clientHello === null ? null : libraryOf(clientHello);
  if (library !== null && DECIDES_BEFORE.has(library)) return undefined;
  const last = messages.findLast(isServers)?.frame ?? 0;
  // What is captured behind the frame that acknowledges it had arrived before.
  const hadArrived = last >= (overTcp(connection)?.server.late?.frame ?? Infinity);
  const isCloseAlertLast = closeAlert !== undefined && (hadArrived || closeAlert.frame > last);
  if (isLookingOnly(connection) && (library === 'OpenSSL' || (isCloseAlertLast && closesInOrder(library))))
    return undefined;
  const finished = messages.at(-1);
  const leftAt = closeAlert?.at ?? ending.at ?? connection.endedAt;
  // Browsers open connections in advance, and drop them much later.
  if (finished === undefined || millisecondsBetween(finished.at, leftAt) > AT_ONCE_MS) return undefined;
  if (!verifiesLate(connection) && hasWaited(connection, closeAlert?.frame ?? ending.frame, leftAt)) return undefined;
  return {
    ...NO_DETAILS,
    how: 'after-handshake',
    library,
    isOrderlyClose: isCloseAlertLast && library !== 'NSS' && (clientHello === null || !isCurlOnGnutls(clientHello)),
    hasAcceptedChain: library === null ? clientHello === null : CHECKS_CHAINS_FIRST.has(library),
    evidence: [...(closeAlert === undefined ? [] : alertEvidence(closeAlert)), ...closeEvidence(connection)],
  };
}

/**
 * Whether the client left while it waited for the server's Finished (before TLS 1.3), later than a check of the certificate
 * takes. When two programs connect to each other at the same time, one of them drops its connection like this (AnyDesk).
 */
function hasWaited({ serverHello, messages }: Connection, frame: number | null, leftAt: Timestamp): boolean {
  if (encryptsHandshake(serverHello?.version)) return false;
  const isBefore = (message: HandshakeMessage): boolean => message.frame < (frame ?? Infinity);
  const last = messages.findLast(isBefore);
  return last?.from === 'client' && millisecondsBetween(last.at, leftAt) > CHECKED_MS;
}

/** Whether the client ended the connection while it waited for the rest of the server's encrypted flight (TLS 1.3). */
function isFlightCut(connection: Connection): boolean {
  const { ending, serverHello, keys } = connection;
  if (serverHello?.version !== 'TLS 1.3' || keys !== null) return false;
  const flight = encryptedDataRecords(connection, 'server').filter(({ frame }) => frame < (ending.frame ?? Infinity));
  return lacksFinished(flight.map(({ length }) => length));
}

/**
 * Whether the client's last Handshake packets are more than acknowledgements: too long for that, or two packets with
 * nothing received in between.
 */
function isMoreThanAck({ quic, transport }: Connection): boolean {
  const sent = quic?.client.protectedPackets.filter(({ level }) => level === 'handshake') ?? [];
  const answered = sent.filter(({ frame }) => frame > (transport.server.lastData?.frame ?? 0));
  return !canBeAcknowledgement(sent.at(-1)?.length ?? 0) || answered.length > 1;
}

/**
 * Whether the QUIC client's last packet, to which the capture shows no answer, may be its own flight: the server's answer, a
 * close too, may be missing.
 */
export function mayBeFlight({ quic }: Connection): boolean {
  const last = quic?.client.protectedPackets.findLast(({ level }) => level === 'handshake');
  return last !== undefined && canBeClientFlight(last.length);
}

/**
 * Whether programs with this library send close_notify when they only probed a server, and not when they refuse its
 * certificate: GnuTLS, and Node.js, whose ClientHello resembles that of PHP.
 */
const closesInOrder = (library: Library | null): boolean => library === 'GnuTLS' || library === 'Node.js';

/**
 * Whether the client may want nothing but the handshake, as monitors and `openssl s_client` do: it did not ask for TLS within
 * an application protocol, and it offers no protocol, or HTTP in another way than curl.
 */
function isLookingOnly({ clientHello, preamble }: Connection): boolean {
  if (clientHello === null || (preamble !== null && saysProtocol(preamble))) return false;
  // PHP checks the name after the handshake, and also sends close_notify if that fails.
  if (isPhp(clientHello)) return false;
  const isOpenssl = libraryOf(clientHello) === 'OpenSSL';
  return clientHello.alpn.length === 0 || (isOpenssl && offersHttp(clientHello) && !mayBeCurlOnOpenssl(clientHello));
}

/**
 * What it means that a client left as soon as it had the server's encrypted flight (TLS 1.3, QUIC), decrypted or not, without
 * sending its Finished; undefined if it did not. `refusal`: its stack is recorded to refuse certificates in this way (Node.js
 * verifies them itself, and destroys the socket before its Finished is written). `unclear`: its stack would have sent an
 * alert, or the program may only have probed: one that destroys the socket in Node.js's `secureConnect` leaves the same
 * trace, and some programs reset it (Lynx on GnuTLS). A QUIC client that is stopped after it acknowledged the flight looks
 * like one that closed.
 */
export const closedOnServerFlight = memoizeLast((connection: Connection): 'refusal' | 'unclear' | undefined => {
  const { ending, serverCertificates } = connection;
  const refusal = refusalByClient(connection);
  if (refusal?.how === 'encrypted-close') {
    if (encryptedCloseByServer(connection) !== undefined) return 'unclear';
    return isMoreThanAck(connection) && !mayBeFlight(connection) ? 'refusal' : 'unclear';
  }
  if (refusal?.how !== 'close' || ending.at === null) return undefined;
  const opened = openedMessage(connection, 'server', 'finished');
  if (serverCertificates.length > 0 && opened === undefined) return undefined;
  const isReset = ending.how === 'reset';
  if (isReset ? forgedReset(connection) !== null : ending.how !== 'close') return undefined;
  const last = opened ?? endOfEncryptedFlight(connection);
  if (last === undefined || millisecondsBetween(last.at, ending.at) > LEFT_MS) return undefined;
  return leavesByHabit(connection) ? 'refusal' : 'unclear';
});

/** Whether a client that does not only probe leaves as its stack does in TLS 1.3 when it refuses a certificate (recorded). */
function leavesByHabit(connection: Connection): boolean {
  const { clientHello, ending } = connection;
  const isRecorded =
    ending.how === 'reset'
      ? isResetByRefusal(connection)
      : ending.how === 'close' && clientHello !== null && libraryOf(clientHello) === 'Node.js';
  return isRecorded && !isLookingOnly(connection);
}

/** The last record before the end that the server encrypted, if its certificate can be among them. */
function endOfEncryptedFlight(connection: Connection): Sighting | undefined {
  const end = connection.ending.frame ?? 0;
  const flight = encryptedDataRecords(connection, 'server').filter(({ frame }) => frame < end);
  return canHoldCertificate(flight.reduce((sum, { length }) => sum + length, 0)) ? flight.at(-1) : undefined;
}

/** A client that leaves later than this, in milliseconds, may have run into a time limit. */
const LEFT_MS = 1000;

/** How the server refused the client's certificate, or undefined if it did not, as far as the capture shows. */
export const refusalByServer = memoizeLast((connection: Connection): Refusal | undefined => {
  const { outcome, ending } = connection;
  const sent = certificateMessage(connection, 'client');
  const isTls13 = encryptsHandshake(connection.serverHello?.version);
  const alerts = alertsBeforePeerClosed(connection).filter(({ from }) => from === 'server');
  const fatal = alerts.filter(({ level, name }) => level === 'fatal' && name);
  const [first] = fatal;
  if (first !== undefined) return refusalByServersAlert(connection, [first, ...fatal.slice(1)]);
  if (sent === undefined && !isTls13) return undefined;
  const closed = encryptedCloseByServer(connection);
  if (closed !== undefined) {
    return { ...NO_DETAILS, how: 'encrypted-close', evidence: [evidence(closed.last, 'seenServersHiddenClose')] };
  }
  if (encryptedAlert(connection, 'server') !== undefined) {
    const encrypted = alerts.filter((one) => one.encrypted);
    const [first] = encrypted;
    // close_notify is sent once: of two alerts, one is an error.
    const isOne = encrypted.length === 1 && isTls13 && !owesTickets(connection);
    const mayBeNormalClose = isOne || (isTls13 && first !== undefined && isAnsweredInKind(connection, first));
    return { ...NO_DETAILS, how: 'encrypted-alert', mayBeNormalClose, evidence: encrypted.flatMap(alertEvidence) };
  }
  const behindTickets = isTls13 ? alertBehindTickets(connection) : undefined;
  if (behindTickets !== undefined) {
    return { ...NO_DETAILS, how: 'encrypted-alert', mayBeNormalClose: true, evidence: alertEvidence(behindTickets) };
  }
  if (ending.by !== 'server' || forgedReset(connection) !== null) return undefined;
  if (sent !== undefined && isBehindEnd(connection, sent)) return undefined;
  const isEapFailure = connection.eap !== null;
  if (sent !== undefined && outcome === 'failed') {
    // EAP-Failure may be delayed, against guessing.
    if (!isEapFailure && ending.at !== null && millisecondsBetween(sent.at, ending.at) > LATE_MS) return undefined;
    const isReset = ending.how === 'reset';
    return { ...NO_DETAILS, how: 'close', isReset, isEapFailure, evidence: closeEvidence(connection) };
  }
  const isOnFlight = isTls13 && isClosedOnFlight(connection);
  return isOnFlight || isClosedUponUnfitAnswer(connection)
    ? {
        ...NO_DETAILS,
        how: 'after-handshake',
        isEapFailure,
        mayBeNormalClose: !isOnFlight || (!isEapFailure && !owesTickets(connection)),
        evidence: closeEvidence(connection),
      }
    : undefined;
});

/** A refusal by fatal alerts of the server, if they are about the client's certificate. */
function refusalByServersAlert(connection: Connection, fatal: readonly [Alert, ...Alert[]]): Refusal | undefined {
  const sent = certificateMessage(connection, 'client');
  const [first] = fatal;
  // GnuTLS first sends access_denied, then the reason.
  const alert = fatal.find(({ name }) => isAboutCertificate(name)) ?? first;
  // A server's alert about certificates concerns the client's, even if the capture lacks that; but not before the server
  // has asked for one.
  if (sent === undefined && !isAboutCertificate(alert.name)) return undefined;
  if (sent === undefined && helloRejection(connection) !== undefined && !isDoubtful(connection)) return undefined;
  if (sent !== undefined && first.frame < sent.frame) return undefined;
  return {
    ...NO_DETAILS,
    how: 'alert',
    alert: alert.name,
    code: alert.code,
    isExplicit: isAboutCertificate(alert.name),
    evidence: fatal.flatMap(alertEvidence),
  };
}

/**
 * Whether a TLS 1.3 client supports resumption, so that a server that accepts it first sends tickets (RFC 8446 §4.2.9). A Go
 * client does so only if the program gives it a session cache.
 */
const owesTickets = ({ clientHello }: Connection): boolean =>
  clientHello === null || clientHello.extensions.includes('psk_key_exchange_modes');

const isAboutCertificate = (name: string | null): boolean =>
  name !== null && (CERTIFICATE_ALERTS.has(name) || name === 'certificate_required');

/** Whether this came only after the other side had ended the connection, at a time limit for one, and so is no reason for that. */
const isBehindEnd = ({ ending }: Connection, { frame }: Sighting): boolean => frame > (ending.frame ?? Infinity);

/**
 * Whether a TLS 1.3 server closed the connection on the client's second flight, without ticket, data or close_notify.
 * Node.js refuses client certificates like this, after the handshake is complete.
 */
function isClosedOnFlight(connection: Connection): boolean {
  const { outcome, ending, encryptedRecords, serverHello, eap, quic } = connection;
  // QUIC has no data records.
  if (quic !== null) return false;
  const flight = openedMessage(connection, 'client', 'finished') ?? encryptedDataRecords(connection, 'client')[0];
  if (serverHello?.resumed !== false || flight === undefined) return false;
  // EAP-Failure may be delayed by a second, against guessing.
  if (eap !== null) return outcome === 'failed' && flight.frame < (ending.frame ?? 0);
  if (outcome !== 'established' || isBehindEnd(connection, flight)) return false;
  if (ending.at === null || millisecondsBetween(flight.at, ending.at) > AT_ONCE_MS) return false;
  // A client that has said goodbye is not refused. A server that has read the message of a client without a certificate may
  // have wanted no more than that: servers that demand a certificate hardly accept its Finished.
  const last = lastFromClient(connection);
  if (last !== undefined && last !== flight && canBeAlert(protectionOf(connection), last.length)) return false;
  if (hasReadMore(connection, flight) && hasSentEmptyCertificate(connection)) return false;
  const end = { frame: ending.frame ?? Infinity, at: ending.at };
  const { tcpConnectMs, serverHelloMs } = connection.timing;
  if (isAboutLateRequest(encryptedRecords, protectionOf(connection), end, roundTrip(tcpConnectMs, serverHelloMs)))
    return false;
  return !encryptedRecords.some(({ from, frame }) => from === 'server' && frame > flight.frame);
}

/**
 * Whether the server completed the handshake with a client that answered its request for a certificate with an empty message, or
 * with a certificate that is visibly not for clients, and then closed at once: it sent no data, at most tickets, and no close_notify. Servers
 * do so that check the certificate after the handshake (MongoDB). A close with the client's request unread is a reset; one with a
 * FIN behind a request may have answered it, or have been all that the client wanted.
 */
function isClosedUponUnfitAnswer(connection: Connection): boolean {
  const { outcome, ending, serverHello, alerts, quic, eap } = connection;
  if (outcome !== 'established' || serverHello?.resumed !== false || quic !== null || eap !== null) return false;
  if (ending.how === 'timeout' || ending.at === null) return false;
  if (!hasSentEmptyCertificate(connection) && !hasSentUnfitCertificate(connection)) return false;
  if (alerts.some(({ frame }) => frame <= (ending.frame ?? Infinity))) return false;
  const sent = certificateMessage(connection, 'client') ?? encryptedEmptyCertificate(connection);
  if (sent === undefined || isBehindEnd(connection, sent)) return false;
  if (millisecondsBetween(sent.at, ending.at) > AT_ONCE_MS) return false;
  const protection = protectionOf(connection);
  const isTls13 = encryptsHandshake(serverHello.version);
  if (hasReadMore(connection, sent)) return false;
  const answers = encryptedDataRecords(connection, 'server').filter(({ frame }) => frame > sent.frame);
  if (answers.some(({ length }) => canBeAlert(protection, length))) return false;
  return answers.length === 0 || (isTls13 && areTickets(answers));
}

/** The client's last encrypted record of messages or data before the end. */
const lastFromClient = (connection: Connection): EncryptedRecord | undefined =>
  encryptedDataRecords(connection, 'client').findLast(({ frame }) => frame < (connection.ending.frame ?? Infinity));

/**
 * Whether the server had read, when it closed, what the client sent behind its flight, which begins with this message or record:
 * where it is left unread, the close is a reset.
 */
function hasReadMore(connection: Connection, flight: Sighting): boolean {
  const last = lastFromClient(connection);
  if (connection.ending.how === 'reset' || last === undefined || last === flight) return false;
  return !encryptsHandshake(connection.serverHello?.version) || !canBeFinished(protectionOf(connection), last.length);
}

/** Whether the client's certificate is visibly not one for clients. */
function hasSentUnfitCertificate({ clientCertificates: [leaf] }: Connection): boolean {
  return leaf?.error === null && !allowsClientAuth(leaf);
}

/** Whether encrypted records can be the tickets of one session: alike in length, few, and no short greeting. */
function areTickets(records: readonly EncryptedRecord[]): boolean {
  const lengths = records.map(({ length }) => length);
  const shortest = Math.min(...lengths);
  return (
    records.length <= MOST_TICKETS && shortest >= SHORTEST_TICKET && Math.max(...lengths) - shortest <= TICKETS_DIFFER
  );
}

/** In bytes of the encrypted record: the message itself takes 13, the record's protection at least 9 (RFC 8446 §4.6.1). */
const SHORTEST_TICKET = 64;

/** OpenSSL sends two tickets. */
const MOST_TICKETS = 2;

/**
 * The alert with which a TLS 1.3 server answers the client's second flight after it has sent its tickets, undefined if
 * there is none. Servers that check the certificate after the handshake refuse it like this (Bun). The client has not
 * asked for anything yet, and what the server sends is long enough for tickets with the client's certificate, and all of
 * one length, unlike a greeting.
 */
function alertBehindTickets(connection: Connection): Alert | undefined {
  const { outcome, alerts, serverHello } = connection;
  const flight = encryptedDataRecords(connection, 'client').filter(({ frame }) => frame >= (serverHello?.frame ?? 0));
  const [alert] = alertsBeforePeerClosed(connection);
  const first = flight[0];
  if (outcome !== 'established' || serverHello?.resumed !== false || first === undefined) return undefined;
  if (alert === undefined || alert !== alerts[0] || alert.from !== 'server' || !alert.encrypted) return undefined;
  if (alert.frame <= first.frame || millisecondsBetween(first.at, alert.at) > AT_ONCE_MS) return undefined;
  const protection = protectionOf(connection);
  const last = flight.findLast(({ frame }) => frame < alert.frame);
  if (last === undefined || !canBeFinished(protection, last.length)) return undefined;
  if (isAnsweredInKind(connection, alert)) return undefined;
  const tickets = encryptedDataRecords(connection, 'server')
    .filter(({ frame, length }) => frame > first.frame && !(frame >= alert.frame && canBeAlert(protection, length)))
    .map(({ length }) => length);
  if (Math.max(...tickets) - Math.min(...tickets) > TICKETS_DIFFER) return undefined;
  return tickets.reduce((sum, length) => sum + length, 0) >= first.length ? alert : undefined;
}

/** The tickets of one session differ by no more bytes: their nonces grow (RFC 8446 §4.6.1). */
const TICKETS_DIFFER = 16;

/**
 * Whether a client on OpenSSL answered the server's encrypted alert with one of its own, and sent no data before it: then the
 * server's was close_notify, since OpenSSL sends nothing after it has received a fatal alert.
 */
function isAnsweredInKind(connection: Connection, { frame: of }: Alert): boolean {
  const { clientHello } = connection;
  if (clientHello === null || libraryOf(clientHello) !== 'OpenSSL') return false;
  const answer = encryptedDataRecords(connection, 'client').find(({ frame }) => frame > of);
  return answer !== undefined && canBeAlert(protectionOf(connection), answer.length);
}

/** Whether a ClientHello offers HTTP by ALPN. */
export const offersHttp = ({ alpn }: ClientHello): boolean =>
  alpn.some((protocol) => protocol === 'h2' || protocol === 'http/1.1');

/**
 * Whether a ClientHello may be that of curl on GnuTLS 3.7, which git uses: it offers HTTP/1.1 and HTTP/2. It verifies the
 * certificate after the handshake and closes with close_notify, so that a close without a request may be a refusal. A client
 * that offers one version (gnutls-cli with --alpn) may only probe.
 */
export const isCurlOnGnutls = (hello: ClientHello): boolean =>
  libraryOf(hello) === 'GnuTLS' && hello.alpn.includes('h2') && hello.alpn.includes('http/1.1');

/**
 * Whether a ClientHello may be that of curl on OpenSSL, which checks the name after the handshake and closes with
 * close_notify: it offers HTTP and, with TLS 1.3, post-handshake authentication (7.88); `openssl s_client -alpn h2` does not.
 */
export const mayBeCurlOnOpenssl = (hello: ClientHello): boolean =>
  libraryOf(hello) === 'OpenSSL' &&
  offersHttp(hello) &&
  (hello.extensions.includes('post_handshake_auth') || !hello.supportedVersions.includes('TLS 1.3'));

/** Stacks that write their alerts to the network themselves; with others, a program may lose them. */
const SEND_ALERTS: ReadonlySet<Library> = new Set(['Mbed TLS', 'wolfSSL']);

/**
 * Whether the client's stack was recorded to react to one of these faults like this, by the same alert or by a close
 * without one. Undefined if the alert is encrypted, the stack is unknown, or all recordings show that it accepted the
 * fault.
 */
export function isAnswerTo({ how, code, library, version }: Refusal, ...faults: readonly Fault[]): boolean | undefined {
  if (library === null || (code === null && !(how === 'close' && SEND_ALERTS.has(library)))) return undefined;
  const recorded = faults
    .flatMap((fault) => responses(library, 'client', version, fault) ?? [])
    .map(({ response }) => response)
    .filter(({ kind }) => kind !== 'accept');
  if (recorded.length === 0) return undefined;
  return recorded.some((response) =>
    code === null
      ? response.kind === 'close' && !response.finished
      : response.kind === 'alert' && response.alerts.includes(code),
  );
}

/** Whether the client reset the connection, as its stack is recorded to do when it refuses a certificate (Bun). */
export function isResetByRefusal({ clientHello, serverHello, ending }: Connection): boolean {
  const library = clientHello === null ? null : libraryOf(clientHello);
  if (ending.how !== 'reset' || ending.by !== 'client' || library === null || serverHello === null) return false;
  const recorded = responses(library, 'client', serverHello.version, 'certificate-authority-unknown') ?? [];
  return recorded.some(({ response }) => response.kind === 'close' && response.how === 'rst');
}

/**
 * Whether a client on OpenSSL, or one without a ClientHello in the capture, sends internal_error once it has the
 * server's certificate. OpenSSL does so if the program checks the certificate itself and refuses it without a reason,
 * mostly because of its name (Mosquitto, Perl's IO::Socket::SSL) or its fingerprint (fetchmail).
 */
export function isRefusedByProgram(connection: Connection): boolean {
  const { clientHello, serverHello, serverCertificates } = connection;
  const alert = fatalAlert(connection, 'client');
  if (serverHello === null || serverHello.resumed || alert?.name !== 'internal_error') return false;
  const hasCertificate = serverCertificates.length > 0 || encryptedDataRecords(connection, 'server').length > 0;
  return hasCertificate && (clientHello === null || libraryOf(clientHello) === 'OpenSSL');
}

/**
 * Stacks with chain verification of their own, which therefore react to a chain that leads nowhere exactly as recorded.
 */
const OWN_VERIFIERS: ReadonlySet<Library> = new Set(['OpenSSL', 'GnuTLS', 'wolfSSL', 'Mbed TLS', 'Erlang']);

/** Whether the client's stack reacts differently to a chain that leads to no authority it knows. */
export function speaksAgainstTrust(refusal: Refusal, ...faults: readonly Fault[]): boolean {
  return refusal.library !== null && OWN_VERIFIERS.has(refusal.library) && isAnswerTo(refusal, ...faults) === false;
}

/**
 * How far a refusal supports a fault that the capture shows: `confirmed` if the alert is the one for it, `supported` if it
 * can mean it, in general or by the recorded behaviour of the client's stack for one of `faults`; undefined if the alert
 * names another fault.
 *
 * The capture does not show whom a client trusts. For that fault, neither an alert that is not about certificates nor
 * close_notify counts, and a client that just leaves counts little unless its stack is recorded to refuse like this. A client
 * that leaves after the handshake does not count if its library has checked the certificate before; only the check of the
 * name is often left to the program.
 */
export function supportOf(
  refusal: Refusal,
  alerts: readonly string[],
  fault: 'trust' | 'certificate' | 'name',
  ...faults: readonly Fault[]
): 'confirmed' | 'supported' | 'open' | undefined {
  const { how, alert, isExplicit, isOrderlyClose, hasAcceptedChain, isHabit } = refusal;
  if (alert !== null && alerts.includes(alert)) return 'confirmed';
  if (isAnswerTo(refusal, ...faults) === true) return 'supported';
  if (alert !== null && !UNSPECIFIC.has(alert)) return undefined;
  if (fault === 'trust' && (isOrderlyClose || (how === 'alert' && !isExplicit))) return undefined;
  // OpenSSL refuses by alerts; a program on it that just leaves may have any reason. So may one of an unknown stack: scanners see
  // certificates for other names wherever they look.
  const isUnsure = fault === 'trust' || refusal.library === 'OpenSSL' || (fault === 'name' && refusal.library === null);
  if (how === 'close' && isUnsure) return isHabit ? 'supported' : 'open';
  return fault !== 'name' && hasAcceptedChain ? undefined : 'supported';
}

/**
 * Whether the client's refusal can also mean that it trusts the chain and lacks a revocation list: OpenSSL says unknown_ca of
 * both, and so may an unknown stack.
 */
export const mayLackList = ({ library, alert }: Refusal): boolean =>
  alert === 'unknown_ca' && (library === null || library === 'OpenSSL');

/**
 * Whether a client's alert is one that its stack sends for a key or a hash that it holds too weak. Java refuses by alert 43
 * (unsupported_certificate) what its security properties disable, and nothing else: recorded of Java 17.0.15 in TLS 1.2, of keys
 * and of SHA-1, by jdk.tls.disabledAlgorithms and jdk.certpath.disabledAlgorithms.
 */
export function isForWeakness(refusal: Refusal): boolean {
  if (refusal.library === 'JSSE' && refusal.alert === 'unsupported_certificate') return true;
  return refusal.alert === 'insufficient_security' || isAnswerTo(refusal, 'key-weak', 'signature-weak') === true;
}

/**
 * Whether a client that left when the handshake was complete may only have wanted to see the certificate: a program that destroys
 * the socket in Node.js's `secureConnect` leaves the same trace as one whose stack refuses.
 */
export const mayOnlyHaveLooked = ({ how, library }: Refusal): boolean =>
  how === 'after-handshake' && library === 'Node.js';

/** By what a side refused, to follow "refused it". */
export function howRefused(refusal: Refusal): Phrase {
  const { how, alert, code, isReset, isEapFailure } = refusal;
  if (isEapFailure) return phrase('byEapFailure');
  switch (how) {
    case 'alert':
      return phrase('withAlert', { alert: alertText({ name: alert, code }) });
    case 'encrypted-alert':
      return phrase('withEncryptedAlert');
    case 'encrypted-close':
      return phrase('withHiddenClose');
    case 'close':
      return phrase(isReset ? 'byReset' : 'byClosing');
    case 'after-handshake':
      return phrase(mayOnlyHaveLooked(refusal) ? 'byLeavingWhenComplete' : 'byClosingWhenComplete');
  }
}

/** Whether a message, such as Certificate, is longer than this program reads: its content is unknown. */
export const isTooLong = ({ notes }: Connection): boolean => notes.some(({ code }) => code === 'message-too-long');

/** Why a certificate cannot be examined, as a clause. */
export function whyUnseen(connection: Connection): Phrase {
  if (encryptsHandshake(connection.serverHello?.version)) return phrase('hiddenByTls13');
  return phrase(isTooLong(connection) ? 'tooLongToRead' : 'missingInCapture');
}

/** Why the dates of the server's certificates cannot be checked. */
export function whyUndated(connection: Connection): Phrase {
  return connection.serverCertificates.length > 0 ? phrase('clockNeverSet') : whyUnseen(connection);
}

/**
 * A fault of an encrypted or missing chain, as one of those that unknown_ca can mean: its text is the explanation
 * `unseen`.
 */
export function unseenFault(connection: Connection, refusal: Refusal) {
  const data = { connect: connectTo(connection), sni: sniOption(connection), unseen: whyUnseen(connection) };
  return {
    support: 'open',
    basis: 'alert',
    explanation: { id: 'unseen', data },
    evidence: [...certificateEvidence(connection, 'server', undefined), ...refusal.evidence],
  } as const;
}
