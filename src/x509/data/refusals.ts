import type { PeculiarityKind } from '../peculiarity-kind.js';

/** Families of TLS clients with certificate checks of their own. `Python strict`: Python since 3.13. */
export type ClientFamily =
  | 'OpenSSL'
  | 'Python strict'
  | 'Node.js'
  | 'GnuTLS'
  | 'Go'
  | 'JSSE'
  | 'NSS'
  | 'Chromium'
  | 'BoringSSL'
  | 'rustls'
  | 'mbedTLS'
  | 'wolfSSL'
  | 'Botan'
  | 'Erlang';

/** A family of clients that refuses something in a certificate, and how that is known. */
export interface Refusal {
  readonly client: ClientFamily;
  /** `capture`: seen in a recorded handshake. `source`: its documentation or source says so. */
  readonly basis: 'capture' | 'source';
  /** Where that is said: a source file, a page, an option. */
  readonly source: string;
}

const says = (source: string, ...clients: readonly ClientFamily[]): Refusal[] =>
  clients.map((client) => ({ client, basis: 'source', source }));
const shows = (source: string, ...clients: readonly ClientFamily[]): Refusal[] =>
  clients.map((client) => ({ client, basis: 'capture', source }));

/** Recorded: clients refused a chain with no other fault. */
const RECORDED =
  'recorded with OpenSSL 3.0.19, GnuTLS 3.7.9, Go 1.19.8, OpenJDK 17 and 25, NSS 3.87, Node.js 20.20, Python 3.13, Mbed TLS 2.28.3, wolfSSL 5.5.4, Botan 2.19.3, rustls of Deno 2.9, BoringSSL of Bun 1.4.5, Erlang/OTP 25';
const STRICT =
  'Python docs, ssl.create_default_context: VERIFY_X509_STRICT; OpenSSL crypto/x509/x509_vfy.c, check_extensions';
const PKIX = 'Mozilla mozilla::pkix';
const WEBPKI = 'rustls webpki';
const GO = 'Go crypto/x509';
/** Clients that know P-256, P-384 and P-521 alone. */
const NIST_ALONE = ['GnuTLS', 'Go', 'JSSE', 'NSS', 'BoringSSL', 'rustls'] as const;

