import { hash } from 'node:crypto';
import { createBoundedMap } from '../bounded-map.js';
import { BOUNDS } from '../bounds.js';
import type { MemoryHolder } from '../memory.js';
import type { Certificate } from './certificate.js';

/**
 * Turns DER into a certificate; never throws (see parse.ts). A caller that knows its SHA-256, in hexadecimal, passes
 * it.
 */
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

/** Memory for a certificate's facts, for each byte of its DER. */
export const CERTIFICATE_BYTES = 8;

/** The caching parser, and the memory that it holds. */
export interface CertificateStore {
  readonly parse: CertificateParser;
  readonly holder: MemoryHolder;
}

/**
 * Caches certificates by their SHA-256, so that identical ones are parsed once and share one object; the least recently
 * used is dropped when a limit is reached. The bytes passed in are copied if they are kept, but must not change.
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
  // Mostly the same byte array comes again: hashing it costs ten times as much as looking it up.
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
