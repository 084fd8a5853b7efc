import { hash } from 'node:crypto';
import type { Certificate } from './certificate.js';

/** Turns DER into a certificate; never throws (see parse.ts). */
export type CertificateParser = (der: Uint8Array) => Certificate;

export interface CertificateStoreLimits {
  /** Certificates to remember. */
  readonly certificates: number;
  /** Bytes of DER to remember. */
  readonly bytes: number;
}

const LIMITS: CertificateStoreLimits = { certificates: 2048, bytes: 16 << 20 };

/**
 * Remembers certificates by their SHA-256, so that identical ones are parsed once and are one object; what was not
 * used longest is forgotten when a limit is passed. The bytes handed in are copied where they are
 * kept, but must not change.
 */
export function createCertificateStore(
  parse: CertificateParser,
  limits: CertificateStoreLimits = LIMITS,
): CertificateParser {
  const known = new Map<string, Certificate>();
  // Mostly the very same bytes come again: to hash them costs ten times as much as to look them up.
  const hashes = new WeakMap<Uint8Array, string>();
  let bytes = 0;
  return (der) => {
    let sha256 = hashes.get(der);
    if (sha256 === undefined) hashes.set(der, (sha256 = hash('sha256', der, 'hex')));
    const found = known.get(sha256);
    if (found !== undefined) {
      known.delete(sha256);
      known.set(sha256, found);
      return found;
    }
    const certificate = parse(new Uint8Array(der));
    known.set(sha256, certificate);
    bytes += der.length;
    for (const [oldest, { der: forgotten }] of known) {
      if (known.size <= limits.certificates && bytes <= limits.bytes) break;
      known.delete(oldest);
      bytes -= forgotten.length;
    }
    return certificate;
  };
}
