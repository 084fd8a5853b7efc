import type { Certificate } from './certificate.js';

/** A certificate's dates against a time. */
export interface Validity {
  readonly certificate: Certificate;
  /** `unknown`: its dates could not be read. */
  readonly state: 'valid' | 'expired' | 'not-yet-valid' | 'unknown';
  /** How long ago it ended, or how long until it begins; 0 when valid or unknown. */
  readonly milliseconds: number;
}

/**
 * Every member of a path against a time, in milliseconds since 1970. Both ends belong to the period (RFC 5280 §4.1.2.5);
 * the anchor's dates count too, as they do for OpenSSL and Go.
 */
export function validityAt(path: readonly { readonly certificate: Certificate }[], time: number): readonly Validity[] {
  return path.map(({ certificate }) => validityOf(certificate, time));
}

/** One certificate against a time, in milliseconds since 1970. */
export function validityOf(certificate: Certificate, time: number): Validity {
  const early = Date.parse(certificate.notBefore) - time;
  const late = time - Date.parse(certificate.notAfter);
  if (Number.isNaN(early) || Number.isNaN(late)) return { certificate, state: 'unknown', milliseconds: 0 };
  if (late > 0) return { certificate, state: 'expired', milliseconds: late };
  if (early > 0) return { certificate, state: 'not-yet-valid', milliseconds: early };
  return { certificate, state: 'valid', milliseconds: 0 };
}
