import { u16, u8 } from '../bytes.js';

/** The packets in which SQL Server carries the TLS handshake (MS-TDS §2.2.6.5), while they are taken off. */
export interface TdsFraming {
  /** The next packet's header, as far as it is there. */
  readonly header: Uint8Array;
  held: number;
  /** Bytes of the current packet's payload still to come. */
  remaining: number;
}

/** Bytes of a packet header. */
export const TDS_HEADER = 8;

const PRELOGIN = 0x12;
const TABULAR_RESULT = 0x04;

/** Framing in the middle of a packet, with `remaining` bytes of its payload to come. */
export function newTdsFraming(remaining: number): TdsFraming {
  return { header: new Uint8Array(TDS_HEADER), held: 0, remaining };
}

/**
 * Payload length in bytes of the packet whose header is at `at`, or -1 if none can be there (MS-TDS §2.2.3.1).
 * @param known bytes of the header that are there, at least 1
 */
export function tdsPayload(bytes: Uint8Array, at: number, known = TDS_HEADER): number {
  const type = u8(bytes, at);
  if (type !== PRELOGIN && type !== TABULAR_RESULT) return -1;
  if (known > 1 && u8(bytes, at + 1) > 1) return -1;
  if (known < 4) return 0;
  return u16(bytes, at + 2) - TDS_HEADER;
}
