import { i32, u8 } from '../../../bytes.js';

/**
 * AES on single blocks (FIPS 197), for the masks of packet and record numbers, and for short records.
 *
 * Plain version: the cipher `aes-128-ecb` or `aes-256-ecb` of node:crypto. Held equal by: test/tls/decrypt/fast-path/aes.test.ts,
 * for any key and block. Gain: for so few bytes, a cipher object costs twenty times as much, and each takes memory
 * while it is held. Cost: this file.
 */

const SBOX = new Uint8Array(256);
/** SubBytes and MixColumns of a byte, in each of the four rows of a column. */
const ROWS = [0, 8, 16, 24].map(() => new Int32Array(256)) as [Int32Array, Int32Array, Int32Array, Int32Array];
const [ROW_0, ROW_1, ROW_2, ROW_3] = ROWS;

const double = (byte: number): number => ((byte << 1) ^ (byte >> 7 === 0 ? 0 : 0x1b)) & 0xff;

// Each non-zero byte is a power of 3, whose inverse is the same power of 3's inverse, 0xf6 (FIPS 197 §5.1.1).
for (let power = 1, inverse = 1, count = 0; count < 255; count++) {
  const rotated = inverse ^ (inverse << 1) ^ (inverse << 2) ^ (inverse << 3) ^ (inverse << 4);
  SBOX[power] = (rotated ^ (rotated >> 8) ^ 0x63) & 0xff;
  power ^= double(power);
  inverse = divideBy3(inverse);
}
SBOX[0] = 0x63;
for (let byte = 0; byte < 256; byte++) {
  const s = u8(SBOX, byte);
  const mixed = (double(s) << 24) | (s << 16) | (s << 8) | (double(s) ^ s);
  for (const [row, table] of ROWS.entries()) table[byte] = row === 0 ? mixed : rotate(mixed, 8 * row);
}

function divideBy3(byte: number): number {
  let quotient = byte;
  quotient ^= quotient << 1;
  quotient ^= quotient << 2;
  quotient ^= quotient << 4;
  return (quotient ^ ((quotient & 0x80) === 0 ? 0 : 0x09)) & 0xff;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

const substitute = (w: number): number =>
  (u8(SBOX, w >>> 24) << 24) |
  (u8(SBOX, (w >> 16) & 0xff) << 16) |
  (u8(SBOX, (w >> 8) & 0xff) << 8) |
  u8(SBOX, w & 0xff);

/** Number of words in the round keys of a key of so many bytes. */
export const roundKeysLength = (keyLength: number): number => keyLength + 28;

/** The round keys of a key of 16 or 32 bytes (FIPS 197 §5.2), written to `keys`. */
export function expandKey(key: Uint8Array, keys: Int32Array = new Int32Array(roundKeysLength(key.length))): Int32Array {
  const length = key.length >> 2;
  for (let at = 0; at < length; at++) keys[at] = i32(key, 4 * at);
  let next = keys[length - 1] as number;
  for (let at = length, step = 0, constant = 1; at < keys.length; at++, step++) {
    if (step === length) step = 0;
    if (step === 0) {
      next = substitute(rotate(next, 24)) ^ (constant << 24);
      constant = double(constant);
    } else if (step === 4 && length > 6) {
      next = substitute(next);
    }
    next ^= keys[at - length] as number;
    keys[at] = next;
  }
  return keys;
}

/** Column `0` of the round's result, from the columns that ShiftRows selects. */
const column = (a: number, b: number, c: number, d: number): number =>
  (ROW_0[a >>> 24] as number) ^
  (ROW_1[(b >> 16) & 0xff] as number) ^
  (ROW_2[(c >> 8) & 0xff] as number) ^
  (ROW_3[d & 0xff] as number);

const lastColumn = (a: number, b: number, c: number, d: number): number =>
  (u8(SBOX, a >>> 24) << 24) |
  (u8(SBOX, (b >> 16) & 0xff) << 16) |
  (u8(SBOX, (c >> 8) & 0xff) << 8) |
  u8(SBOX, d & 0xff);

/** Encrypts a block in place (FIPS 197 §5.1): four 32-bit integers. */
export function encryptBlock(keys: Int32Array, block: Int32Array): void {
  const last = keys.length - 4;
  let a = (block[0] as number) ^ (keys[0] as number);
  let b = (block[1] as number) ^ (keys[1] as number);
  let c = (block[2] as number) ^ (keys[2] as number);
  let d = (block[3] as number) ^ (keys[3] as number);
  for (let at = 4; at < last; at += 4) {
    const nextA = column(a, b, c, d) ^ (keys[at] as number);
    const nextB = column(b, c, d, a) ^ (keys[at + 1] as number);
    const nextC = column(c, d, a, b) ^ (keys[at + 2] as number);
    d = column(d, a, b, c) ^ (keys[at + 3] as number);
    a = nextA;
    b = nextB;
    c = nextC;
  }
  block[0] = lastColumn(a, b, c, d) ^ (keys[last] as number);
  block[1] = lastColumn(b, c, d, a) ^ (keys[last + 1] as number);
  block[2] = lastColumn(c, d, a, b) ^ (keys[last + 2] as number);
  block[3] = lastColumn(d, a, b, c) ^ (keys[last + 3] as number);
}
