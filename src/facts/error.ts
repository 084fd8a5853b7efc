/** A file without facts, or with unexpected ones; `message` is one line that names it. */
export class FactsError extends Error {
  override readonly name = 'FactsError';

  constructor(
    readonly path: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${reason}`, options);
  }
}
