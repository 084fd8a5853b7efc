import { createCipheriv } from 'node:crypto';
import { i32 } from '../../bytes.js';
import { encryptBlock, expandKey, roundKeysLength } from './fast-path/aes.js';
import type { AeadCipher } from './suites.js';

/** Masks the numbers of QUIC's packets (RFC 9001 §5.4) and of DTLS 1.3's records (RFC 9147 §4.2.3). */
export interface NumberKey {
  readonly cipher: 'aes' | 'chacha20';
  readonly key: Uint8Array;
}

/** `key` has the key length of `cipher`. */
export function numberKey({ mode }: AeadCipher, key: Uint8Array): NumberKey {
  return { cipher: mode === 'chacha20-poly1305' ? 'chacha20' : 'aes', key };
}

/** The round keys of `expanded`. Overwritten for another key, and when a key is wiped. */
const room = { 16: new Int32Array(roundKeysLength(16)), 32: new Int32Array(roundKeysLength(32)) };
/**
 * The key whose round keys are loaded: most Initial keys open only one or two packets, and keeping the round keys of
 * all would cost more.
 */
let expanded: Uint8Array | null = null;

function roundKeys(key: Uint8Array): Int32Array {
  const made = key.length === 16 ? room[16] : room[32];
  if (expanded !== key) expandKey(key, made);
  expanded = key;
  return made;
}

/** Overwrites a key that is no longer needed, and everything derived from it. */
export function wipeNumberKey({ key }: NumberKey): void {
  key.fill(0);
  if (expanded !== key) return;
  expanded = null;
  room[16].fill(0);
  room[32].fill(0);
}

/** Bytes of ciphertext from which a mask is made. */
export const SAMPLE_LENGTH = 16;
/** Bytes of a mask: QUIC needs five, DTLS two. */
const MASK_LENGTH = 5;

/** Scratch memory of `numberMask`; nothing in it outlives the next call. */
const words = new Int32Array(4);
const mask = Buffer.alloc(MASK_LENGTH);
const ZEROS = Buffer.alloc(MASK_LENGTH);

/** The mask made from the sample of ciphertext at `start`, 16 bytes. Valid until the next call. */
export function numberMask(key: NumberKey, bytes: Uint8Array, start: number): Uint8Array {
  if (key.cipher === 'aes') {
    for (let word = 0; word < 4; word++) words[word] = i32(bytes, start + 4 * word);
    encryptBlock(roundKeys(key.key), words);
    mask.writeInt32BE(words[0] as number, 0);
    mask[4] = (words[1] as number) >>> 24;
    return mask;
  }
  // OpenSSL's IV of 16 bytes: the counter, little-endian, and the nonce.
  const iv = bytes.subarray(start, start + SAMPLE_LENGTH);
  return createCipheriv('chacha20', key.key, iv).update(ZEROS);
}

/**
 * The full number of a packet or record whose last `length` bytes (1 to 4) are `truncated`: the nearest to the one
 * after `largest` (RFC 9000 §A.3, RFC 9147 §4.2.2). If `largest` is -1, `truncated` itself.
 */
export function fullNumber(largest: number, truncated: number, length: number): number {
  if (largest < 0) return truncated;
  const window = 2 ** (8 * length);
  const expected = largest + 1;
  const candidate = expected - (expected % window) + truncated;
  if (candidate <= expected - window / 2 && candidate < 2 ** 62 - window) return candidate + window;
  if (candidate > expected + window / 2 && candidate >= window) return candidate - window;
  return candidate;
}
