import type { CipherCCMTypes, CipherGCMTypes } from 'node:crypto';
import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { u8 } from '../../bytes.js';
import { MAX_CHACHA20_POLY1305, openChaCha20Poly1305, wipeChaCha20Poly1305 } from './fast-path/chacha20-poly1305.js';
import { MAX_GCM, openGcm, wipeGcm } from './fast-path/gcm.js';
import type { HandshakeRandoms } from './key-schedule.js';
import { expandLabels, keyBlock, nextTrafficSecret, TLS_13_PREFIX } from './key-schedule.js';
import type { AeadCipher, HashName, RecordCipher } from './suites.js';
import { HASH_LENGTHS } from './suites.js';

/**
 * Removes the protection of records, and of QUIC's packets. Total: for any bytes, the result is the content, or null if
 * the tag or MAC is wrong, because of wrong keys or altered bytes.
 */

/**
 * Opens the records of one direction in TLS 1.3 and DTLS 1.3, or the packets of QUIC (RFC 8446 §7.3, RFC 9001 §5.1).
 */
export interface AeadKeys {
  readonly cipher: AeadCipher;
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly iv: Uint8Array;
}

/** Bytes of an AEAD's nonce. */
export const IV_LENGTH = 12;

const LABELS_13 = { key: 'key', iv: 'iv' };

/** The keys of a traffic secret; QUIC has labels of its own, DTLS 1.3 a prefix of its own. */
export function aeadKeys(
  cipher: AeadCipher,
  secret: Uint8Array,
  labels: { readonly key: string; readonly iv: string } = LABELS_13,
  prefix = TLS_13_PREFIX,
): AeadKeys {
  const { hash, keyLength } = cipher;
  const [key, iv] = expandLabels(
    hash,
    secret,
    [
      [labels.key, keyLength],
      [labels.iv, IV_LENGTH],
    ],
    prefix,
  );
  return { cipher, key, iv };
}

/** Overwrites keys that are no longer needed. */
export function wipeAeadKeys({ key, iv }: AeadKeys): void {
  wipeGcm(key);
  wipeChaCha20Poly1305();
  for (let at = 0; at < key.length; at++) key[at] = 0;
  for (let at = 0; at < iv.length; at++) iv[at] = 0;
}

/** A traffic secret of TLS 1.3 or DTLS 1.3, and the keys derived from it. */
export interface TrafficKeys {
  readonly secret: Uint8Array;
  readonly keys: AeadKeys;
  /** Derived from the secret before it, and not in a key log, which others may still need. */
  readonly isDerived: boolean;
}

/** `prefix` is that of the labels. */
export const trafficKeys = (
  cipher: AeadCipher,
  secret: Uint8Array,
  { isDerived = false, prefix = TLS_13_PREFIX } = {},
): TrafficKeys => ({ secret, keys: aeadKeys(cipher, secret, undefined, prefix), isDerived });

/** The keys after a key update (RFC 8446 §7.2). */
export const nextTrafficKeys = (cipher: AeadCipher, { secret }: TrafficKeys): TrafficKeys =>
  trafficKeys(cipher, nextTrafficSecret(cipher.hash, secret), { isDerived: true });

/** Overwrites keys that are no longer needed, and their secret, unless it is in a key log. */
export function wipeTrafficKeys({ secret, keys, isDerived }: TrafficKeys): void {
  wipeAeadKeys(keys);
  if (isDerived) secret.fill(0);
}

/** The result of `nonceOf`. */
const nonce = Buffer.alloc(IV_LENGTH);

/**
 * The IV xor a number (RFC 8446 §5.3): that of the record, up to 2^53, and in DTLS 1.2 its epoch. Valid until the next
 * call.
 */
function nonceOf(iv: Uint8Array, number: number, epoch = 0): Buffer {
  nonce.set(iv);
  let rest = number;
  for (let at = IV_LENGTH - 1; rest > 0; at--) {
    nonce[at] = u8(nonce, at) ^ (rest % 256);
    rest = Math.floor(rest / 256);
  }
  nonce[4] = u8(nonce, 4) ^ (epoch >> 8);
  nonce[5] = u8(nonce, 5) ^ (epoch & 0xff);
  return nonce;
}

