/** A file that has no facts, or not those that it should; `message` is one line that names it. */
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
