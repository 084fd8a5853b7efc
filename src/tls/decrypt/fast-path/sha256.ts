import { i32 } from '../../../bytes.js';

/**
 * HMAC-SHA-256 (RFC 2104, FIPS 180-4) for the short inputs of key derivation.
 *
 * Plain version: `createHmac` of node:crypto, which hashes longer ones. Held equal by: test/tls/decrypt/fast-path/sha256.test.ts,
 * for any key and data. Gain: one call of node:crypto takes as long as all of this, and hashes the key again for each
 * label. Cost: this file.
 */

const BLOCK = 64;
/** The longest data, in bytes, that fits one block with its padding. */
export const MAX_HMAC_DATA = 55;
export const MAX_HMAC_KEY = BLOCK;

/** The first 32 fractional bits of the square or cube root of a number. */
const fraction = (root: number): number => Math.floor((root % 1) * 2 ** 32) | 0;

/** The first `count` primes. */
function primes(count: number): number[] {
  const found: number[] = [];
  for (let at = 2; found.length < count; at++) if (found.every((prime) => at % prime !== 0)) found.push(at);
  return found;
}

const CONSTANTS = Int32Array.from(primes(BLOCK), (prime) => fraction(Math.cbrt(prime)));
const INITIAL = Int32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));

/** The message schedule of the current block; its first 16 words are the block. */
const schedule = new Int32Array(BLOCK);
const digest = new Int32Array(8);

/** Hashes the block in `schedule` (FIPS 180-4 §6.2.2): the state `from` becomes the one written to `to` at `at`. */
function compress(from: Int32Array, fromAt: number, to: Int32Array, at: number): void {
  const w = schedule;
  const k = CONSTANTS;
  for (let t = 16; t < BLOCK; t++) {
    const x = w[t - 15] as number;
    const y = w[t - 2] as number;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = ((w[t - 16] as number) + (w[t - 7] as number) + s0 + s1) | 0;
  }
  let a = from[fromAt] as number;
  let b = from[fromAt + 1] as number;
  let c = from[fromAt + 2] as number;
  let d = from[fromAt + 3] as number;
  let e = from[fromAt + 4] as number;
  let f = from[fromAt + 5] as number;
  let g = from[fromAt + 6] as number;
  let h = from[fromAt + 7] as number;
  for (let t = 0; t < BLOCK; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (k[t] as number) + (w[t] as number)) | 0;
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  to[at] = (from[fromAt] as number) + a;
  to[at + 1] = (from[fromAt + 1] as number) + b;
  to[at + 2] = (from[fromAt + 2] as number) + c;
  to[at + 3] = (from[fromAt + 3] as number) + d;
  to[at + 4] = (from[fromAt + 4] as number) + e;
  to[at + 5] = (from[fromAt + 5] as number) + f;
  to[at + 6] = (from[fromAt + 6] as number) + g;
  to[at + 7] = (from[fromAt + 7] as number) + h;
}

/** The HMAC state of a key: after the block of the inner hash, then of the outer one. */
export type HmacKey = Int32Array;

const block = new Uint8Array(BLOCK);

/** `key` has at most `MAX_HMAC_KEY` bytes. The result is written to `states`. */
export function hmacKey(key: Uint8Array, states: HmacKey = new Int32Array(16)): HmacKey {
  block.fill(0).set(key);
  for (let t = 0; t < 16; t++) schedule[t] = i32(block, 4 * t) ^ 0x36363636;
  compress(INITIAL, 0, states, 0);
  for (let t = 0; t < 16; t++) schedule[t] = i32(block, 4 * t) ^ 0x5c5c5c5c;
  compress(INITIAL, 0, states, 8);
  return states;
}

/**
 * The first `length` bytes, up to 32, of the HMAC of `data`, which has at most `MAX_HMAC_DATA` bytes; written to
 * `output`.
 */
export function hmac(
  key: HmacKey,
  data: Uint8Array,
  length: number,
  output: Uint8Array = new Uint8Array(length),
): Uint8Array {
  block.fill(0).set(data);
  block[data.length] = 0x80;
  for (let t = 0; t < 15; t++) schedule[t] = i32(block, 4 * t);
  schedule[15] = 8 * (BLOCK + data.length);
  compress(key, 0, digest, 0);
  schedule.fill(0, 0, 16).set(digest);
  schedule[8] = 0x80000000 | 0;
  schedule[15] = 8 * (BLOCK + 32);
  compress(key, 8, digest, 0);
  for (let at = 0; at < length; at++) output[at] = (digest[at >> 2] as number) >>> (24 - 8 * (at & 3));
  return output;
}