const TAG_LENGTH = 16;
/** The result of `tagOf`. */
const fullTag = Buffer.alloc(TAG_LENGTH);

/** The tag at the end of `body`; one of the usual length is valid until the next call. */
function tagOf(body: Uint8Array, length: number, tagLength: number): Uint8Array {
  if (tagLength !== TAG_LENGTH) return body.subarray(length);
  for (let at = 0; at < TAG_LENGTH; at++) fullTag[at] = u8(body, length + at);
  return fullTag;
}

/** Decrypts `body`, which ends with the tag. Returns whether the tag is valid; if not, the plaintext means nothing. */
function decrypt(
  { name, mode, tagLength }: AeadCipher,
  key: Uint8Array,
  nonceBytes: Uint8Array,
  additionalData: Uint8Array,
  body: Uint8Array,
): Buffer | null {
  const length = body.length - tagLength;
  if (length < 0) return null;
  const longest = Math.max(body.length, additionalData.length);
  if (mode === 'gcm' && name.startsWith('aes') && longest <= MAX_GCM) {
    return openGcm(key, nonceBytes, additionalData, body);
  }
  if (mode === 'chacha20-poly1305' && longest <= MAX_CHACHA20_POLY1305) {
    return openChaCha20Poly1305(key, nonceBytes, additionalData, body);
  }
  try {
    if (mode === 'ccm') {
      const decipher = createDecipheriv(name as CipherCCMTypes, key, nonceBytes, { authTagLength: tagLength });
      decipher.setAuthTag(body.subarray(length)).setAAD(additionalData, { plaintextLength: length });
      const plaintext = decipher.update(body.subarray(0, length));
      decipher.final();
      return plaintext;
    }
    const decipher = createDecipheriv(name as CipherGCMTypes, key, nonceBytes, { authTagLength: tagLength });
    decipher.setAAD(additionalData).setAuthTag(tagOf(body, length, tagLength));
    const plaintext = decipher.update(body.subarray(0, length));
    decipher.final();
    return plaintext;
  } catch {
    return null;
  }
}

/**
 * Opens a record of TLS 1.3 or DTLS 1.3 (RFC 8446 §5.2), or the payload of a QUIC packet (RFC 9001 §5.3), with `number`
 * in its epoch or space. `header` is the additional data, `body` what follows it, with the tag. `innerPlaintext` reads
 * the result; that of QUIC is frames.
 */
export function openAead13(keys: AeadKeys, number: number, header: Uint8Array, body: Uint8Array): Buffer | null {
  return decrypt(keys.cipher, keys.key, nonceOf(keys.iv, number), header, body);
}

/**
 * What the body of an altered packet or record says, assuming that the keys are right: with AES-GCM, each altered byte
 * alters only one byte of the content. null with other ciphers, or if it is too short.
 */
export function forgedContent({ cipher, key, iv }: AeadKeys, number: number, body: Uint8Array): Buffer | null {
  const { name, mode, tagLength } = cipher;
  if (mode !== 'gcm' || body.length < tagLength) return null;
  const decipher = createDecipheriv(name as CipherGCMTypes, key, nonceOf(iv, number), { authTagLength: tagLength });
  return decipher.update(body.subarray(0, body.length - tagLength));
}

/** The content of a TLSInnerPlaintext (RFC 8446 §5.2): from the start to `end`; its type and zeros follow. */
export interface InnerPlaintext {
  readonly type: number;
  readonly end: number;
}

/** Finds the type after the content; null if there is none, which RFC 8446 §5.4 forbids. */
export function innerPlaintext(bytes: Uint8Array): InnerPlaintext | null {
  let end = bytes.length - 1;
  while (end >= 0 && u8(bytes, end) === 0) end--;
  return end < 0 ? null : { type: u8(bytes, end), end };
}

/** Opens the records of one direction in SSL 3.0 to TLS 1.2, and in DTLS up to 1.2 (RFC 5246 §6.3). */
export interface Protection12 {
  readonly cipher: RecordCipher;
  /** Of TLS: 0x0300 to 0x0303. */
  readonly version: number;
  readonly encryptThenMac: boolean;
  readonly macKey: Buffer;
  readonly key: Buffer;
  /**
   * The fixed part of an AEAD's nonce; in SSL 3.0 and TLS 1.0 the IV of the next record, which is the end of the last
   * one.
   */
  iv: Buffer;
}

