import { recordings } from './recorded/go.js';
import { hasInRow, precedes, type Stack } from './stack.js';

/**
 * crypto/tls of Go: secure renegotiation follows its signature algorithms, and its list of signed timestamps is empty.
 */
export const go: Stack<'Go'> = {
  name: 'Go',
  wrote: ({ extensions }) =>
    hasInRow(extensions, 'supported_groups', 'ec_point_formats') &&
    (hasInRow(extensions, 'signature_algorithms', 'renegotiation_info') ||
      hasInRow(extensions, 'signature_algorithms', 'signature_algorithms_cert', 'renegotiation_info')) &&
    precedes(extensions, 'renegotiation_info', 'signed_certificate_timestamp') &&
    !extensions.includes('encrypt_then_mac'),
  recordings,
  intermediateAnchors: 'accepted',
};
