import { hash } from 'node:crypto';
import { createBoundedMap } from '../bounded-map.js';
import { BOUNDS } from '../bounds.js';
import type { MemoryHolder } from '../memory.js';
import type { Certificate } from './certificate.js';

/** Turns DER into a certificate; never throws (see parse.ts). Who knows its SHA-256, in hexadecimal, hands it over. */
export type CertificateParser = (der: Uint8Array, sha256?: string) => Certificate;

export interface CertificateStoreLimits {
  /** Certificates to remember. */
  readonly certificates: number;
  /** Bytes of DER to remember. */
  readonly bytes: number;
}

const LIMITS: CertificateStoreLimits = {
  certificates: BOUNDS.certificates.value,
  bytes: BOUNDS.certificateBytes.value,
};

/** Bytes of what is read of a certificate, and made of that, for each of its own. */
export const CERTIFICATE_BYTES = 8;

/** The parser that remembers, and what it holds. */
export interface CertificateStore {
  readonly parse: CertificateParser;
  readonly holder: MemoryHolder;
}

/**
 * Remembers certificates by their SHA-256, so that identical ones are parsed once and are one object; what was not
 * used longest is forgotten when a limit is passed. The bytes handed in are copied where they are
 * kept, but must not change.
 */
export function createCertificateStore(
  parse: CertificateParser,
  limits: CertificateStoreLimits = LIMITS,
): CertificateStore {
  const known = createBoundedMap<string, Certificate>({
    size: limits.certificates,
    weight: { limit: limits.bytes, of: ({ der }) => der.length },
    whenFull: 'forget least recently used',
  });
  // Mostly the very same bytes come again: to hash them costs ten times as much as to look them up.
  const hashes = new WeakMap<Uint8Array, string>();
  return {
    parse(der) {
      let sha256 = hashes.get(der);
      if (sha256 === undefined) hashes.set(der, (sha256 = hash('sha256', der, 'hex')));
      return known.getOrMake(sha256, (key) => parse(new Uint8Array(der), key));
    },
    holder: {
      what: null,
      bytes: () => known.weight * CERTIFICATE_BYTES,
      giveUp() {
        const count = known.size;
        known.clear();
        return count;
      },
    },
  };
}
