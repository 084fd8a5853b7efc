/** What is known of a TLS alert besides its name; what it means, and who sends it and why, is in the language's table. */
interface KnownAlert {
  /** Ids of the rules that it leads to, the most common first. */
  readonly rules: readonly string[];
  readonly source: string;
}

const CERTIFICATE_CAUSES = [
  'certificate-expired',
  'certificate-not-yet-valid',
  'hostname-mismatch',
  'chain-incomplete',
  'certificate-authority-unknown',
  'certificate-self-signed',
  'certificate-purpose-invalid',
  'tls-intercepted',
  'certificate-rejected',
  'client-certificate-expired',
  'client-certificate-untrusted',
  'client-certificate-rejected',
];

/** By IANA's name; RFC 8446 §6 and RFC 5246 §7.2 unless another source is named. */
export const KNOWN_ALERTS = {
  close_notify: { rules: ['protocol-version-mismatch', 'handshake-rejected'], source: 'RFC 8446 §6.1' },
  unexpected_message: { rules: ['protocol-violation', 'renegotiation-refused'], source: 'RFC 8446 §6.2' },
  bad_record_mac: { rules: ['decryption-failed', 'psk-rejected'], source: 'RFC 8446 §6.2' },
  decryption_failed: { rules: ['decryption-failed'], source: 'RFC 5246 §7.2.2' },
  record_overflow: {
    rules: ['server-speaks-plaintext', 'client-speaks-plaintext', 'message-too-large', 'protocol-violation'],
    source: 'RFC 8446 §6.2',
  },
  decompression_failure: { rules: ['protocol-violation'], source: 'RFC 5246 §7.2.2' },
  handshake_failure: {
    rules: [
      'cipher-suite-mismatch',
      'sni-missing',
      'group-mismatch',
      'signature-scheme-mismatch',
      'server-certificate-missing',
      'protocol-version-mismatch',
      'client-certificate-missing',
      'handshake-rejected',
    ],
    source: 'RFC 8446 §6.2',
  },
  no_certificate: { rules: ['client-certificate-missing'], source: 'RFC 6101 §5.4.2' },
  bad_certificate: {
    rules: [...CERTIFICATE_CAUSES, 'client-certificate-missing', 'certificate-signature-invalid'],
    source: 'RFC 8446 §6.2',
  },
  unsupported_certificate: {
    rules: ['certificate-purpose-invalid', 'client-certificate-rejected', 'certificate-rejected'],
    source: 'RFC 8446 §6.2',
  },
  certificate_revoked: { rules: ['certificate-revoked', 'client-certificate-rejected'], source: 'RFC 8446 §6.2' },
  certificate_expired: {
    rules: ['certificate-expired', 'client-certificate-expired', 'client-clock-wrong', 'certificate-not-yet-valid'],
    source: 'RFC 8446 §6.2',
  },
  certificate_unknown: { rules: CERTIFICATE_CAUSES, source: 'RFC 8446 §6.2' },
  illegal_parameter: { rules: ['protocol-violation', 'group-mismatch', 'psk-rejected'], source: 'RFC 8446 §6.2' },
  unknown_ca: {
    rules: [
      'chain-incomplete',
      'certificate-authority-unknown',
      'certificate-self-signed',
      'tls-intercepted',
      'client-certificate-untrusted',
    ],
    source: 'RFC 8446 §6.2',
  },
  access_denied: { rules: ['access-denied', 'client-certificate-rejected'], source: 'RFC 8446 §6.2' },
  decode_error: {
    rules: [
      'protocol-violation',
      'client-certificate-missing',
      'closed-without-alert',
      'client-hello-size-intolerant',
      'message-too-large',
    ],
    source: 'RFC 8446 §6.2',
  },
  decrypt_error: {
    rules: ['decryption-failed', 'certificate-signature-invalid', 'psk-rejected'],
    source: 'RFC 8446 §6.2',
  },
  export_restriction: { rules: ['handshake-rejected'], source: 'RFC 5246 §7.2.2' },
  protocol_version: {
    rules: ['protocol-version-mismatch', 'server-certificate-missing', 'sni-unrecognized'],
    source: 'RFC 8446 §6.2',
  },
  insufficient_security: {
    rules: ['cipher-suite-mismatch', 'group-mismatch', 'certificate-weak'],
    source: 'RFC 8446 §6.2',
  },
  internal_error: {
    rules: ['internal-error', 'protocol-version-mismatch', 'group-mismatch', 'server-certificate-missing'],
    source: 'RFC 8446 §6.2',
  },
  inappropriate_fallback: { rules: ['fallback-rejected'], source: 'RFC 7507 §3' },
  user_canceled: { rules: ['user-canceled'], source: 'RFC 8446 §6.1' },
  no_renegotiation: { rules: ['renegotiation-refused'], source: 'RFC 5246 §7.2.2' },
  missing_extension: {
    rules: ['protocol-violation', 'sni-missing', 'signature-scheme-mismatch'],
    source: 'RFC 8446 §6.2',
  },
  unsupported_extension: { rules: ['protocol-violation'], source: 'RFC 8446 §6.2' },
  unrecognized_name: {
    rules: ['sni-unrecognized', 'sni-missing', 'server-certificate-missing'],
    source: 'RFC 6066 §3',
  },
  bad_certificate_status_response: { rules: ['ocsp-response-invalid', 'certificate-revoked'], source: 'RFC 6066 §8' },
  unknown_psk_identity: { rules: ['psk-rejected'], source: 'RFC 8446 §6.2' },
  certificate_required: { rules: ['client-certificate-missing'], source: 'RFC 8446 §6.2' },
  no_application_protocol: { rules: ['alpn-mismatch'], source: 'RFC 7301 §3.2' },
} as const satisfies Readonly<Record<string, KnownAlert>>;

export type KnownAlertName = keyof typeof KNOWN_ALERTS;
