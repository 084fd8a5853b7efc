import { hasInRow, type Recording, type Stack } from './stack.js';

// Written by samples/stacks/record.mjs.
const recordings: readonly Recording[] = [
  {
    by: 'rustls of Deno 2.9.6',
    role: 'client',
    tls: 'TLS 1.2',
    responses: {
      'certificate-expired': { kind: 'alert', alerts: [45], finished: false },
      'certificate-not-yet-valid': { kind: 'alert', alerts: [45], finished: false },
      'issuer-expired': { kind: 'alert', alerts: [45], finished: false },
      'certificate-authority-unknown': { kind: 'alert', alerts: [48], finished: false },
      'certificate-self-signed': { kind: 'alert', alerts: [48], finished: false },
      'chain-incomplete': { kind: 'alert', alerts: [48], finished: false },
      'hostname-mismatch': { kind: 'alert', alerts: [42], finished: false },
      'subject-alt-name-missing': { kind: 'alert', alerts: [42], finished: false },
      'certificate-purpose-invalid': { kind: 'alert', alerts: [43], finished: false },
      'key-usage-invalid': { kind: 'accept' },
      'key-weak': { kind: 'alert', alerts: [51], finished: false },
      'signature-weak': { kind: 'alert', alerts: [51], finished: false },
      'certificate-signature-invalid': { kind: 'alert', alerts: [51], finished: false },
      'certificate-revoked': { kind: 'accept' },
      'authority-as-leaf': { kind: 'alert', alerts: [46], finished: false },
      'key-identifiers-missing': { kind: 'accept' },
      'serial-number-negative': { kind: 'accept' },
      'critical-extension-unknown': { kind: 'alert', alerts: [46], finished: false },
      'version-1-certificate': { kind: 'alert', alerts: [46], finished: false },
      'issuer-not-authority': { kind: 'alert', alerts: [46], finished: false },
      'name-constraint-violated': { kind: 'alert', alerts: [46], finished: false },
      'path-length-exceeded': { kind: 'alert', alerts: [46], finished: false },
      'curve-explicit': { kind: 'alert', alerts: [51], finished: false },
    },
  },
  {
    by: 'rustls of Deno 2.9.6',
    role: 'client',
    tls: 'TLS 1.3',
    responses: {
      'certificate-expired': { kind: 'alert', alerts: [45], finished: false },
      'certificate-not-yet-valid': { kind: 'alert', alerts: [45], finished: false },
      'issuer-expired': { kind: 'alert', alerts: [45], finished: false },
      'certificate-authority-unknown': { kind: 'alert', alerts: [48], finished: false },
      'certificate-self-signed': { kind: 'alert', alerts: [48], finished: false },
      'chain-incomplete': { kind: 'alert', alerts: [48], finished: false },
      'hostname-mismatch': { kind: 'alert', alerts: [42], finished: false },
      'subject-alt-name-missing': { kind: 'alert', alerts: [42], finished: false },
      'certificate-purpose-invalid': { kind: 'alert', alerts: [43], finished: false },
      'key-usage-invalid': { kind: 'accept' },
      'key-weak': { kind: 'alert', alerts: [51], finished: false },
      'signature-weak': { kind: 'alert', alerts: [51], finished: false },
      'certificate-signature-invalid': { kind: 'alert', alerts: [51], finished: false },
      'certificate-revoked': { kind: 'accept' },
      'authority-as-leaf': { kind: 'alert', alerts: [46], finished: false },
      'key-identifiers-missing': { kind: 'accept' },
      'serial-number-negative': { kind: 'accept' },
      'critical-extension-unknown': { kind: 'alert', alerts: [46], finished: false },
      'version-1-certificate': { kind: 'alert', alerts: [46], finished: false },
      'issuer-not-authority': { kind: 'alert', alerts: [46], finished: false },
      'name-constraint-violated': { kind: 'alert', alerts: [46], finished: false },
      'path-length-exceeded': { kind: 'alert', alerts: [46], finished: false },
      'curve-explicit': { kind: 'alert', alerts: [51], finished: false },
    },
  },
  {
    by: 'rustls of Deno 2.9.6',
    role: 'client',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'alert', alerts: [70], finished: false },
    },
  },
  {
    by: 'rustls of Deno 2.9.6',
    role: 'client',
    tls: null,
    responses: {
      'server-speaks-plaintext': { kind: 'alert', alerts: [50], finished: false },
      garbage: { kind: 'alert', alerts: [50], finished: false },
    },
  },
  {
    by: 'rustls of Deno 2.9.6',
    role: 'server',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'alert', alerts: [40], finished: false },
    },
  },
  {
    by: 'rustls of Deno 2.9.6',
    role: 'server',
    tls: 'TLS 1.1',
    responses: {
      'protocol-version-mismatch': { kind: 'alert', alerts: [40], finished: false },
    },
  },
  {
    by: 'rustls of Deno 2.9.6',
    role: 'server',
    tls: 'TLS 1.2',
    responses: {
      'cipher-suite-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'group-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'signature-scheme-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'alpn-mismatch': { kind: 'alert', alerts: [120], finished: false },
      'fallback-rejected': { kind: 'accept' },
    },
  },
  {
    by: 'rustls of Deno 2.9.6',
    role: 'server',
    tls: 'TLS 1.3',
    responses: {
      'cipher-suite-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'group-mismatch': { kind: 'alert', alerts: [40], finished: false },
    },
  },
  {
    by: 'rustls of Deno 2.9.6',
    role: 'server',
    tls: null,
    responses: {
      'client-speaks-plaintext': { kind: 'alert', alerts: [50], finished: false },
      garbage: { kind: 'alert', alerts: [50], finished: false },
    },
  },
];

/** rustls, and so Deno: it prefers P-384 among its signatures, and has nothing but AEAD suites. It shuffles its extensions. */
export const rustls: Stack<'rustls'> = {
  name: 'rustls',
  wrote: ({ extensions, cipherSuites, signatureSchemes }) =>
    signatureSchemes[0] === 'ecdsa_secp384r1_sha384' &&
    signatureSchemes[1] === 'ecdsa_secp256r1_sha256' &&
    hasInRow(signatureSchemes, 'ed25519', 'rsa_pss_rsae_sha512') &&
    extensions.includes('extended_master_secret') &&
    !extensions.includes('renegotiation_info') &&
    !cipherSuites.some((suite) => suite.includes('_CBC_')),
  recordings,
  judgesChainsAs: ['rustls'],
};
