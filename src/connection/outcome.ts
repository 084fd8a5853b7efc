import { millisecondsBetween } from '../capture/timestamp.js';
import type { Preamble } from '../preamble/preamble.js';
import { isTls13 } from '../tls/wire/registry/names.js';
import type { TlsSession } from '../tls/session.js';
import type { Alert, Ending, Outcome, Phase, Side, TcpFacts } from './connection.js';

/**
 * Reading an outcome off the wire. Where TLS hides it, the sizes of records tell: this is the one place for that.
 */

export { SILENCE_MS } from '../transport/flow.js';

const PADDED_ALERT_LENGTH = 35;

/**
 * An encrypted TLS 1.3 alert: two bytes, the content type, and the tag (RFC 8446 §5.2): 16 bytes, 8 for CCM_8. Java
 * pads every record with 16 zeros.
 */
const ENCRYPTED_ALERT_LENGTHS: ReadonlySet<number> = new Set([19, PADDED_ALERT_LENGTH, 11]);

/**
 * Ports that never speak TLS from the first byte: a failed TCP connection to one of them is no failed handshake.
 * Ports on which TLS starts after a preamble count as plaintext here.
 */
const PLAINTEXT_PORTS: ReadonlySet<number> = new Set([
  7, 9, 13, 19, 20, 21, 22, 23, 25, 37, 43, 53, 69, 70, 79, 80, 88, 110, 111, 113, 119, 135, 137, 138, 139, 143, 161,
  179, 389, 445, 512, 513, 514, 515, 548, 554, 587, 873, 1080, 1433, 1521, 1723, 1883, 2049, 3128, 3306, 3389, 5060,
  5222, 5432, 5900, 6000, 6379, 6667, 8000, 8080, 9100, 11211, 27017,
]);

/** What a session shows of one side, as client or server. */
export interface SideView {
  readonly changedCipher: boolean;
  /** Encrypted handshake records behind ChangeCipherSpec: TLS 1.2's Finished. */
  readonly finished: boolean;
  readonly applicationData: number;
  /** Lengths of its first encrypted records, in order. */
  readonly encryptedLengths: readonly number[];
  /** Whether it may pad its records, as Java does: no Finished without padding is in view. */
  readonly mayPad: boolean;
  /** Its last encrypted record is an alert by its length, as TLS 1.3 writes it. */
  readonly endsWithEncryptedAlert: boolean;
}

/** Everything the judgement of the outcome needs. */
export interface OutcomeFacts {
  readonly preamble: Preamble | null;
  readonly session: TlsSession | null;
  /** Of both directions; null without a session. */
  readonly views: readonly [SideView, SideView] | null;
  readonly clientDirection: 0 | 1;
  readonly serverPort: number;
  readonly alerts: readonly Alert[];
  readonly tcp: TcpFacts;
  readonly ending: Ending;
  /** Whether any segment of each side is in the capture. */
  readonly isVisible: Readonly<Record<Side, boolean>>;
}

/** What `session` shows of one direction. */
export function viewOf(session: TlsSession, direction: 0 | 1): SideView {
  const encryptedLengths: number[] = [];
  for (const record of session.encryptedRecords) {
    if (record.direction === direction && record.type === APPLICATION_DATA) encryptedLengths.push(record.length);
  }
  const applicationData = session.applicationDataRecords[direction];
  const last = encryptedLengths.at(-1);
  const mayPad = !encryptedLengths.includes(finishedLength(session));
  return {
    changedCipher: session.cipherChanges.some((change) => change.direction === direction),
    finished: session.messages.some((message) => message.direction === direction && message.type === null),
    applicationData,
    encryptedLengths,
    mayPad,
    endsWithEncryptedAlert:
      last !== undefined && encryptedLengths.length === applicationData && isAlert({ mayPad }, last),
  };
}

const APPLICATION_DATA = 23;

/** The encrypted TLS 1.3 alerts with which a direction ends: one, or all that it answered the other's last words with. */
export function encryptedAlerts(session: TlsSession, view: SideView, direction: 0 | 1): TlsSession['encryptedRecords'] {
  const { encryptedRecords } = session;
  const heard = encryptedRecords.findLastIndex((record) => record.direction !== direction);
  const answers = encryptedRecords.slice(heard + 1);
  const isAnswer = heard >= 0 && answers.length > 0;
  if (isAnswer && answers.every(({ length }) => isAlert(view, length))) return answers;
  return encryptedRecords.filter((record) => record.direction === direction).slice(-1);
}

