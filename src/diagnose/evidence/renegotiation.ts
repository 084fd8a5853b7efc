import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Alert, Connection, EncryptedRecord, HandshakeMessage } from '../../connection/connection.js';
import { memoizeLast } from '../../memoize.js';
import {
  canBeAlert,
  canBeEmptyCertificate,
  canBeEmptyCertificateBehind,
  canBeFinished,
  canBeUsualCertificateVerify,
  mustHoldCertificate,
} from '../../tls/record/sizes.js';
import { type Citation, alertEvidence, evidence } from './citations.js';
import { versionRank } from './offers.js';
import { encryptedDataRecords, hasSentBehind, protectionOf } from './progress.js';

/** The client's answer to a request for a certificate after the handshake, which the server refused. */
export interface RefusedAnswer {
  /** By a renegotiation (up to TLS 1.2), or by a request of TLS 1.3 (RFC 8446 §4.6.2). */
  readonly by: 'renegotiation' | 'post-handshake-authentication';
  /** The client's Certificate message, encrypted. */
  readonly certificate: HandshakeMessage | EncryptedRecord;
  /** Whether it is empty, by its size. */
  readonly isEmpty: boolean;
  readonly evidence: readonly Citation[];
}

/**
 * Messages of the client's second flight, without a certificate (Certificate, ClientKeyExchange, Finished) and with one
 * (CertificateVerify too).
 */
const WITHOUT_CERTIFICATE = 3;
const WITH_CERTIFICATE = 4;

/**
 * Up to TLS 1.2: the server begins another handshake, as servers do that want a certificate only for some paths
 * (Apache), and ends it with an alert instead of its Finished after the client's answer. Undefined unless each message
 * has a record of its own.
 */
export const refusedInRenegotiation = memoizeLast((connection: Connection): RefusedAnswer | undefined => {
  const { messages, alerts, serverHello, protocol, outcome } = connection;
  // Over DTLS, a repeated flight looks the same.
  if (outcome !== 'established' || protocol !== 'tls' || serverHello === null) return undefined;
  if (alerts.length === 0) return undefined;
  if (versionRank(serverHello.version) >= versionRank('TLS 1.3')) return refusedBehindHandshake(connection);
  const [one, other, request, ...rest] = messages.filter(({ encrypted }) => encrypted);
  if (one === undefined || one.from === other?.from || request?.from !== 'server') return undefined;
  const begin = rest.findLastIndex(({ from }) => from === 'server') + 1;
  const answer = rest.slice(begin);
  const [certificate] = answer;
  const last = answer.at(-1);
  if (begin < 2 || certificate === undefined || last === undefined) return undefined;
  const isEmpty = canBeEmptyCertificate(protectionOf(connection), certificate.length);
  // A server refuses an empty one at once, and the client may send the rest later (Java 17).
  const isWhole = answer.length === (isEmpty ? WITHOUT_CERTIFICATE : WITH_CERTIFICATE);
  if (!isWhole && !(isEmpty && answer.length < WITHOUT_CERTIFICATE)) return undefined;
  const alert = refusalBehind(alerts, isWhole ? last.frame : certificate.frame);
  if (alert === undefined || hasSentBehind(connection, alert)) return undefined;
  return {
    by: 'renegotiation',
    certificate,
    isEmpty,
    evidence: [evidence(request, 'seenRenegotiation'), ...alertEvidence(alert)],
  };
});

/** Milliseconds within which a server refuses an answer, with room for a slow check. */
const REFUSAL_MS = 2000;

/**
 * TLS 1.3 with post-handshake authentication: the client's answer has the sizes of Certificate, CertificateVerify and Finished,
 * or of an empty Certificate and Finished, and the server ends the connection at once with an encrypted alert (Apache 2.4 with
 * OpenSSL 3.0).
 */
function refusedBehindHandshake(connection: Connection): RefusedAnswer | undefined {
  const { alerts, clientHello } = connection;
  const [alert] = alerts;
  if (clientHello?.extensions.includes('post_handshake_auth') !== true) return undefined;
  if (alert?.from !== 'server' || !alert.encrypted || hasSentBehind(connection, alert)) return undefined;
  const asked = encryptedDataRecords(connection, 'server').findLast(({ frame }) => frame < alert.frame);
  if (asked === undefined) return undefined;
  const sent = encryptedDataRecords(connection, 'client');
  const isAsked = sent.filter(({ frame }) => frame < asked.frame).length > 1;
  const answer = sent.filter(({ frame }) => frame > asked.frame && frame <= alert.frame);
  const [certificate, second] = answer;
  const last = answer.at(-1);
  if (!isAsked || certificate === undefined || second === undefined || last === undefined) return undefined;
  const protection = protectionOf(connection);
  // What comes in the segment of the alert stands before it: the server has gone on.
  const isAlone = ({ frame, length }: EncryptedRecord): boolean =>
    frame !== alert.frame || canBeAlert(protection, length);
  if (!encryptedDataRecords(connection, 'server').every(isAlone)) return undefined;
  if (!canBeFinished(protection, last.length) || millisecondsBetween(last.at, alert.at) > REFUSAL_MS) return undefined;
  const isEmpty = answer.length === 2 && canBeEmptyCertificateBehind(protection, certificate.length);
  const isSigned =
    answer.length === 3 &&
    mustHoldCertificate(protection, certificate.length) &&
    canBeUsualCertificateVerify(protection, second.length);
  if (!isEmpty && !isSigned) return undefined;
  return { by: 'post-handshake-authentication', certificate, isEmpty, evidence: alertEvidence(alert) };
}

/** The first alert, if it is the server's and comes after that frame. */
function refusalBehind([first]: readonly Alert[], frame: number): Alert | undefined {
  return first?.from === 'server' && first.frame >= frame ? first : undefined;
}
