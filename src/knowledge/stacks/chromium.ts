import { isApples, isBoringssl } from './apple.js';
import { recordings } from './recorded/chromium.js';
import { hasGrease, type Stack } from './stack.js';

/** Browsers on Chromium, and programs on its network code: BoringSSL with GREASE (RFC 8701). */
export const chromium: Stack<'Chromium'> = {
  name: 'Chromium',
  wrote: (hello) => isBoringssl(hello) && hasGrease(hello) && !isApples(hello),
  recordings,
};
