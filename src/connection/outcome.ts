import { holdsCertificates } from './certificate-message.js';
import type { Timestamp } from '../capture/timestamp.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import { innermost, isProxy, type Preamble } from '../preamble/preamble.js';
import { receivedBefore } from '../tls/handshake/transcript.js';
import type { RecordProtection } from '../tls/record/sizes.js';
import { canBeAlert, canBeFinished, canBePaddedAlert, canHold } from '../tls/record/sizes.js';
import type { HandshakeSession } from '../tls/handshake/session.js';
import type {
  Alert,
  EapCarrierFacts,
  EapFacts,
  EncryptedRecord,
  Ending,
  Outcome,
  Phase,
  Protocol,
  Sent,
  Side,
  TcpFacts,
  TcpSide,
  QuicFacts,
  TransportFacts,
  UdpFacts,
  UdpSide,
} from './connection.js';
import { isUndeliverableToServer } from './icmp.js';
import { isAboutLateRequest, roundTrip } from './late-request.js';
import { foreignSenderMark } from './reset-sender.js';
import { hasClosedBefore } from './transport.js';
import { isQuicEstablished, quicOutcome, quicPhase, unansweredFinished } from './quic-outcome.js';

/** Derives the outcome from the transcript. Where TLS encrypts what happened, the sizes of records tell. */

export { SILENCE_MS } from '../transport/flow.js';

/**
 * Ports of protocols that never begin with TLS: a failed TCP connection to one of them is no failed handshake. Ports
 * where TLS starts after a preamble count as plaintext here.
 */
const PLAINTEXT_PORTS: ReadonlySet<number> = new Set([
  7, 9, 13, 19, 20, 21, 22, 23, 25, 37, 43, 53, 69, 70, 79, 80, 88, 102, 110, 111, 113, 119, 135, 137, 138, 139, 143,
  161, 179, 389, 445, 502, 512, 513, 514, 515, 548, 554, 587, 631, 873, 1080, 1433, 1521, 1723, 1883, 2049, 2404, 3000,
  3128, 3268, 3306, 3389, 4190, 4662, 4840, 5000, 5060, 5222, 5357, 5432, 5672, 5900, 6000, 6346, 6347, 6379, 6667,
  6881, 8000, 8008, 8080, 8081, 8888, 9100, 11211, 27017, 44818,
]);

/** What one side sent, as far as the outcome depends on it. */
export interface SideView {
  readonly changedCipher: boolean;
  /** It sent an encrypted handshake message, which in TLS 1.2 is Finished, or a Finished that keys opened. */
  readonly finished: boolean;
  /** Number of application_data records, without those that keys opened; in TLS 1.3 they can hold anything. */
  readonly applicationData: number;
  /** The first of them. */
  readonly dataRecords: readonly EncryptedRecord[];
  /** Whether keys opened records that hold application data. */
  readonly hasOpenedData: boolean;
  /** Its last record has the size of a TLS 1.3 alert. */
  readonly endsWithEncryptedAlert: boolean;
}

export type Views = Readonly<Record<Side, SideView>>;

/** What TLS shows of a connection: its transcript, in frame order, and what was negotiated. */
export interface Handshake {
  readonly session: HandshakeSession;
  readonly transcript: readonly Sent[];
  readonly protection: RecordProtection;
  readonly isTls13: boolean;
  readonly views: Views;
}

/** Everything that decides the outcome. */
export interface OutcomeFacts {
  readonly preamble: Preamble | null;
  /** Whether TLS was recognised, and whether anything was said outside of it. */
  readonly isTls: boolean;
  readonly hasPlaintext: boolean;
  /** null when the connection carried no byte. */
  readonly handshake: Handshake | null;
  readonly serverPort: number;
  readonly alerts: readonly Alert[];
  readonly transport: TransportFacts;
  readonly protocol: Protocol | null;
  readonly quic: QuicFacts | null;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp;
  readonly ending: Ending;
  /** Whether the capture has any packet of each side. */
  readonly isVisible: Readonly<Record<Side, boolean>>;
  /** Null unless EAP carries it. */
  readonly eap: EapFacts | null;
}

/**
 * What `side` had sent by the end. `applicationData` counts all its records; the transcript has only the first ones.
 */
export function viewOf(
  transcript: readonly Sent[],
  side: Side,
  applicationData: number,
  protection: RecordProtection,
): SideView {
  const dataRecords: EncryptedRecord[] = [];
  let changedCipher = false;
  let finished = false;
  let hasOpenedData = false;
  for (const event of transcript) {
    if (event.from !== side) continue;
    if (event.kind === 'change_cipher_spec') changedCipher = true;
    if (event.kind === 'message' && event.type === 'finished') finished = true;
    if (event.kind !== 'encrypted_record') continue;
    if (event.decrypted === true) {
      hasOpenedData ||= event.contentType === 'application_data';
      continue;
    }
    if (event.contentType === 'handshake') finished = true;
    if (event.contentType !== 'application_data') continue;
    dataRecords.push(event);
  }
  const last = dataRecords.at(-1);
  // What a client sends before the ServerHello is early data (RFC 8446 §2.3).
  const isEarly =
    side === 'client' &&
    last !== undefined &&
    last.frame < (transcript.find((event) => event.kind === 'message' && event.from === 'server')?.frame ?? 0);
  return {
    changedCipher,
    finished,
    applicationData,
    dataRecords,
    hasOpenedData,
    endsWithEncryptedAlert:
      last !== undefined &&
      !isEarly &&
      dataRecords.length === applicationData &&
      isAlert({ dataRecords }, last, protection),
  };
}

