import { hasInRow, type Recording, type Stack } from './stack.js';

// Written by samples/stacks/record.mjs.
const recordings: readonly Recording[] = [
  {
    by: 'Botan 2.19.3',
    role: 'client',
    tls: 'TLS 1.2',
    responses: {
      'certificate-expired': { kind: 'accept' },
      'certificate-not-yet-valid': { kind: 'accept' },
      'issuer-expired': { kind: 'accept' },
      'certificate-authority-unknown': { kind: 'accept' },
      'certificate-self-signed': { kind: 'accept' },
      'chain-incomplete': { kind: 'accept' },
      'hostname-mismatch': { kind: 'accept' },
      'subject-alt-name-missing': { kind: 'accept' },
      'certificate-purpose-invalid': { kind: 'accept' },
      'key-usage-invalid': { kind: 'alert', alerts: [42], finished: false },
      'key-weak': { kind: 'alert', alerts: [71], finished: false },
      'signature-weak': { kind: 'accept' },
      'certificate-signature-invalid': { kind: 'accept' },
      'certificate-revoked': { kind: 'accept' },
      'authority-as-leaf': { kind: 'accept' },
      'key-identifiers-missing': { kind: 'accept' },
      'serial-number-negative': { kind: 'accept' },
      'critical-extension-unknown': { kind: 'accept' },
      'version-1-certificate': { kind: 'alert', alerts: [42], finished: false },
      'issuer-not-authority': { kind: 'accept' },
      'name-constraint-violated': { kind: 'accept' },
      'path-length-exceeded': { kind: 'accept' },
      'curve-explicit': { kind: 'accept' },
    },
  },
  {
    by: 'Botan 2.19.3',
    role: 'client',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'alert', alerts: [40], finished: false },
    },
  },
  {
    by: 'Botan 2.19.3',
    role: 'client',
    tls: null,
    responses: {
      'server-speaks-plaintext': { kind: 'alert', alerts: [70], finished: false },
      garbage: { kind: 'alert', alerts: [70], finished: false },
    },
  },
  {
    by: 'Botan 2.19.3',
    role: 'server',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'alert', alerts: [70], finished: false },
    },
  },
  {
    by: 'Botan 2.19.3',
    role: 'server',
    tls: 'TLS 1.1',
    responses: {
      'protocol-version-mismatch': { kind: 'alert', alerts: [70], finished: false },
    },
  },
  {
    by: 'Botan 2.19.3',
    role: 'server',
    tls: 'TLS 1.2',
    responses: {
      'cipher-suite-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'group-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'signature-scheme-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'fallback-rejected': { kind: 'accept' },
      'sni-missing': { kind: 'alert', alerts: [40], finished: false },
      'sni-unrecognized': { kind: 'alert', alerts: [40], finished: false },
      'alpn-mismatch': { kind: 'alert', alerts: [120], finished: false },
    },
  },
  {
    by: 'Botan 2.19.3',
    role: 'server',
    tls: 'TLS 1.3',
    responses: {
      'cipher-suite-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'group-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'signature-scheme-mismatch': { kind: 'alert', alerts: [40], finished: false },
      'sni-missing': { kind: 'alert', alerts: [40], finished: false },
      'sni-unrecognized': { kind: 'alert', alerts: [40], finished: false },
      'alpn-mismatch': { kind: 'alert', alerts: [120], finished: false },
    },
  },
  {
    by: 'Botan 2.19.3',
    role: 'server',
    tls: null,
    responses: {
      'client-speaks-plaintext': { kind: 'close', how: 'fin', closeNotify: false, finished: false },
      garbage: { kind: 'close', how: 'fin', closeNotify: false, finished: false },
    },
  },
];

/** Botan 2 writes its extensions by their numbers, secure renegotiation last. */
export const botan: Stack<'Botan'> = {
  name: 'Botan',
  wrote: ({ extensions }) =>
    hasInRow(extensions, 'supported_groups', 'ec_point_formats', 'signature_algorithms') &&
    (hasInRow(extensions, 'extended_master_secret', 'session_ticket', 'supported_versions', 'renegotiation_info') ||
      hasInRow(extensions, 'extended_master_secret', 'supported_versions', 'renegotiation_info')),
  recordings,
  judgesChainsAs: ['Botan'],
  intermediateAnchors: 'accepted',
};
