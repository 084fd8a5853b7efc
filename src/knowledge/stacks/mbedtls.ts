import { recordings } from './recorded/mbedtls.js';
import { hasInRow, precedes, type Stack } from './stack.js';

/** Mbed TLS 2: signature algorithms before the groups, and at the end what secures the records of TLS 1.2. */
export const mbedtls: Stack<'Mbed TLS'> = {
  name: 'Mbed TLS',
  wrote: ({ extensions, cipherSuites }) =>
    extensions.includes('signature_algorithms') &&
    (hasInRow(extensions, 'signature_algorithms', 'supported_groups', 'ec_point_formats') ||
      !extensions.includes('supported_groups')) &&
    hasInRow(extensions, 'encrypt_then_mac', 'extended_master_secret') &&
    precedes(extensions, 'signature_algorithms', 'encrypt_then_mac') &&
    !extensions.includes('status_request') &&
    cipherSuites.at(-1) === 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV',
  recordings,
  judgesChainsAs: ['mbedTLS'],
  intermediateAnchors: 'accepted',
};
