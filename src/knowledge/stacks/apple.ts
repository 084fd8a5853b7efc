import { firstTls12Suite, hasInRow, type HelloTraits, type Stack } from './stack.js';

/** Whether BoringSSL wrote a ClientHello, in any program: by the order of its signature schemes. */
export function isBoringssl({ extensions, signatureSchemes }: HelloTraits): boolean {
  return (
    extensions.includes('extended_master_secret') &&
    extensions.includes('renegotiation_info') &&
    !extensions.includes('encrypt_then_mac') &&
    hasInRow(signatureSchemes, 'ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256', 'rsa_pkcs1_sha256')
  );
}

/**
 * Whether Apple's build of BoringSSL wrote a ClientHello of BoringSSL: it prefers AES-256, and offers a scheme twice.
 */
export function isAppleBuild(hello: HelloTraits): boolean {
  const { signatureSchemes } = hello;
  return (
    firstTls12Suite(hello) === 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384' ||
    new Set(signatureSchemes).size < signatureSchemes.length
  );
}

/** Secure Transport: the mark of secure renegotiation is its first suite, and signature algorithms follow the point formats. */
function isSecureTransport({ extensions, cipherSuites }: HelloTraits): boolean {
  return (
    cipherSuites[0] === 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV' &&
    cipherSuites[1]?.startsWith('TLS_ECDHE_ECDSA_WITH_AES_256_') === true &&
    hasInRow(extensions, 'supported_groups', 'ec_point_formats', 'signature_algorithms') &&
    !extensions.includes('encrypt_then_mac') &&
    !extensions.includes('supported_versions')
  );
}

/**
 * iOS and macOS, known only from public captures, in which MAC addresses of Apple and names identify the clients.
 * BoringSSL: nDPI's iphone (`Lucas-iPhone` by DHCP, services of iCloud; 2020), safari, 443-safari, salesforce and teams (one
 * Mac, 2020 and 2021), whatsappfiles (2018) and wa_voice (2019), tls_certificate_too_long (`com.apple.trustd/2.0` beside it, 2021). Secure
 * Transport: nDPI's imaps and, beside BoringSSL, teams (the same Mac); Zeek's smtp (services of iCloud, 2015).
 *
 * None of them shows how Apple's stacks answer a fault with an alert. In tls_certificate_too_long, `trustd` fetches the issuers
 * of a chain whose root is no public authority, and the client closes with FIN 0.14 s after the server's flight, without an
 * alert, eight times (first in frame 94). The authority is the likely reason, but that is not proven, so there is no entry.
 * Network.framework cannot be distinguished from other programs on the same library.
 */
export const apple: Stack<'Apple'> = {
  name: 'Apple',
  wrote: (hello) => (isBoringssl(hello) && isAppleBuild(hello)) || isSecureTransport(hello),
  recordings: [],
};
