import { memoizeByFields } from '../../memoize.js';
import { STACKS, type StackName } from './index.js';
import type { HelloTraits, Stack } from './stack.js';

/** TLS libraries, and programs on them, with different alerts and habits, that are recognised by their ClientHello. */
export type Library = StackName;

/** The stack that wrote a ClientHello, or null if unknown or uncertain. */
export const stackOf = memoizeByFields(
  ['extensions', 'cipherSuites', 'signatureSchemes'],
  (hello): Stack<StackName> | null => STACKS.find((stack) => stack.wrote(hello)) ?? null,
);

/** Which library wrote a ClientHello, or null if unknown or uncertain. */
export const libraryOf = (hello: HelloTraits): Library | null => stackOf(hello)?.name ?? null;
