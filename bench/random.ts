/** A source of random 32-bit unsigned integers, the same for the same seed (sfc32, from PractRand by Chris Doty-Humphrey). */
export type Random = () => number;

export function createRandom(seed: number): Random {
  let a = seed | 0;
  let b = 0x9e3779b9;
  let c = 0x243f6a88;
  let counter = 1;
  const next = (): number => {
    const result = (((a + b) | 0) + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** `length` random bytes. */
export function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random() & 0xff);
}

/** A positive number of exponential distribution, as sizes and waiting times have it. */
export function exponential(random: Random, mean: number): number {
  return -Math.log((random() + 1) / 2 ** 32) * mean;
}
