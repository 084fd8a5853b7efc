/**
 * Binary search: the first index from 0 to `length` that `isBefore` is not true of, or `length`. It must be true of all
 * indices up to some place, and of none behind it: `lowerBound(times.length, (i) => times[i] < time)`.
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
