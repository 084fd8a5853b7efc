import { hasInRow, precedes, type Recording, type Stack } from './stack.js';

// Written by samples/stacks/record.mjs.
const recordings: readonly Recording[] = [
  {
    by: 'Mbed TLS 2.28.3',
    role: 'client',
    tls: 'TLS 1.2',
    responses: {
      'certificate-expired': { kind: 'alert', alerts: [45], finished: false },
      'certificate-not-yet-valid': { kind: 'alert', alerts: [46], finished: false },
      'issuer-expired': { kind: 'alert', alerts: [45], finished: false },
      'certificate-authority-unknown': { kind: 'alert', alerts: [48], finished: false },
      'certificate-self-signed': { kind: 'alert', alerts: [48], finished: false },
      'chain-incomplete': { kind: 'alert', alerts: [48], finished: false },
      'hostname-mismatch': { kind: 'alert', alerts: [42], finished: false },
      'subject-alt-name-missing': { kind: 'accept' },
      'certificate-purpose-invalid': { kind: 'alert', alerts: [43], finished: false },
      'key-usage-invalid': { kind: 'alert', alerts: [43], finished: false },
      'key-weak': { kind: 'alert', alerts: [43], finished: false },
      'signature-weak': { kind: 'alert', alerts: [46], finished: false },
      'certificate-signature-invalid': { kind: 'alert', alerts: [48], finished: false },
      'certificate-revoked': { kind: 'accept' },
      'authority-as-leaf': { kind: 'accept' },
      'key-identifiers-missing': { kind: 'accept' },
      'serial-number-negative': { kind: 'accept' },
      'critical-extension-unknown': { kind: 'alert', alerts: [42], finished: false },
      'version-1-certificate': { kind: 'accept' },
      'issuer-not-authority': { kind: 'alert', alerts: [48], finished: false },
      'name-constraint-violated': { kind: 'alert', alerts: [42], finished: false },
      'path-length-exceeded': { kind: 'alert', alerts: [48], finished: false },
      'curve-explicit': { kind: 'alert', alerts: [42], finished: false },
    },
  },
  {
    by: 'Mbed TLS 2.28.3',
    role: 'client',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'accept' },
    },
  },
  {
    by: 'Mbed TLS 2.28.3',
    role: 'client',
    tls: null,
    responses: {
      'server-speaks-plaintext': { kind: 'close', how: 'fin', closeNotify: false, finished: false },
      garbage: { kind: 'close', how: 'fin', closeNotify: false, finished: false },
    },
  },
  {
    by: 'Mbed TLS 2.28.3',
    role: 'server',
    tls: 'TLS 1.2',
    responses: {
      'client-certificate-missing': { kind: 'close', how: 'fin', closeNotify: false, finished: false },
      'client-certificate-expired': { kind: 'alert', alerts: [45], finished: false },
      'client-certificate-not-yet-valid': { kind: 'alert', alerts: [46], finished: false },
      'client-certificate-untrusted': { kind: 'alert', alerts: [48], finished: false },
      'client-certificate-self-signed': { kind: 'alert', alerts: [48], finished: false },
      'client-certificate-purpose-invalid': { kind: 'alert', alerts: [43], finished: false },
      'cipher-suite-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'group-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'signature-scheme-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'sni-missing': { kind: 'accept' },
      'sni-unrecognized': { kind: 'alert', alerts: [112], finished: false },
      'alpn-mismatch': { kind: 'alert', alerts: [120], finished: false },
      'fallback-rejected': { kind: 'accept' },
    },
  },
  {
    by: 'Mbed TLS 2.28.3',
    role: 'server',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'accept' },
    },
  },
  {
    by: 'Mbed TLS 2.28.3',
    role: 'server',
    tls: 'TLS 1.1',
    responses: {
      'protocol-version-mismatch': { kind: 'accept' },
    },
  },
  {
    by: 'Mbed TLS 2.28.3',
    role: 'server',
    tls: 'TLS 1.3',
    responses: {
      'cipher-suite-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'group-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'signature-scheme-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'sni-missing': { kind: 'accept' },
      'sni-unrecognized': { kind: 'alert', alerts: [112], finished: false },
      'alpn-mismatch': { kind: 'alert', alerts: [120], finished: false },
    },
  },
  {
    by: 'Mbed TLS 2.28.3',
    role: 'server',
    tls: null,
    responses: {
      'client-speaks-plaintext': { kind: 'close', how: 'fin', closeNotify: false, finished: false },
      garbage: { kind: 'close', how: 'fin', closeNotify: false, finished: false },
    },
  },
];

/** Mbed TLS 2: signature algorithms before the groups, and at the end what secures the records of TLS 1.2. */
export const mbedtls: Stack<'Mbed TLS'> = {
  name: 'Mbed TLS',
  wrote: ({ extensions, cipherSuites }) =>
    extensions.includes('signature_algorithms') &&
    (hasInRow(extensions, 'signature_algorithms', 'supported_groups', 'ec_point_formats') ||
      !extensions.includes('supported_groups')) &&
    hasInRow(extensions, 'encrypt_then_mac', 'extended_master_secret') &&
    precedes(extensions, 'signature_algorithms', 'encrypt_then_mac') &&
    !extensions.includes('status_request') &&
    cipherSuites.at(-1) === 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV',
  recordings,
  judgesChainsAs: ['mbedTLS'],
  intermediateAnchors: 'accepted',
};
