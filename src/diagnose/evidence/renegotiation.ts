import type { Alert, Connection, HandshakeMessage } from '../../connection/connection.js';
import { memoizeLast } from '../../memoize.js';
import { canBeEmptyCertificate } from '../../tls/record/sizes.js';
import { type Citation, alertEvidence, evidence } from './citations.js';
import { versionRank } from './offers.js';
import { hasSentBehind, protectionOf } from './progress.js';

/** A renegotiation in which the server refused the client's answer to its request for a certificate. */
export interface RefusedAnswer {
  /** The client's Certificate message, encrypted. */
  readonly certificate: HandshakeMessage;
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
  if (alerts.length === 0 || versionRank(serverHello.version) >= versionRank('TLS 1.3')) return undefined;
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
    certificate,
    isEmpty,
    evidence: [evidence(request, 'seenRenegotiation'), ...alertEvidence(alert)],
  };
});

/** The first alert, if it is the server's and comes after that frame. */
function refusalBehind([first]: readonly Alert[], frame: number): Alert | undefined {
  return first?.from === 'server' && first.frame >= frame ? first : undefined;
}
