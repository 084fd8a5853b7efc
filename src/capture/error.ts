/** A capture that cannot be read at all; `message` is one line that names the path. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly path: string;

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path === '-' ? 'standard input' : path}: ${reason}`, options);
    this.path = path;
  }
}