/** Overwrites keys that are no longer needed. */
export function wipeProtection12({ macKey, key, iv }: Protection12): void {
  for (const each of [macKey, key, iv]) each.fill(0);
}

const SSL_3_0 = 0x0300;
const TLS_1_0 = 0x0301;

/** The input of a key block. `encryptThenMac`: extension 22 was negotiated (RFC 7366), which matters only for CBC. */
export interface KeyBlockInput extends HandshakeRandoms {
  readonly master: Uint8Array;
  readonly encryptThenMac: boolean;
}

/** Opens the records of the client, and of the server (RFC 5246 §6.3). */
export function protections12(input: KeyBlockInput): { readonly client: Protection12; readonly server: Protection12 } {
  const { cipher, version, master, encryptThenMac } = input;
  const macLength = cipher.kind === 'aead' ? 0 : HASH_LENGTHS[cipher.mac];
  const keyLength = cipher.kind === 'null' ? 0 : cipher.keyLength;
  const ivLength = cipher.kind === 'aead' ? cipher.fixedLength : cipher.kind === 'cbc' ? cipher.blockLength : 0;
  const block = keyBlock(input, master, 2 * (macLength + keyLength + ivLength));
  let at = 0;
  const take = (length: number): Buffer => block.subarray(at, (at += length));
  const macKeys = [take(macLength), take(macLength)] as const;
  const keys = [take(keyLength), take(keyLength)] as const;
  const ivs = [take(ivLength), take(ivLength)] as const;
  const protection = (side: 0 | 1): Protection12 => ({
    cipher,
    version,
    encryptThenMac: encryptThenMac && cipher.kind === 'cbc',
    macKey: macKeys[side],
    key: keys[side],
    iv: ivs[side],
  });
  return { client: protection(0), server: protection(1) };
}

/** Number and header of a record of TLS 1.2 or before. */
export interface RecordInput {
  /** 0 over TCP. */
  readonly epoch: number;
  /** Number of records that the direction sent before under these keys; in DTLS its sequence number. */
  readonly sequence: number;
  /**
   * What is authenticated before the length and the content: `additionalData12`, or for a record with a connection ID
   * RFC 9146 §5.
   */
  readonly header: Uint8Array;
}

/** Sequence number (epoch and sequence number in DTLS), type and version (RFC 5246 §6.2.3.1, RFC 6347 §4.1.2.1). */
export function additionalData12(epoch: number, sequence: number, type: number, version: number): Buffer {
  const header = Buffer.alloc(11);
  header.writeUInt16BE(epoch, 0);
  header.writeUIntBE(sequence % 2 ** 48, 2, 6);
  header.writeUInt8(type, 8);
  header.writeUInt16BE(version, 9);
  return header;
}

function withLength(header: Uint8Array, length: number): Buffer {
  const result = Buffer.alloc(header.length + 2);
  result.set(header);
  result.writeUInt16BE(length & 0xffff, header.length);
  return result;
}

/** Opens a record of SSL 3.0 to TLS 1.2, or of DTLS up to 1.2: `body` is what follows its header on the wire. */
export function open12(protection: Protection12, place: RecordInput, body: Uint8Array): Buffer | null {
  switch (protection.cipher.kind) {
    case 'aead':
      return openAead12(protection, protection.cipher, place, body);
    case 'cbc':
      return openCbc(protection, protection.cipher, place, body);
    case 'null':
      return checkMac(protection, protection.cipher.mac, place, body);
  }
}

/** The content of a record whose cipher suite does not encrypt, without keys: its MAC is not checked. */
export function contentOfNull({ mac }: { readonly mac: HashName }, body: Uint8Array): Uint8Array | null {
  const length = body.length - HASH_LENGTHS[mac];
  return length < 0 ? null : body.subarray(0, length);
}

