import { recordings } from './recorded/jsse.js';
import { hasInRow, type Stack } from './stack.js';

/** Java's own, since Java 11. */
export const jsse: Stack<'JSSE'> = {
  name: 'JSSE',
  wrote: ({ extensions }) =>
    !extensions.includes('encrypt_then_mac') &&
    (hasInRow(extensions, 'supported_versions', 'psk_key_exchange_modes', 'signature_algorithms_cert') ||
      hasInRow(extensions, 'supported_versions', 'signature_algorithms_cert')),
  recordings,
  judgesChainsAs: ['JSSE'],
  sortsChains: true,
  intermediateAnchors: 'accepted',
};
