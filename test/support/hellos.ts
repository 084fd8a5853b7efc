/** Traits by which a ClientHello shows the library that wrote it (src/knowledge/stacks/). */

export const GNUTLS_HELLO = {
  extensions: [
    'status_request',
    'supported_groups',
    'ec_point_formats',
    'signature_algorithms',
    'renegotiation_info',
    'supported_versions',
  ],
  signatureSchemes: ['rsa_pkcs1_sha256', 'rsa_pss_pss_sha256'],
};

/** Of Erlang/OTP: the signal of secure renegotiation is its first suite. */
export const ERLANG_HELLO = {
  extensions: ['signature_algorithms', 'supported_groups'],
  cipherSuites: ['TLS_EMPTY_RENEGOTIATION_INFO_SCSV', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
};

export const GO_HELLO = {
  extensions: [
    'status_request',
    'supported_groups',
    'ec_point_formats',
    'signature_algorithms',
    'renegotiation_info',
    'signed_certificate_timestamp',
    'supported_versions',
    'key_share',
  ],
};

/** session_ticket is its last extension. */
export const MBEDTLS_HELLO = {
  extensions: [
    'server_name',
    'signature_algorithms',
    'supported_groups',
    'ec_point_formats',
    'encrypt_then_mac',
    'extended_master_secret',
    'session_ticket',
  ],
  cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'],
};

export const NODE_HELLO = {
  extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
  cipherSuites: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
    'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256',
    'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
  ],
};

/** Of rustls, and so of Deno. */
export const RUSTLS_HELLO = {
  extensions: ['server_name', 'extended_master_secret', 'supported_groups', 'signature_algorithms'],
  cipherSuites: ['TLS_AES_256_GCM_SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'],
  signatureSchemes: ['ecdsa_secp384r1_sha384', 'ecdsa_secp256r1_sha256', 'ed25519', 'rsa_pss_rsae_sha512'],
};

/** The default list of PHP 8.2, which has the suite that Node.js prefers in front, and DSS. */
export const PHP_SUITES = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_DHE_DSS_WITH_AES_128_GCM_SHA256',
  'TLS_DHE_DSS_WITH_AES_256_GCM_SHA384',
  'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
];
