import { isAppleBuild, isBoringssl } from './apple.js';
import { recordings } from './recorded/boringssl.js';
import { hasGrease, type Stack } from './stack.js';

/** BoringSSL with its defaults: Bun, Android, Envoy, gRPC. */
export const boringssl: Stack<'BoringSSL'> = {
  name: 'BoringSSL',
  wrote: (hello) => isBoringssl(hello) && !hasGrease(hello) && !isAppleBuild(hello),
  recordings,
  judgesChainsAs: ['BoringSSL'],
};