/**
 * The encrypted TLS 1.3 alerts with which a side ends: a single one, or all that followed the last record of the other
 * side.
 */
export function encryptedAlerts({ transcript, protection, views }: Handshake, side: Side): readonly EncryptedRecord[] {
  const answers: EncryptedRecord[] = [];
  let isHeard = false;
  for (let index = transcript.length - 1; index >= 0; index--) {
    const event = transcript[index];
    if (event === undefined || !isUndecrypted(event)) continue;
    if (event.from !== side) {
      if (answers.length === 0) isHeard = true;
      else return answers.every((record) => isAlert(views[side], record, protection)) ? answers : answers.slice(-1);
    } else if (isHeard) {
      return [event];
    } else {
      answers.unshift(event);
    }
  }
  return answers.slice(-1);
}

/**
 * Whether a TLS 1.3 record holds an alert, by its length. A padded alert, as Java sends it, is as long as a short
 * request; a Finished without padding shows that this side does not pad.
 */
function isAlert(
  { dataRecords }: Pick<SideView, 'dataRecords'>,
  { length }: EncryptedRecord,
  protection: RecordProtection,
): boolean {
  if (canBeAlert(protection, length)) return true;
  return (
    canBePaddedAlert(protection, length) && !dataRecords.some((record) => canBeFinished(protection, record.length))
  );
}

const hasSent = (transcript: readonly Sent[], side: Side, type: string): boolean =>
  transcript.some((event) => event.kind === 'message' && event.from === side && event.type === type);

const hasSentCertificate = (transcript: readonly Sent[], side: Side): boolean =>
  transcript.some((event) => event.kind === 'message' && event.from === side && holdsCertificates(event));

/** A record that no key opened: only its size tells what it holds. */
const isUndecrypted = (event: Sent): event is EncryptedRecord =>
  event.kind === 'encrypted_record' && event.decrypted !== true;

/** The epoch that follows a side's Finished in DTLS 1.3 (RFC 9147 §6.1), even if the capture lacks the Finished. */
const DTLS_DATA_EPOCH = 3;

/**
 * Whether a TLS 1.3 handshake completed: by its Finished messages if keys show them, otherwise by the sizes of what
 * each side sent encrypted.
 */
function isTls13Established(handshake: Handshake, facts: OutcomeFacts): boolean {
  const { alerts, transport } = facts;
  const { client, server } = handshake.views;
  if (transport.kind === 'tcp' && isFlightLost(handshake, transport)) return false;
  if (transport.kind === 'tcp' && isFlightTooLate(handshake, facts.ending, transport)) return false;
  if (!server.finished && server.applicationData === 0) return false;
  if (client.finished) return !isServerRefusal13(handshake, facts) && !isDecryptedRefusal13(handshake, alerts);
  if (client.applicationData === 0) return false;
  // A client that sends only alerts (wolfSSL may send two) has refused the server's flight.
  const isRefusal = client.applicationData === 1 && client.endsWithEncryptedAlert;
  const isAlertsAlone =
    client.dataRecords.length === client.applicationData &&
    client.dataRecords.every(({ length }) => canBeAlert(handshake.protection, length));
  const isBehindFinished = client.dataRecords.some(({ epoch = 0 }) => epoch >= DTLS_DATA_EPOCH);
  return (isBehindFinished || (!isRefusal && !isAlertsAlone)) && !isServerRefusal13(handshake, facts);
}

/** Milliseconds by which frames may be captured out of order. */
const DISORDER_MS = 100;

/**
 * Whether the server had closed the connection before the client's flight came, the first that the client encrypted, so that
 * nobody read it: servers have a time limit for handshakes.
 */
function isFlightTooLate({ transcript }: Handshake, ending: Ending, { client }: TcpFacts): boolean {
  const { how, by, frame, at } = ending;
  if (how !== 'close' || by !== 'server' || frame === null || at === null || client.late !== null) return false;
  const flight = transcript.find((event) => event.from === 'client' && isProtected(event));
  return flight !== undefined && flight.frame > frame && millisecondsBetween(at, flight.at) > DISORDER_MS;
}

/**
 * Whether keys show that a fatal alert is the first thing that the server sends, tickets aside, after the client's
 * Finished: it refuses the client's flight.
 */
function isDecryptedRefusal13({ transcript }: Handshake, alerts: readonly Alert[]): boolean {
  const alert = alerts.find(({ from, level, decrypted }) => from === 'server' && level === 'fatal' && decrypted);
  if (alert === undefined) return false;
  const finished = transcript.findIndex(
    (event) => event.from === 'client' && event.kind === 'message' && event.type === 'finished',
  );
  const words = transcript
    .slice(finished + 1)
    .filter((event) => event.from === 'server' && event.kind === 'encrypted_record' && event.frame < alert.frame);
  return words.every((event) => event.kind === 'encrypted_record' && event.contentType === 'handshake');
}

/** Milliseconds within which a server refuses the client's flight, with room for a slow check. */
const REFUSAL_MS = 2000;
/** Milliseconds within which all alerts of a refusal come: a later one shows that the first was no fatal alert. */
const ALERTS_TOGETHER_MS = 250;

/**
 * A server that sends nothing but alerts after the client's flight has refused the client (GnuTLS sends two). An alert
 * that answers the client's own or its good-bye, or comes much later, is a close_notify; one that another follows after a
 * while is data, and so may one be that answers a request.
 */
