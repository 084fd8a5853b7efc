import { certificateMessage } from '../../connection/certificate-message.js';
import type { Alert, Connection, Sighting } from '../../connection/connection.js';
import { libraryOf, type Library } from '../../knowledge/stacks/recognise.js';
import { memoizeLast } from '../../memoize.js';
import { isOpenVpn } from '../../preamble/preamble.js';
import { canBeAlert, canBePaddedAlert, mustHoldCertificate } from '../../tls/record/sizes.js';
import { fatalAlert } from './alerts.js';
import { encryptsHandshake } from './offers.js';
import { encryptedDataRecords, openedCertificate, openedMessage, protectionOf } from './progress.js';

// Whether a client could prove that it has the key of its certificate.

/**
 * Stacks that write each message of a TLS 1.3 flight to a record of its own, so that sizes show which ones there are.
 */
const ONE_MESSAGE_A_RECORD: ReadonlySet<Library> = new Set(['OpenSSL', 'Go', 'JSSE']);

/**
 * The certificate that a client sent before it left without the CertificateVerify that must follow (RFC 8446 §4.4.3,
 * RFC 5246 §7.4.8); undefined if this did not happen. In TLS 1.3 without keys: the record that holds it.
 */
export const unsignedCertificate = memoizeLast((connection: Connection): Sighting | undefined => {
  const { messages, alerts, ending, transport, clientCertificates, serverHello } = connection;
  if (transport.client.missing > 0 || serverHello?.resumed !== false) return undefined;
  if (ending.by === 'server' && fatalAlert(connection, 'client') === undefined) return undefined;
  if (alerts.some(({ from }) => from === 'server')) return undefined;
  const isTls13 = serverHello.version === 'TLS 1.3';
  if (isTls13 && openedCertificate(connection, 'client') === undefined) {
    // After a decrypted Finished, everything that the client sends is data.
    return openedMessage(connection, 'client', 'finished') === undefined ? unsignedBySizes(connection) : undefined;
  }
  const sent = certificateMessage(connection, 'client');
  if (sent === undefined || clientCertificates.length === 0 || connection.outcome !== 'failed') return undefined;
  const rest = messages.filter(({ from, frame }) => from === 'client' && frame >= sent.frame);
  const hasGoneOn = rest.some(({ type, encrypted }) => encrypted || type === 'certificate_verify');
  if (hasGoneOn) return undefined;
  const alert = fatalAlert(connection, 'client');
  if (alert !== undefined) {
    // Java sends the other one in TLS 1.3, where complaints about the server come before its certificate.
    const isOwn = alert.name === 'internal_error' || (isTls13 && alert.name === 'handshake_failure');
    return isOwn && alert.frame >= sent.frame ? sent : undefined;
  }
  const isDue = isTls13 || rest.some(({ type }) => type === 'client_key_exchange');
  return ending.by === 'client' && isDue ? sent : undefined;
});

/**
 * The certificate that a client sent before TLS 1.3, if it went on to its Finished without the CertificateVerify that must
 * follow; undefined if this did not happen.
 */
export function unprovenCertificate(connection: Connection): Sighting | undefined {
  const { outcome, messages, encryptedRecords, transport, clientCertificates, serverHello } = connection;
  if (outcome !== 'failed' || serverHello?.resumed !== false || clientCertificates.length === 0) return undefined;
  if (encryptsHandshake(serverHello.version) || transport.client.missing > 0) return undefined;
  const sent = certificateMessage(connection, 'client');
  if (sent === undefined) return undefined;
  const rest = messages.filter(({ from, frame }) => from === 'client' && frame >= sent.frame);
  const exchange = rest.find(({ type }) => type === 'client_key_exchange');
  if (exchange === undefined || rest.some(({ type, isBehindGap }) => isBehindGap || type === 'certificate_verify'))
    return undefined;
  const finished = [...rest.filter(({ encrypted }) => encrypted), ...encryptedRecords].filter(
    ({ from, frame }) => from === 'client' && frame >= exchange.frame,
  );
  // Over UDP, a lost datagram may have held it, unless the client sent its flight again, and without it again.
  const times = new Set(finished.map(({ frame }) => frame)).size;
  return times >= (transport.kind === 'udp' ? 2 : 1) ? sent : undefined;
}

/**
 * The alert with which a GnuTLS client answers a CertificateRequest if the key usage of its own certificate does not permit
 * signatures; undefined if there is none. Recorded of 3.7.9 in TLS 1.2: internal_error, and no Certificate.
 */
export function unusableByUsage({ clientHello, certificateRequest, messages, alerts }: Connection): Alert | undefined {
  if (clientHello === null || certificateRequest === null || libraryOf(clientHello) !== 'GnuTLS') return undefined;
  const done = messages.find(({ from, type }) => from === 'server' && type === 'server_hello_done');
  const isFirst = messages.every(({ from, type }) => from === 'server' || type === 'client_hello');
  const [alert] = alerts;
  const isSaid = alert?.from === 'client' && alert.level === 'fatal' && alert.name === 'internal_error';
  return isSaid && isFirst && done !== undefined && alert.frame > done.frame ? alert : undefined;
}

/**
 * Whether an OpenVPN client that was asked for a certificate before TLS 1.3 closed the connection in its place. OpenSSL writes a
 * flight as a whole, so that nothing of it is sent if the key cannot sign (OpenVPN 2.6.14 on OpenSSL 3.0.22, with a PKCS #11 token).
 */
export function leftUponRequest({ certificateRequest, serverHello, preamble, messages, ending }: Connection): boolean {
  if (certificateRequest === null || !isOpenVpn(preamble)) return false;
  if (encryptsHandshake(serverHello?.version) || ending.by !== 'client') return false;
  const isDone = messages.some(({ from, type }) => from === 'server' && type === 'server_hello_done');
  return isDone && messages.every(({ from, type }) => from === 'server' || type === 'client_hello');
}

/** As `unsignedCertificate`, by the sizes of encrypted records: one with a certificate, then an alert or nothing. */
function unsignedBySizes(connection: Connection): Sighting | undefined {
  const { clientHello, serverHello, ending, encryptedRecords } = connection;
  const library = clientHello === null ? null : libraryOf(clientHello);
  if (library === null || !ONE_MESSAGE_A_RECORD.has(library) || ending.by !== 'client') return undefined;
  const protection = protectionOf(connection);
  const [first, ...rest] = encryptedDataRecords(connection, 'client').filter(
    ({ frame }) => frame >= (serverHello?.frame ?? 0),
  );
  if (first === undefined || !mustHoldCertificate(protection, first.length)) return undefined;
  if (rest.length > 1 || encryptedRecords.some(({ from, frame }) => from === 'server' && frame > first.frame)) {
    return undefined;
  }
  const isAlert = ({ length }: { readonly length: number }): boolean =>
    canBeAlert(protection, length) || canBePaddedAlert(protection, length);
  return rest.every(isAlert) ? first : undefined;
}
