import { isAppleBuild, isBoringssl } from './apple.js';
import { recordings } from './recorded/chromium.js';
import { hasGrease, type Stack } from './stack.js';

/** Browsers based on Chromium, and programs with its network code: BoringSSL with GREASE (RFC 8701). */
export const chromium: Stack<'Chromium'> = {
  name: 'Chromium',
  wrote: (hello) => isBoringssl(hello) && hasGrease(hello) && !isAppleBuild(hello),
  recordings,
  judgesChainsAs: ['Chromium'],
  intermediateAnchors: 'accepted',
};
