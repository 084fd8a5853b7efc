import { recordings } from './recorded/botan.js';
import { hasInRow, type Stack } from './stack.js';

/** Botan 2 writes its extensions by their numbers, secure renegotiation last. */
export const botan: Stack<'Botan'> = {
  name: 'Botan',
  wrote: ({ extensions }) =>
    hasInRow(extensions, 'supported_groups', 'ec_point_formats', 'signature_algorithms') &&
    (hasInRow(extensions, 'extended_master_secret', 'session_ticket', 'supported_versions', 'renegotiation_info') ||
      hasInRow(extensions, 'extended_master_secret', 'supported_versions', 'renegotiation_info')),
  recordings,
  judgesChainsAs: ['Botan'],
  intermediateAnchors: 'accepted',
};
