import { hasInRow, type Recording, type Stack } from './stack.js';

// Written by samples/stacks/record.mjs.
const recordings: readonly Recording[] = [
  {
    by: 'GnuTLS 3.7.9',
    role: 'client',
    tls: 'TLS 1.2',
    responses: {
      'certificate-expired': { kind: 'alert', alerts: [42], finished: false },
      'certificate-not-yet-valid': { kind: 'alert', alerts: [42], finished: false },
      'issuer-expired': { kind: 'alert', alerts: [42], finished: false },
      'certificate-authority-unknown': { kind: 'alert', alerts: [42], finished: false },
      'certificate-self-signed': { kind: 'alert', alerts: [42], finished: false },
      'chain-incomplete': { kind: 'alert', alerts: [42], finished: false },
      'hostname-mismatch': { kind: 'alert', alerts: [42], finished: false },
      'subject-alt-name-missing': { kind: 'accept' },
      'certificate-purpose-invalid': { kind: 'alert', alerts: [42], finished: false },
      'key-usage-invalid': { kind: 'alert', alerts: [80], finished: false },
      'key-weak': { kind: 'accept' },
      'signature-weak': { kind: 'alert', alerts: [42], finished: false },
      'certificate-signature-invalid': { kind: 'alert', alerts: [42], finished: false },
      'certificate-revoked': { kind: 'alert', alerts: [42], finished: false },
      'authority-as-leaf': { kind: 'accept' },
      'key-identifiers-missing': { kind: 'accept' },
      'serial-number-negative': { kind: 'accept' },
      'critical-extension-unknown': { kind: 'alert', alerts: [42], finished: false },
      'version-1-certificate': { kind: 'accept' },
      'issuer-not-authority': { kind: 'alert', alerts: [42], finished: false },
      'name-constraint-violated': { kind: 'alert', alerts: [42], finished: false },
      'path-length-exceeded': { kind: 'alert', alerts: [42], finished: false },
      'curve-explicit': { kind: 'alert', alerts: [42], finished: false },
    },
  },
  {
    by: 'GnuTLS 3.7.9',
    role: 'client',
    tls: 'TLS 1.3',
    responses: {
      'certificate-expired': { kind: 'alert', alerts: [42], finished: false },
      'certificate-not-yet-valid': { kind: 'alert', alerts: [42], finished: false },
      'issuer-expired': { kind: 'alert', alerts: [42], finished: false },
      'certificate-authority-unknown': { kind: 'alert', alerts: [42], finished: false },
      'certificate-self-signed': { kind: 'alert', alerts: [42], finished: false },
      'chain-incomplete': { kind: 'alert', alerts: [42], finished: false },
      'hostname-mismatch': { kind: 'alert', alerts: [42], finished: false },
      'subject-alt-name-missing': { kind: 'accept' },
      'certificate-purpose-invalid': { kind: 'alert', alerts: [42], finished: false },
      'key-usage-invalid': { kind: 'alert', alerts: [80], finished: false },
      'key-weak': { kind: 'accept' },
      'signature-weak': { kind: 'alert', alerts: [42], finished: false },
      'certificate-signature-invalid': { kind: 'alert', alerts: [42], finished: false },
      'certificate-revoked': { kind: 'alert', alerts: [42], finished: false },
      'authority-as-leaf': { kind: 'accept' },
      'key-identifiers-missing': { kind: 'accept' },
      'serial-number-negative': { kind: 'accept' },
      'critical-extension-unknown': { kind: 'alert', alerts: [42], finished: false },
      'version-1-certificate': { kind: 'accept' },
      'issuer-not-authority': { kind: 'alert', alerts: [42], finished: false },
      'name-constraint-violated': { kind: 'alert', alerts: [42], finished: false },
      'path-length-exceeded': { kind: 'alert', alerts: [42], finished: false },
      'curve-explicit': { kind: 'alert', alerts: [42], finished: false },
    },
  },
  {
    by: 'GnuTLS 3.7.9',
    role: 'client',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'accept' },
    },
  },
  {
    by: 'GnuTLS 3.7.9',
    role: 'client',
    tls: null,
    responses: {
      'server-speaks-plaintext': { kind: 'alert', alerts: [10], finished: false },
      garbage: { kind: 'alert', alerts: [10], finished: false },
    },
  },
  {
    by: 'GnuTLS 3.7.9',
    role: 'server',
    tls: 'TLS 1.2',
    responses: {
      'client-certificate-missing': { kind: 'alert', alerts: [50], finished: false },
      'client-certificate-expired': { kind: 'alert', alerts: [49, 42], finished: false },
      'client-certificate-not-yet-valid': { kind: 'alert', alerts: [49, 42], finished: false },
      'client-certificate-untrusted': { kind: 'alert', alerts: [49, 42], finished: false },
      'client-certificate-self-signed': { kind: 'alert', alerts: [49, 42], finished: false },
      'client-certificate-purpose-invalid': { kind: 'accept' },
      'protocol-version-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'cipher-suite-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'group-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'signature-scheme-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'sni-missing': { kind: 'accept' },
      'sni-unrecognized': { kind: 'alert', alerts: [112], finished: false },
      'alpn-mismatch': { kind: 'alert', alerts: [120], finished: false },
      'group-mismatch-dhe': { kind: 'alert', alerts: [80], finished: false },
      'fallback-rejected': { kind: 'alert', alerts: [86], finished: false },
    },
  },
  {
    by: 'GnuTLS 3.7.9',
    role: 'server',
    tls: 'TLS 1.3',
    responses: {
      'client-certificate-missing': { kind: 'alert', alerts: [116], finished: true },
      'client-certificate-expired': { kind: 'alert', alerts: [49, 42], finished: true },
      'client-certificate-not-yet-valid': { kind: 'alert', alerts: [49, 42], finished: true },
      'client-certificate-untrusted': { kind: 'alert', alerts: [49, 42], finished: true },
      'client-certificate-self-signed': { kind: 'alert', alerts: [49, 42], finished: true },
      'client-certificate-purpose-invalid': { kind: 'accept' },
      'protocol-version-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'cipher-suite-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'group-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'signature-scheme-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'sni-missing': { kind: 'accept' },
      'sni-unrecognized': { kind: 'alert', alerts: [112], finished: false },
      'alpn-mismatch': { kind: 'alert', alerts: [120], finished: false },
    },
  },
  {
    by: 'GnuTLS 3.7.9',
    role: 'server',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'accept' },
    },
  },
  {
    by: 'GnuTLS 3.7.9',
    role: 'server',
    tls: 'TLS 1.1',
    responses: {
      'protocol-version-mismatch': { kind: 'accept' },
    },
  },
  {
    by: 'GnuTLS 3.7.9',
    role: 'server',
    tls: null,
    responses: {
      'client-speaks-plaintext': { kind: 'alert', alerts: [10], finished: false },
      garbage: { kind: 'silence', finished: false },
    },
  },
];

/** GnuTLS 3.6 and later. Only it offers `rsa_pss_pss` second, and puts the server's name after what is negotiated. */
export const gnutls: Stack<'GnuTLS'> = {
  name: 'GnuTLS',
  wrote: ({ extensions, signatureSchemes }) =>
    hasInRow(extensions, 'status_request', 'supported_groups', 'ec_point_formats', 'signature_algorithms') &&
    signatureSchemes[0] === 'rsa_pkcs1_sha256' &&
    (signatureSchemes.length === 1 || signatureSchemes[1] === 'rsa_pss_pss_sha256') &&
    extensions.includes('renegotiation_info') &&
    !extensions.includes('signed_certificate_timestamp'),
  recordings,
  judgesChainsAs: ['GnuTLS'],
  sortsChains: true,
  intermediateAnchors: 'accepted',
};
