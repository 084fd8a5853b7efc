import type { Alert, Connection, Sighting } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import { endpointText } from '../../connection/endpoint.js';
import type { Certificate } from '../../x509/certificate.js';
import { withoutGreaseAndSignals } from './offers.js';
import { memoizeLast, memoize } from '../../memoize.js';
import type { Data, Evidence } from '../rule.js';

/**
 * The facts that many rules cite, in one wording. A rule that uses a builder of this file spreads EVIDENCE_MESSAGES into
 * its own messages.
 */
export const EVIDENCE_MESSAGES = {
  seenClientHello: 'ClientHello: {versions}; server name: {serverName}; {count} cipher suites',
  seenServerHello: 'ServerHello: {version}, {cipherSuite}',
  seenCertificate: 'certificate {subject}, issued by {issuer}, valid {notBefore} to {notAfter}, serial {serialNumber}',
  seenHiddenCertificate: 'encrypted flight of the server, its certificate in it (TLS 1.3)',
  seenEmptyCertificate: 'Certificate message without a certificate',
  seenCertificateRequest: 'CertificateRequest: the server asks for a certificate',
  seenAlert: '{level} alert {name} ({code})',
  seenHiddenAlert: 'encrypted alert (by the size of its record; what it says is hidden)',
  seenEncryptedAlert: 'encrypted alert; what it says is hidden',
  seenReset: 'TCP reset (TTL {ttl})',
  seenFin: 'closes the connection (TCP FIN)',
  seenSyn: 'TCP SYN',
  seenSynAck: 'TCP SYN-ACK: the server accepts the connection',
  seenPlaintext: 'plaintext: {words}',
  seenNeighbour: 'another connection ({client}) to this server worked: {what}',
} as const;

/** Evidence at a sighting. */
export function evidence({ frame, at, from }: Sighting, messageId: string, data: Data = {}): Evidence {
  return { frame, at, from, messageId, data };
}

/** The ClientHello; empty if there is none. */
export const clientHelloEvidence = memoizeLast(({ clientHello }: Connection): Evidence[] => {
  if (clientHello === null) return [];
  return [
    evidence({ frame: clientHello.frame, at: clientHello.at, from: 'client' }, 'seenClientHello', {
      versions: withoutGreaseAndSignals(clientHello.supportedVersions),
      serverName: clientHello.serverName ?? 'none',
      count: withoutGreaseAndSignals(clientHello.cipherSuites).length,
    }),
  ];
});

/** The ServerHello; empty if there is none. */
export const serverHelloEvidence = memoizeLast(({ serverHello }: Connection): Evidence[] => {
  if (serverHello === null) return [];
  const { frame, at, version, cipherSuite } = serverHello;
  return [evidence({ frame, at, from: 'server' }, 'seenServerHello', { version, cipherSuite })];
});

/** What a report shows of a certificate. */
export const certificateData = memoize(
  ({ subject, issuer, notBefore, notAfter, serialNumber, sha256 }: Certificate): Data => ({
    subject,
    issuer,
    notBefore,
    notAfter,
    serialNumber,
    sha256,
  }),
);

/** The Certificate message of a side, with one of its certificates; in TLS 1.3 the flight that hides the server's. */
export function certificateEvidence(
  connection: Connection,
  from: 'client' | 'server',
  certificate: Certificate | undefined,
): Evidence[] {
  const message = connection.messages.find((one) => one.from === from && one.type === 'certificate');
  if (message !== undefined) {
    return certificate === undefined
      ? [evidence(message, 'seenEmptyCertificate')]
      : [evidence(message, 'seenCertificate', certificateData(certificate))];
  }
  const hidden = connection.encryptedRecords.find((one) => one.from === from);
  return hidden === undefined || from === 'client' ? [] : [evidence(hidden, 'seenHiddenCertificate')];
}

/** An alert, visible or not. */
export function alertEvidence(alert: Alert): Evidence[] {
  if (alert.inferred) return [evidence(alert, 'seenHiddenAlert')];
  if (alert.encrypted) return [evidence(alert, 'seenEncryptedAlert')];
  const { level, name, code } = alert;
  return [evidence(alert, 'seenAlert', { level: level ?? '', name: name ?? '', code: code ?? 0 })];
}

/** How the connection ended: the reset or the FIN. */
export function closeEvidence(connection: Connection): Evidence[] {
  const { by, how, frame, at } = connection.ending;
  if (by === 'none' || frame === null || at === null) return [];
  if (how === 'close') return [evidence({ frame, at, from: by }, 'seenFin')];
  const ttl = overTcp(connection)?.resets.find((reset) => reset.frame === frame)?.ttl ?? 0;
  return [evidence({ frame, at, from: by }, 'seenReset', { ttl })];
}

/** A connection that worked, cited by the ServerHello that shows `what`. */
export function neighbourEvidence(neighbour: Connection, what: string): Evidence[] {
  if (neighbour.serverHello === null) return [];
  const client = endpointText(neighbour.client);
  return [evidence({ ...neighbour.serverHello, from: 'server' }, 'seenNeighbour', { client, what })];
}

/** The first plaintext of each side, which may show no more than that it is no text. */
export function plaintextEvidence({ plaintext }: Connection): Evidence[] {
  return plaintext.map((words) => evidence(words, 'seenPlaintext', { words: words.text }));
}
