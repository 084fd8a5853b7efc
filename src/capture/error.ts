/** A capture that cannot be read at all; `message` is one line that names the path. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly path: string;

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path === '-' ? 'standard input' : path}: ${reason}`, options);
    this.path = path;
  }
}

/** Decompression stopped before the end of the input, for this reason. What came before is good. */
export class DecompressionError extends Error {
  override readonly name = 'DecompressionError';

  constructor(
    readonly code: 'cut-short' | 'damaged' | 'decompression-limit',
    message: string,
  ) {
    super(message);
  }
}
