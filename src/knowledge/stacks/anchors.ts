import { STACKS } from './index.js';
import { libraryOf } from './recognise.js';
import type { HelloTraits, IssuingAnchors } from './stack.js';

/** What the library that wrote a ClientHello makes of trust anchors that are no roots; null if that is not known. */
export function issuingAnchorsOf(hello: HelloTraits | null): IssuingAnchors | null {
  const library = hello === null ? null : libraryOf(hello);
  return STACKS.find(({ name }) => name === library)?.issuingAnchors ?? null;
}
