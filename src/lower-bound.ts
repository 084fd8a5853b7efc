/**
 * Binary search: the first index from 0 to `length` for which `isBefore` is false, or `length`. It must be true up to
 * some index, and false after it: `lowerBound(times.length, (i) => times[i] < time)`.
 */
export function lowerBound(length: number, isBefore: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
