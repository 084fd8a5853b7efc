import type { Rule } from '../rule.js';
import { accessDenied } from './access-denied.js';
import { addressChanged } from './address-changed.js';
import { addressValidationLoop } from './address-validation-loop.js';
import { alteredOnTheWay } from './altered-on-the-way.js';
import { answerFromElsewhere } from './answer-from-elsewhere.js';
import { alpnMismatch } from './alpn-mismatch.js';
import { certificateAuthorityUnknown } from './certificate-authority-unknown.js';
import { certificateExpired } from './certificate-expired.js';
import { certificateNonconforming } from './certificate-nonconforming.js';
import { certificateNotYetValid } from './certificate-not-yet-valid.js';
import { certificatePurposeInvalid } from './certificate-purpose-invalid.js';
import { certificateRejected } from './certificate-rejected.js';
import { certificateRevoked } from './certificate-revoked.js';
import { certificateSelfSigned } from './certificate-self-signed.js';
import { certificateSignatureInvalid } from './certificate-signature-invalid.js';
import { certificateWeak } from './certificate-weak.js';
import { chainIncomplete } from './chain-incomplete.js';
import { chainOutOfOrder } from './chain-out-of-order.js';
import { cipherSuiteMismatch } from './cipher-suite-mismatch.js';
import { eapFragmentLost } from './eap-fragment-lost.js';
import { eapMethodMismatch } from './eap-method-mismatch.js';
import { innerAuthenticationFailed } from './inner-authentication-failed.js';
import { radiusSecretMismatch } from './radius-secret-mismatch.js';
import { radiusSilent } from './radius-silent.js';
import { clientAbandoned } from './client-abandoned.js';
import { clientCertificateExpired } from './client-certificate-expired.js';
import { clientCertificateMissing } from './client-certificate-missing.js';
import { clientCertificateRejected } from './client-certificate-rejected.js';
import { clientCertificateUntrusted } from './client-certificate-untrusted.js';
import { clientKeyUnusable } from './client-key-unusable.js';
import { clientClockWrong } from './client-clock-wrong.js';
import { clientHelloSizeIntolerant } from './client-hello-size-intolerant.js';
import { clientHelloLost } from './client-hello-lost.js';
import { clientSpeaksPlaintext } from './client-speaks-plaintext.js';
import { closedWithoutAlert } from './closed-without-alert.js';
import { connectionRefused } from './connection-refused.js';
import { connectionReset } from './connection-reset.js';
import { decryptionFailed } from './decryption-failed.js';
import { downgradeDetected } from './downgrade-detected.js';
import { extendedMasterSecretMissing } from './extended-master-secret-missing.js';
import { fallbackRejected } from './fallback-rejected.js';
import { fingerprintMismatch } from './fingerprint-mismatch.js';
import { groupMismatch } from './group-mismatch.js';
import { handshakeRejected } from './handshake-rejected.js';
import { handshakeStalled } from './handshake-stalled.js';
import { hostnameMismatch } from './hostname-mismatch.js';
import { internalError } from './internal-error.js';
import { ipFragmentsLost } from './ip-fragments-lost.js';
import { lostBetween } from './lost-between.js';
import { messageTooLarge } from './message-too-large.js';
import { middleboxReset } from './middlebox-reset.js';
import { ocspResponseInvalid } from './ocsp-response-invalid.js';
import { pathMtuBlackhole } from './path-mtu-blackhole.js';
import { protocolVersionMismatch } from './protocol-version-mismatch.js';
import { protocolViolation } from './protocol-violation.js';
import { proxyProtocolMismatch } from './proxy-protocol-mismatch.js';
import { proxyRefused } from './proxy-refused.js';
import { pskRejected } from './psk-rejected.js';
import { renegotiationRefused } from './renegotiation-refused.js';
import { retryTokenInvalid } from './retry-token-invalid.js';
import { revocationCheckFailed } from './revocation-check-failed.js';
import { serverCertificateMissing } from './server-certificate-missing.js';
import { serverSilent } from './server-silent.js';
import { serverSpeaksPlaintext } from './server-speaks-plaintext.js';
import { signatureSchemeMismatch } from './signature-scheme-mismatch.js';
import { sessionReuseRequired } from './session-reuse-required.js';
import { resumptionBroken } from './resumption-broken.js';
import { sniInvalid } from './sni-invalid.js';
import { sniMissing } from './sni-missing.js';
import { sniUnrecognized } from './sni-unrecognized.js';
import { starttlsNotOffered } from './starttls-not-offered.js';
import { starttlsRefused } from './starttls-refused.js';
import { tcpConnectionRefused } from './tcp-connection-refused.js';
import { tcpConnectionTimeout } from './tcp-connection-timeout.js';
import { tcpHandshakeIncomplete } from './tcp-handshake-incomplete.js';
import { tlsIntercepted } from './tls-intercepted.js';
import { tlsNeverBegan } from './tls-never-began.js';
import { udpBlocked } from './udp-blocked.js';
import { udpPortUnreachable } from './udp-port-unreachable.js';
import { userCanceled } from './user-canceled.js';

/**
 * The rules for causes of a failure. Between causes that weigh the same, the earlier one wins: facts of a certificate
 * (a date) before what depends on the peer's trust store, special ones before general ones.
 */
export const CAUSES: readonly Rule[] = [
  alteredOnTheWay,
  middleboxReset,
  lostBetween,
  tcpConnectionRefused,
  tcpConnectionTimeout,
  tcpHandshakeIncomplete,
  udpPortUnreachable,
  answerFromElsewhere,
  udpBlocked,
  eapMethodMismatch,
  innerAuthenticationFailed,
  radiusSecretMismatch,
  eapFragmentLost,
  proxyRefused,
  starttlsRefused,
  starttlsNotOffered,
  tlsNeverBegan,
  proxyProtocolMismatch,
  clientSpeaksPlaintext,
  serverSpeaksPlaintext,
  pathMtuBlackhole,
  clientHelloSizeIntolerant,
  ipFragmentsLost,
  addressValidationLoop,
  protocolVersionMismatch,
  retryTokenInvalid,
  connectionRefused,
  fallbackRejected,
  downgradeDetected,
  resumptionBroken,
  sessionReuseRequired,
  alpnMismatch,
  pskRejected,
  sniMissing,
  sniInvalid,
  sniUnrecognized,
  serverCertificateMissing,
  cipherSuiteMismatch,
  groupMismatch,
  signatureSchemeMismatch,
  renegotiationRefused,
  extendedMasterSecretMissing,
  clientCertificateMissing,
  clientCertificateExpired,
  clientCertificateUntrusted,
  fingerprintMismatch,
  certificateExpired,
  certificateNotYetValid,
  clientClockWrong,
  certificateRevoked,
  ocspResponseInvalid,
  certificatePurposeInvalid,
  decryptionFailed,
  certificateSignatureInvalid,
  certificateWeak,
  messageTooLarge,
  tlsIntercepted,
  certificateSelfSigned,
  hostnameMismatch,
  certificateNonconforming,
  chainIncomplete,
  chainOutOfOrder,
  certificateAuthorityUnknown,
  clientKeyUnusable,
  revocationCheckFailed,
  clientCertificateRejected,
  certificateRejected,
  internalError,
  accessDenied,
  userCanceled,
  protocolViolation,
  handshakeRejected,
  radiusSilent,
  serverSilent,
  handshakeStalled,
  clientHelloLost,
  connectionReset,
  closedWithoutAlert,
  clientAbandoned,
  addressChanged,
];