function isServerRefusal13({ transcript, protection, views }: Handshake, facts: OutcomeFacts): boolean {
  const { client, server } = views;
  const { transport } = facts;
  const fins = transport.kind === 'tcp' ? transport.fins : [];
  if (!server.endsWithEncryptedAlert) return false;
  let answer: EncryptedRecord | undefined;
  let isBehindFlight = false;
  for (const event of transcript) {
    if (!isUndecrypted(event)) continue;
    if (event.from === 'client') {
      isBehindFlight = true;
    } else if (isBehindFlight) {
      if (!isAlert(server, event, protection)) return false;
      answer ??= event;
      if (millisecondsBetween(answer.at, event.at) > ALERTS_TOGETHER_MS) return false;
    }
  }
  if (answer === undefined) return false;
  const records = transcript.filter(isUndecrypted);
  const flight = records.findIndex(({ from }) => from === 'client');
  const received = receivedBefore(records.slice(flight), 'server', answer.frame);
  const isGoodbye = (record: EncryptedRecord): boolean =>
    isAlert(client, record, protection) || (isLdap(facts) && canHold(protection, LDAP_UNBIND, record.length));
  const isLeaving = received.some((record, index) => index > 0 && isGoodbye(record));
  if (isLeaving || hasClosedBefore(fins, 'client', answer.frame)) return false;
  const trip = roundTrip(connectMsOf(transport), helloMsOf(transcript));
  if (isAboutLateRequest(records.slice(flight), protection, answer, trip)) return false;
  const finished = receivedBefore(records, 'server', answer.frame).at(-1);
  return finished === undefined || millisecondsBetween(finished.at, answer.at) <= REFUSAL_MS;
}

/**
 * Bytes of an LDAPMessage that holds UnbindRequest, with one byte of message number (RFC 4511 §4.3): the server answers it
 * by leaving.
 */
const LDAP_UNBIND = 7;

/** The ports of LDAP over TLS, also that of the global catalogue of Active Directory. */
const LDAPS_PORTS: ReadonlySet<number> = new Set([636, 3269]);

const isLdap = ({ preamble, serverPort }: OutcomeFacts): boolean =>
  LDAPS_PORTS.has(serverPort) || (preamble !== null && innermost(preamble).kind === 'ldap-starttls');

/** Milliseconds from the SYN to the SYN-ACK; null without TCP, or if the capture lacks one. */
function connectMsOf(transport: TransportFacts): number | null {
  if (transport.kind !== 'tcp' || transport.synAck === null) return null;
  const [syn] = transport.syns;
  return syn === undefined ? null : millisecondsBetween(syn.at, transport.synAck.at);
}

/** Milliseconds from the ClientHello to the server's first message; null if the capture lacks one. */
function helloMsOf(transcript: readonly Sent[]): number | null {
  const hello = clientHelloOf(transcript);
  const answer = transcript.find((event) => event.kind === 'message' && event.from === 'server');
  return hello === undefined || answer === undefined ? null : millisecondsBetween(hello.at, answer.at);
}

/** Whether the capture shows that the handshake completed. */
export function isEstablished(facts: OutcomeFacts): boolean {
  const { quic, transport } = facts;
  if (quic !== null && transport.kind === 'udp')
    return isQuicEstablished(quic) && unansweredFinished(quic, transport) === null;
  return isTlsEstablished(facts)
    ? !isRejectedByEap(facts)
    : facts.handshake !== null && facts.eap?.result?.isSuccess === true;
}

/**
 * Whether EAP-Failure answers the client's flight in a TLS handshake that is otherwise complete: the server has sent no
 * TLS since. With TTLS, the password may be in that flight, so the failure is not one of TLS.
 */
function isRejectedByEap({ handshake, eap }: OutcomeFacts): boolean {
  if (handshake === null || eap?.result?.isSuccess !== false || !handshake.isTls13) return false;
  const { transcript, views } = handshake;
  if (eap.started.at(-1)?.method === 'TTLS' && hasData13(views.client)) return false;
  const flight = transcript.findLast((event) => event.from === 'client' && isProtected(event))?.frame ?? 0;
  return !transcript.some((event) => event.from === 'server' && isProtected(event) && event.frame > flight);
}

/** Whether it was encrypted on the wire, even if keys opened it. */
const isProtected = (event: Sent): boolean =>
  event.kind === 'encrypted_record' || (event.kind !== 'change_cipher_spec' && event.decrypted === true);

/** Whether a side that never encrypted sent a fatal alert: it ended the handshake, whatever the other side had sent before. */
const isRefusedInClear = ({ alerts }: OutcomeFacts, { views }: Handshake): boolean =>
  alerts.some(
    ({ from, level, encrypted, decrypted }) =>
      level === 'fatal' && !encrypted && decrypted !== true && views[from].applicationData === 0,
  );

