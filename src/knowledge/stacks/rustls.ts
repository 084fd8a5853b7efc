import { recordings } from './recorded/rustls.js';
import { hasInRow, type Stack } from './stack.js';

/** rustls, and so Deno: it prefers P-384 among its signatures, and has nothing but AEAD suites. It shuffles its extensions. */
export const rustls: Stack<'rustls'> = {
  name: 'rustls',
  wrote: ({ extensions, cipherSuites, signatureSchemes }) =>
    signatureSchemes[0] === 'ecdsa_secp384r1_sha384' &&
    signatureSchemes[1] === 'ecdsa_secp256r1_sha256' &&
    hasInRow(signatureSchemes, 'ed25519', 'rsa_pss_rsae_sha512') &&
    extensions.includes('extended_master_secret') &&
    !extensions.includes('renegotiation_info') &&
    !cipherSuites.some((suite) => suite.includes('_CBC_')),
  recordings,
  judgesChainsAs: ['rustls'],
};
