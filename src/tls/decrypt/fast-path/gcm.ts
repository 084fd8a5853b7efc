import { i32, viewOf } from '../../../bytes.js';
import { encryptBlock, expandKey, roundKeysLength } from './aes.js';

/**
 * AES-GCM (NIST SP 800-38D) for short records.
 *
 * Plain version: `aes-128-gcm` or `aes-256-gcm` of node:crypto, which opens longer records. Held equal by:
 * test/tls/decrypt/fast-path/gcm.test.ts, for any key, nonce, additional data and body, and bodies with a flipped bit. Gain: a
 * cipher object of node:crypto costs more than opening most records of a handshake, and takes memory while it is held.
 * Cost: this file and aes.ts.
 */

const BLOCK = 16;
const TAG_LENGTH = 16;
/** Longest body for which this is faster, and longest additional data, in bytes. */
export const MAX_GCM = 512;

/** The reduction for each value of the four bits that a shift pushes out. */
const REDUCTION = Int32Array.from({ length: 16 }, (_, bits) => {
  let value = 0;
  for (let bit = 0; bit < 4; bit++) if ((bits & (1 << bit)) !== 0) value ^= 0xe1000000 >>> (3 - bit);
  return value;
});

const words = new Int32Array(4);
/** What is hashed, or decrypted in place, padded to whole blocks. */
const room = new Uint8Array(MAX_GCM + BLOCK);
const view = viewOf(room);
/** The current block of the hash. */
const hashed = new Int32Array(4);
/** The hash so far. */
const y = new Int32Array(4);

const roundKeysRoom = { 16: new Int32Array(roundKeysLength(16)), 32: new Int32Array(roundKeysLength(32)) };
/** The hash subkey times each polynomial of four bits, as four 32-bit integers each (Shoup's tables). */
const multiples = new Int32Array(64);

/** The key whose round keys and multiples are loaded: deriving them again costs less than keeping them. */
let expanded: Uint8Array | null = null;

/** Overwrites everything derived from a key. */
export function wipeGcm(key: Uint8Array): void {
  if (expanded !== key) return;
  expanded = null;
  roundKeysRoom[16].fill(0);
  roundKeysRoom[32].fill(0);
  multiples.fill(0);
}

/** The round keys of a key of 16 or 32 bytes; also fills `multiples`. */
function roundKeysOf(key: Uint8Array): Int32Array {
  const roundKeys = key.length === 16 ? roundKeysRoom[16] : roundKeysRoom[32];
  if (expanded === key) return roundKeys;
  expanded = key;
  expandKey(key, roundKeys);
  words.fill(0);
  encryptBlock(roundKeys, words);
  let a = words[0] as number;
  let b = words[1] as number;
  let c = words[2] as number;
  let d = words[3] as number;
  for (let at = 32; at > 2; at >>= 1) {
    multiples[at] = a;
    multiples[at + 1] = b;
    multiples[at + 2] = c;
    multiples[at + 3] = d;
    const carry = (d & 1) === 0 ? 0 : 0xe1000000;
    d = (d >>> 1) | (c << 31);
    c = (c >>> 1) | (b << 31);
    b = (b >>> 1) | (a << 31);
    a = (a >>> 1) ^ carry;
  }
  for (let at = 8; at <= 32; at *= 2) {
    for (let rest = 4; rest < at; rest++)
      multiples[at + rest] = (multiples[at + (rest & 3)] as number) ^ (multiples[rest] as number);
  }
  return roundKeys;
}

/** Hashes the first `length` bytes in `room`, padded with zeros to whole blocks. */
function hash(length: number): void {
  room.fill(0, length, length + BLOCK);
  let a = y[0] as number;
  let b = y[1] as number;
  let c = y[2] as number;
  let d = y[3] as number;
  for (let start = 0; start < length; start += BLOCK) {
    hashed[0] = a ^ view.getInt32(start);
    hashed[1] = b ^ view.getInt32(start + 4);
    hashed[2] = c ^ view.getInt32(start + 8);
    hashed[3] = d ^ view.getInt32(start + 12);
    a = b = c = d = 0;
    // The product with the hash subkey, four bits at a time, the last ones first.
    for (let index = 3; index >= 0; index--) {
      const word = hashed[index] as number;
      for (let bits = 0; bits < 32; bits += 4) {
        const at = ((word >>> bits) & 0xf) << 2;
        const reduced = REDUCTION[d & 0xf] as number;
        d = ((d >>> 4) | (c << 28)) ^ (multiples[at + 3] as number);
        c = ((c >>> 4) | (b << 28)) ^ (multiples[at + 2] as number);
        b = ((b >>> 4) | (a << 28)) ^ (multiples[at + 1] as number);
        a = (a >>> 4) ^ reduced ^ (multiples[at] as number);
      }
    }
  }
  y[0] = a;
  y[1] = b;
  y[2] = c;
  y[3] = d;
}

/** The key stream of a block, by its number, into `words`. */
function encryptCounter(roundKeys: Int32Array, nonce: Uint8Array, counter: number): void {
  words[0] = i32(nonce, 0);
  words[1] = i32(nonce, 4);
  words[2] = i32(nonce, 8);
  words[3] = counter;
  encryptBlock(roundKeys, words);
}

/**
 * The plaintext of `body`, which ends with its tag; null if the tag is wrong. `key` has 16 or 32 bytes, `nonce` 12,
 * `body` and `additionalData` at most `MAX_GCM`.
 */
export function openGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  additionalData: Uint8Array,
  body: Uint8Array,
): Buffer | null {
  const length = body.length - TAG_LENGTH;
  if (length < 0) return null;
  const roundKeys = roundKeysOf(key);
  y.fill(0);
  room.set(additionalData);
  hash(additionalData.length);
  room.set(body);
  hash(length);
  view.setInt32(0, 0);
  view.setInt32(4, 8 * additionalData.length);
  view.setInt32(8, 0);
  view.setInt32(12, 8 * length);
  hash(BLOCK);
  encryptCounter(roundKeys, nonce, 1);
  for (let word = 0; word < 4; word++) {
    if (((y[word] as number) ^ (words[word] as number)) !== i32(body, length + 4 * word)) return null;
  }
  room.set(body);
  for (let start = 0, counter = 2; start < length; start += BLOCK, counter++) {
    encryptCounter(roundKeys, nonce, counter);
    for (let word = 0; word < 4; word++) {
      const at = start + 4 * word;
      view.setInt32(at, view.getInt32(at) ^ (words[word] as number));
    }
  }
  const plaintext = Buffer.allocUnsafe(length);
  plaintext.set(room.subarray(0, length));
  return plaintext;
}
