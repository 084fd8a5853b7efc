/** QUIC packets built by hand, by the text of RFC 9000 and 9001 and not by the code under test. */
import { createCipheriv, createHmac } from 'node:crypto';
import { be16, be32, concat } from './captures.js';
import type { Bytes } from './tls.js';

export const fromHex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

/** A variable-length integer (RFC 9000 §16), of the given length or the least one. */
export function varint(value: number, length = value < 64 ? 1 : value < 16_384 ? 2 : 4): Uint8Array {
  if (length === 1) return concat([value]);
  if (length === 2) return concat(be16(value | 0x4000));
  if (length === 4) return concat(be32((value | 0x80000000) >>> 0));
  return concat(be32((Math.floor(value / 2 ** 32) | 0xc0000000) >>> 0), be32(value % 2 ** 32));
}

/** What the Initial packets of a version depend on: its salt, its labels, its packet types. */
export interface Version {
  readonly code: number;
  readonly salt: Uint8Array;
  readonly label: 'quic' | 'quicv2';
  readonly types: {
    readonly initial: number;
    readonly '0rtt': number;
    readonly handshake: number;
    readonly retry: number;
  };
  readonly retryKey: Uint8Array;
  readonly retryNonce: Uint8Array;
}

export const V1: Version = {
  code: 1,
  salt: fromHex('38762cf7f55934b34d179ae6a4c80cadccbb7f0a'),
  label: 'quic',
  types: { initial: 0, '0rtt': 1, handshake: 2, retry: 3 },
  retryKey: fromHex('be0c690b9f66575a1d766b54e368c84e'),
  retryNonce: fromHex('461599d35d632bf2239825bb'),
};

export const V2: Version = {
  code: 0x6b3343cf,
  salt: fromHex('0dede3def700a6db819381be6e269dcbf9bd2ed9'),
  label: 'quicv2',
  types: { initial: 1, '0rtt': 2, handshake: 3, retry: 0 },
  retryKey: fromHex('8fb4b01b56ac48e260fbcbcead7ccc92'),
  retryNonce: fromHex('d86969bc2d7c6d9990efb04a'),
};

