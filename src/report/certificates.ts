import { toMilliseconds } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import type { Certificate } from '../x509/certificate.js';
import { durationText } from './phrases.js';

/** A certificate, and where it was seen. */
export interface SeenCertificate {
  readonly certificate: Certificate;
  readonly from: 'client' | 'server';
  /** Position in the chain as it was sent, from 0. */
  readonly position: number;
  /** At least one. */
  readonly connections: readonly Connection[];
}

/** Each certificate once, in order of first sight. */
export function certificatesOf(connections: Iterable<Connection>): SeenCertificate[] {
  const seen = new Map<string, SeenCertificate & { readonly connections: Connection[] }>();
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
  return [...seen.values()];
}

/** `server's certificate`, `certificate 2 of the client's chain`. */
export function placeText({ from, position }: Pick<SeenCertificate, 'from' | 'position'>): string {
  return position === 0 ? `${from}'s certificate` : `certificate ${position + 1} of the ${from}'s chain`;
}

/** When a side's certificates were sent, in milliseconds since 1970. */
export function sentAt({ messages, startedAt }: Connection, from: 'client' | 'server'): number {
  return toMilliseconds(messages.find((one) => one.type === 'certificate' && one.from === from)?.at ?? startedAt);
}

/** What is wrong with a certificate's dates at a time, or null: `ended 10 days before`. */
export function dateFault({ notBefore, notAfter }: Certificate, at: number): string | null {
  if (at > Date.parse(notAfter)) return `ended ${durationText(at - Date.parse(notAfter))} before`;
  return at < Date.parse(notBefore) ? `begins ${durationText(Date.parse(notBefore) - at)} later` : null;
}

/** `RSA, 2048 bits`. */
export function keyText({ keyType, keyBits }: Certificate): string {
  return keyBits > 0 ? `${keyType}, ${keyBits} bits` : keyType;
}
