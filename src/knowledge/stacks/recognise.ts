import { memoizeByFields } from '../../memoize.js';
import { STACKS, type StackName } from './index.js';

/** TLS libraries, and programs on them, with different alerts and habits, that are recognised by their ClientHello. */
export type Library = StackName;

/** Which library wrote a ClientHello, or null if unknown or uncertain. */
export const libraryOf = memoizeByFields(
  ['extensions', 'cipherSuites', 'signatureSchemes'],
  (hello): Library | null => STACKS.find((stack) => stack.wrote(hello))?.name ?? null,
);
