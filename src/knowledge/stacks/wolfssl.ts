import { precedes, type Recording, type Stack } from './stack.js';

// Written by samples/stacks/record.mjs.
const recordings: readonly Recording[] = [
  {
    by: 'wolfSSL 5.5.4',
    role: 'client',
    tls: 'TLS 1.2',
    responses: {
      'certificate-expired': { kind: 'alert', alerts: [45], finished: false },
      'certificate-not-yet-valid': { kind: 'alert', alerts: [45], finished: false },
      'issuer-expired': { kind: 'alert', alerts: [45], finished: false },
      'certificate-authority-unknown': { kind: 'alert', alerts: [48], finished: false },
      'certificate-self-signed': { kind: 'alert', alerts: [42], finished: false },
      'chain-incomplete': { kind: 'alert', alerts: [48], finished: false },
      'hostname-mismatch': { kind: 'alert', alerts: [42], finished: false },
      'subject-alt-name-missing': { kind: 'accept' },
      'certificate-purpose-invalid': { kind: 'alert', alerts: [42], finished: false },
      'key-usage-invalid': { kind: 'alert', alerts: [42], finished: false },
      'key-weak': { kind: 'accept' },
      'signature-weak': { kind: 'accept' },
      'certificate-signature-invalid': { kind: 'alert', alerts: [42], finished: false },
      'certificate-revoked': { kind: 'accept' },
      'authority-as-leaf': { kind: 'accept' },
      'key-identifiers-missing': { kind: 'accept' },
      'serial-number-negative': { kind: 'accept' },
      'critical-extension-unknown': { kind: 'close', how: 'rst', closeNotify: false, finished: false },
      'version-1-certificate': { kind: 'accept' },
      'issuer-not-authority': { kind: 'alert', alerts: [48], finished: false },
      'name-constraint-violated': { kind: 'alert', alerts: [42], finished: false },
      'path-length-exceeded': { kind: 'alert', alerts: [42], finished: false },
      'curve-explicit': { kind: 'alert', alerts: [50], finished: false },
    },
  },
  {
    by: 'wolfSSL 5.5.4',
    role: 'client',
    tls: 'TLS 1.3',
    responses: {
      'certificate-expired': { kind: 'alert', alerts: [45], finished: false },
      'certificate-not-yet-valid': { kind: 'alert', alerts: [45], finished: false },
      'issuer-expired': { kind: 'alert', alerts: [45], finished: false },
      'certificate-authority-unknown': { kind: 'alert', alerts: [48], finished: false },
      'certificate-self-signed': { kind: 'alert', alerts: [42], finished: false },
      'chain-incomplete': { kind: 'alert', alerts: [48], finished: false },
      'hostname-mismatch': { kind: 'alert', alerts: [42], finished: false },
      'subject-alt-name-missing': { kind: 'accept' },
      'certificate-purpose-invalid': { kind: 'alert', alerts: [42], finished: false },
      'key-usage-invalid': { kind: 'accept' },
      'key-weak': { kind: 'accept' },
      'signature-weak': { kind: 'accept' },
      'certificate-signature-invalid': { kind: 'alert', alerts: [42], finished: false },
      'certificate-revoked': { kind: 'accept' },
      'authority-as-leaf': { kind: 'accept' },
      'key-identifiers-missing': { kind: 'accept' },
      'serial-number-negative': { kind: 'accept' },
      'critical-extension-unknown': { kind: 'close', how: 'rst', closeNotify: false, finished: false },
      'version-1-certificate': { kind: 'accept' },
      'issuer-not-authority': { kind: 'alert', alerts: [48], finished: false },
      'name-constraint-violated': { kind: 'alert', alerts: [42], finished: false },
      'path-length-exceeded': { kind: 'alert', alerts: [42], finished: false },
      'curve-explicit': { kind: 'close', how: 'rst', closeNotify: false, finished: false },
    },
  },
  {
    by: 'wolfSSL 5.5.4',
    role: 'client',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'alert', alerts: [70], finished: false },
    },
  },
  {
    by: 'wolfSSL 5.5.4',
    role: 'client',
    tls: null,
    responses: {
      'server-speaks-plaintext': { kind: 'alert', alerts: [22], finished: false },
      garbage: { kind: 'alert', alerts: [22], finished: false },
    },
  },
  {
    by: 'wolfSSL 5.5.4',
    role: 'server',
    tls: 'TLS 1.2',
    responses: {
      'client-certificate-missing': { kind: 'close', how: 'rst', closeNotify: false, finished: false },
      'client-certificate-expired': { kind: 'alert', alerts: [45], finished: false },
      'client-certificate-not-yet-valid': { kind: 'alert', alerts: [45], finished: false },
      'client-certificate-untrusted': { kind: 'alert', alerts: [48], finished: false },
      'client-certificate-self-signed': { kind: 'alert', alerts: [42], finished: false },
      'client-certificate-purpose-invalid': { kind: 'alert', alerts: [42], finished: false },
      'cipher-suite-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'group-mismatch': { kind: 'accept' },
      'signature-scheme-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'sni-missing': { kind: 'alert', alerts: [40], finished: false },
      'sni-unrecognized': { kind: 'alert', alerts: [112], finished: false },
      'alpn-mismatch': { kind: 'alert', alerts: [120], finished: false },
      'fallback-rejected': { kind: 'alert', alerts: [86, 70], finished: false },
    },
  },
  {
    by: 'wolfSSL 5.5.4',
    role: 'server',
    tls: 'TLS 1.3',
    responses: {
      'client-certificate-missing': { kind: 'alert', alerts: [116], finished: true },
      'client-certificate-expired': { kind: 'alert', alerts: [45], finished: true },
      'client-certificate-not-yet-valid': { kind: 'alert', alerts: [45], finished: true },
      'client-certificate-untrusted': { kind: 'alert', alerts: [48], finished: true },
      'client-certificate-self-signed': { kind: 'alert', alerts: [42], finished: true },
      'client-certificate-purpose-invalid': { kind: 'alert', alerts: [42], finished: true },
      'cipher-suite-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'group-mismatch': { kind: 'accept' },
      'signature-scheme-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'sni-missing': { kind: 'alert', alerts: [40], finished: false },
      'sni-unrecognized': { kind: 'alert', alerts: [112], finished: false },
      'alpn-mismatch': { kind: 'alert', alerts: [120], finished: false },
    },
  },
  {
    by: 'wolfSSL 5.5.4',
    role: 'server',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'alert', alerts: [70], finished: false },
    },
  },
  {
    by: 'wolfSSL 5.5.4',
    role: 'server',
    tls: 'TLS 1.1',
    responses: {
      'protocol-version-mismatch': { kind: 'accept' },
    },
  },
  {
    by: 'wolfSSL 5.5.4',
    role: 'server',
    tls: null,
    responses: {
      'client-speaks-plaintext': { kind: 'close', how: 'rst', closeNotify: false, finished: false },
      garbage: { kind: 'alert', alerts: [22], finished: false },
    },
  },
];

/** wolfSSL writes its extensions in reverse order, signature algorithms before groups. */
export const wolfssl: Stack<'wolfSSL'> = {
  name: 'wolfSSL',
  wrote: ({ extensions, signatureSchemes }) =>
    signatureSchemes[0] === 'ecdsa_secp521r1_sha512' &&
    precedes(extensions, 'signature_algorithms', 'supported_groups') &&
    (!extensions.includes('supported_versions') ||
      precedes(extensions, 'supported_versions', 'signature_algorithms')) &&
    (!extensions.includes('server_name') ||
      precedes(extensions, 'supported_groups', 'server_name') ||
      precedes(extensions, 'signature_algorithms', 'server_name')) &&
    !precedes(extensions, 'encrypt_then_mac', 'session_ticket'),
  recordings,
  judgesChainsAs: ['wolfSSL'],
  intermediateAnchors: 'accepted',
};
