import { u16, u8 } from '../bytes.js';
import type { Packet } from './packet.js';

const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2;

/** The maximum segment size that a SYN announces, in bytes (RFC 9293 §3.7.1); null if it announces none. */
export function maximumSegmentSize({ bytes, options, offset }: Packet): number | null {
  for (let at = options; at + 1 < offset;) {
    const kind = u8(bytes, at);
    if (kind === END_OF_OPTIONS) return null;
    if (kind === NO_OPERATION) {
      at++;
      continue;
    }
    const length = u8(bytes, at + 1);
    if (length < 2) return null;
    if (kind === MAXIMUM_SEGMENT_SIZE) return length === 4 && at + 4 <= offset ? u16(bytes, at + 2) : null;
    at += length;
  }
  return null;
}