function isTlsEstablished(facts: OutcomeFacts): boolean {
  const { handshake, isVisible } = facts;
  if (handshake === null) return false;
  const { transcript, protection } = handshake;
  const { client, server } = handshake.views;
  const hasHello = transcript.some(
    (event) => event.kind === 'message' && (event.type === 'client_hello' || isServerHello(event.type)),
  );
  if (!hasHello) {
    const isRefused = isRefusedInClear(facts, handshake) || isAlertBehindCutHellos(facts, handshake);
    return client.applicationData + server.applicationData > 0 && !isRefused;
  }
  if (handshake.isTls13) {
    if (!isVisible.client) return server.finished || server.dataRecords.length > 1;
    return isTls13Established(handshake, facts);
  }
  if (facts.transport.kind === 'udp' && isDtlsEstablished(handshake)) return true;
  if (protection.version === null) {
    // The capture lacks the ServerHello. TLS 1.3 has no handshake records after ChangeCipherSpec: this is an older
    // version.
    if (client.finished && server.finished) return true;
    // The capture has only the client's side, and the version is unknown: its one record may be a TLS 1.3 alert.
    const isRefusal = !client.finished && client.applicationData === 1 && client.endsWithEncryptedAlert;
    return !isVisible.server && client.changedCipher && client.applicationData > 0 && !isRefusal;
  }
  if (server.applicationData > 0) return true;
  if (client.finished && server.finished) return true;
  // A client may send data before it has the server's Finished (False Start, RFC 7918), and leave: that is success as well,
  // unless the server ends the connection in place of its Finished.
  if (client.finished && client.applicationData > 0) return !isEndedByServer(facts);
  return !isVisible.client && server.finished;
}

/**
 * Whether all that was encrypted is one record of the client with the size of an alert, in a capture that has the connection from
 * its beginning: it has the hellos only in part, cut off by the snapshot length, and the client refused the handshake.
 */
const isAlertBehindCutHellos = ({ transport }: OutcomeFacts, { views: { client, server } }: Handshake): boolean =>
  transport.kind === 'tcp' &&
  transport.syns.length > 0 &&
  !client.finished &&
  client.endsWithEncryptedAlert &&
  client.applicationData + server.applicationData === 1;

/**
 * Whether the handshake completed over DTLS, although the capture lacks a datagram with a Finished: nobody sends data without having
 * the peer's (False Start is one of TLS), and in a full handshake the server sends its own once it has the client's.
 */
function isDtlsEstablished({ transcript, protection, views: { client, server } }: Handshake): boolean {
  // DTLS 1.3 hides its Finished among data, and the capture may lack the ServerHello that says so.
  const isOlder = protection.version !== null || client.finished || server.finished;
  if (isOlder && client.applicationData + server.applicationData > 0) return true;
  const isFull = (event: Sent): boolean => event.kind === 'message' && event.type === 'server_hello_done';
  return server.finished && transcript.some(isFull);
}

/** Whether the server ended a TCP connection, or sent a fatal alert, and the capture has all that it sent before. */
function isEndedByServer({ alerts, ending, transport, isVisible }: OutcomeFacts): boolean {
  if (transport.kind !== 'tcp' || !isVisible.server || transport.syns.length === 0) return false;
  const { missing, uncaptured } = transport.server;
  const isEnded = ending.by === 'server' || alerts.some(({ from, level }) => from === 'server' && level === 'fatal');
  return isEnded && missing === 0 && uncaptured === null;
}

/** Whether a TLS 1.3 client sent data: more than the flight that ends with its Finished. */
const hasData13 = ({ finished, applicationData, hasOpenedData }: SideView): boolean =>
  hasOpenedData || applicationData > (finished ? 0 : 1);

const isServerHello = (type: string): boolean => type === 'server_hello' || type === 'hello_retry_request';

/** The furthest step reached before a side ended the connection; what arrives later does not count. */
export function phaseOf({ handshake, transport, ending, quic }: OutcomeFacts, established: boolean): Phase {
  if (quic !== null) return (established ? null : clientPhase(handshake)) ?? quicPhase(quic, established);
  if (handshake === null) return 'tcp-connect';
  const { session, transcript } = handshake;
  const { client, server } = handshake.views;
  if (established) {
    const isData = handshake.isTls13
      ? hasData13(client) && (server.applicationData > 0 || server.hasOpenedData)
      : client.applicationData + server.applicationData > 0;
    return isData ? 'application-data' : 'finished';
  }
  const end = ending.frame ?? Infinity;
  const sent = transcript.filter(({ frame }) => frame <= end);
  if (handshake.isTls13) {
    const hasGoneOn = client.applicationData > 0 && (client.dataRecords[0]?.frame ?? 0) <= end;
    if (hasGoneOn && !client.endsWithEncryptedAlert) return 'finished';
    if (!client.finished && hasSentCertificate(sent, 'client')) return 'client-certificate';
    if (client.finished) return 'finished';
    if (server.finished) return 'server-certificate';
    if ((server.dataRecords[0]?.frame ?? Infinity) <= end) return 'server-certificate';
  }
  if (client.finished) return 'finished';
  if (hasSentCertificate(sent, 'client')) return 'client-certificate';
  if (hasSentCertificate(sent, 'server')) return 'server-certificate';
  const isAnswered = hasSent(sent, 'server', 'server_hello') || hasSent(sent, 'server', 'hello_retry_request');
  if (isAnswered) return 'server-hello';
  if (hasSent(transcript, 'client', 'client_hello') || session.partialHello !== null) return 'client-hello';
  if (transport.kind !== 'tcp') return 'client-hello';
  return transport.client.bytes + transport.server.bytes > 0 ? 'preamble' : 'tcp-connect';
}

/** The last step of the client's own flight, if keys show it. */
function clientPhase(handshake: Handshake | null): Phase | null {
  if (handshake === null) return null;
  if (handshake.views.client.finished) return 'finished';
  return hasSentCertificate(handshake.transcript, 'client') ? 'client-certificate' : null;
}

/** A client that sends its SYN this often after the SYN-ACK has not received the SYN-ACK. */
const LEAST_REPEATED_SYNS = 2;

