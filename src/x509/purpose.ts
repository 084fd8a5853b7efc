import type { Certificate } from './certificate.js';

/** What a certificate is used for. */
export type Purpose = 'server' | 'client';

/** Its extended key usage, if any, allows a TLS server to show it (RFC 5280 §4.2.1.12). */
export function allowsServerAuth(certificate: Certificate): boolean {
  return allowsPurpose(certificate, 'server');
}

/** Its extended key usage, if any, allows a TLS client to show it (RFC 5280 §4.2.1.12). */
export function allowsClientAuth(certificate: Certificate): boolean {
  return allowsPurpose(certificate, 'client');
}

/** The extended key usages that serve a purpose. */
const usagesFor: Readonly<Record<Purpose, ReadonlySet<string>>> = {
  // "Server gated cryptography" of the 1990s survives in old intermediates; OpenSSL and Go treat it as serverAuth.
  // OpenSSL ignores anyExtendedKeyUsage; browsers, Go and GnuTLS accept it, and so does this program.
  server: new Set(['serverAuth', 'msSGC', 'nsSGC', 'anyExtendedKeyUsage']),
  client: new Set(['clientAuth', 'anyExtendedKeyUsage']),
};

/** Its extended key usage, if any, allows the purpose: for the certificate itself, or for those that it issues. */
export function allowsPurpose({ extendedKeyUsage }: Certificate, purpose: Purpose): boolean {
  return extendedKeyUsage?.some((usage) => usagesFor[purpose].has(usage)) ?? true;
}

/** Key usages of which a TLS peer needs one, as OpenSSL asks; which one depends on the cipher suite. */
const keyUsagesFor: Readonly<Record<Purpose, readonly string[]>> = {
  server: ['digitalSignature', 'keyEncipherment', 'keyAgreement'],
  client: ['digitalSignature', 'keyAgreement'],
};

/** Its key usage, if any, lets the key do something in a TLS handshake (RFC 5280 §4.2.1.3). */
export function allowsKeyUsage({ keyUsage }: Certificate, purpose: Purpose): boolean {
  return keyUsage?.some((usage) => keyUsagesFor[purpose].includes(usage)) ?? true;
}

/** Its key usage, if any, allows signing certificates (RFC 5280 §4.2.1.3). */
export function allowsCertSign({ keyUsage }: Certificate): boolean {
  return keyUsage?.includes('keyCertSign') ?? true;
}

/** The CA/Browser Forum's reserved policies (Baseline Requirements §7.1.6.1), which only public authorities use. */
const publicPolicies: ReadonlySet<string> = new Set([
  '2.23.140.1.1', // extended validation
  '2.23.140.1.2.1', // domain
  '2.23.140.1.2.2', // organization
  '2.23.140.1.2.3', // individual
]);

/** Whether it carries marks of public authorities: their forum's policies, or certificate transparency's timestamps. */
export function hasPublicIssuer({ policies, signedCertificateTimestamps }: Certificate): boolean {
  return signedCertificateTimestamps > 0 || policies.some((policy) => publicPolicies.has(policy));
}
