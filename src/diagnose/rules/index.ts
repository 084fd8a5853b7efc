import type { Rule } from '../rule.js';
import { certificateAuthorityUnknown } from './certificate-authority-unknown.js';
import { certificateExpired } from './certificate-expired.js';
import { certificateNotYetValid } from './certificate-not-yet-valid.js';
import { certificateRejected } from './certificate-rejected.js';
import { certificateSelfSigned } from './certificate-self-signed.js';
import { chainIncomplete } from './chain-incomplete.js';
import { cipherSuiteMismatch } from './cipher-suite-mismatch.js';
import { clientAbandoned } from './client-abandoned.js';
import { clientCertificateExpired } from './client-certificate-expired.js';
import { clientCertificateMissing } from './client-certificate-missing.js';
import { clientCertificateRejected } from './client-certificate-rejected.js';
import { clientCertificateUntrusted } from './client-certificate-untrusted.js';
import { clientClockWrong } from './client-clock-wrong.js';
import { clientHelloLost } from './client-hello-lost.js';
import { closedWithoutAlert } from './closed-without-alert.js';
import { connectionReset } from './connection-reset.js';
import { handshakeRejected } from './handshake-rejected.js';
import { hostnameMismatch } from './hostname-mismatch.js';
import { internalError } from './internal-error.js';
import { protocolVersionMismatch } from './protocol-version-mismatch.js';
import { serverSilent } from './server-silent.js';
import { sniMissing } from './sni-missing.js';
import { sniUnrecognized } from './sni-unrecognized.js';
import { tcpConnectionRefused } from './tcp-connection-refused.js';
import { tcpConnectionTimeout } from './tcp-connection-timeout.js';

/**
 * Every rule. Between causes that weigh the same, the earlier one wins: what a certificate shows (a date) before what
 * depends on the peer's trust store, the special before the general.
 */
export const RULES: readonly Rule[] = [
  tcpConnectionRefused,
  tcpConnectionTimeout,
  protocolVersionMismatch,
  sniMissing,
  sniUnrecognized,
  cipherSuiteMismatch,
  clientCertificateMissing,
  clientCertificateExpired,
  clientCertificateUntrusted,
  certificateExpired,
  certificateNotYetValid,
  clientClockWrong,
  certificateSelfSigned,
  hostnameMismatch,
  chainIncomplete,
  certificateAuthorityUnknown,
  clientCertificateRejected,
  certificateRejected,
  internalError,
  handshakeRejected,
  serverSilent,
  clientHelloLost,
  connectionReset,
  closedWithoutAlert,
  clientAbandoned,
];
