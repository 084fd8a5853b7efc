import { memoizeByFields } from '../../memoize.js';
import { STACKS, type StackName } from './index.js';

/** TLS libraries, and programs on them, whose alerts and habits differ, and whose ClientHello betrays them. */
export type Library = StackName;

/** Which library wrote a ClientHello, or null if it is none that is known, or not certain. */
export const libraryOf = memoizeByFields(
  ['extensions', 'cipherSuites', 'signatureSchemes'],
  (hello): Library | null => STACKS.find((stack) => stack.wrote(hello))?.name ?? null,
);
