import { i32, u8 } from '../../bytes.js';
import { encryptBlock, expandKey } from './aes.js';

/**
 * AES-GCM (NIST SP 800-38D) of short records: a cipher object of node:crypto costs more than to open most of a handshake's
 * records, and weighs on what holds it.
 */

/** The longest body, in bytes, for which this is the cheaper way. */
export const MAX_SHORT = 112;

const BLOCK = 16;
const TAG_LENGTH = 16;

export interface GcmKey {
  readonly roundKeys: Int32Array;
  /** The hash subkey times each polynomial of four bits, as four 32-bit integers each (Shoup's tables). */
  readonly multiples: Int32Array;
}

/** What the four bits that a shift pushes out are worth in the first 16. */
const REDUCTION = Int32Array.from({ length: 16 }, (_, bits) => {
  let value = 0;
  for (let bit = 0; bit < 4; bit++) if ((bits & (1 << bit)) !== 0) value ^= 0xe100 >>> (3 - bit);
  return value;
});

const words = new Int32Array(4);
const block = new Uint8Array(BLOCK);
/** The hash so far. */
const y = new Int32Array(4);

/** `key` has 16 or 32 bytes. */
export function gcmKey(key: Uint8Array): GcmKey {
  const roundKeys = expandKey(key);
  block.fill(0);
  encryptBlock(roundKeys, block, 0, words);
  const multiples = new Int32Array(64);
  let [a, b, c, d] = words as unknown as [number, number, number, number];
  for (let at = 8; at > 0; at >>= 1) {
    multiples.set([a, b, c, d], 4 * at);
    const carry = (d & 1) === 0 ? 0 : 0xe1000000;
    d = (d >>> 1) | (c << 31);
    c = (c >>> 1) | (b << 31);
    b = (b >>> 1) | (a << 31);
    a = (a >>> 1) ^ carry;
  }
  for (let at = 2; at <= 8; at *= 2) {
    for (let rest = 1; rest < at; rest++) {
      for (let word = 0; word < 4; word++) {
        multiples[4 * (at + rest) + word] =
          (multiples[4 * at + word] as number) ^ (multiples[4 * rest + word] as number);
      }
    }
  }
  return { roundKeys, multiples };
}

/** Multiplies the hash by the hash subkey. */
function multiply(multiples: Int32Array): void {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let word = 3; word >= 0; word--) {
    const bits = y[word] as number;
    for (let shift = 0; shift < 32; shift += 4) {
      const reduced = REDUCTION[d & 0xf] as number;
      const at = 4 * ((bits >>> shift) & 0xf);
      d = ((d >>> 4) | (c << 28)) ^ (multiples[at + 3] as number);
      c = ((c >>> 4) | (b << 28)) ^ (multiples[at + 2] as number);
      b = ((b >>> 4) | (a << 28)) ^ (multiples[at + 1] as number);
      a = (a >>> 4) ^ (reduced << 16) ^ (multiples[at] as number);
    }
  }
  y[0] = a;
  y[1] = b;
  y[2] = c;
  y[3] = d;
}

/** Hashes the first `length` bytes, filled up with zeros to whole blocks. */
function hash(multiples: Int32Array, bytes: Uint8Array, length: number): void {
  let at = 0;
  for (; at + BLOCK <= length; at += BLOCK) {
    for (let word = 0; word < 4; word++) y[word] = (y[word] as number) ^ i32(bytes, at + 4 * word);
    multiply(multiples);
  }
  if (at === length) return;
  for (; at < length; at++) {
    const word = (at & 15) >> 2;
    y[word] = (y[word] as number) ^ (u8(bytes, at) << (24 - 8 * (at & 3)));
  }
  multiply(multiples);
}

/** Encrypts the counter block with the number `counter`, into `words`. */
function encryptCounter(roundKeys: Int32Array, counter: number): void {
  block[12] = counter >>> 24;
  block[13] = counter >>> 16;
  block[14] = counter >>> 8;
  block[15] = counter;
  encryptBlock(roundKeys, block, 0, words);
}

/** The plaintext of `body`, which ends with its tag; null if that does not fit. `nonce` has 12 bytes. */
export function openGcm(
  { roundKeys, multiples }: GcmKey,
  nonce: Uint8Array,
  additionalData: Uint8Array,
  body: Uint8Array,
): Buffer | null {
  const length = body.length - TAG_LENGTH;
  if (length < 0) return null;
  y.fill(0);
  hash(multiples, additionalData, additionalData.length);
  hash(multiples, body, length);
  y[1] = (y[1] as number) ^ (8 * additionalData.length);
  y[3] = (y[3] as number) ^ (8 * length);
  multiply(multiples);
  block.set(nonce);
  encryptCounter(roundKeys, 1);
  for (let at = 0; at < TAG_LENGTH; at++) {
    const expected = ((y[at >> 2] as number) ^ (words[at >> 2] as number)) >>> (24 - 8 * (at & 3));
    if (((expected ^ u8(body, length + at)) & 0xff) !== 0) return null;
  }
  const plaintext = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at++) {
    if ((at & 15) === 0) encryptCounter(roundKeys, 2 + (at >> 4));
    plaintext[at] = u8(body, at) ^ ((words[(at & 15) >> 2] as number) >>> (24 - 8 * (at & 3)));
  }
  return plaintext;
}