/** Who refuses what. A client that is not listed may refuse it too: nothing is claimed about it. */
export const REFUSALS: Readonly<Record<PeculiarityKind, readonly Refusal[]>> = {
  // Damage in the structure, and bytes behind it; TLS 1.2.
  unreadable: shows(RECORDED, 'OpenSSL', 'Python strict', 'Node.js', 'GnuTLS', 'Go', 'NSS'),
  // Unless the program sets customize_hostname_check to pkix_verify_hostname_match_fun(https).
  'wildcard-alone': shows(RECORDED, 'Erlang'),
  'wildcard-over-one-label': [
    ...shows('OpenSSL crypto/x509/v3_utl.c, valid_star', 'OpenSSL'),
    ...says('Node.js lib/tls.js, check', 'Node.js'),
    ...says(`${PKIX}, pkixnames.cpp: two labels follow the wildcard`, 'NSS'),
    ...says(`${WEBPKI}, subject_name/dns_name.rs: two labels follow the wildcard`, 'rustls'),
    ...says('GnuTLS lib/str.c, _gnutls_hostname_compare', 'GnuTLS'),
    ...shows(RECORDED, 'BoringSSL'),
  ],
  'underscore-under-wildcard': says('OpenSSL crypto/x509/v3_utl.c, wildcard_match', 'OpenSSL'),
  'final-dot': [
    ...says('OpenSSL crypto/x509/v3_utl.c, equal_nocase', 'OpenSSL'),
    ...says(`${GO}, validHostnamePattern`, 'Go'),
    ...shows(RECORDED, 'GnuTLS', 'JSSE', 'NSS', 'rustls', 'mbedTLS', 'wolfSSL'),
  ],
  'any-purpose-alone': [
    ...says('OpenSSL crypto/x509/v3_purp.c, check_purpose_ssl_server', 'OpenSSL', 'Python strict', 'Node.js'),
    ...says(`${WEBPKI}, verify_cert.rs: exactly the purpose`, 'rustls'),
    ...shows(RECORDED, 'NSS', 'BoringSSL', 'Erlang'),
  ],
  'authority-for-any-purpose': shows(
    RECORDED,
    ...(['OpenSSL', 'Python strict', 'GnuTLS', 'Node.js', 'NSS', 'rustls', 'BoringSSL', 'Erlang'] as const),
  ),
  'server-gated-crypto-alone': [
    ...says(`${WEBPKI}, verify_cert.rs: exactly the purpose`, 'rustls'),
    ...shows(RECORDED, 'GnuTLS', 'Go', 'mbedTLS', 'wolfSSL', 'BoringSSL', 'Erlang'),
  ],
  'explicit-curve': [
    ...says('OpenSSL crypto/x509/x509_vfy.c, check_curve: X509_V_ERR_EC_KEY_EXPLICIT_PARAMS', 'OpenSSL'),
    ...says(`${GO}, parsePublicKey: a named curve`, 'Go'),
    ...says(`${WEBPKI}: keys by algorithm identifiers of named curves`, 'rustls'),
    ...shows(RECORDED, 'Python strict', 'GnuTLS', 'JSSE', 'Node.js', 'NSS', 'mbedTLS', 'wolfSSL', 'BoringSSL'),
  ],
  'unknown-critical-extension': says(
    'RFC 5280 §4.2',
    ...([
      'OpenSSL',
      'Python strict',
      'Node.js',
      'GnuTLS',
      'Go',
      'JSSE',
      'NSS',
      'Chromium',
      'BoringSSL',
      'rustls',
      'mbedTLS',
      'wolfSSL',
      'Erlang',
    ] as const),
  ),
  'critical-directory-constraint': [
    ...shows(`${GO}, parseNameConstraintsExtension: unhandled critical extension`, 'Go'),
    ...shows(RECORDED, 'rustls'),
  ],
  'critical-name-constraint': shows(`${RECORDED}: of any kind`, 'mbedTLS'),
  'critical-uri-constraint': shows(RECORDED, 'rustls', 'mbedTLS'),
  'critical-identifier-constraint': shows(`${RECORDED}: of registered identifiers`, 'GnuTLS', 'Go', 'mbedTLS'),
  'critical-other-name-constraint': shows(RECORDED, 'JSSE', 'Go', 'mbedTLS'),
  'critical-policy-constraint': shows(RECORDED, 'GnuTLS', 'Go', 'JSSE', 'NSS', 'rustls', 'mbedTLS', 'Erlang'),
  // Mbed TLS: unless the program reads them in a callback.
  'critical-certificate-policies': shows(RECORDED, 'NSS', 'mbedTLS'),
  'name-encoding-differs': [
    ...says(`${GO}, CertPool.findPotentialParents: names by their bytes`, 'Go'),
    ...says(`${WEBPKI}, verify_cert.rs: names by their bytes`, 'rustls'),
    ...says('GnuTLS lib/x509/common.c, _gnutls_x509_compare_raw_dn', 'GnuTLS'),
    ...shows(RECORDED, 'NSS', 'wolfSSL'),
  ],
  'name-in-16-bit-characters': shows(RECORDED, 'JSSE', 'mbedTLS', 'Erlang'),
  'name-spacing-differs': shows(RECORDED, 'mbedTLS'),
  'key-identifier-differs': [
    ...says('OpenSSL crypto/x509/v3_purp.c, ossl_x509_check_akid', 'OpenSSL', 'Python strict', 'Node.js'),
    ...shows('GnuTLS 3.7.9 and wolfSSL 5.5.4', 'GnuTLS', 'wolfSSL'),
    ...shows(RECORDED, 'NSS', 'BoringSSL'),
  ],
  'issuer-serial-differs': shows(RECORDED, 'OpenSSL', 'Python strict', 'Node.js', 'BoringSSL'),
  'authority-key-identifier-missing': shows(STRICT, 'Python strict'),
  'subject-key-identifier-missing': [...says(STRICT, 'Python strict'), ...shows(RECORDED, 'wolfSSL')],
  'basic-constraints-not-critical': says(STRICT, 'Python strict'),
  'signs-without-basic-constraints': shows(STRICT, 'Python strict'),
  'authority-without-key-usage': [...shows(STRICT, 'Python strict'), ...shows('wolfSSL 5.5.4', 'wolfSSL')],
  // A program that says so (x509negativeserial=1), or was written for an older Go, accepts it: docker of Debian 13 (Go 1.24.3).
  'negative-serial-number': says('Go 1.23 release notes: x509negativeserial', 'Go'),
  'malformed-time': shows(
    RECORDED,
    ...([
      'OpenSSL',
      'Python strict',
      'Node.js',
      'rustls',
      'mbedTLS',
      'wolfSSL',
      'Botan',
      'BoringSSL',
      'Erlang',
    ] as const),
  ),
  'no-expiration-date': shows(RECORDED, 'Botan'),
  'signature-algorithms-differ': shows(
    RECORDED,
    ...([
      'OpenSSL',
      'Python strict',
      'Node.js',
      'GnuTLS',
      'Go',
      'JSSE',
      'NSS',
      'rustls',
      'mbedTLS',
      'wolfSSL',
      'Botan',
      'BoringSSL',
    ] as const),
  ),
  'empty-subject': shows(RECORDED, 'JSSE', 'Python strict'),
  'path-length-without-authority': shows(RECORDED, 'Python strict', 'BoringSSL'),
  'authority-as-leaf': [
    ...says(`${WEBPKI}: CaUsedAsEndEntity`, 'rustls'),
    ...says(`${PKIX}: MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY`, 'NSS'),
  ],
  'key-usage-against-suite': [
    ...shows('GnuTLS lib/cert-session.c, _gnutls_check_key_usage_violation', 'GnuTLS'),
    ...says('OpenJDK sun/security/validator/EndEntityChecker.java', 'JSSE'),
    ...says('BoringSSL ssl/ssl_cert.cc, ssl_cert_check_key_usage', 'Chromium', 'BoringSSL'),
    ...shows(RECORDED, 'mbedTLS', 'wolfSSL'),
  ],
  'out-of-order': [
    ...shows('a chain is taken in its order', 'wolfSSL'),
    ...says('mbedTLS library/x509_crt.c', 'mbedTLS'),
  ],
  'small-rsa-key': [
    ...shows('OpenSSL SSL_CTX_set_security_level(3): level 2, the default of distributions', 'OpenSSL'),
    ...shows('mbedTLS mbedtls_x509_crt_profile_default', 'mbedTLS'),
    ...says(`${WEBPKI}: RSA of 2048 to 8192 bits`, 'rustls'),
  ],
  'large-rsa-key': [
    ...says(`${WEBPKI}: RSA of 2048 to 8192 bits`, 'rustls'),
    ...says('Go crypto/tls, handshake_client.go: maxRSAKeySize', 'Go'),
    ...shows(RECORDED, 'mbedTLS', 'wolfSSL'),
  ],
  'rsa-key-over-4096-bits': shows(RECORDED, 'wolfSSL'),
  'uncommon-curve': shows(`${RECORDED}: brainpoolP256r1 and secp256k1, of an issuer`, ...NIST_ALONE),
  'edwards-key': shows(`${RECORDED}: Ed25519, of an issuer`, 'NSS', 'mbedTLS', 'Erlang'),
  'pss-signature': shows(RECORDED, 'Erlang'),
  'curve-not-offered': says('OpenSSL ssl/t1_lib.c, tls1_check_cert_param (RFC 8422 §5.3)', 'OpenSSL'),
  'name-in-common-name-alone': [
    ...says('Go 1.15 release notes', 'Go'),
    ...says('Chrome 58: net::ERR_CERT_COMMON_NAME_INVALID', 'Chromium'),
    ...says('Firefox 48 release notes', 'NSS'),
    ...says(`${WEBPKI}: subject alternative names alone`, 'rustls'),
  ],
  'uri-names-alone': shows(`${GO}: no DNS name`, 'Go'),
  'address-not-named': shows('RFC 9525 §6.5', 'Go', 'JSSE'),
  'address-as-host-name': shows(RECORDED, 'OpenSSL', 'Python strict', 'Node.js', 'NSS', 'GnuTLS', 'Go', 'JSSE'),
  'extensions-before-version-3': shows(
    `${RECORDED}: of version 2`,
    ...(['Python strict', 'GnuTLS', 'Go', 'JSSE', 'mbedTLS', 'wolfSSL'] as const),
  ),
  'version-1': shows(`${WEBPKI}: UnsupportedCertVersion`, 'rustls'),
  'repeated-extension': [
    ...says(`${GO}: certificate contains duplicate extensions`, 'Go'),
    ...says(`${WEBPKI}: ExtensionValueInvalid`, 'rustls'),
    ...shows(RECORDED, 'OpenSSL', 'Python strict', 'Node.js', 'GnuTLS', 'JSSE', 'mbedTLS', 'wolfSSL', 'BoringSSL'),
  ],
  'malformed-name': says(`${GO}: SAN dNSName is malformed`, 'Go'),
};
