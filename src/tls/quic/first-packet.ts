import { u16, u8 } from '../../bytes.js';
import type { Datagram } from '../../transport/flow.js';
import { readFrames } from './frames.js';
import type { LongHeader } from './packet.js';
import { FIXED_BIT, hasLongHeader, lengthOf, readLongHeader, readLongPacket } from './packet.js';
import { isReservedVersion, quicVersion } from './versions.js';

/** The least length of the ID that a client makes up for its first packet (RFC 9000 §7.2). */
export const LEAST_FIRST_ID = 8;
/** The least UDP payload of a client's datagram with an Initial packet (RFC 9000 §14.1). */
const LEAST_DATAGRAM = 1200;

/**
 * Whether a datagram may begin a QUIC connection: with an Initial packet, or a long header of a version that servers
 * refuse.
 */
export function canBeginQuic({ bytes, offset, end, missing }: Datagram): boolean {
  if (end <= offset || !hasLongHeader(u8(bytes, offset))) return false;
  const header = readLongHeader(bytes, offset, end);
  if (header === null || header.version === 0) return false;
  const packet = readLongPacket(bytes, header, end);
  return packet === null
    ? canBeginWithUnknownVersion(bytes, header, end + missing)
    : packet.type === 'initial' && lengthOf(header.destinationId) >= LEAST_FIRST_ID;
}

/**
 * Whether a long header of an unknown version may be a client's first. Nothing in the packet proves it, so it must look
 * like QUIC in every way, and its version must be a reserved one, or one that has been used somewhere.
 */
export function canBeginWithUnknownVersion(bytes: Uint8Array, header: LongHeader, end: number): boolean {
  const { start, version, destinationId, sourceId } = header;
  return (
    quicVersion(version) === undefined &&
    (isReservedVersion(version) || version >>> 8 === 0xff0000 || version >>> 8 === 0xfaceb0) &&
    (u8(bytes, start) & FIXED_BIT) !== 0 &&
    end - start >= LEAST_DATAGRAM &&
    lengthOf(destinationId) >= LEAST_FIRST_ID &&
    lengthOf(destinationId) <= 20 &&
    lengthOf(sourceId) <= 20
  );
}

/** Whether frames that may have been altered begin with the CRYPTO frame of a ClientHello: random bytes never do. */
export function beginsWithClientHello(payload: Uint8Array): boolean {
  let found = false;
  readFrames(payload, {
    crypto(offset, bytes, start, end) {
      // Type 1, three bytes of length, legacy_version 0x0303 (RFC 8446 §4.1.2).
      found ||= offset === 0 && end - start > 6 && u16(bytes, start) === 0x0100 && u16(bytes, start + 4) === 0x0303;
    },
    close: () => undefined,
    acknowledged: () => undefined,
    connectionId: () => undefined,
    handshakeDone: () => undefined,
  });
  return found;
}
