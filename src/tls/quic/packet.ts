import { u32, u8 } from '../../bytes.js';
import type { LongPacketType, QuicVersion } from './versions.js';
import { quicVersion } from './versions.js';

/** The longest connection ID of the versions that are known (RFC 9000 §17.2); in others up to 255 bytes (RFC 8999 §5.1). */
const MAX_CONNECTION_ID = 20;

/** A place in a datagram. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What the long headers of all versions have in common (RFC 8999 §5.1). */
export interface LongHeader {
  /** Where the packet begins. */
  readonly start: number;
  /** 0 for Version Negotiation. */
  readonly version: number;
  readonly destinationId: Range;
  readonly sourceId: Range;
  /** Where the version-specific part begins. */
  readonly bodyStart: number;
}

/** A packet of a known version with a long header (RFC 9000 §17.2), still protected. */
export interface LongPacket {
  readonly header: LongHeader;
  readonly version: QuicVersion;
  readonly type: LongPacketType;
  /** Token of an Initial packet, or of a Retry (without its integrity tag); else empty. */
  readonly token: Range;
  /** Where the protected packet number begins; for a Retry, its integrity tag. */
  readonly numberStart: number;
  /** Where the packet ends: behind that the next packet of the datagram begins. */
  readonly end: number;
}

/** Set in the first byte of every packet (RFC 9000 §17.2), unless both ends agreed to grease it (RFC 9287). */
export const FIXED_BIT = 0x40;

/** Whether the first byte of a packet is that of a long header. */
export const hasLongHeader = (firstByte: number): boolean => (firstByte & 0x80) !== 0;

/** Reads the long header that begins at `start`; null if it does not fit before `end`. */
export function readLongHeader(bytes: Uint8Array, start: number, end: number): LongHeader | null {
  if (end - start < 7 || !hasLongHeader(u8(bytes, start))) return null;
  const destinationEnd = start + 6 + u8(bytes, start + 5);
  if (destinationEnd >= end) return null;
  const sourceEnd = destinationEnd + 1 + u8(bytes, destinationEnd);
  if (sourceEnd > end) return null;
  return {
    start,
    version: u32(bytes, start + 1),
    destinationId: { start: start + 6, end: destinationEnd },
    sourceId: { start: destinationEnd + 1, end: sourceEnd },
    bodyStart: sourceEnd,
  };
}

/** The length of a Retry's integrity tag (RFC 9001 §5.8). */
export const RETRY_TAG_LENGTH = 16;

/**
 * Reads the rest of a packet after its long header; null if its version is unknown, or it does not fit before `end`.
 */
export function readLongPacket(bytes: Uint8Array, header: LongHeader, end: number): LongPacket | null {
  const version = quicVersion(header.version);
  if (version === undefined) return null;
  const { start, destinationId, sourceId, bodyStart } = header;
  if (lengthOf(destinationId) > MAX_CONNECTION_ID || lengthOf(sourceId) > MAX_CONNECTION_ID) return null;
  const type = version.types[((u8(bytes, start) >> 4) & 3) as 0 | 1 | 2 | 3];
  if (type === 'retry') return readRetry(bytes, header, version, end);
  let at = bodyStart;
  let token: Range = { start: at, end: at };
  if (type === 'initial') {
    const length = varint(bytes, at, end);
    at += varintLength(bytes, at, end);
    if (length < 0 || length > end - at) return null;
    token = { start: at, end: at + length };
    at = token.end;
  }
  const length = varint(bytes, at, end);
  at += varintLength(bytes, at, end);
  if (length < 0 || length > end - at) return null;
  return { header, version, type, token, numberStart: at, end: at + length };
}

/**
 * A Retry takes the rest of its datagram (RFC 9000 §17.2.5). In drafts before 25, the original ID comes first, and
 * there is no tag.
 */
function readRetry(bytes: Uint8Array, header: LongHeader, version: QuicVersion, end: number): LongPacket | null {
  const { bodyStart } = header;
  if (version.retry !== null) {
    const numberStart = end - RETRY_TAG_LENGTH;
    if (numberStart < bodyStart) return null;
    return { header, version, type: 'retry', token: { start: bodyStart, end: numberStart }, numberStart, end };
  }
  if (bodyStart >= end) return null;
  const tokenStart = bodyStart + 1 + u8(bytes, bodyStart);
  if (tokenStart > end) return null;
  return { header, version, type: 'retry', token: { start: tokenStart, end }, numberStart: end, end };
}

export const lengthOf = ({ start, end }: Range): number => end - start;

/**
 * Length of the variable-length integer at `at` (RFC 9000 §16): 1, 2, 4 or 8 bytes; 0 if it does not fit before `end`.
 */
export function varintLength(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return 0;
  const length = 1 << (u8(bytes, at) >> 6);
  return at + length > end ? 0 : length;
}

/** The variable-length integer at `at` (RFC 9000 §16), not exact above 2^53; -1 if it does not fit before `end`. */
export function varint(bytes: Uint8Array, at: number, end: number): number {
  const length = varintLength(bytes, at, end);
  if (length === 0) return -1;
  const first = u8(bytes, at) & 0x3f;
  if (length === 1) return first;
  if (length === 2) return (first << 8) | u8(bytes, at + 1);
  const high = u32(bytes, at) & 0x3fffffff;
  return length === 4 ? high : high * 2 ** 32 + u32(bytes, at + 4);
}