/**
 * Whether an encrypted TLS 1.3 record of a direction holds an alert, by its length. That of a padded alert is also that
 * of a short request: a Finished without padding rules it out.
 */
function isAlert({ mayPad }: Pick<SideView, 'mayPad'>, length: number): boolean {
  return ENCRYPTED_ALERT_LENGTHS.has(length) && (length !== PADDED_ALERT_LENGTH || mayPad);
}

/** The length of an encrypted Finished: a header of 4 bytes, the hash, the content type, the tag (RFC 8446 §4.4.4). */
function finishedLength({ cipherSuite }: TlsSession): number {
  return 4 + (cipherSuite === TLS_AES_256_GCM_SHA384 ? 48 : 32) + 1 + 16;
}

const TLS_AES_256_GCM_SHA384 = 0x1302;

const saysMessage = (session: TlsSession, direction: 0 | 1, type: number): boolean =>
  session.messages.some((message) => message.direction === direction && message.type === type);

/** How a TLS 1.3 handshake went, by the sizes of what each side sent encrypted. */
function isTls13Established(session: TlsSession, client: SideView, server: SideView, facts: OutcomeFacts): boolean {
  if (server.applicationData === 0) return false;
  if (client.applicationData === 0) return false;
  // A client that has nothing to say but an alert has refused the server's flight.
  const isRefusal = client.applicationData === 1 && client.endsWithEncryptedAlert;
  if (isRefusal) return false;
  return !isServerRefusal13(session, client, server, facts);
}

/** A server that refuses the client's flight does so at once; in milliseconds, with room for a slow check. */
const REFUSAL_MS = 2000;

/**
 * A server whose only words after the client's flight are alerts has refused the client (GnuTLS sends two). It says
 * good-bye if the client did before, or much later.
 */
function isServerRefusal13(
  session: TlsSession,
  client: SideView,
  server: SideView,
  { clientDirection, tcp: { fins } }: OutcomeFacts,
): boolean {
  if (!server.endsWithEncryptedAlert) return false;
  const records = session.encryptedRecords;
  const flight = records.findIndex((record) => record.direction === clientDirection);
  const answers = records.filter((record, index) => index > flight && record.direction !== clientDirection);
  const [answer] = answers;
  if (flight < 0 || answer === undefined || answers.some(({ length }) => !isAlert(server, length))) return false;
  const isLeaving = records.some(
    (record, index) =>
      index > flight &&
      record.direction === clientDirection &&
      record.frame < answer.frame &&
      isAlert(client, record.length),
  );
  if (isLeaving || fins.some(({ from, frame }) => from === 'client' && frame < answer.frame)) return false;
  const finished = records.findLast((record) => record.direction === clientDirection && record.frame < answer.frame);
  return finished === undefined || millisecondsBetween(finished.at, answer.at) <= REFUSAL_MS;
}

/** Whether the handshake is seen to be complete. */
export function isEstablished(facts: OutcomeFacts): boolean {
  const { session, clientDirection, isVisible, views } = facts;
  if (session === null || views === null) return false;
  const client = views[clientDirection];
  const server = views[clientDirection === 0 ? 1 : 0];
  const hasHello = session.messages.some(({ type }) => type === 1 || type === 2);
  if (!hasHello) return client.applicationData + server.applicationData > 0;
  if (isTls13(session.version)) {
    if (!isVisible.client) return server.encryptedLengths.length > 1;
    return isTls13Established(session, client, server, facts);
  }
  if (session.version === 0) {
    // The ServerHello is not there. TLS 1.3 has no handshake records behind ChangeCipherSpec: this is an older version.
    if (client.finished && server.finished) return true;
    // Only the client's side is there, and the version is not known: its one record may be TLS 1.3's alert.
    const isRefusal = !client.finished && client.applicationData === 1 && client.endsWithEncryptedAlert;
    return !isVisible.server && client.changedCipher && client.applicationData > 0 && !isRefusal;
  }
  if (server.applicationData > 0) return true;
  if (client.finished && server.finished) return true;
  // A client may send data before it has the server's Finished (False Start, RFC 7918).
  if (client.finished && client.applicationData > 0) return true;
  return !isVisible.client && server.finished;
}

