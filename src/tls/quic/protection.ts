import { createCipheriv, createDecipheriv } from 'node:crypto';
import { u8 } from '../../bytes.js';
import { expandLabel, hkdfExtract } from '../decrypt/key-schedule.js';
import { encryptBlock, expandKey } from './aes.js';
import type { LongPacket } from './packet.js';
import { packetNumber, RETRY_TAG_LENGTH } from './packet.js';
import type { QuicVersion } from './versions.js';

/** What opens the packets that one side protects at one level (RFC 9001 §5.1). */
export interface PacketKeys {
  readonly key: Buffer;
  readonly iv: Buffer;
  /** Round keys of AES, which make the header protection mask of a sample (RFC 9001 §5.4.3). */
  readonly headerKey: Int32Array;
}

/** The keys of Initial packets, which follow from what is public (RFC 9001 §5.2). */
export interface InitialKeys {
  readonly client: PacketKeys;
  readonly server: PacketKeys;
}

/** A packet whose protection is removed. */
export interface OpenedPacket {
  readonly number: number;
  /** Its frames. */
  readonly payload: Uint8Array;
  /** Whether its tag fits: if not, the keys are not those of the packet, or bytes of it were altered. */
  readonly isAuthentic: boolean;
}

const TAG_LENGTH = 16;
const SAMPLE_LENGTH = 16;

function packetKeys(secret: Buffer, label: string): PacketKeys {
  return {
    key: expandLabel('sha256', secret, `${label} key`, 16),
    iv: expandLabel('sha256', secret, `${label} iv`, 12),
    headerKey: expandKey(expandLabel('sha256', secret, `${label} hp`, 16)),
  };
}

/**
 * The keys of Initial packets, made of the Destination Connection ID of the client's first one, or of its first one after a
 * Retry (RFC 9001 §5.2). Those of each side are derived when they are first asked for.
 */
export function initialKeys({ salt, label }: QuicVersion, destinationId: Uint8Array): InitialKeys {
  const secret = hkdfExtract('sha256', salt, destinationId);
  let client: PacketKeys | null = null;
  let server: PacketKeys | null = null;
  return {
    get client() {
      return (client ??= packetKeys(expandLabel('sha256', secret, 'client in', 32), label));
    },
    get server() {
      return (server ??= packetKeys(expandLabel('sha256', secret, 'server in', 32), label));
    },
  };
}

const mask = new Int32Array(4);
const maskByte = (index: number): number => ((mask[index >> 2] as number) >>> (24 - 8 * (index & 3))) & 0xff;

const nonce = Buffer.alloc(12);

/** The nonce of a packet: the IV, exclusive-or its number (RFC 9001 §5.3). Valid until the next call. */
function nonceOf(iv: Buffer, number: number): Buffer {
  iv.copy(nonce);
  let rest = number;
  for (let at = 11; rest > 0; at--) {
    nonce[at] = u8(nonce, at) ^ (rest % 256);
    rest = Math.floor(rest / 256);
  }
  return nonce;
}

/**
 * Removes the protection of a packet with a long header (RFC 9001 §5.3, §5.4). `largest` is the largest packet number of its
 * space that its sender is known to have used, or -1. null if the packet is too short.
 */
export function openLongPacket(
  bytes: Uint8Array,
  { header, numberStart, end }: LongPacket,
  { key, iv, headerKey }: PacketKeys,
  largest: number,
): OpenedPacket | null {
  const sampleStart = numberStart + 4;
  if (sampleStart + SAMPLE_LENGTH > end) return null;
  encryptBlock(headerKey, bytes, sampleStart, mask);
  const first = u8(bytes, header.start) ^ (maskByte(0) & 0x0f);
  const numberLength = (first & 3) + 1;
  const payloadStart = numberStart + numberLength;
  const tagStart = end - TAG_LENGTH;
  if (payloadStart > tagStart) return null;
  // The header as it was before it was protected.
  const open = Buffer.from(bytes.subarray(header.start, payloadStart));
  open[0] = first;
  let truncated = 0;
  for (let index = 0; index < numberLength; index++) {
    const at = numberStart - header.start + index;
    const byte = u8(open, at) ^ maskByte(1 + index);
    open[at] = byte;
    truncated = truncated * 256 + byte;
  }
  const number = packetNumber(largest, truncated, numberLength);
  const decipher = createDecipheriv('aes-128-gcm', key, nonceOf(iv, number), { authTagLength: TAG_LENGTH });
  decipher.setAAD(open).setAuthTag(bytes.subarray(tagStart, end));
  const payload = decipher.update(bytes.subarray(payloadStart, tagStart));
  try {
    decipher.final();
  } catch {
    return { number, payload, isAuthentic: false };
  }
  return { number, payload, isAuthentic: true };
}

/**
 * Whether the integrity tag of a Retry fits the Destination Connection ID of the Initial packet that it answers
 * (RFC 9001 §5.8); null for versions whose Retry has no tag.
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
