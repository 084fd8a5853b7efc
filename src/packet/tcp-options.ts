import { i32, u16, u8 } from '../bytes.js';
import type { Packet } from './packet.js';

const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2;
const TIMESTAMPS = 8;

/** Where the content of an option of this kind and length begins in `bytes`; -1 if the segment has none. */
function optionOf({ bytes, options, offset }: Packet, wanted: number, size: number): number {
  for (let at = options; at + 1 < offset;) {
    const kind = u8(bytes, at);
    if (kind === END_OF_OPTIONS) return -1;
    if (kind === NO_OPERATION) {
      at++;
      continue;
    }
    const length = u8(bytes, at + 1);
    if (length < 2) return -1;
    if (kind === wanted) return length === size && at + size <= offset ? at + 2 : -1;
    at += length;
  }
  return -1;
}

/** The maximum segment size that a SYN announces, in bytes (RFC 9293 §3.7.1); null if it announces none. */
export function maximumSegmentSize(packet: Packet): number | null {
  const at = optionOf(packet, MAXIMUM_SEGMENT_SIZE, 4);
  return at < 0 ? null : u16(packet.bytes, at);
}

/** The sender's timestamp in a segment (RFC 7323 §3.2, TSval), 32 bits as a signed integer; null if it has none. */
export function timestampValue(packet: Packet): number | null {
  const at = optionOf(packet, TIMESTAMPS, 10);
  return at < 0 ? null : i32(packet.bytes, at);
}
