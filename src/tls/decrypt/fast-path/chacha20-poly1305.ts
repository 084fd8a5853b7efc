import { u32le, viewOf } from '../../../bytes.js';

/**
 * ChaCha20-Poly1305 (RFC 8439) for short records.
 *
 * Plain version: `chacha20-poly1305` of node:crypto, which opens longer records. Held equal by:
 * test/tls/decrypt/fast-path/chacha20-poly1305.test.ts, for any key, nonce, additional data and body, and bodies with a flipped
 * bit. Gain: as in gcm.ts. Cost: this file.
 */

const BLOCK = 64;
/** Bytes of a Poly1305 block, and of the tag. */
const TAG_LENGTH = 16;
/** Longest body for which this is faster, and longest additional data, in bytes. */
export const MAX_CHACHA20_POLY1305 = 1024;

/** What is authenticated, then decrypted in place, padded to whole blocks. */
const room = new Uint8Array(MAX_CHACHA20_POLY1305 + BLOCK);
const view = viewOf(room);

// ChaCha20.

const state = new Int32Array(16);
const stream = new Int32Array(16);
/** "expand 32-byte k" (RFC 8439 §2.3). */
state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** RFC 8439 §2.1. */
function quarterRound(a: number, b: number, c: number, d: number): void {
  let wa = stream[a] as number;
  let wb = stream[b] as number;
  let wc = stream[c] as number;
  let wd = stream[d] as number;
  wa = (wa + wb) | 0;
  wd = rotate(wd ^ wa, 16);
  wc = (wc + wd) | 0;
  wb = rotate(wb ^ wc, 12);
  wa = (wa + wb) | 0;
  wd = rotate(wd ^ wa, 8);
  wc = (wc + wd) | 0;
  wb = rotate(wb ^ wc, 7);
  stream[a] = wa;
  stream[b] = wb;
  stream[c] = wc;
  stream[d] = wd;
}

/** The key stream of a block, by its number, into `stream` (RFC 8439 §2.3). */
function chacha20(counter: number): void {
  state[12] = counter;
  stream.set(state);
  for (let round = 0; round < 10; round++) {
    quarterRound(0, 4, 8, 12);
    quarterRound(1, 5, 9, 13);
    quarterRound(2, 6, 10, 14);
    quarterRound(3, 7, 11, 15);
    quarterRound(0, 5, 10, 15);
    quarterRound(1, 6, 11, 12);
    quarterRound(2, 7, 8, 13);
    quarterRound(3, 4, 9, 14);
  }
  for (let at = 0; at < 16; at++) stream[at] = (stream[at] as number) + (state[at] as number);
}

// Poly1305: numbers in limbs of 22 bits, so that the sums of their products stay below 2^53.

const LIMB = 2 ** 22;
const LOW = LIMB - 1;
const LIMBS = 6;
/** 2^132, which is the limb behind the last, modulo 2^130 - 5. */
const WRAPPED = 20;
const accumulator = new Float64Array(LIMBS);
const multiplier = new Float64Array(LIMBS);

/** Limbs of a number of four 32-bit words, the lowest first; the last one without the bits above them. */
const limb0 = (w0: number): number => w0 & LOW;
const limb1 = (w0: number, w1: number): number => ((w0 >>> 22) | (w1 << 10)) & LOW;
const limb2 = (w1: number, w2: number): number => ((w1 >>> 12) | (w2 << 20)) & LOW;
const limb3 = (w2: number): number => (w2 >>> 2) & LOW;
const limb4 = (w2: number, w3: number): number => ((w2 >>> 24) | (w3 << 8)) & LOW;
const limb5 = (w3: number): number => w3 >>> 14;

/** Adds a block of 16 bytes, and the bit above it, to the accumulator, and multiplies that (RFC 8439 §2.5). */
function addBlock(w0: number, w1: number, w2: number, w3: number): void {
  const h = accumulator;
  const r = multiplier;
  const h0 = (h[0] as number) + limb0(w0);
  const h1 = (h[1] as number) + limb1(w0, w1);
  const h2 = (h[2] as number) + limb2(w1, w2);
  const h3 = (h[3] as number) + limb3(w2);
  const h4 = (h[4] as number) + limb4(w2, w3);
  const h5 = (h[5] as number) + limb5(w3) + 2 ** 18;
  const r0 = r[0] as number;
  const r1 = r[1] as number;
  const r2 = r[2] as number;
  const r3 = r[3] as number;
  const r4 = r[4] as number;
  const r5 = r[5] as number;
  const s1 = WRAPPED * r1;
  const s2 = WRAPPED * r2;
  const s3 = WRAPPED * r3;
  const s4 = WRAPPED * r4;
  const s5 = WRAPPED * r5;
  let carry = settle(0, h0 * r0 + h1 * s5 + h2 * s4 + h3 * s3 + h4 * s2 + h5 * s1);
  carry = settle(1, carry + h0 * r1 + h1 * r0 + h2 * s5 + h3 * s4 + h4 * s3 + h5 * s2);
  carry = settle(2, carry + h0 * r2 + h1 * r1 + h2 * r0 + h3 * s5 + h4 * s4 + h5 * s3);
  carry = settle(3, carry + h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s5 + h5 * s4);
  carry = settle(4, carry + h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + h5 * s5);
  carry = settle(5, carry + h0 * r5 + h1 * r4 + h2 * r3 + h3 * r2 + h4 * r1 + h5 * r0);
  h[1] = (h[1] as number) + settle(0, (h[0] as number) + WRAPPED * carry);
}

