/**
 * Code points that occur although IANA's registries do not have them, or only reserve them; each group with its source.
 */

type Registry = readonly (readonly [code: number, name: string])[];

export const CIPHER_SUITES: Registry = [
  // RFC 6101 (SSL 3.0), appendix A.6.
  [0x001c, 'SSL_FORTEZZA_KEA_WITH_NULL_SHA'],
  [0x001d, 'SSL_FORTEZZA_KEA_WITH_FORTEZZA_CBC_SHA'],
  // draft-ietf-tls-56-bit-ciphersuites-01.
  [0x0060, 'TLS_RSA_EXPORT1024_WITH_RC4_56_MD5'],
  [0x0061, 'TLS_RSA_EXPORT1024_WITH_RC2_CBC_56_MD5'],
  [0x0062, 'TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA'],
  [0x0063, 'TLS_DHE_DSS_EXPORT1024_WITH_DES_CBC_SHA'],
  [0x0064, 'TLS_RSA_EXPORT1024_WITH_RC4_56_SHA'],
  [0x0065, 'TLS_DHE_DSS_EXPORT1024_WITH_RC4_56_SHA'],
  [0x0066, 'TLS_DHE_DSS_WITH_RC4_128_SHA'],
  // draft-ietf-tls-openpgp-keys-05.
  [0x0072, 'TLS_DHE_DSS_WITH_3DES_EDE_CBC_RMD'],
  [0x0073, 'TLS_DHE_DSS_WITH_AES_128_CBC_RMD'],
  [0x0074, 'TLS_DHE_DSS_WITH_AES_256_CBC_RMD'],
  [0x0077, 'TLS_DHE_RSA_WITH_3DES_EDE_CBC_RMD'],
  [0x0078, 'TLS_DHE_RSA_WITH_AES_128_CBC_RMD'],
  [0x0079, 'TLS_DHE_RSA_WITH_AES_256_CBC_RMD'],
  [0x007c, 'TLS_RSA_WITH_3DES_EDE_CBC_RMD'],
  [0x007d, 'TLS_RSA_WITH_AES_128_CBC_RMD'],
  [0x007e, 'TLS_RSA_WITH_AES_256_CBC_RMD'],
  // draft-chudov-cryptopro-cptls-04.
  [0x0080, 'TLS_GOSTR341094_WITH_28147_CNT_IMIT'],
  [0x0081, 'TLS_GOSTR341001_WITH_28147_CNT_IMIT'],
  [0x0082, 'TLS_GOSTR341094_WITH_NULL_GOSTR3411'],
  [0x0083, 'TLS_GOSTR341001_WITH_NULL_GOSTR3411'],
  // Google's experiment of 2016 (BoringSSL).
  [0x16b7, 'TLS_CECPQ1_RSA_WITH_CHACHA20_POLY1305_SHA256'],
  [0x16b8, 'TLS_CECPQ1_ECDSA_WITH_CHACHA20_POLY1305_SHA256'],
  [0x16b9, 'TLS_CECPQ1_RSA_WITH_AES_256_GCM_SHA384'],
  [0x16ba, 'TLS_CECPQ1_ECDSA_WITH_AES_256_GCM_SHA384'],
  // draft-agl-tls-chacha20poly1305-04, before RFC 7905 gave it other code points.
  [0xcc13, 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256_OLD'],
  [0xcc14, 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256_OLD'],
  [0xcc15, 'TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256_OLD'],
  // A draft of RFC 8442.
  [0xd004, 'TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256_OLD'],
  // Netscape's suites of SSL 3.0 (NSS), and those of SSL 2.0 in the form of SSL 3.0.
  [0xfefe, 'SSL_RSA_FIPS_WITH_DES_CBC_SHA'],
  [0xfeff, 'SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA'],
  [0xff80, 'SSL_RSA_WITH_RC2_CBC_MD5'],
  [0xff81, 'SSL_RSA_WITH_IDEA_CBC_MD5'],
  [0xff82, 'SSL_RSA_WITH_DES_CBC_MD5'],
  [0xff83, 'SSL_RSA_WITH_3DES_EDE_CBC_MD5'],
  [0xffe0, 'SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA_2'],
  [0xffe1, 'SSL_RSA_FIPS_WITH_DES_CBC_SHA_2'],
];

export const EXTENSION_TYPES: Registry = [
  // Drafts of TLS 1.3, up to draft-ietf-tls-tls13-22 and -18.
  [40, 'key_share_old'],
  [46, 'ticket_early_data_info'],
  // draft-agl-tls-nextprotoneg-04, draft-balfanz-tls-obc-01, draft-agl-tls-encryptedclientcerts-00.
  [13172, 'next_protocol_negotiation'],
  [13175, 'origin_bound_certificates'],
  [13180, 'encrypted_client_certificates'],
  // draft-vvv-tls-alps-01: its first code point, and the one that browsers changed to.
  [17513, 'application_settings'],
  [17613, 'application_settings'],
  // draft-balfanz-tls-channelid-01: likewise.
  [30031, 'channel_id'],
  [30032, 'channel_id_new'],
  // draft-agl-tls-padding-01, before RFC 7685.
  [35655, 'padding'],
];

/** TLS 1.2 has a hash and a signature algorithm in the place of a scheme (RFC 5246 §7.4.1.4.1). */
export const SIGNATURE_SCHEMES: Registry = [
  [0x0101, 'rsa_pkcs1_md5'],
  [0x0202, 'dsa_sha1'],
  [0x0301, 'rsa_pkcs1_sha224'],
  [0x0302, 'dsa_sha224'],
  [0x0303, 'ecdsa_sha224'],
  [0x0402, 'dsa_sha256'],
  [0x0502, 'dsa_sha384'],
  [0x0602, 'dsa_sha512'],
];

export const SUPPORTED_GROUPS: Registry = [
  // Google's and Cloudflare's experiment of 2019.
  [16696, 'CECPQ2'],
];
