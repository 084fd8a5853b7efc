import { createCipheriv } from 'node:crypto';
import { u8 } from '../../bytes.js';
import { memoize } from '../../memoize.js';
import { expandLabels, labelInfo, TLS_13_PREFIX } from '../decrypt/key-schedule.js';
import type { NumberKey } from '../decrypt/number-mask.js';
import { fullNumber, numberKey, numberMask, SAMPLE_LENGTH } from '../decrypt/number-mask.js';
import type { AeadKeys } from '../decrypt/protection.js';
import { aeadKeys, forgedContent, IV_LENGTH, openAead13 } from '../decrypt/protection.js';
import type { AeadCipher } from '../decrypt/suites.js';
import type { HmacKey } from '../decrypt/fast-path/sha256.js';
import { hmac, hmacKey } from '../decrypt/fast-path/sha256.js';
import { AES_128_GCM } from '../decrypt/suites.js';
import type { LongPacket } from './packet.js';
import { hasLongHeader, RETRY_TAG_LENGTH } from './packet.js';
import type { KeyLabel, QuicVersion } from './versions.js';

/** Opens the packets that one side protects at one level (RFC 9001 §5.1). */
export interface PacketKeys {
  readonly aead: AeadKeys;
  /** Derives the header protection mask from a sample (RFC 9001 §5.4). */
  readonly header: NumberKey;
}

/**
 * The public secret from which the keys of Initial packets are derived (RFC 9001 §5.2), and the keys derived so far.
 */
export interface InitialKeys {
  readonly version: QuicVersion;
  /** The initial_secret, in the form that HMAC needs. */
  readonly secret: HmacKey;
  client: PacketKeys | null;
  server: PacketKeys | null;
}

/** A packet whose protection is removed. */
export interface OpenedPacket {
  readonly number: number;
  /** Its frames. */
  readonly payload: Uint8Array;
  /** Whether its tag is valid: otherwise the keys are wrong, or the packet was altered. */
  readonly isAuthentic: boolean;
}

/** What keys are derived with (RFC 9001 §5.1, §6.1, RFC 9369 §3.3.2). */
const labelsOf = (label: KeyLabel) =>
  ({ key: `${label} key`, iv: `${label} iv`, header: `${label} hp`, update: `${label} ku` }) as const;

export const LABELS: Readonly<Record<KeyLabel, ReturnType<typeof labelsOf>>> = {
  quic: labelsOf('quic'),
  quicv2: labelsOf('quicv2'),
};

/** The keys of a traffic secret (RFC 9001 §5.1). */
export function packetKeys(cipher: AeadCipher, secret: Uint8Array, label: KeyLabel): PacketKeys {
  const labels = LABELS[label];
  const [key, iv, header] = expandLabels(cipher.hash, secret, [
    [labels.key, cipher.keyLength],
    [labels.iv, IV_LENGTH],
    [labels.header, cipher.keyLength],
  ]);
  return { aead: { cipher, key, iv }, header: numberKey(cipher, header) };
}

/** As `packetKeys`, without header protection, which a key update does not change (RFC 9001 §6). */
export const packetAeadKeys = (cipher: AeadCipher, secret: Uint8Array, label: KeyLabel): AeadKeys =>
  aeadKeys(cipher, secret, LABELS[label]);

const SECRET_LENGTH = 32;
const SIDES = {
  client: labelInfo(TLS_13_PREFIX, 'client in', SECRET_LENGTH),
  server: labelInfo(TLS_13_PREFIX, 'server in', SECRET_LENGTH),
};
const saltKey = memoize(({ salt }: QuicVersion) => hmacKey(salt));
/** Scratch memory of `initialKeys` and `keysOfSide`: secrets that anyone can derive from a packet. */
const secret = new Uint8Array(SECRET_LENGTH);
/** Scratch memory of `keysOfSide` and `expand`. */
const sideKey = hmacKey(secret);

/** What a label makes of the secret of a side, in a version whose labels begin with `label`. */
const expand = (label: KeyLabel, name: 'key' | 'iv' | 'header', length: number): Uint8Array =>
  hmac(sideKey, labelInfo(TLS_13_PREFIX, LABELS[label][name], length), length);

/**
 * Derives the secret of Initial packets from the Destination Connection ID of the client's first one, or of its first
 * one after a Retry (RFC 9001 §5.2).
 */
