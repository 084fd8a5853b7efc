import { recordings } from './recorded/wolfssl.js';
import { precedes, type Stack } from './stack.js';

/** wolfSSL writes its extensions in reverse order, signature algorithms before groups. */
export const wolfssl: Stack<'wolfSSL'> = {
  name: 'wolfSSL',
  wrote: ({ extensions, signatureSchemes }) =>
    signatureSchemes[0] === 'ecdsa_secp521r1_sha512' &&
    precedes(extensions, 'signature_algorithms', 'supported_groups') &&
    (!extensions.includes('supported_versions') ||
      precedes(extensions, 'supported_versions', 'signature_algorithms')) &&
    (!extensions.includes('server_name') ||
      precedes(extensions, 'supported_groups', 'server_name') ||
      precedes(extensions, 'signature_algorithms', 'server_name')) &&
    !precedes(extensions, 'encrypt_then_mac', 'session_ticket'),
  recordings,
  judgesChainsAs: ['wolfSSL'],
  intermediateAnchors: 'accepted',
};
