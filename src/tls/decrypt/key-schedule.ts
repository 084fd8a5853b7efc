import { createHash, createHmac } from 'node:crypto';
import { u8 } from '../../bytes.js';
import { hmac, hmacKey, MAX_HMAC_DATA, MAX_HMAC_KEY } from './fast-path/sha256.js';
import type { HashName, RecordCipher } from './suites.js';
import { HASH_LENGTHS } from './suites.js';

/** The hash functions of HKDF in TLS 1.3 and QUIC. */
export type HkdfHash = 'sha256' | 'sha384';

/** Prefix of the labels in TLS 1.3 (RFC 8446 §7.1), and in DTLS 1.3 (RFC 9147 §5.9). */
export const TLS_13_PREFIX = 'tls13 ';
export const DTLS_13_PREFIX = 'dtls13';

interface LabelInfo {
  readonly prefix: string;
  readonly length: number;
  readonly info: Buffer;
}

/**
 * Results of `labelInfo`, by label: the few labels of TLS and QUIC, whatever the captures hold. Not by memoize.ts,
 * where a key of all three parts would be a new string for each secret.
 */
const labels = new Map<string, LabelInfo[]>();

/** Input of HKDF-Expand: the HkdfLabel of RFC 8446 §7.1, without context, and the counter of the only block. */
export function labelInfo(prefix: string, label: string, length: number): Buffer {
  let known = labels.get(label);
  if (known === undefined) labels.set(label, (known = []));
  for (const one of known) if (one.length === length && one.prefix === prefix) return one.info;
  const name = `${prefix}${label}`;
  const info = Buffer.from(`\0${String.fromCharCode(length, name.length)}${name}\0\x01`, 'latin1');
  known.push({ prefix, length, info });
  return info;
}

/** A label of HKDF-Expand-Label, and how many bytes to derive: at most the length of the hash, as TLS requires. */
export type Label = readonly [name: string, length: number];

/** HMAC state of the current secret. The next call of `expandLabels` overwrites it; it is not read between calls. */
const states = hmacKey(new Uint8Array(0));

/**
 * HKDF-Expand-Label with an empty context (RFC 8446 §7.1), for each of some labels. `prefix` is that of TLS 1.3, which
 * QUIC shares, or of DTLS 1.3.
 */
export function expandLabels<const Labels extends readonly Label[]>(
  hash: HkdfHash,
  secret: Uint8Array,
  labels: Labels,
  prefix = TLS_13_PREFIX,
): { readonly [Index in keyof Labels]: Uint8Array } {
  // A secret comes from a file, and may have any length.
  const key = hash === 'sha256' && secret.length <= MAX_HMAC_KEY ? hmacKey(secret, states) : null;
  const expand = ([name, length]: Label): Uint8Array => {
    if (length > HASH_LENGTHS[hash]) throw new RangeError(`${length} bytes of ${hash}`);
    const info = labelInfo(prefix, name, length);
    return key !== null && info.length <= MAX_HMAC_DATA
      ? hmac(key, info, length)
      : createHmac(hash, secret).update(info).digest().subarray(0, length);
  };
  return labels.map(expand) as { [Index in keyof Labels]: Uint8Array };
}

/** As `expandLabels`, for one label. */
export function expandLabel(
  hash: HkdfHash,
  secret: Uint8Array,
  name: string,
  length: number,
  prefix = TLS_13_PREFIX,
): Uint8Array {
  return expandLabels(hash, secret, [[name, length]], prefix)[0];
}

/** The traffic secret after a KeyUpdate (RFC 8446 §7.2). */
export function nextTrafficSecret(hash: HkdfHash, secret: Uint8Array, prefix = TLS_13_PREFIX): Uint8Array {
  return expandLabel(hash, secret, 'traffic upd', HASH_LENGTHS[hash], prefix);
}

/** P_hash (RFC 5246 §5). */
function expandP(hash: HashName, secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const output = Buffer.alloc(length);
  let a: Uint8Array = seed;
  for (let at = 0; at < length;) {
    a = createHmac(hash, secret).update(a).digest();
    const block = createHmac(hash, secret).update(a).update(seed).digest();
    at += block.copy(output, at);
  }
  return output;
}

/** The PRF of TLS 1.2 with its hash (RFC 5246 §5), or with null that of TLS 1.0 and 1.1 (RFC 2246 §5). */
export function prf(
  hash: HkdfHash | null,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Buffer {
  const labelled = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  if (hash !== null) return expandP(hash, secret, labelled, length);
  const half = Math.ceil(secret.length / 2);
  const output = expandP('md5', secret.subarray(0, half), labelled, length);
  const other = expandP('sha1', secret.subarray(secret.length - half), labelled, length);
  for (let at = 0; at < length; at++) output[at] = u8(output, at) ^ u8(other, at);
  return output;
}

/** What SSL 3.0 derives from a secret (RFC 6101 §6.1, §6.2.2), with 'A', 'BB', 'CCC' and so on. */
function expandSsl3(secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let count = 1; 16 * blocks.length < length; count++) {
    const salt = Buffer.alloc(count, 0x40 + count);
    const inner = createHash('sha1').update(salt).update(secret).update(seed).digest();
    blocks.push(createHash('md5').update(secret).update(inner).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

const SSL_3_0 = 0x0300;
const TLS_1_2 = 0x0303;

/** What the secrets of a handshake up to TLS 1.2 depend on, besides a secret. */
export interface HandshakeRandoms {
  readonly cipher: RecordCipher;
  /** Version of TLS, 0x0300 to 0x0303: DTLS 1.2 counts as TLS 1.2, DTLS 1.0 as TLS 1.1. */
  readonly version: number;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
}

/** The key block of SSL 3.0 to TLS 1.2 (RFC 5246 §6.3), `length` bytes of it. */
export function keyBlock(
  { cipher: { hash }, version, clientRandom, serverRandom }: HandshakeRandoms,
  master: Uint8Array,
  length: number,
): Buffer {
  const seed = Buffer.concat([serverRandom, clientRandom]);
  if (version === SSL_3_0) return expandSsl3(master, seed, length);
  return prf(version >= TLS_1_2 ? hash : null, master, 'key expansion', seed, length);
}

export const MASTER_SECRET_LENGTH = 48;

/** The master secret of SSL 3.0 to TLS 1.2 (RFC 5246 §8.1), or with a session hash the extended one (RFC 7627 §4). */
export function masterSecret(
  { cipher: { hash }, version, clientRandom, serverRandom }: HandshakeRandoms,
  premaster: Uint8Array,
  sessionHash: Uint8Array | null,
): Buffer {
  const seed = Buffer.concat([clientRandom, serverRandom]);
  if (version === SSL_3_0) return expandSsl3(premaster, seed, MASTER_SECRET_LENGTH);
  const label = sessionHash === null ? 'master secret' : 'extended master secret';
  return prf(version >= TLS_1_2 ? hash : null, premaster, label, sessionHash ?? seed, MASTER_SECRET_LENGTH);
}
