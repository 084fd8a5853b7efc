/**
 * Sequence numbers are modulo 2^32 (RFC 9293 §3.4). They are kept as signed 32-bit integers, which the engine does not
 * put on the heap; only differences have a meaning.
 */

/** How far `a` lies ahead of `b` in bytes; negative if behind. Correct while they are less than 2^31 apart. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

/** The sequence number `count` bytes further on. */
export function advance(sequence: number, count: number): number {
  return (sequence + count) | 0;
}