/** The furthest step that was reached. */
export function phaseOf(facts: OutcomeFacts, established: boolean): Phase {
  const { session, clientDirection, tcp, views } = facts;
  const serverDirection = clientDirection === 0 ? 1 : 0;
  if (session === null || views === null) return 'tcp-connect';
  const client = views[clientDirection];
  const server = views[serverDirection];
  if (established) {
    const isTls13Data = isTls13(session.version) && client.applicationData > 1 && server.applicationData > 0;
    const isData = !isTls13(session.version) && client.applicationData + server.applicationData > 0;
    return isTls13Data || isData ? 'application-data' : 'finished';
  }
  if (isTls13(session.version)) {
    if (client.applicationData > 0 && !client.endsWithEncryptedAlert) return 'finished';
    if (server.applicationData > 0) return 'server-certificate';
  }
  if (client.finished) return 'finished';
  if (saysMessage(session, clientDirection, 11)) return 'client-certificate';
  if (saysMessage(session, serverDirection, 11)) return 'server-certificate';
  if (saysMessage(session, serverDirection, 2)) return 'server-hello';
  if (saysMessage(session, clientDirection, 1) || session.partialHello !== null) return 'client-hello';
  return tcp.client.bytes + tcp.server.bytes > 0 ? 'preamble' : 'tcp-connect';
}

/** Whether the TCP handshake itself failed: refused, or unanswered for long enough. */
function tcpOutcome({ tcp, ending, serverPort, isVisible }: OutcomeFacts): Outcome {
  if (tcp.syns.length === 0 || tcp.synAck !== null || PLAINTEXT_PORTS.has(serverPort)) return 'not-tls';
  if (tcp.resets.some(({ from }) => from === 'server')) return 'failed';
  if (isVisible.server) return 'not-tls';
  const isRepeated = tcp.syns.length > 1;
  return isRepeated || ending.how === 'timeout' ? 'failed' : 'incomplete';
}

/** Whether bytes are in view that make no sense: the capture lacks what came before them, or they are not TLS alone. */
function isIncoherent(session: TlsSession, tcp: TcpFacts): boolean {
  const isLate = tcp.syns.length === 0 && tcp.synAck === null;
  return (
    session.problems.some(({ code }) => code === 'record-boundary-lost') || (isLate && session.plaintext.length > 0)
  );
}

/** Whether TLS, or the way to it, was refused before it began. */
function isRefused(preamble: Preamble | null): boolean {
  return preamble !== null && (preamble.answer === 'refused' || isRefused(preamble.next));
}

/** Times that a first segment is sent again, each after twice the time, before it is clear that it never arrives. */
const LEAST_RESENT = 3;

/** Whether the client's ClientHello never arrives, though the capture ends before the client gives up. */
function isInVain({ client, server }: TcpFacts): boolean {
  return server.bytes === 0 && client.resentInVain !== null && client.resentInVain.times >= LEAST_RESENT;
}

/** The outcome, of facts alone: what failed is seen to have failed. */
export function outcomeOf(facts: OutcomeFacts, established: boolean): Outcome {
  const { session, alerts, ending, tcp, isVisible, clientDirection } = facts;
  if (session === null) return tcpOutcome(facts);
  if (!session.isTls) return isRefused(facts.preamble) ? 'failed' : 'not-tls';
  if (established) return 'established';
  // A probe that connects and leaves: some servers complain of that.
  if (isVisible.client && tcp.client.bytes + tcp.client.missing === 0 && tcp.syns.length > 0) return 'not-tls';
  const hasHello = saysMessage(session, clientDirection, 1);
  // A complaint of the end that the other side made says nothing of a handshake that is not in view.
  const isEcho = ({ from, frame }: Alert): boolean =>
    !hasHello && tcp.fins.some((fin) => fin.from !== from && fin.frame < frame);
  if (alerts.some((alert) => alert.level === 'fatal' && !isEcho(alert))) return 'failed';
  // Behind a late start, an encrypted alert is mostly the good-bye of a connection that worked.
  const missing = tcp.client.missing - tcp.client.lost + tcp.server.missing - tcp.server.lost;
  const isPoor = missing > 0 || isIncoherent(session, tcp);
  if (!hasHello || !isVisible.server || isPoor) return 'incomplete';
  if (isVisible.client && alerts.some(({ encrypted }) => encrypted)) return 'failed';
  // A capture that lacks the beginning lacks more, so that silence at its end means nothing.
  const isLate = tcp.syns.length === 0;
  if (ending.how === 'none') return isInVain(tcp) ? 'failed' : 'incomplete';
  if (ending.how === 'timeout' && isLate) return 'incomplete';
  return 'failed';
}