/** Whether the client keeps sending its SYN although it was answered: the SYN-ACKs do not reach it. */
export function isSynAckLost({ syns, synAck, fins, resets, client }: TcpFacts): boolean {
  // A client that sends data did receive one.
  if (synAck === null || client.bytes > 0 || fins.length > 0 || resets.length > 0) return false;
  return syns.filter(({ frame }) => frame > synAck.frame).length >= LEAST_REPEATED_SYNS;
}

/** A server that has sent its SYN-ACK this often has waited for some seven seconds. */
const LEAST_SYN_ACKS = 4;

/**
 * Whether the server repeats its SYN-ACK, and nothing from the client arrives after its SYN, not even a reset or the SYN
 * again: the client's ACKs are lost, or the client is gone or never existed. If its ACKs are in the capture, it may only
 * have nothing to send yet: servers that accept only with data (TCP_DEFER_ACCEPT of Linux) then repeat the SYN-ACK.
 */
export function isAckLost({ syns, synAcks, fins, resets, client, server }: TcpFacts): boolean {
  if (client.bytes + server.bytes > 0 || fins.length > 0 || resets.length > 0 || server.acknowledged) return false;
  return syns.length === 1 && synAcks.length >= LEAST_SYN_ACKS;
}

/** Whether the TCP handshake itself failed: refused, or unanswered for long enough. */
function tcpConnectOutcome({ serverPort, isVisible }: OutcomeFacts, tcp: TcpFacts): Outcome {
  if (tcp.syns.length === 0 || PLAINTEXT_PORTS.has(serverPort)) return 'not-tls';
  if (tcp.synAck !== null) return isSynAckLost(tcp) || isAckLost(tcp) ? 'failed' : 'not-tls';
  // A client that acknowledges had a SYN-ACK, even if the capture lacks it.
  if (tcp.server.acknowledged) return 'not-tls';
  // A refusal acknowledges the SYN alone.
  if (tcp.resets.some(({ from, acknowledgesUnseen }) => from === 'server' && acknowledgesUnseen !== true))
    return 'failed';
  if (isVisible.server) return 'not-tls';
  // Every TCP sends its SYN again after a second: a client that does not has left, or is a scanner.
  return tcp.syns.length > 1 || tcp.icmp.some(isUndeliverableToServer) ? 'failed' : 'incomplete';
}

/**
 * Whether some bytes cannot be read, because the capture lacks earlier ones, or because they are not TLS. Bytes after
 * an alert do not count, since MariaDB reports a failed handshake in plaintext, nor do those after the end: libldap
 * 2.5.13 says goodbye in plaintext.
 */
function isIncoherent(
  { problems }: HandshakeSession,
  { alerts, hasPlaintext, ending }: Pick<OutcomeFacts, 'alerts' | 'hasPlaintext' | 'ending'>,
  tcp: TcpFacts,
): boolean {
  const isLate = tcp.syns.length === 0 && tcp.synAck === null;
  const isUnread = problems.some(
    ({ notice: said, frame }) =>
      said.code === 'record-boundary-lost' &&
      frame <= (ending.frame ?? Infinity) &&
      !alerts.some((alert) => alert.encrypted && alert.frame <= frame),
  );
  return isUnread || (isLate && hasPlaintext);
}

/** Whether TLS, or the way to it, was refused before it began. */
function isRefused(preamble: Preamble | null): boolean {
  return preamble !== null && (preamble.state === 'refused' || isRefused(preamble.next));
}

/** Whether the client needs a proxy, and the proxy's refusal was final. After 407 the client is expected to log in. */
function asksProxy(preamble: Preamble | null): boolean {
  if (preamble === null) return false;
  return isProxy(preamble) ? preamble.reply?.includes(' 407 ') !== true : asksProxy(preamble.next);
}

/** A first segment that was sent again this often never arrived: each wait is twice as long as the one before. */
const LEAST_RESENT = 3;

/** Whether what a side sends never arrives, even if the capture ends before anybody gives up. */
const isStuck = ({ resentInVain }: TcpSide): boolean => resentInVain !== null && resentInVain.times >= LEAST_RESENT;

/**
 * Whether nothing of what the server sent ever arrived, in a capture that lacks nothing but what the snapshot length cut off:
 * whatever that was, it was no handshake.
 * @param missing bytes of both sides that are not in the capture, and were not lost on the way
 */
const isAnswerLost = ({ client, server }: TcpFacts, missing: number): boolean =>
  missing > 0 &&
  missing <= (client.cut ?? 0) + (server.cut ?? 0) &&
  client.bytes > 0 &&
  server.resentInVain?.after === 0 &&
  isStuck(server);

/**
 * Whether a TLS 1.3 client repeats its second flight, which the server neither acknowledges nor answers: the server did
 * not get the Finished.
 */
function isFlightLost({ transcript }: Handshake, { client }: TcpFacts): boolean {
  const { resentInVain } = client;
  if (resentInVain?.after === undefined || !isStuck(client)) return false;
  let first = 0;
  let flight: Sent | undefined;
  for (const event of transcript) {
    if (event.from === 'client') {
      if (event.kind === 'message' && event.type === 'client_hello') first += event.length + HELLO_HEADERS;
      else if (event.kind === 'change_cipher_spec') first += CHANGE_CIPHER_SPEC_BYTES;
      else if (event.kind === 'encrypted_record') flight ??= event;
    } else if (flight !== undefined) {
      return false;
    }
  }
  return resentInVain.after <= first;
}

