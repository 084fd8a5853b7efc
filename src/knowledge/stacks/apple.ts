import { firstTls12Suite, hasInRow, type HelloTraits, type Stack } from './stack.js';

/** Whether BoringSSL wrote a ClientHello, for whichever program: by the order of its signature schemes. */
export function isBoringssl({ extensions, signatureSchemes }: HelloTraits): boolean {
  return (
    extensions.includes('extended_master_secret') &&
    extensions.includes('renegotiation_info') &&
    !extensions.includes('encrypt_then_mac') &&
    hasInRow(signatureSchemes, 'ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256', 'rsa_pkcs1_sha256')
  );
}

/** Whether Apple's build of BoringSSL wrote a ClientHello of BoringSSL: it prefers AES-256, and offers a scheme twice. */
export function isApples(hello: HelloTraits): boolean {
  const { signatureSchemes } = hello;
  return (
    firstTls12Suite(hello) === 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384' ||
    new Set(signatureSchemes).size < signatureSchemes.length
  );
}

/** Since iOS 11 and macOS 10.13. Known from public captures alone, which do not show what it says of faults. */
export const apple: Stack<'Apple'> = {
  name: 'Apple',
  wrote: (hello) => isBoringssl(hello) && isApples(hello),
  recordings: [],
};
