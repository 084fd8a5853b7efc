import type { Certificate } from './certificate.js';

/** Its extended key usage, if any, allows a TLS server to show it (RFC 5280 §4.2.1.12). */
export function allowsServerAuth(certificate: Certificate): boolean {
  return allowsPurpose(certificate, 'serverAuth');
}

/** Its extended key usage, if any, allows a TLS client to show it (RFC 5280 §4.2.1.12). */
export function allowsClientAuth(certificate: Certificate): boolean {
  return allowsPurpose(certificate, 'clientAuth');
}

/** It may issue certificates: basic constraints say so, and key usage, if any (RFC 5280 §4.2.1.3, §4.2.1.9). */
export function mayIssue(certificate: Certificate): boolean {
  return certificate.isCa && (certificate.keyUsage?.includes('keyCertSign') ?? true);
}

function allowsPurpose({ extendedKeyUsage }: Certificate, purpose: string): boolean {
  // OpenSSL ignores anyExtendedKeyUsage in a leaf; browsers, Go and GnuTLS accept it, and so do we.
  return extendedKeyUsage?.some((usage) => usage === purpose || usage === 'anyExtendedKeyUsage') ?? true;
}
