import { stackOf } from './recognise.js';
import type { HelloTraits, IntermediateAnchors } from './stack.js';

/** What the library that wrote a ClientHello makes of intermediates as trust anchors; null if unknown. */
export const intermediateAnchorsOf = (hello: HelloTraits | null): IntermediateAnchors | null =>
  (hello === null ? null : stackOf(hello))?.intermediateAnchors ?? null;