/** Bytes of the headers of the message and of its record. */
const HELLO_HEADERS = 4 + 5;
const CHANGE_CIPHER_SPEC_BYTES = 6;

/** Whether the client sent only a part of its ClientHello, or the snapshot length cut off the rest. */
function isPartialHello({ partialHello }: HandshakeSession, { client }: TcpFacts): boolean {
  return partialHello !== null && ((client.acknowledged && client.uncaptured === null) || client.cut !== undefined);
}

/**
 * Whether the server ended the connection before it encrypted anything (in TLS 1.3, its Finished is hidden), in a capture that has
 * all that it sent, and lacks nothing but what the snapshot length cut off from what the client said.
 * @param missing bytes of both sides that are not in the capture, and were not lost on the way
 */
const isBrokenOff = ({ views }: Handshake, { by }: Ending, { client, server }: TcpFacts, missing: number): boolean =>
  by === 'server' &&
  !views.server.finished &&
  views.server.applicationData === 0 &&
  server.missing === 0 &&
  missing <= (client.cut ?? 0);

/** A client that leaves within so many milliseconds of its ClientHello did not wait for an answer. */
const WITHDRAWN_MS = 10;

const clientHelloOf = (transcript: readonly Sent[]): Sent | undefined =>
  transcript.find((event) => event.kind === 'message' && event.type === 'client_hello');

/** Data that TCP does not send again within so many milliseconds did arrive: only the capture lacks it. */
const RESENT_MS = 1000;

/** Whether the capture lacks the last data of the side that ended the connection: it may have been an alert. */
function lacksFinalData(transcript: readonly Sent[], { by, at }: Ending, tcp: TcpFacts): boolean {
  const hello = clientHelloOf(transcript);
  if (by === 'none' || at === null || hello === undefined || tcp[by].uncaptured === null) return false;
  return millisecondsBetween(hello.at, at) < RESENT_MS;
}

/** Few paths have a longer round trip: a later SYN-ACK was delayed by a full backlog or a proxy. */
const LONGEST_ROUND_TRIP_MS = 750;
/** An answer takes a round trip, and the server may take as long again to write it. */
const ROUND_TRIPS_OF_ANSWER = 2;

/** Whether a reset in the client's name ended the connection that a device on the path sent. */
function isForeignReset({ how, frame }: Ending, { resets, client }: TcpFacts): boolean {
  const reset = how === 'reset' ? resets.find((one) => one.frame === frame) : undefined;
  return reset !== undefined && foreignSenderMark(reset, client) !== null;
}

/** Whether the client left before an answer to its ClientHello was due: then the handshake was not the reason. */
function isWithdrawn(transcript: readonly Sent[], ending: Ending, tcp: TcpFacts): boolean {
  const { syns, synAck, client, server } = tcp;
  const hello = clientHelloOf(transcript);
  const { by, frame, at } = ending;
  if (hello === undefined || by !== 'client' || frame === null || at === null) return false;
  if (isForeignReset(ending, tcp)) return false;
  if (server.firstData !== null && server.firstData.frame < frame) return false;
  const syn = syns.at(-1);
  // The client had the SYN-ACK when it sent data, even if the capture lacks it.
  const answered = synAck ?? client.firstData;
  const roundTrip = syn === undefined || answered === null ? 0 : millisecondsBetween(syn.at, answered.at);
  return (
    millisecondsBetween(hello.at, at) <=
    Math.max(WITHDRAWN_MS, ROUND_TRIPS_OF_ANSWER * Math.min(roundTrip, LONGEST_ROUND_TRIP_MS))
  );
}

/** Whether the client sent no data, by its own segments or by what the server acknowledges. */
const hasClientSaidNothing = ({ isVisible }: OutcomeFacts, { syns, synAcks, client }: TcpFacts): boolean =>
  syns.length + synAcks.length > 0 && client.bytes === 0 && client.missing <= (isVisible.client ? 0 : FIN_LENGTH);

/**
 * Whether an alert may be the answer to a client that left, as OpenSSL gives it: one that sent nothing before, or of which the
 * capture has nothing.
 */
const isAnswerToLeaving = ({ from, name }: Alert, { client }: TcpFacts, isClientVisible: boolean): boolean =>
  from === 'server' &&
  name === 'decode_error' &&
  client.bytes === 0 &&
  (client.missing <= FIN_LENGTH || !isClientVisible);

/** A FIN takes one sequence number (RFC 9293 §3.4), as a byte does. */
const FIN_LENGTH = 1;

/**
 * Whether an encrypted alert of the server may have come before what it seems to answer: the capture has data of the
 * client behind the frame that acknowledges it.
 */
const isUnordered = (alerts: readonly Alert[], { client }: TcpFacts): boolean =>
  client.late !== null && alerts.some(({ from, encrypted }) => encrypted && from === 'server');

/** Whether the capture lacks something that a side had sent or received before it reset the connection. */
function isResetBehindGap(ending: Ending, tcp: TcpFacts): boolean {
  const reset = ending.how === 'reset' ? tcp.resets.find(({ frame }) => frame === ending.frame) : undefined;
  if (reset === undefined || foreignSenderMark(reset, tcp[reset.from]) !== null) return false;
  return reset.followsUnseen === true || reset.acknowledgesUnseen === true;
}

