import { recordings } from './recorded/gnutls.js';
import { hasInRow, type Stack } from './stack.js';

/** GnuTLS 3.6 and later. Only it offers `rsa_pss_pss` second, and puts the server's name after what is negotiated. */
export const gnutls: Stack<'GnuTLS'> = {
  name: 'GnuTLS',
  wrote: ({ extensions, signatureSchemes }) =>
    hasInRow(extensions, 'status_request', 'supported_groups', 'ec_point_formats', 'signature_algorithms') &&
    signatureSchemes[0] === 'rsa_pkcs1_sha256' &&
    (signatureSchemes.length === 1 || signatureSchemes[1] === 'rsa_pss_pss_sha256') &&
    extensions.includes('renegotiation_info') &&
    !extensions.includes('signed_certificate_timestamp'),
  recordings,
  judgesChainsAs: ['GnuTLS'],
  sortsChains: true,
  intermediateAnchors: 'accepted',
};
