import { certificateMessage } from '../../connection/certificate-message.js';
import type { Alert, Connection, QuicClose, ServerHello, Sighting } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import { endpointText } from '../../connection/endpoint.js';
import { memoizeLast, memoize } from '../../memoize.js';
import type { Data, Value } from '../../message.js';
import type { Preamble } from '../../preamble/preamble.js';
import type { Certificate } from '../../x509/certificate.js';
import { withoutGreaseAndSignals } from './offers.js';
import { closeText } from './quic.js';
import type { SharedEvidence } from './texts.js';

/** A fact that any rule may cite, at its frame. */
export type Citation = Sighting & SharedEvidence;

/** The values of a text without placeholders. */
type NoValues = Readonly<Record<string, never>>;

/** Evidence at a sighting; the id is one of SHARED_EVIDENCE or of the rule's own. */
export function evidence<const Id extends string>(
  sighting: Sighting,
  id: Id,
): Sighting & { readonly id: Id; readonly data: NoValues };
export function evidence<const Id extends string, const Values extends Data>(
  sighting: Sighting,
  id: Id,
  data: Values,
): Sighting & { readonly id: Id; readonly data: Values };
export function evidence(
  { frame, at, from }: Sighting,
  id: string,
  data: Data = {},
): Sighting & { id: string; data: Data } {
  return { frame, at, from, id, data };
}

/** The ClientHello, or the captured part of it; empty if there is none. */
export const clientHelloEvidence = memoizeLast(({ clientHello, partialClientHello }: Connection): Citation[] => {
  if (clientHello === null) {
    if (partialClientHello === null) return [];
    const seen = { ...partialClientHello, from: 'client' } as const;
    const versions = withoutGreaseAndSignals(partialClientHello.supportedVersions);
    return [
      versions.length === 0
        ? evidence(seen, 'seenFirstBytesOfClientHello')
        : evidence(seen, 'seenPartialClientHello', { versions }),
    ];
  }
  return [
    evidence({ frame: clientHello.frame, at: clientHello.at, from: 'client' }, 'seenClientHello', {
      versions: withoutGreaseAndSignals(clientHello.supportedVersions),
      serverName: clientHello.serverName ?? 'none',
      count: withoutGreaseAndSignals(clientHello.cipherSuites).length,
    }),
  ];
});

/** The ServerHello; empty if there is none. */
export const serverHelloEvidence = memoizeLast(({ serverHello }: Connection): Citation[] => {
  if (serverHello === null) return [];
  const { frame, at, version, cipherSuite } = serverHello;
  return [evidence({ frame, at, from: 'server' }, 'seenServerHello', { version, cipherSuite })];
});

/** The values that messages use of a certificate. */
export type CertificateData = Readonly<
  Record<'subject' | 'issuer' | 'notBefore' | 'notAfter' | 'serialNumber' | 'sha256', string>
>;

/** The values that messages use of a certificate; a subject without a name by another of its names, or its fingerprint. */
export const certificateData = memoize((certificate: Certificate): CertificateData => {
  const { issuer, notBefore, notAfter, serialNumber, sha256 } = certificate;
  return { subject: subjectText(certificate), issuer, notBefore, notAfter, serialNumber, sha256 };
});

/** As OpenSSL writes names, and the beginning of a fingerprint. */
function subjectText({ subject, subjectAltNames: { dns, ip }, sha256 }: Certificate): string {
  if (subject !== '') return subject;
  if (dns[0] !== undefined) return `DNS:${dns[0]}`;
  return ip[0] === undefined ? `SHA-256 ${sha256.slice(0, 16)}…` : `IP:${ip[0]}`;
}

/**
 * The Certificate message of a side, with one of its certificates; in TLS 1.3 the encrypted flight with the server's.
 */
