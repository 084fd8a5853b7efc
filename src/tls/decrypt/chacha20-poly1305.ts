import { u8, u32le } from '../../bytes.js';

/**
 * ChaCha20-Poly1305 (RFC 8439) of short records: a cipher object of node:crypto costs more than to open most of a handshake's
 * records, and weighs on what holds it.
 */

/** The longest body, in bytes, for which this is the cheaper way. */
export const MAX_CHACHA20 = 320;

const BLOCK = 64;
const TAG_LENGTH = 16;

/** "expand 32-byte k" (RFC 8439 §2.3). */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;
/** Constants, key, counter and nonce. */
const input = new Int32Array(16);
const x = new Int32Array(16);
const stream = new Uint8Array(BLOCK);

function quarterRound(a: number, b: number, c: number, d: number): void {
  let xa = x[a] as number;
  let xb = x[b] as number;
  let xc = x[c] as number;
  let xd = x[d] as number;
  xa = (xa + xb) | 0;
  xd ^= xa;
  xd = (xd << 16) | (xd >>> 16);
  xc = (xc + xd) | 0;
  xb ^= xc;
  xb = (xb << 12) | (xb >>> 20);
  xa = (xa + xb) | 0;
  xd ^= xa;
  xd = (xd << 8) | (xd >>> 24);
  xc = (xc + xd) | 0;
  xb ^= xc;
  xb = (xb << 7) | (xb >>> 25);
  x[a] = xa;
  x[b] = xb;
  x[c] = xc;
  x[d] = xd;
}

/** Makes the block of the key stream with the number `counter` (RFC 8439 §2.3), of the key and nonce in `input`. */
function makeBlock(counter: number): void {
  input[12] = counter;
  x.set(input);
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
  for (let word = 0, at = 0; word < 16; word++) {
    const sum = (x[word] as number) + (input[word] as number);
    stream[at++] = sum;
    stream[at++] = sum >>> 8;
    stream[at++] = sum >>> 16;
    stream[at++] = sum >>> 24;
  }
}

/** Poly1305 counts modulo 2^130 - 5, here in limbs of 13 bits: a sum of their products is an exact integer. */
const LIMBS = 10;
const LIMB_BITS = 13;
const LIMB = 0x1fff;
/** The hash so far, and what it becomes. */
const h = new Int32Array(LIMBS);
const product = new Int32Array(LIMBS);
/** The limbs of r behind five times themselves, which is what those beyond 2^130 are worth. */
const r = new Int32Array(2 * LIMBS);
/** A block, the bit above its 128, and one byte for the last limb to look at. */
const block = new Uint8Array(18);

/** The limb of `block` with this number. */
function limbOf(limb: number): number {
  const at = (LIMB_BITS * limb) >> 3;
  const bits = u8(block, at) | (u8(block, at + 1) << 8) | (u8(block, at + 2) << 16);
  return (bits >>> ((LIMB_BITS * limb) & 7)) & LIMB;
}

function beginHash(): void {
  h.fill(0);
  for (let at = 0; at < TAG_LENGTH; at++) block[at] = u8(stream, at);
  // RFC 8439 §2.5.1 clamps some bits of r.
  for (const at of [3, 7, 11, 15]) block[at] = u8(block, at) & 15;
  for (const at of [4, 8, 12]) block[at] = u8(block, at) & 252;
  block[16] = 0;
  for (let limb = 0; limb < LIMBS; limb++) {
    r[LIMBS + limb] = limbOf(limb);
    r[limb] = 5 * limbOf(limb);
  }
  block[16] = 1;
}

/** Adds `block` to the hash, and multiplies it by r. */
function hashBlock(): void {
  for (let limb = 0; limb < LIMBS; limb++) h[limb] = (h[limb] as number) + limbOf(limb);
  let carry = 0;
  for (let limb = 0; limb < LIMBS; limb++) {
    let sum = carry;
    for (let at = 0; at < LIMBS; at++) sum += (h[at] as number) * (r[LIMBS + limb - at] as number);
    product[limb] = sum & LIMB;
    carry = Math.floor(sum / (LIMB + 1));
  }
  const low = (product[0] as number) + 5 * carry;
  product[0] = low & LIMB;
  product[1] = (product[1] as number) + (low >>> LIMB_BITS);
  h.set(product);
}

/** Hashes the first `length` bytes, filled up with zeros to whole blocks. */
function hash(bytes: Uint8Array, length: number): void {
  for (let at = 0; at < length; at += TAG_LENGTH) {
    for (let index = 0; index < TAG_LENGTH; index++) block[index] = at + index < length ? u8(bytes, at + index) : 0;
    hashBlock();
  }
}

/** Whether the hash, and `pad`, make the tag that begins at `start` (RFC 8439 §2.5). */
function isTag(bytes: Uint8Array, start: number, pad: Uint8Array): boolean {
  let carry = 0;
  for (let round = 0; round < 2; round++) {
    for (let limb = 0; limb < LIMBS; limb++) {
      const sum = (h[limb] as number) + carry;
      h[limb] = sum & LIMB;
      carry = sum >>> LIMB_BITS;
    }
    carry *= 5;
  }
  // What is 2^130 - 5 or more is 2^130 or more with 5 added, and the same without what is above.
  carry = 5;
  for (let limb = 0; limb < LIMBS; limb++) {
    product[limb] = (h[limb] as number) + carry;
    carry = (product[limb] as number) >>> LIMB_BITS;
  }
  const reduced = carry > 0 ? product : h;
  carry = 0;
  let difference = 0;
  for (let at = 0; at < TAG_LENGTH; at++) {
    const limb = Math.floor((8 * at) / LIMB_BITS);
    const low = ((reduced[limb] as number) & LIMB) | (((reduced[limb + 1] ?? 0) & LIMB) << LIMB_BITS);
    const sum = ((low >>> (8 * at - LIMB_BITS * limb)) & 0xff) + u8(pad, at) + carry;
    difference |= (sum & 0xff) ^ u8(bytes, start + at);
    carry = sum >>> 8;
  }
  return difference === 0;
}

const pad = new Uint8Array(TAG_LENGTH);

/** The plaintext of `body`, which ends with its tag; null if that does not fit. `key` has 32 bytes, `nonce` 12. */
export function openChaCha20Poly1305(
  key: Uint8Array,
  nonce: Uint8Array,
  additionalData: Uint8Array,
  body: Uint8Array,
): Buffer | null {
  const length = body.length - TAG_LENGTH;
  if (length < 0) return null;
  input.set(CONSTANTS);
  for (let word = 0; word < 8; word++) input[4 + word] = u32le(key, 4 * word);
  for (let word = 0; word < 3; word++) input[13 + word] = u32le(nonce, 4 * word);
  makeBlock(0);
  for (let at = 0; at < TAG_LENGTH; at++) pad[at] = u8(stream, TAG_LENGTH + at);
  beginHash();
  hash(additionalData, additionalData.length);
  hash(body, length);
  block.fill(0, 0, TAG_LENGTH);
  block[0] = additionalData.length;
  block[1] = additionalData.length >>> 8;
  block[8] = length;
  block[9] = length >>> 8;
  hashBlock();
  if (!isTag(body, length, pad)) return null;
  const plaintext = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at++) {
    if (at % BLOCK === 0) makeBlock(1 + at / BLOCK);
    plaintext[at] = u8(body, at) ^ u8(stream, at % BLOCK);
  }
  return plaintext;
}