const hmac = (key: Uint8Array, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest();

/** HKDF-Expand-Label (RFC 8446 §7.1) of up to 32 bytes. */
function expandLabel(secret: Uint8Array, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  return hmac(secret, concat(be16(length), [name.length], name, [0], [1])).subarray(0, length);
}

export interface SealOptions {
  readonly version?: Version;
  /** The client's first Destination Connection ID, or the one of the Retry. */
  readonly secretId: Bytes;
  readonly from: 'client' | 'server';
  readonly number: number;
  readonly numberLength?: number;
  /** The traffic secret, where it is not that of Initial packets, and how often its keys were updated (RFC 9001 §6). */
  readonly secret?: Uint8Array;
  readonly updates?: number;
}

/** Protects a packet (RFC 9001 §5.3, §5.4) whose header, up to the Length field, and frames are given. */
export function seal(header: Uint8Array, frames: Uint8Array, options: SealOptions): Uint8Array {
  const { version = V1, secretId, from, number, numberLength = 4, updates = 0 } = options;
  const first = options.secret ?? expandLabel(hmac(version.salt, concat(secretId)), `${from} in`, 32);
  let secret = first;
  for (let count = 0; count < updates; count++) secret = expandLabel(secret, `${version.label} ku`, 32);
  const key = expandLabel(secret, `${version.label} key`, 16);
  const nonce = expandLabel(secret, `${version.label} iv`, 12);
  for (let byte = 0; byte < 6; byte++)
    nonce[11 - byte] = (nonce[11 - byte] as number) ^ (Math.floor(number / 256 ** byte) % 256);
  const open = concat(header, Buffer.from(be32(number % 2 ** 32)).subarray(4 - numberLength));
  const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(open);
  const body = Buffer.concat([cipher.update(frames), cipher.final(), cipher.getAuthTag()]);
  const ecb = createCipheriv('aes-128-ecb', expandLabel(first, `${version.label} hp`, 16), null);
  const mask = ecb.update(body.subarray(4 - numberLength, 20 - numberLength));
  const sealed = concat(open, body);
  sealed[0] = (sealed[0] as number) ^ ((mask[0] as number) & ((sealed[0] as number) & 0x80 ? 0x0f : 0x1f));
  for (let index = 0; index < numberLength; index++) {
    sealed[header.length + index] = (sealed[header.length + index] as number) ^ (mask[1 + index] as number);
  }
  return sealed;
}

export interface InitialOptions extends SealOptions {
  readonly destinationId: Bytes;
  readonly sourceId: Bytes;
  readonly token?: Bytes;
  /** Bytes that the packet takes at least, filled with PADDING. */
  readonly least?: number;
}

const longHeader = (first: number, version: number, destinationId: Bytes, sourceId: Bytes): Uint8Array =>
  concat([first], be32(version), [destinationId.length], destinationId, [sourceId.length], sourceId);

/** An Initial packet with these frames. */
export function initial(frames: Uint8Array, options: InitialOptions): Uint8Array {
  const { version = V1, destinationId, sourceId, token = [], numberLength = 4, least = 0 } = options;
  const first = 0xc0 | (version.types.initial << 4) | (numberLength - 1);
  const head = concat(longHeader(first, version.code, destinationId, sourceId), varint(token.length), token);
  const room = least - head.length - 2 - numberLength - 16;
  const padded = concat(frames, new Uint8Array(Math.max(room - frames.length, 0, 4 - frames.length)));
  return seal(concat(head, varint(numberLength + padded.length + 16, 2)), padded, options);
}

/** A Handshake packet, or one of 0-RTT, with these frames, which a traffic secret protects. */
export function handshakePacket(
  frames: Uint8Array,
  options: SealOptions & { readonly destinationId: Bytes; readonly sourceId: Bytes; readonly isEarly?: boolean },
): Uint8Array {
  const { version = V1, destinationId, sourceId, numberLength = 4, isEarly = false } = options;
  const first = 0xc0 | (version.types[isEarly ? '0rtt' : 'handshake'] << 4) | (numberLength - 1);
  const padded = concat(frames, new Uint8Array(Math.max(0, 4 - frames.length)));
  const head = longHeader(first, version.code, destinationId, sourceId);
  return seal(concat(head, varint(numberLength + padded.length + 16, 2)), padded, options);
}

/** A packet with a short header and these frames, which a traffic secret protects. */
export function dataPacket(frames: Uint8Array, options: SealOptions & { readonly destinationId: Bytes }): Uint8Array {
  const { destinationId, numberLength = 4, updates = 0 } = options;
  const padded = concat(frames, new Uint8Array(Math.max(0, 4 - frames.length)));
  return seal(concat([0x40 | ((updates & 1) << 2) | (numberLength - 1)], destinationId), padded, options);
}

/** A packet of another type with a long header, whose content nobody can read. */
export function protectedPacket(
  type: '0rtt' | 'handshake',
  destinationId: Bytes,
  sourceId: Bytes,
  length = 100,
  version = V1,
): Uint8Array {
  const head = longHeader(0xc0 | (version.types[type] << 4), version.code, destinationId, sourceId);
  return concat(head, varint(length, 2), new Uint8Array(length).fill(0xa5));
}

/** A packet with a short header. */
export const shortPacket = (destinationId: Bytes, length = 60): Uint8Array =>
  concat([0x40], destinationId, new Uint8Array(length).fill(0x5a));

export function retry(
  originalId: Bytes,
  destinationId: Bytes,
  sourceId: Bytes,
  token: Bytes,
  version = V1,
): Uint8Array {
  const packet = concat(longHeader(0xcf | (version.types.retry << 4), version.code, destinationId, sourceId), token);
  const cipher = createCipheriv('aes-128-gcm', version.retryKey, version.retryNonce);
  cipher.setAAD(concat([originalId.length], originalId, packet)).final();
  return concat(packet, cipher.getAuthTag());
}

export const versionNegotiation = (destinationId: Bytes, sourceId: Bytes, versions: readonly number[]): Uint8Array =>
  concat(longHeader(0xca, 0, destinationId, sourceId), ...versions.map(be32));

// Frames (RFC 9000 §19).

export const crypto = (offset: number, data: Bytes): Uint8Array =>
  concat([6], varint(offset), varint(data.length), data);

/** ACK of the numbers from `smallest` to `largest`. */
export const ack = (smallest: number, largest: number): Uint8Array =>
  concat([2], varint(largest), [0, 0], varint(largest - smallest));

export const connectionClose = (code: number, reason = '', frameType = 0): Uint8Array =>
  concat([0x1c], varint(code), varint(frameType), varint(reason.length), Buffer.from(reason));
