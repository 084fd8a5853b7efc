import { getCiphers } from 'node:crypto';
import { lazy, memoizeByKey } from '../../memoize.js';
import { CIPHER_SUITES } from '../wire/registry/tables.js';

/** The hash functions of the key schedules and record MACs of TLS, as `node:crypto` calls them. */
export type HashName = 'md5' | 'sha1' | 'sha256' | 'sha384';

/** How a cipher suite protects records; lengths in bytes. */
export type RecordCipher = AeadCipher | CbcCipher | NullCipher;

interface CipherBase {
  /** Hash of the PRF of TLS 1.2 (RFC 5246 §5), and of HKDF in TLS 1.3 (RFC 8446 §7.1). */
  readonly hash: 'sha256' | 'sha384';
}

/** Authenticated encryption with additional data (RFC 5116). */
export interface AeadCipher extends CipherBase {
  readonly kind: 'aead';
  /** As `node:crypto` calls it. */
  readonly name: string;
  readonly mode: 'gcm' | 'ccm' | 'chacha20-poly1305';
  readonly keyLength: number;
  readonly tagLength: number;
  /**
   * In TLS 1.2: how many bytes of the nonce come from the keys, and how many each record carries (RFC 5288 §3, RFC 7905
   * §2).
   */
  readonly fixedLength: number;
  readonly explicitLength: number;
}

/** A block cipher in CBC mode, with an HMAC (RFC 5246 §6.2.3.2). */
export interface CbcCipher extends CipherBase {
  readonly kind: 'cbc';
  readonly name: string;
  readonly keyLength: number;
  readonly blockLength: number;
  readonly mac: HashName;
}

/** No encryption: the content, and its HMAC (RFC 5246 §6.2.3.1, RFC 9150). */
export interface NullCipher extends CipherBase {
  readonly kind: 'null';
  readonly mac: HashName;
}

/** Bytes of each hash. */
export const HASH_LENGTHS: Readonly<Record<HashName, number>> = { md5: 16, sha1: 20, sha256: 32, sha384: 48 };

const MACS: ReadonlyMap<string | undefined, HashName> = new Map([
  ['MD5', 'md5'],
  ['SHA', 'sha1'],
  ['SHA256', 'sha256'],
  ['SHA384', 'sha384'],
]);

/**
 * The end of a suite's name (IANA): the cipher, and the hash. `TLS_RSA_WITH_` or the like comes before it, or `TLS_` in
 * TLS 1.3.
 */
const NAME =
  /^(?:TLS|SSL)_(?:[A-Za-z0-9_]+_WITH_)?(?:(AES|ARIA|CAMELLIA)_(128|256)_(GCM|CCM|CBC)(_8)?|(CHACHA20_POLY1305)|(3DES_EDE_CBC)|(NULL))(?:_(MD5|SHA|SHA256|SHA384))?$/;
/** The suites of TLS 1.3 that protect integrity only (RFC 9150 §4). */
const INTEGRITY_ONLY = /^TLS_(SHA256|SHA384)_\1$/;

const CHACHA20_POLY1305 = {
  kind: 'aead',
  name: 'chacha20-poly1305',
  mode: 'chacha20-poly1305',
  keyLength: 32,
  tagLength: 16,
  fixedLength: 12,
  explicitLength: 0,
} as const;

/** For QUIC's Initial packets, whatever the cipher suite (RFC 9001 §5.2). */
export const AES_128_GCM: AeadCipher = {
  kind: 'aead',
  name: 'aes-128-gcm',
  mode: 'gcm',
  keyLength: 16,
  tagLength: 16,
  fixedLength: 4,
  explicitLength: 8,
  hash: 'sha256',
};

function cipherOf(suiteName: string): RecordCipher | null {
  const integrity = MACS.get(INTEGRITY_ONLY.exec(suiteName)?.[1]);
  if (integrity !== undefined)
    return { kind: 'null', mac: integrity, hash: integrity === 'sha384' ? 'sha384' : 'sha256' };
  const match = NAME.exec(suiteName);
  if (match === null) return null;
  const [, family, bits, mode, short, chacha20, triple, none, hashName] = match;
  const hash = hashName === 'SHA384' ? 'sha384' : 'sha256';
  const mac = MACS.get(hashName);
  if (chacha20 !== undefined) return { ...CHACHA20_POLY1305, hash };
  if (none !== undefined) return mac === undefined ? null : { kind: 'null', mac, hash };
  if (triple !== undefined) {
    return mac === undefined ? null : { kind: 'cbc', name: 'des-ede3-cbc', keyLength: 24, blockLength: 8, mac, hash };
  }
  if (family === undefined || bits === undefined) return null;
  const keyLength = Number(bits) / 8;
  const cipher = `${family.toLowerCase()}-${bits}-`;
  if (mode === 'CBC') {
    return mac === undefined ? null : { kind: 'cbc', name: `${cipher}cbc`, keyLength, blockLength: 16, mac, hash };
  }
  const aead = mode === 'GCM' ? 'gcm' : 'ccm';
  const tagLength = short === undefined ? 16 : 8;
  return {
    kind: 'aead',
    name: `${cipher}${aead}`,
    mode: aead,
    keyLength,
    tagLength,
    fixedLength: 4,
    explicitLength: 8,
    hash,
  };
}

const available = lazy((): ReadonlySet<string> => new Set(getCiphers()));

/**
 * How a cipher suite, by its code, protects records. null if it is unknown, or `node:crypto` lacks its cipher (RC4, DES,
 * IDEA, SEED, Camellia-GCM, SM4-GCM in OpenSSL 3).
 */
export function recordCipher(suite: number): RecordCipher | null {
  return CIPHER_SUITES.has(suite) ? knownCipher(suite) : null;
}

const knownCipher = memoizeByKey((suite: number): RecordCipher | null => {
  const cipher = cipherOf(CIPHER_SUITES.get(suite) ?? '');
  return cipher === null || cipher.kind === 'null' || available().has(cipher.name) ? cipher : null;
});
