/**
 * Number of letters to insert, delete, change, or swap with their neighbour (optimal string alignment), as in most
 * misspellings.
 */
export function distanceOf(a: string, b: string): number {
  const to = Array.from(b);
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  let last = '';
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of to.entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1);
      const isSwap = j > 0 && letter === to[j - 1] && last === other;
      const swap = isSwap ? (before[j - 1] ?? i) + 1 : Infinity;
      next.push(Math.min(change, swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    [before, row] = [row, next];
    last = letter;
  }
  return row.at(-1) ?? 0;
}
