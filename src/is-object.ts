/** Whether a value of unknown origin, such as parsed JSON, is an object or a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