/** Keeps the low bits of a sum as a limb of the accumulator, and returns the rest. */
function settle(limb: number, sum: number): number {
  const above = Math.floor(sum / LIMB);
  accumulator[limb] = sum - above * LIMB;
  return above;
}

/** Adds a small number to the accumulator, all of whose limbs then have 22 bits; what is above its 130 bits is taken away, and returned. */
function settleAll(added: number): number {
  let carry = added;
  for (let limb = 0; limb < LIMBS; limb++) carry = settle(limb, (accumulator[limb] as number) + carry);
  const last = accumulator[LIMBS - 1] as number;
  const above = Math.floor(last / 2 ** 20);
  accumulator[LIMBS - 1] = last - above * 2 ** 20;
  return 4 * carry + above;
}

/** Reduces the accumulator modulo 2^130 - 5: what exceeds 130 bits is added five times at the low end. */
function reduce(): void {
  settleAll(5 * settleAll(5 * settleAll(0)));
  if (settleAll(5) === 0) settleAll(-5);
}

/** Starts authentication with the key from the first block of the key stream (RFC 8439 §2.6). */
function begin(): void {
  const w0 = (stream[0] as number) & 0x0fffffff;
  const w1 = (stream[1] as number) & 0x0ffffffc;
  const w2 = (stream[2] as number) & 0x0ffffffc;
  const w3 = (stream[3] as number) & 0x0ffffffc;
  multiplier[0] = limb0(w0);
  multiplier[1] = limb1(w0, w1);
  multiplier[2] = limb2(w1, w2);
  multiplier[3] = limb3(w2);
  multiplier[4] = limb4(w2, w3);
  multiplier[5] = limb5(w3);
  for (let word = 0; word < 4; word++) secret[word] = stream[4 + word] as number;
  accumulator.fill(0);
}

/** The second half of the key, which is added to the accumulator for the tag. */
const secret = new Int32Array(4);

/** Authenticates the first `length` bytes in `room`, padded with zeros to whole blocks. */
function authenticate(length: number): void {
  room.fill(0, length, length + TAG_LENGTH);
  for (let at = 0; at < length; at += TAG_LENGTH) {
    addBlock(
      view.getInt32(at, true),
      view.getInt32(at + 4, true),
      view.getInt32(at + 8, true),
      view.getInt32(at + 12, true),
    );
  }
}

/** Whether the tag of what was authenticated is at `start`. */
function isTag(bytes: Uint8Array, start: number): boolean {
  reduce();
  const [l0 = 0, l1 = 0, l2 = 0, l3 = 0, l4 = 0, l5 = 0] = accumulator;
  const words = [
    l0 | (l1 << 22),
    (l1 >>> 10) | (l2 << 12),
    (l2 >>> 20) | (l3 << 2) | (l4 << 24),
    (l4 >>> 8) | (l5 << 14),
  ];
  let carry = 0;
  for (let word = 0; word < 4; word++) {
    const sum = ((words[word] as number) >>> 0) + ((secret[word] as number) >>> 0) + carry;
    if (sum >>> 0 !== u32le(bytes, start + 4 * word)) return false;
    carry = sum >= 2 ** 32 ? 1 : 0;
  }
  return true;
}

/**
 * The plaintext of `body`, which ends with its tag; null if the tag is wrong (RFC 8439 §2.8). `key` has 32 bytes,
 * `nonce` 12, `body` and `additionalData` at most `MAX_CHACHA20_POLY1305`.
 */
export function openChaCha20Poly1305(
  key: Uint8Array,
  nonce: Uint8Array,
  additionalData: Uint8Array,
  body: Uint8Array,
): Buffer | null {
  const length = body.length - TAG_LENGTH;
  if (length < 0) return null;
  for (let word = 0; word < 8; word++) state[4 + word] = u32le(key, 4 * word);
  for (let word = 0; word < 3; word++) state[13 + word] = u32le(nonce, 4 * word);
  chacha20(0);
  begin();
  room.set(additionalData);
  authenticate(additionalData.length);
  room.set(body);
  authenticate(length);
  addBlock(additionalData.length, 0, length, 0);
  if (!isTag(body, length)) return null;
  for (let start = 0, counter = 1; start < length; start += BLOCK, counter++) {
    chacha20(counter);
    for (let word = 0; word < 16; word++) {
      const at = start + 4 * word;
      view.setInt32(at, view.getInt32(at, true) ^ (stream[word] as number), true);
    }
  }
  const plaintext = Buffer.allocUnsafe(length);
  plaintext.set(room.subarray(0, length));
  return plaintext;
}

/** Overwrites the traces of the last record: its key, key stream and plaintext. */
export function wipeChaCha20Poly1305(): void {
  state.fill(0, 4);
  for (const kept of [stream, secret, multiplier, accumulator, room]) kept.fill(0);
}