export const initialKeys = (version: QuicVersion, destinationId: Uint8Array): InitialKeys => ({
  version,
  secret: hmacKey(hmac(saltKey(version), destinationId, SECRET_LENGTH, secret)),
  client: null,
  server: null,
});

/**
 * The keys of the Initial packets of a side. Each connection has its own, so nothing else is kept of the derivation.
 */
export function keysOfSide(keys: InitialKeys, side: 'client' | 'server'): PacketKeys {
  const known = keys[side];
  if (known !== null) return known;
  hmacKey(hmac(keys.secret, SIDES[side], SECRET_LENGTH, secret), sideKey);
  const { label } = keys.version;
  const { keyLength } = AES_128_GCM;
  const [key, iv, header] = [
    expand(label, 'key', keyLength),
    expand(label, 'iv', IV_LENGTH),
    expand(label, 'header', keyLength),
  ];
  return (keys[side] = { aead: { cipher: AES_128_GCM, key, iv }, header: numberKey(AES_128_GCM, header) });
}

/** Where a protected packet is: its number begins at `numberStart`. */
export interface ProtectedRange {
  readonly start: number;
  readonly numberStart: number;
  readonly end: number;
}

/** A packet whose header protection is removed. */
export interface OpenHeader {
  /** The header without protection, which is authenticated with the payload. */
  readonly header: Uint8Array;
  /** The last bytes of the packet number, and their count. */
  readonly truncated: number;
  readonly numberLength: number;
  /** Where the payload begins; its tag ends the packet. */
  readonly payloadStart: number;
}

/** Removes the header protection of a packet (RFC 9001 §5.4); null if the packet is too short. */
export function openHeader(
  bytes: Uint8Array,
  { start, numberStart, end }: ProtectedRange,
  key: NumberKey,
): OpenHeader | null {
  const sampleStart = numberStart + 4;
  if (sampleStart + SAMPLE_LENGTH > end) return null;
  const mask = numberMask(key, bytes, sampleStart);
  const protectedBits = hasLongHeader(u8(bytes, start)) ? 0x0f : 0x1f;
  const first = u8(bytes, start) ^ (u8(mask, 0) & protectedBits);
  const numberLength = (first & 3) + 1;
  const payloadStart = numberStart + numberLength;
  const header = new Uint8Array(payloadStart - start);
  for (let at = start; at < numberStart; at++) header[at - start] = u8(bytes, at);
  header[0] = first;
  let truncated = 0;
  for (let index = 0; index < numberLength; index++) {
    const at = numberStart - start + index;
    const byte = u8(bytes, start + at) ^ u8(mask, 1 + index);
    header[at] = byte;
    truncated = truncated * 256 + byte;
  }
  return { header, truncated, numberLength, payloadStart };
}

/**
 * Removes the protection of a packet with a long header (RFC 9001 §5.3, §5.4). `largest` is the largest known packet
 * number of its sender in this space, or -1. null if the packet is too short.
 */
export function openLongPacket(
  bytes: Uint8Array,
  { header: { start }, numberStart, end }: LongPacket,
  { aead, header }: PacketKeys,
  largest: number,
): OpenedPacket | null {
  const open = openHeader(bytes, { start, numberStart, end }, header);
  if (open === null) return null;
  const number = fullNumber(largest, open.truncated, open.numberLength);
  const body = bytes.subarray(open.payloadStart, end);
  const payload = openAead13(aead, number, open.header, body);
  if (payload !== null) return { number, payload, isAuthentic: true };
  const forged = forgedContent(aead, number, body);
  return forged && { number, payload: forged, isAuthentic: false };
}

/**
 * Whether the integrity tag of a Retry fits the Destination Connection ID of the Initial packet that it answers (RFC
 * 9001 §5.8); null in versions whose Retry has no tag.
 */
export function isRetryIntact(bytes: Uint8Array, packet: LongPacket, originalId: Uint8Array): boolean | null {
  const { header, version, numberStart, end } = packet;
  if (version.retry === null) return null;
  const { key, nonce } = version.retry;
  const cipher = createCipheriv('aes-128-gcm', key, nonce, { authTagLength: RETRY_TAG_LENGTH });
  cipher.setAAD(
    Buffer.concat([Buffer.from([originalId.length]), originalId, bytes.subarray(header.start, numberStart)]),
  );
  cipher.final();
  return cipher.getAuthTag().equals(bytes.subarray(numberStart, end));
}