/** Whether the capture lacks the ServerHello: the server has sent what only follows it. */
const lacksServerHello = ({ transcript, views }: Handshake): boolean =>
  views.server.applicationData > 0 &&
  !transcript.some((event) => event.kind === 'message' && isServerHello(event.type));

/** Whether the first FIN in the capture acknowledges something that the capture lacks, such as the FIN of the other side. */
const isAnsweredClose = ({ how, frame }: Ending, { fins }: TcpFacts): boolean =>
  how === 'close' && fins.some((fin) => fin.frame === frame && fin.acknowledgesUnseen === true);

/** Whether the capture ends too early: data that its receiver has not acknowledged would have been sent again. */
function isCutOff({ client, server }: TcpFacts): boolean {
  return [client, server].some(
    ({ bytes, acknowledged, retransmissions }) => bytes > 0 && !acknowledged && retransmissions === 0,
  );
}

/** The outcome: `failed` only where the facts show a failure. */
export function outcomeOf(facts: OutcomeFacts, established: boolean): Outcome {
  const { transport, quic } = facts;
  // A Heartbleed scanner does not want a handshake.
  if (!established && facts.handshake?.session.hasEarlyHeartbeat === true) return 'incomplete';
  switch (transport.kind) {
    case 'tcp':
      return tcpOutcome(facts, transport, established);
    case 'eapol':
    case 'radius':
      return eapOutcome(facts, transport, established);
    case 'udp':
      if (facts.protocol === 'gquic') return 'not-tls';
      return quic === null
        ? datagramOutcome(facts, transport, established)
        : quicOutcome({ ...facts, quic, udp: transport });
  }
}

function tcpOutcome(facts: OutcomeFacts, tcp: TcpFacts, established: boolean): Outcome {
  const { handshake, alerts, ending, isVisible } = facts;
  if (handshake === null) return tcpConnectOutcome(facts, tcp);
  const { session, transcript } = handshake;
  const missing = tcp.client.missing - tcp.client.lost + tcp.server.missing - tcp.server.lost;
  if (!facts.isTls) {
    if (!isRefused(facts.preamble)) return 'not-tls';
    // The client may go on without TLS in what the capture lacks, or has in another order.
    const cut = (tcp.client.cut ?? 0) + (tcp.server.cut ?? 0);
    if (missing > cut || (tcp.client.late ?? tcp.server.late) !== null) return 'incomplete';
    // If the capture ends with the refusal, the client may still go on without TLS.
    return ending.how === 'none' && !asksProxy(facts.preamble) ? 'incomplete' : 'failed';
  }
  if (established) return 'established';
  // A probe that connects and leaves; some servers answer that with an alert.
  if (hasClientSaidNothing(facts, tcp)) return 'not-tls';
  const hasHello = hasSent(transcript, 'client', 'client_hello') || isPartialHello(session, tcp);
  // If the handshake is not in the capture, an alert after the other side's FIN may only be a response to that FIN.
  const isEcho = ({ from, frame }: Alert): boolean =>
    (!hasHello || missing > 0) && hasClosedBefore(tcp.fins, from === 'client' ? 'server' : 'client', frame);
  const isDue = (alert: Alert): boolean =>
    !isEcho(alert) && (hasHello || !isAnswerToLeaving(alert, tcp, isVisible.client));
  if (alerts.some((alert) => alert.level === 'fatal' && isDue(alert))) return 'failed';
  const isAnswered = alerts.some((alert) => alert.from === 'server' && !alert.encrypted && !isEcho(alert));
  if (facts.hasPlaintext && !hasHello && isAnswered) return 'failed';
  if (isAnswerLost(tcp, missing)) return 'failed';
  // If the beginning is missing, an encrypted alert is usually the close_notify of a connection that worked.
  const isUnreliable =
    (missing > 0 && !isBrokenOff(handshake, ending, tcp, missing)) ||
    isIncoherent(session, facts, tcp) ||
    isUnordered(alerts, tcp) ||
    isResetBehindGap(ending, tcp) ||
    isAnsweredClose(ending, tcp) ||
    lacksServerHello(handshake);
  if (!hasHello || !isVisible.server || isUnreliable) return 'incomplete';
  if (isVisible.client && alerts.some(({ encrypted }) => encrypted)) return 'failed';
  if (isWithdrawn(transcript, ending, tcp) || lacksFinalData(transcript, ending, tcp)) return 'incomplete';
  // A capture that lacks the beginning may lack more, so silence at its end means nothing.
  const isLate = tcp.syns.length === 0;
  if (ending.how === 'none') return isStuck(tcp.client) || isStuck(tcp.server) ? 'failed' : 'incomplete';
  if (ending.how === 'timeout' && (isLate || isCutOff(tcp))) return 'incomplete';
  return 'failed';
}

/**
 * A message that was sent again this often before silence got no answer. Each wait is twice as long as the one before.
 */
const LEAST_RESENT_BEFORE_SILENCE = 2;
/** Milliseconds within which an answer comes. */
const LEAST_RESENT_MS = 1000;
/** This many HelloVerifyRequests are a loop; a second one may answer an expired cookie. */
const LEAST_COOKIE_REQUESTS = 3;

/**
 * The outcome over datagrams, which have no visible end. It failed if there is a fatal alert, an ICMP refusal, or
 * silence after repeats; without these, the capture may just have ended too early.
 */