function openAead12(
  { key, iv }: Protection12,
  cipher: AeadCipher,
  { epoch, sequence, header }: RecordInput,
  body: Uint8Array,
): Buffer | null {
  const { explicitLength, tagLength } = cipher;
  const length = body.length - explicitLength - tagLength;
  if (length < 0) return null;
  const sealed = body.subarray(explicitLength);
  const nonceBytes =
    explicitLength === 0
      ? nonceOf(iv, sequence, epoch)
      : Buffer.concat([iv, body.subarray(0, explicitLength)], IV_LENGTH);
  return decrypt(cipher, key, nonceBytes, withLength(header, length), sealed);
}

/** Keeps the last block of a record, opened or not: the next one's IV in SSL 3.0 and TLS 1.0 (RFC 2246 §6.2.3.2). */
export function updateChainedIv(protection: Protection12, body: Uint8Array): void {
  const { cipher, encryptThenMac, version } = protection;
  if (cipher.kind !== 'cbc' || version > TLS_1_0) return;
  const end = body.length - (encryptThenMac ? HASH_LENGTHS[cipher.mac] : 0);
  if (end >= cipher.blockLength) protection.iv = Buffer.from(body.subarray(end - cipher.blockLength, end));
}

function openCbc(
  protection: Protection12,
  { name, blockLength, mac }: { readonly name: string; readonly blockLength: number; readonly mac: HashName },
  place: RecordInput,
  body: Uint8Array,
): Buffer | null {
  const { key, version, encryptThenMac } = protection;
  const macLength = HASH_LENGTHS[mac];
  const isChained = version <= TLS_1_0;
  const sealed = encryptThenMac ? body.subarray(0, Math.max(0, body.length - macLength)) : body;
  const iv = isChained ? protection.iv : sealed.subarray(0, blockLength);
  const encrypted = isChained ? sealed : sealed.subarray(blockLength);
  if (encrypted.length === 0 || encrypted.length % blockLength !== 0) return null;
  if (encryptThenMac && checkMac(protection, mac, place, body) === null) return null;
  const plaintext = decryptCbc(name, key, iv, encrypted);
  const padding = u8(plaintext, plaintext.length - 1) + 1;
  const length = plaintext.length - padding;
  if (length < 0) return null;
  // The padding of SSL 3.0 may be any bytes (RFC 6101 §5.2.3.2).
  if (version !== SSL_3_0) {
    for (let at = length; at < plaintext.length; at++) if (u8(plaintext, at) !== padding - 1) return null;
  }
  const content = plaintext.subarray(0, length);
  return encryptThenMac ? content : checkMac(protection, mac, place, content);
}

function decryptCbc(name: string, key: Buffer, iv: Uint8Array, encrypted: Uint8Array): Buffer {
  const decipher = createDecipheriv(name, key, iv).setAutoPadding(false);
  return Buffer.concat([decipher.update(encrypted), decipher.final()]);
}

/** What comes before the MAC at the end of `bytes`; null if the MAC is wrong. */
function checkMac(
  { macKey, version }: Protection12,
  mac: HashName,
  { header }: RecordInput,
  bytes: Uint8Array,
): Buffer | null {
  const length = bytes.length - HASH_LENGTHS[mac];
  if (length < 0) return null;
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, length);
  const input = withLength(header, length);
  const expected = version === SSL_3_0 ? macSsl3(mac, macKey, input, content) : hmac(mac, macKey, input, content);
  return timingSafeEqual(expected, bytes.subarray(length)) ? content : null;
}

const hmac = (mac: HashName, key: Buffer, input: Buffer, content: Uint8Array): Buffer =>
  createHmac(mac, key).update(input).update(content).digest();

/** The MAC of SSL 3.0 (RFC 6101 §5.2.3.1): without the version, which `input` has after sequence number and type. */
function macSsl3(mac: HashName, key: Buffer, input: Buffer, content: Uint8Array): Buffer {
  const padLength = mac === 'md5' ? 48 : 40;
  const inner = createHash(mac)
    .update(key)
    .update(Buffer.alloc(padLength, 0x36))
    .update(input.subarray(0, 9))
    .update(input.subarray(11))
    .update(content)
    .digest();
  return createHash(mac).update(key).update(Buffer.alloc(padLength, 0x5c)).update(inner).digest();
}
