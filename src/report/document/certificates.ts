/** The certificates of a report, each once. */
import { certificateMessage } from '../../connection/certificate-message.js';
import { toMilliseconds } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import type { Certificate } from '../../x509/certificate.js';
import type { CertificatePrinter } from '../format.js';
import { timeText, type TimeZone } from '../time-zone.js';
import type { Wording } from '../wording.js';
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
  words: Wording,
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
  return Array.from(seen.values(), (one) => sectionOf(one, zone, words, print));
}

function sectionOf(
  { certificate, from, position, connections }: Seen,
  zone: TimeZone,
  words: Wording,
  printCertificate: CertificatePrinter | undefined,
): CertificateSection {
  const { labels, certificates: say } = words;
  const place = position === 0 ? say.leaf[from] : say.issuer[from]({ number: position + 1 });
  const ids = connections.map(({ id }) => connectionId(id));
  const print: Fact = { label: 'SHA-256', text: code(certificate.sha256) };
  const { notBefore, notAfter, caIssuers } = certificate;
  const at = sentAt(connections[0], from);
  const { dns, ip } = certificate.subjectAltNames;
  return {
    where: say.where({ count: ids.length, place, ids: words.list(ids, MOST_IDS) }),
    facts:
      certificate.error === null
        ? [
            { label: labels.subject, text: code(certificate.subject) },
            { label: labels.issuer, text: code(certificate.issuer) },
            { label: labels.serial, text: code(certificate.serialNumber) },
            {
              label: labels.from,
              text: code(timeText(notBefore, zone)),
              fault: at < Date.parse(notBefore) ? dateFault(certificate, at, words) : null,
            },
            {
              label: labels.until,
              text: code(timeText(notAfter, zone)),
              fault: at > Date.parse(notAfter) ? dateFault(certificate, at, words) : null,
            },
            { label: labels.names, text: words.list([...dns, ...ip].map(code), MOST_NAMES) || say.none },
            { label: labels.key, text: keyText(certificate, say) },
            ...(caIssuers.length === 0
              ? []
              : [{ label: labels.issuerAt, text: caIssuers.map(code).join(words.joins.items) }]),
            print,
          ]
        : [{ label: labels.error, text: code(words.fault(certificate.error)) }, print],
    // Of many certificates, only some are drawn.
    get inFull() {
      return printCertificate?.(certificate.der, words) ?? [];
    },
  };
}

/** When a side sent its certificates, in milliseconds since 1970. */
export function sentAt(connection: Connection, from: 'client' | 'server'): number {
  return toMilliseconds(certificateMessage(connection, from)?.at ?? connection.startedAt);
}

/** What is wrong with a certificate's dates at a time, or null: `expired 10 days before it was sent`. */
export function dateFault({ notBefore, notAfter }: Certificate, at: number, words: Wording): string | null {
  const { certificates: say, language } = words;
  const [late, early] = [at - Date.parse(notAfter), Date.parse(notBefore) - at];
  if (late > 0) return say.expired({ duration: language.duration(late) });
  return early > 0 ? say.notYetValid({ duration: language.duration(early) }) : null;
}

/** `RSA, 2048 bits, signed sha256WithRSAEncryption`. */
export function keyText(
  { keyType, keyBits, signatureAlgorithm }: Certificate,
  { key, keyBits: withBits }: Wording['certificates'],
): Text {
  const type = keyBits > 0 ? withBits({ type: keyType, bits: String(keyBits) }) : keyType;
  return key({ key: code(type), algorithm: code(signatureAlgorithm) });
}
