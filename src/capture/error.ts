import { faultInEnglish } from '../decode-faults.js';
import type { DecodeFault } from '../message.js';

/** A capture that cannot be read at all; `message` is one line that names the path. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';

  /** @param reason a text only if it comes from elsewhere, such as from Node.js */
  constructor(
    readonly path: string,
    readonly reason: DecodeFault | string,
    options?: ErrorOptions,
  ) {
    super(`${path === '-' ? 'standard input' : path}: ${faultInEnglish(reason)}`, options);
  }
}

/** Decompression stopped before the end of the input, for this reason. What came before is good. */
export class DecompressionError extends Error {
  override readonly name = 'DecompressionError';

  constructor(
    readonly code: 'cut-short' | 'damaged' | 'decompression-limit',
    readonly reason: DecodeFault,
  ) {
    super(faultInEnglish(reason));
  }
}