export function certificateEvidence(
  connection: Pick<Connection, 'messages'> & Partial<Pick<Connection, 'encryptedRecords'>>,
  from: 'client' | 'server',
  certificate: Certificate | undefined,
): Citation[] {
  const message = certificateMessage(connection, from);
  if (message !== undefined) {
    if (certificate === undefined) return [evidence(message, 'seenEmptyCertificate')];
    const { error, sha256 } = certificate;
    return error === null
      ? [evidence(message, 'seenCertificate', certificateData(certificate))]
      : [evidence(message, 'seenUnreadableCertificate', { error, sha256 })];
  }
  const encrypted = connection.encryptedRecords?.find((one) => one.from === from);
  return encrypted === undefined || from === 'client' ? [] : [evidence(encrypted, 'seenHiddenCertificate')];
}

/** The server's CertificateRequest; empty if there is none. */
export function certificateRequestEvidence({ certificateRequest }: Connection): Citation[] {
  return certificateRequest === null
    ? []
    : [evidence({ ...certificateRequest, from: 'server' }, 'seenCertificateRequest')];
}

/** An alert, visible or not. */
export function alertEvidence(alert: Alert): Citation[] {
  if (alert.inferred) return [evidence(alert, 'seenHiddenAlert')];
  if (alert.encrypted) return [evidence(alert, 'seenEncryptedAlert')];
  const { level, name, code } = alert;
  return [evidence(alert, 'seenAlert', { level: level ?? '', name: name ?? '', code: code ?? 0 })];
}

/** A CONNECTION_CLOSE of QUIC, with its reason. */
export function connectionCloseEvidence(close: QuicClose): Citation[] {
  const { reason } = close;
  const data = { close: closeText(close) };
  return [
    reason === ''
      ? evidence(close, 'seenConnectionClose', data)
      : evidence(close, 'seenConnectionCloseFor', { ...data, reason }),
  ];
}

/** How the connection ended: the reset or the FIN, or QUIC's close. */
export function closeEvidence(connection: Connection): Citation[] {
  const { by, how, frame, at } = connection.ending;
  if (by === 'none' || frame === null || at === null) return [];
  const quicClose = connection.quic?.closes.find((close) => close.frame === frame && close.from === by);
  if (quicClose !== undefined) return connectionCloseEvidence(quicClose);
  if (connection.eap?.result?.isSuccess === false) return [evidence(connection.eap.result, 'seenEapFailure')];
  if (how === 'close') return [evidence({ frame, at, from: by }, 'seenFin')];
  const ttl = overTcp(connection)?.resets.find((reset) => reset.frame === frame)?.ttl ?? 0;
  return [evidence({ frame, at, from: by }, 'seenReset', { ttl })];
}

/** Another connection that worked, cited by its ServerHello: it shows something that this one lacks. */
export function otherConnectionEvidence(
  other: Pick<Connection, 'client'> & { readonly serverHello: Pick<ServerHello, 'frame' | 'at'> | null },
  what: Value,
): Citation[] {
  if (other.serverHello === null) return [];
  const client = endpointText(other.client);
  return [evidence({ ...other.serverHello, from: 'server' }, 'seenOtherConnection', { client, what })];
}

/** A connection of another client, which the server answered in plaintext. */
export const otherPlaintextEvidence = (
  { client, answer }: { readonly client: Connection['client']; readonly answer: Pick<Sighting, 'frame' | 'at'> },
  protocol: string,
): Citation =>
  evidence({ ...answer, from: 'server' }, 'seenOtherPlaintext', { client: endpointText(client), protocol });

/** The first plaintext of each side, which may only show that it is not text. */
export function plaintextEvidence({ plaintext }: Connection): Citation[] {
  return plaintext.map((words) => evidence(words, 'seenPlaintext', { words: words.text }));
}

/** The turns on the way to TLS. */
export function preambleEvidence({ steps }: Preamble): Citation[] {
  return steps.map((step) => evidence(step, 'seenPlaintext', { words: step.text }));
}
