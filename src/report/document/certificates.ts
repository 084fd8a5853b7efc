/** The certificates of a report, each once. */
import { certificateMessage } from '../../connection/certificate-message.js';
import { toMilliseconds } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import type { Certificate } from '../../x509/certificate.js';
import type { CertificatePrinter } from '../format.js';
import { ENGLISH } from '../messages/english.js';
import { listed } from '../phrases.js';
import { timeText, type TimeZone } from '../time-zone.js';
import { code, connectionId, type Fact, type Text } from './text.js';

const MOST_IDS = 12;
const MOST_NAMES = 100;

/** A certificate, where it was seen, and its content, in values to copy. */
export interface CertificateSection {
  /** `certificate 2 of the server's chain, in connections 7 and 9`. */
  readonly where: Text;
  readonly facts: readonly CertificateFact[];
  /** Every field and extension, in lines; empty unless requested. */
  readonly inFull: readonly string[];
}

export interface CertificateFact extends Fact {
  /** What is wrong with it: `expired 10 days before it was sent`. */
  readonly fault?: string | null;
}

interface Seen {
  readonly certificate: Certificate;
  readonly from: 'client' | 'server';
  /** Position in the chain as it was sent, from 0. */
  readonly position: number;
  readonly connections: [Connection, ...Connection[]];
}

/** Each certificate of the connections once, in order of first sight. */
export function certificateSections(
  connections: Iterable<Connection>,
  zone: TimeZone,
  print: CertificatePrinter | undefined,
): CertificateSection[] {
  const seen = new Map<string, Seen>();
  for (const connection of connections) {
    for (const from of ['server', 'client'] as const) {
      for (const [position, certificate] of connection[`${from}Certificates`].entries()) {
        const known = seen.get(certificate.sha256);
        if (known === undefined) {
          seen.set(certificate.sha256, { certificate, from, position, connections: [connection] });
        } else if (known.connections.at(-1) !== connection) {
          known.connections.push(connection);
        }
      }
    }
  }
  return Array.from(seen.values(), (one) => sectionOf(one, zone, print));
}

function sectionOf(
  { certificate, from, position, connections }: Seen,
  zone: TimeZone,
  printCertificate: CertificatePrinter | undefined,
): CertificateSection {
  const place = position === 0 ? `${from}'s certificate` : `certificate ${position + 1} of the ${from}'s chain`;
  const ids = connections.map(({ id }) => connectionId(id));
  const print: Fact = { label: 'SHA-256', text: code(certificate.sha256) };
  const { notBefore, notAfter, caIssuers } = certificate;
  const at = sentAt(connections[0], from);
  const { dns, ip } = certificate.subjectAltNames;
  return {
    where: `${place}, in connection${ids.length === 1 ? '' : 's'} ${listed(ids, MOST_IDS)}`,
    facts:
      certificate.error === null
        ? [
            { label: 'Subject', text: code(certificate.subject) },
            { label: 'Issuer', text: code(certificate.issuer) },
            { label: 'Serial', text: code(certificate.serialNumber) },
            {
              label: 'From',
              text: code(timeText(notBefore, zone)),
              fault: at < Date.parse(notBefore) ? dateFault(certificate, at) : null,
            },
            {
              label: 'Until',
              text: code(timeText(notAfter, zone)),
              fault: at > Date.parse(notAfter) ? dateFault(certificate, at) : null,
            },
            { label: 'Names', text: listed([...dns, ...ip].map(code), MOST_NAMES) || 'none' },
            { label: 'Key', text: keyText(certificate) },
            ...(caIssuers.length === 0 ? [] : [{ label: 'Issuer at', text: caIssuers.map(code).join(', ') }]),
            print,
          ]
        : [{ label: 'Error', text: code(certificate.error) }, print],
    // Of many certificates, only some are drawn.
    get inFull() {
      return printCertificate?.(certificate.der) ?? [];
    },
  };
}

/** When a side sent its certificates, in milliseconds since 1970. */
export function sentAt(connection: Connection, from: 'client' | 'server'): number {
  return toMilliseconds(certificateMessage(connection, from)?.at ?? connection.startedAt);
}

/** What is wrong with a certificate's dates at a time, or null: `expired 10 days before it was sent`. */
export function dateFault({ notBefore, notAfter }: Certificate, at: number): string | null {
  if (at > Date.parse(notAfter)) return `expired ${ENGLISH.duration(at - Date.parse(notAfter))} before it was sent`;
  return at < Date.parse(notBefore)
    ? `becomes valid ${ENGLISH.duration(Date.parse(notBefore) - at)} after it was sent`
    : null;
}

/** `RSA, 2048 bits, signed sha256WithRSAEncryption`. */
export function keyText({ keyType, keyBits, signatureAlgorithm }: Certificate): Text {
  return `${code(keyBits > 0 ? `${keyType}, ${keyBits} bits` : keyType)}, signed ${code(signatureAlgorithm)}`;
}