function datagramOutcome(
  { handshake, alerts, ending, isVisible }: OutcomeFacts,
  { client, server, icmp }: UdpFacts,
  established: boolean,
): Outcome {
  if (established) return 'established';
  if (handshake === null) return 'incomplete';
  const { session, transcript } = handshake;
  const hasHello = hasSent(transcript, 'client', 'client_hello') || session.partialHello !== null;
  if (alerts.some(({ level }) => level === 'fatal')) return 'failed';
  if (!hasHello || !isVisible.client || client.missing + server.missing > 0) return 'incomplete';
  // A client that goes on has had an answer, which the capture lacks; what comes back then is about its later messages.
  const [, ...behindHello] = transcript.filter(({ from }) => from === 'client');
  const hasGoneOn = behindHello.length > 0;
  if (!isVisible.server && hasGoneOn) return 'incomplete';
  if (!isVisible.server && icmp.some(isUndeliverableToServer)) return 'failed';
  const isGoodbye = session.transcript.events.some((event) => event.kind === 'encrypted_record' && event.isBehindGap);
  if (alerts.some(({ encrypted }) => encrypted)) return isGoodbye ? 'incomplete' : 'failed';
  const isInVain = isResentInVain(transcript, client) || isResentInVain(transcript, server);
  if (isInVain || isCookieLoop(transcript)) return 'failed';
  if (hasGivenUp(alerts, client.mostResent ?? server.mostResent)) return 'failed';
  // The client has closed its port: it has given up.
  if (isVisible.server && icmp.some(({ about, meaning }) => about === 'server' && meaning === 'port-unreachable')) {
    return 'failed';
  }
  const resent = Math.max(client.mostResent?.times ?? 0, server.mostResent?.times ?? 0);
  return ending.how === 'timeout' && resent >= LEAST_RESENT_BEFORE_SILENCE ? 'failed' : 'incomplete';
}

/**
 * Whether a side sent a message again, so often and for so long that no answer can still be on its way, even if the
 * capture ends before the side gives up. The first copies may come quickly: WebRTC waits 50 ms.
 */
function isResentInVain(transcript: readonly Sent[], { mostResent }: UdpSide): boolean {
  if (mostResent === null || mostResent.times < LEAST_RESENT) return false;
  const { from, message, at } = mostResent;
  const first = transcript.find((event) => event.kind === 'message' && event.from === from && event.type === message);
  return first !== undefined && millisecondsBetween(first.at, at) >= LEAST_RESENT_MS;
}

/** Whether a side ended the handshake in the clear after one had sent a message again in vain. */
const hasGivenUp = (alerts: readonly Alert[], resent: UdpSide['mostResent']): boolean =>
  resent !== null &&
  alerts.some(({ encrypted, name, frame }) => !encrypted && name === 'close_notify' && frame > resent.frame);

/** Whether the server asks for a cookie again and again (RFC 6347 §4.2.1), and never continues. */
function isCookieLoop(transcript: readonly Sent[]): boolean {
  const requests = transcript.filter((event) => event.kind === 'message' && event.type === 'hello_verify_request');
  return requests.length >= LEAST_COOKIE_REQUESTS && !hasSent(transcript, 'server', 'server_hello');
}

/**
 * The outcome over EAP: EAP says itself how it ended; if it does not, repeats or silence decide. Without these the capture may
 * just have ended too early, unless it stops where packets get lost.
 */
function eapOutcome(
  { alerts, ending, eap, isVisible }: OutcomeFacts,
  carrier: EapCarrierFacts,
  established: boolean,
): Outcome {
  const { client, server, unanswered, isAlone } = carrier;
  if (established) return 'established';
  const result = eap?.result ?? null;
  // A method without TLS.
  if (result !== null) return result.isSuccess ? 'not-tls' : 'failed';
  if (alerts.some(({ level }) => level === 'fatal')) return 'failed';
  if (client.missing + server.missing > 0 || eap?.isLate === true) return 'incomplete';
  if (!isVisible.server && isAnswering(carrier, eap)) return 'incomplete';
  if (isAnswerUnread(carrier)) return 'incomplete';
  if ((unanswered?.times ?? 0) > 1) return 'failed';
  return ending.how === 'timeout' || (isAlone && stopsWherePacketsGetLost(carrier, eap)) ? 'failed' : 'incomplete';
}

/** EAP packets of more bytes do not fit into an Ethernet packet with their RADIUS attributes, so IP fragments them. */
export const LARGE_EAP = 1200;

/**
 * Whether a conversation that fills its capture stops where one does whose packets get lost: behind a fragment or a
 * large packet, or before the first method, where a RADIUS server that does not accept the switch is silent.
 */
function stopsWherePacketsGetLost({ client, server }: EapCarrierFacts, eap: EapFacts | null): boolean {
  if (server.hasMore) return true;
  if ((client.last?.frame ?? 0) < (server.last?.frame ?? 0)) return false;
  return client.lastLength > LARGE_EAP || (server.bytes === 0 && eap?.started.length === 0);
}

/**
 * Whether the supplicant answers requests: each of its packets is a response (RFC 3748 §4.1), but the switch itself
 * asks for the identity that the first RADIUS request holds.
 */
const isAnswering = ({ kind }: EapCarrierFacts, eap: EapFacts | null): boolean =>
  eap?.packets.some(({ from, type }) => from === 'client' && (kind === 'eapol' || type !== 'Identity')) === true;

/** Whether the RADIUS server answered the last request with a packet that holds no EAP packet that can be read. */
const isAnswerUnread = ({ kind, client, server, unanswered }: EapCarrierFacts): boolean =>
  kind === 'radius' && unanswered === null && (client.last?.frame ?? 0) > (server.last?.frame ?? 0);
