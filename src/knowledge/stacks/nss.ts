import { recordings } from './recorded/nss.js';
import { hasInRow, type Stack } from './stack.js';

/** NSS, and so Firefox. BoringSSL has the same order of extensions, and another of signature schemes. */
export const nss: Stack<'NSS'> = {
  name: 'NSS',
  wrote: ({ extensions, signatureSchemes }) =>
    hasInRow(extensions, 'extended_master_secret', 'renegotiation_info', 'supported_groups', 'ec_point_formats') &&
    hasInRow(signatureSchemes, 'ecdsa_secp256r1_sha256', 'ecdsa_secp384r1_sha384', 'ecdsa_secp521r1_sha512'),
  recordings,
  judgesChainsAs: ['NSS'],
  sortsChains: true,
  intermediateAnchors: 'accepted',
};
