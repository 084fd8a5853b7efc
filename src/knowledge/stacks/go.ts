import { hasInRow, precedes, type HelloTraits, type Recording, type Stack } from './stack.js';

// Written by samples/stacks/record.mjs.
const recordings: readonly Recording[] = [
  {
    by: 'Go 1.19.8',
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
      'subject-alt-name-missing': { kind: 'alert', alerts: [42], finished: false },
      'certificate-purpose-invalid': { kind: 'alert', alerts: [42], finished: false },
      'key-usage-invalid': { kind: 'accept' },
      'key-weak': { kind: 'accept' },
      'signature-weak': { kind: 'alert', alerts: [42], finished: false },
      'certificate-signature-invalid': { kind: 'alert', alerts: [42], finished: false },
      'certificate-revoked': { kind: 'accept' },
      'authority-as-leaf': { kind: 'accept' },
      'key-identifiers-missing': { kind: 'accept' },
      'serial-number-negative': { kind: 'accept' },
      'critical-extension-unknown': { kind: 'alert', alerts: [42], finished: false },
      'version-1-certificate': { kind: 'alert', alerts: [42], finished: false },
      'issuer-not-authority': { kind: 'alert', alerts: [42], finished: false },
      'name-constraint-violated': { kind: 'alert', alerts: [42], finished: false },
      'path-length-exceeded': { kind: 'alert', alerts: [42], finished: false },
      'curve-explicit': { kind: 'alert', alerts: [42], finished: false },
    },
  },
  {
    by: 'Go 1.19.8',
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
      'subject-alt-name-missing': { kind: 'alert', alerts: [42], finished: false },
      'certificate-purpose-invalid': { kind: 'alert', alerts: [42], finished: false },
      'key-usage-invalid': { kind: 'accept' },
      'key-weak': { kind: 'accept' },
      'signature-weak': { kind: 'alert', alerts: [42], finished: false },
      'certificate-signature-invalid': { kind: 'alert', alerts: [42], finished: false },
      'certificate-revoked': { kind: 'accept' },
      'authority-as-leaf': { kind: 'accept' },
      'key-identifiers-missing': { kind: 'accept' },
      'serial-number-negative': { kind: 'accept' },
      'critical-extension-unknown': { kind: 'alert', alerts: [42], finished: false },
      'version-1-certificate': { kind: 'alert', alerts: [42], finished: false },
      'issuer-not-authority': { kind: 'alert', alerts: [42], finished: false },
      'name-constraint-violated': { kind: 'alert', alerts: [42], finished: false },
      'path-length-exceeded': { kind: 'alert', alerts: [42], finished: false },
      'curve-explicit': { kind: 'alert', alerts: [42], finished: false },
    },
  },
  {
    by: 'Go 1.19.8',
    role: 'client',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'alert', alerts: [70], finished: false },
    },
  },
  {
    by: 'Go 1.19.8',
    role: 'client',
    tls: null,
    responses: {
      'server-speaks-plaintext': { kind: 'close', how: 'fin', closeNotify: false, finished: false },
      garbage: { kind: 'close', how: 'fin', closeNotify: false, finished: false },
    },
  },
  {
    by: 'Go 1.19.8',
    role: 'server',
    tls: 'TLS 1.2',
    responses: {
      'client-certificate-missing': { kind: 'alert', alerts: [42], finished: false },
      'client-certificate-expired': { kind: 'alert', alerts: [42], finished: false },
      'client-certificate-not-yet-valid': { kind: 'alert', alerts: [42], finished: false },
      'client-certificate-untrusted': { kind: 'alert', alerts: [42], finished: false },
      'client-certificate-self-signed': { kind: 'alert', alerts: [42], finished: false },
      'client-certificate-purpose-invalid': { kind: 'alert', alerts: [42], finished: false },
      'cipher-suite-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'group-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'signature-scheme-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'sni-missing': { kind: 'alert', alerts: [80], finished: false },
      'sni-unrecognized': { kind: 'alert', alerts: [80], finished: false },
      'alpn-mismatch': { kind: 'alert', alerts: [120], finished: false },
      'fallback-rejected': { kind: 'alert', alerts: [86], finished: false },
    },
  },
  {
    by: 'Go 1.19.8',
    role: 'server',
    tls: 'TLS 1.3',
    responses: {
      'client-certificate-missing': { kind: 'alert', alerts: [42], finished: true },
      'client-certificate-expired': { kind: 'alert', alerts: [42], finished: true },
      'client-certificate-not-yet-valid': { kind: 'alert', alerts: [42], finished: true },
      'client-certificate-untrusted': { kind: 'alert', alerts: [42], finished: true },
      'client-certificate-self-signed': { kind: 'alert', alerts: [42], finished: true },
      'client-certificate-purpose-invalid': { kind: 'alert', alerts: [42], finished: true },
      'protocol-version-mismatch': { kind: 'alert', alerts: [70], finished: false },
      'cipher-suite-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'group-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'signature-scheme-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'sni-missing': { kind: 'alert', alerts: [80], finished: false },
      'sni-unrecognized': { kind: 'alert', alerts: [80], finished: false },
    },
  },
  {
    by: 'Go 1.19.8',
    role: 'server',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'accept' },
    },
  },
  {
    by: 'Go 1.19.8',
    role: 'server',
    tls: 'TLS 1.1',
    responses: {
      'protocol-version-mismatch': { kind: 'accept' },
    },
  },
  {
    by: 'Go 1.19.8',
    role: 'server',
    tls: null,
    responses: {
      'client-speaks-plaintext': { kind: 'close', how: 'fin', closeNotify: false, finished: false },
      garbage: { kind: 'close', how: 'fin', closeNotify: false, finished: false },
    },
  },
];

/**
 * crypto/tls of Go. Until 1.22, secure renegotiation follows its signature algorithms; since 1.23 the extensions that an
 * inner ClientHello may copy from the outer one (ECH) stand together, after those that it may not. Seen: docker 28.2.2
 * on Go 1.24.3. Its list of signed timestamps is empty.
 */
export const go: Stack<'Go'> = {
  name: 'Go',
  wrote: (hello) => wroteBeforeEch(hello) || wroteWithEch(hello),
  recordings,
  judgesChainsAs: ['Go'],
  sortsChains: true,
  intermediateAnchors: 'accepted',
};

function wroteBeforeEch({ extensions }: HelloTraits): boolean {
  return (
    hasInRow(extensions, 'supported_groups', 'ec_point_formats') &&
    (hasInRow(extensions, 'signature_algorithms', 'renegotiation_info') ||
      hasInRow(extensions, 'signature_algorithms', 'signature_algorithms_cert', 'renegotiation_info')) &&
    precedes(extensions, 'renegotiation_info', 'signed_certificate_timestamp') &&
    !extensions.includes('encrypt_then_mac')
  );
}

function wroteWithEch({ extensions }: HelloTraits): boolean {
  return (
    precedes(extensions, 'ec_point_formats', 'renegotiation_info') &&
    hasInRow(extensions, 'renegotiation_info', 'extended_master_secret', 'signed_certificate_timestamp') &&
    precedes(extensions, 'signed_certificate_timestamp', 'status_request') &&
    hasInRow(extensions, 'status_request', 'supported_groups', 'signature_algorithms') &&
    !extensions.includes('encrypt_then_mac')
  );
}
