import { recordings } from './recorded/go.js';
import { hasInRow, type HelloTraits, precedes, type Stack } from './stack.js';

/**
 * crypto/tls of Go. Until 1.22, secure renegotiation follows its signature algorithms; since 1.23 the extensions that an
 * inner ClientHello may copy from the outer one (ECH) stand together, after those that it may not. Seen: docker 28.2.2
 * on Go 1.24.3. Its list of signed timestamps is empty.
 */
export const go: Stack<'Go'> = {
  name: 'Go',
  wrote: (hello) => wroteBeforeEch(hello) || wroteWithEch(hello),
  recordings,
  judgesChainsAs: ['Go'],
  sortsChains: true,
  intermediateAnchors: 'accepted',
};

function wroteBeforeEch({ extensions }: HelloTraits): boolean {
  return (
    hasInRow(extensions, 'supported_groups', 'ec_point_formats') &&
    (hasInRow(extensions, 'signature_algorithms', 'renegotiation_info') ||
      hasInRow(extensions, 'signature_algorithms', 'signature_algorithms_cert', 'renegotiation_info')) &&
    precedes(extensions, 'renegotiation_info', 'signed_certificate_timestamp') &&
    !extensions.includes('encrypt_then_mac')
  );
}

function wroteWithEch({ extensions }: HelloTraits): boolean {
  return (
    precedes(extensions, 'ec_point_formats', 'renegotiation_info') &&
    hasInRow(extensions, 'renegotiation_info', 'extended_master_secret', 'signed_certificate_timestamp') &&
    precedes(extensions, 'signed_certificate_timestamp', 'status_request') &&
    hasInRow(extensions, 'status_request', 'supported_groups', 'signature_algorithms') &&
    !extensions.includes('encrypt_then_mac')
  );
}
