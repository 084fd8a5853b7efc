import type { EXPLAIN } from '../report/messages/explain.js';

/** What is known of an extension besides its name; what it is for is in the language's table. */
interface KnownExtension {
  /** Ids of the rules that it leads to. */
  readonly rules: readonly string[];
  readonly source: string;
  /** A command that shows how a server reacts to it. */
  readonly command?: string;
}

/** Extensions that matter for handshakes, by IANA's name; of others, only that is known. */
export const KNOWN_EXTENSIONS: Readonly<Record<keyof (typeof EXPLAIN)['extensions'], KnownExtension>> = {
  server_name: {
    rules: ['sni-missing', 'sni-unrecognized', 'hostname-mismatch'],
    source: 'RFC 6066 §3',
    command:
      'openssl s_client -connect HOST:443 -servername NAME </dev/null; openssl s_client -connect HOST:443 -noservername </dev/null',
  },
  status_request: {
    rules: ['ocsp-response-invalid', 'certificate-revoked'],
    source: 'RFC 6066 §8',
    command: 'openssl s_client -connect HOST:443 -servername NAME -status </dev/null',
  },
  supported_groups: {
    rules: ['group-mismatch'],
    source: 'RFC 8446 §4.2.7',
    command: 'openssl s_client -connect HOST:443 -servername NAME -groups P-256:X25519 </dev/null',
  },
  ec_point_formats: { rules: [], source: 'RFC 8422 §5.1.2' },
  signature_algorithms: {
    rules: ['signature-scheme-mismatch', 'certificate-weak'],
    source: 'RFC 8446 §4.2.3',
    command: 'openssl s_client -connect HOST:443 -servername NAME -sigalgs RSA-PSS+SHA256:ECDSA+SHA256 </dev/null',
  },
  application_layer_protocol_negotiation: {
    rules: ['alpn-mismatch'],
    source: 'RFC 7301 §3.1',
    command: 'openssl s_client -connect HOST:443 -servername NAME -alpn h2,http/1.1 </dev/null',
  },
  signed_certificate_timestamp: { rules: [], source: 'RFC 6962 §3.3.1' },
  padding_0x0015: { rules: [], source: 'RFC 7685 §3' },
  encrypt_then_mac: { rules: [], source: 'RFC 7366 §2' },
  extended_master_secret: { rules: ['handshake-rejected'], source: 'RFC 7627 §5.1' },
  compress_certificate: { rules: [], source: 'RFC 8879 §3' },
  record_size_limit: { rules: ['message-too-large', 'protocol-violation'], source: 'RFC 8449 §4' },
  session_ticket: { rules: [], source: 'RFC 5077 §3.2' },
  pre_shared_key: { rules: ['psk-rejected'], source: 'RFC 8446 §4.2.11' },
  early_data: { rules: [], source: 'RFC 8446 §4.2.10' },
  supported_versions: {
    rules: ['protocol-version-mismatch'],
    source: 'RFC 8446 §4.2.1',
    command: 'openssl s_client -connect HOST:443 -servername NAME -tls1_2 </dev/null',
  },
  cookie: { rules: ['group-mismatch'], source: 'RFC 8446 §4.2.2' },
  psk_key_exchange_modes: { rules: ['psk-rejected'], source: 'RFC 8446 §4.2.9' },
  certificate_authorities: { rules: ['client-certificate-untrusted'], source: 'RFC 8446 §4.2.4' },
  post_handshake_auth: { rules: ['client-certificate-missing'], source: 'RFC 8446 §4.2.6' },
  signature_algorithms_cert: { rules: ['signature-scheme-mismatch'], source: 'RFC 8446 §4.2.3' },
  key_share: {
    rules: ['group-mismatch', 'client-hello-lost', 'client-hello-size-intolerant'],
    source: 'RFC 8446 §4.2.8',
  },
  next_protocol_negotiation: { rules: ['alpn-mismatch'], source: 'draft-agl-tls-nextprotoneg-04' },
  encrypted_client_hello: { rules: ['sni-unrecognized', 'hostname-mismatch'], source: 'draft-ietf-tls-esni-22' },
  renegotiation_info: { rules: ['renegotiation-refused', 'insecure-renegotiation'], source: 'RFC 5746 §3.2' },
};
