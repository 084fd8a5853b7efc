import { memoize } from '../memoize.js';
import type { Certificate } from './certificate.js';

/** A certificate's dates compared with a time. */
export interface Validity {
  readonly certificate: Certificate;
  /** `unknown`: its dates could not be read. */
  readonly state: 'valid' | 'expired' | 'not-yet-valid' | 'unknown';
  /** How long ago it ended, or how long until it begins; 0 when valid or unknown. */
  readonly milliseconds: number;
}

/** The validity period of a certificate, in milliseconds since 1970; NaN if unreadable. */
export interface Period {
  readonly begins: number;
  readonly ends: number;
}

/** The dates of a certificate as numbers. They are needed more often than there are certificates, and slow to parse. */
export const periodOf = memoize((certificate: Certificate): Period => ({
  begins: Date.parse(certificate.notBefore),
  ends: Date.parse(certificate.notAfter),
}));

/**
 * Compares a certificate with a time, in milliseconds since 1970. Both ends belong to the period (RFC 5280 §4.1.2.5).
 */
export function validityOf(certificate: Certificate, time: number): Validity {
  const { begins, ends } = periodOf(certificate);
  const early = begins - time;
  const late = time - ends;
  if (Number.isNaN(early) || Number.isNaN(late)) return { certificate, state: 'unknown', milliseconds: 0 };
  if (late > 0) return { certificate, state: 'expired', milliseconds: late };
  if (early > 0) return { certificate, state: 'not-yet-valid', milliseconds: early };
  return { certificate, state: 'valid', milliseconds: 0 };
}
