import { STACKS } from './index.js';
import { libraryOf } from './recognise.js';
import type { HelloTraits, IntermediateAnchors } from './stack.js';

/** What the library that wrote a ClientHello makes of intermediates as trust anchors; null if unknown. */
export function intermediateAnchorsOf(hello: HelloTraits | null): IntermediateAnchors | null {
  const library = hello === null ? null : libraryOf(hello);
  return STACKS.find(({ name }) => name === library)?.intermediateAnchors ?? null;
}
