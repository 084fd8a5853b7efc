import { isAppleBuild, isBoringssl } from './apple.js';
import { hasGrease, type Recording, type Stack } from './stack.js';

// Written by samples/stacks/record.mjs.
const recordings: readonly Recording[] = [
  {
    by: 'Chromium 156.0.8078.108',
    role: 'client',
    tls: 'TLS 1.2',
    responses: {
      'certificate-expired': { kind: 'alert', alerts: [46], finished: false },
      'certificate-not-yet-valid': { kind: 'alert', alerts: [46], finished: false },
      'issuer-expired': { kind: 'alert', alerts: [46], finished: false },
      'certificate-authority-unknown': { kind: 'alert', alerts: [46], finished: false },
      'certificate-self-signed': { kind: 'alert', alerts: [46], finished: false },
      'chain-incomplete': { kind: 'alert', alerts: [46], finished: false },
      'hostname-mismatch': { kind: 'alert', alerts: [46], finished: false },
      'subject-alt-name-missing': { kind: 'alert', alerts: [46], finished: false },
      'certificate-purpose-invalid': { kind: 'alert', alerts: [46], finished: false },
      'key-usage-invalid': { kind: 'close', how: 'fin', closeNotify: false, finished: false },
      'key-weak': { kind: 'accept' },
      'signature-weak': { kind: 'alert', alerts: [46], finished: false },
      'certificate-signature-invalid': { kind: 'alert', alerts: [46], finished: false },
      'certificate-revoked': { kind: 'alert', alerts: [46], finished: false },
      'authority-as-leaf': { kind: 'accept' },
      'key-identifiers-missing': { kind: 'accept' },
      'serial-number-negative': { kind: 'accept' },
      'critical-extension-unknown': { kind: 'alert', alerts: [46], finished: false },
      'version-1-certificate': { kind: 'alert', alerts: [46], finished: false },
      'issuer-not-authority': { kind: 'alert', alerts: [46], finished: false },
      'name-constraint-violated': { kind: 'alert', alerts: [46], finished: false },
      'path-length-exceeded': { kind: 'alert', alerts: [46], finished: false },
    },
  },
  {
    by: 'Chromium 156.0.8078.108',
    role: 'client',
    tls: 'TLS 1.3',
    responses: {
      'certificate-expired': { kind: 'alert', alerts: [46], finished: false },
      'certificate-not-yet-valid': { kind: 'alert', alerts: [46], finished: false },
      'issuer-expired': { kind: 'alert', alerts: [46], finished: false },
      'certificate-authority-unknown': { kind: 'alert', alerts: [46], finished: false },
      'certificate-self-signed': { kind: 'alert', alerts: [46], finished: false },
      'chain-incomplete': { kind: 'alert', alerts: [46], finished: false },
      'hostname-mismatch': { kind: 'alert', alerts: [46], finished: false },
      'subject-alt-name-missing': { kind: 'alert', alerts: [46], finished: false },
      'certificate-purpose-invalid': { kind: 'alert', alerts: [46], finished: false },
      'key-usage-invalid': { kind: 'alert', alerts: [47], finished: false },
      'key-weak': { kind: 'accept' },
      'signature-weak': { kind: 'alert', alerts: [46], finished: false },
      'certificate-signature-invalid': { kind: 'alert', alerts: [46], finished: false },
      'certificate-revoked': { kind: 'alert', alerts: [46], finished: false },
      'authority-as-leaf': { kind: 'accept' },
      'key-identifiers-missing': { kind: 'accept' },
      'serial-number-negative': { kind: 'accept' },
      'critical-extension-unknown': { kind: 'alert', alerts: [46], finished: false },
      'version-1-certificate': { kind: 'alert', alerts: [46], finished: false },
      'issuer-not-authority': { kind: 'alert', alerts: [46], finished: false },
      'name-constraint-violated': { kind: 'alert', alerts: [46], finished: false },
      'path-length-exceeded': { kind: 'alert', alerts: [46], finished: false },
    },
  },
  {
    by: 'Chromium 156.0.8078.108',
    role: 'client',
    tls: 'TLS 1.0',
    responses: {
      'protocol-version-mismatch': { kind: 'alert', alerts: [70], finished: false },
    },
  },
  {
    by: 'Chromium 156.0.8078.108',
    role: 'client',
    tls: null,
    responses: {
      'server-speaks-plaintext': { kind: 'alert', alerts: [70], finished: false },
      garbage: { kind: 'alert', alerts: [70], finished: false },
    },
  },
];

/** Browsers based on Chromium, and programs with its network code: BoringSSL with GREASE (RFC 8701). */
export const chromium: Stack<'Chromium'> = {
  name: 'Chromium',
  wrote: (hello) => isBoringssl(hello) && hasGrease(hello) && !isAppleBuild(hello),
  recordings,
  judgesChainsAs: ['Chromium'],
  intermediateAnchors: 'accepted',
};
