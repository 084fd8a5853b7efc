/**
 * Faults of one side of a handshake that the other side reacts to, each with the rule that diagnoses it. A rule that
 * covers several is split where stacks react to them differently.
 */
export const RULE_OF_FAULT = {
  // Of the server's certificates.
  'certificate-expired': 'certificate-expired',
  'issuer-expired': 'certificate-expired',
  'certificate-not-yet-valid': 'certificate-not-yet-valid',
  'certificate-authority-unknown': 'certificate-authority-unknown',
  'certificate-self-signed': 'certificate-self-signed',
  'chain-incomplete': 'chain-incomplete',
  'hostname-mismatch': 'hostname-mismatch',
  /** The name stands in the common name alone. */
  'subject-alt-name-missing': 'hostname-mismatch',
  'certificate-purpose-invalid': 'certificate-purpose-invalid',
  /** An RSA key for encryption alone, and a suite that needs its signature. */
  'key-usage-invalid': 'certificate-nonconforming',
  /** An ECDSA key on P-256 that is given by the curve's parameters, not by its name. */
  'curve-explicit': 'certificate-nonconforming',
  /** RSA, 1024 bits. */
  'key-weak': 'certificate-weak',
  /** SHA-1. */
  'signature-weak': 'certificate-weak',
  'certificate-signature-invalid': 'certificate-signature-invalid',
  /** By a stapled OCSP response. */
  'certificate-revoked': 'certificate-revoked',
  'authority-as-leaf': 'certificate-nonconforming',
  'key-identifiers-missing': 'certificate-nonconforming',
  'serial-number-negative': 'certificate-nonconforming',
  'critical-extension-unknown': 'certificate-nonconforming',
  'version-1-certificate': 'certificate-nonconforming',
  'issuer-not-authority': 'certificate-nonconforming',
  'name-constraint-violated': 'certificate-nonconforming',
  'path-length-exceeded': 'certificate-nonconforming',
  // Of the client's certificate.
  'client-certificate-missing': 'client-certificate-missing',
  'client-certificate-expired': 'client-certificate-expired',
  'client-certificate-not-yet-valid': 'client-certificate-rejected',
  'client-certificate-untrusted': 'client-certificate-untrusted',
  'client-certificate-self-signed': 'client-certificate-untrusted',
  'client-certificate-purpose-invalid': 'client-certificate-rejected',
  // Of the ClientHello; the first also of a ServerHello.
  'protocol-version-mismatch': 'protocol-version-mismatch',
  'cipher-suite-mismatch': 'cipher-suite-mismatch',
  'group-mismatch': 'group-mismatch',
  // The same, for a client that offers DHE cipher suites in addition to ECDHE.
  'group-mismatch-dhe': 'group-mismatch',
  'signature-scheme-mismatch': 'signature-scheme-mismatch',
  'sni-missing': 'sni-missing',
  'sni-unrecognized': 'sni-unrecognized',
  'alpn-mismatch': 'alpn-mismatch',
  'fallback-rejected': 'fallback-rejected',
  // Not TLS: HTTP, and bytes that are no protocol.
  'client-speaks-plaintext': 'client-speaks-plaintext',
  'server-speaks-plaintext': 'server-speaks-plaintext',
  garbage: 'protocol-violation',
} as const;

export type Fault = keyof typeof RULE_OF_FAULT;
