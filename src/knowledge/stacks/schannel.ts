import { hasInRow, type Stack } from './stack.js';

/**
 * Windows, TLS 1.2 and before: secure renegotiation comes last, behind the extended master secret. Known from public captures
 * alone, which do not show what it says of faults.
 */
export const schannel: Stack<'SChannel'> = {
  name: 'SChannel',
  wrote: ({ extensions }) =>
    hasInRow(extensions.slice(-2), 'extended_master_secret', 'renegotiation_info') &&
    hasInRow(extensions, 'supported_groups', 'ec_point_formats') &&
    !extensions.includes('encrypt_then_mac') &&
    !extensions.includes('supported_versions'),
  recordings: [],
};
