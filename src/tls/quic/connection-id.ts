import { latin1, u8 } from '../../bytes.js';
import type { Range } from './packet.js';
import { lengthOf } from './packet.js';

/** A connection ID, one character a byte: for a few bytes, a string is smaller than an array. */
export type ConnectionId = string;

export const idAt = (bytes: Uint8Array, { start, end }: Range): ConnectionId => latin1(bytes, start, end);
export const bytesOfId = (id: ConnectionId): Buffer => Buffer.from(id, 'latin1');

export const isId = (bytes: Uint8Array, range: Range, id: ConnectionId): boolean =>
  lengthOf(range) === id.length && isIdAt(bytes, range.start, id);

/** Whether the bytes from `start` on are this ID. */
export function isIdAt(bytes: Uint8Array, start: number, id: ConnectionId): boolean {
  for (let index = 0; index < id.length; index++) {
    if (u8(bytes, start + index) !== id.charCodeAt(index)) return false;
  }
  return true;
}

/** Whether two ranges of a datagram have the same bytes. */
export function isSameId(bytes: Uint8Array, range: Range, other: Range): boolean {
  if (lengthOf(range) !== lengthOf(other)) return false;
  for (let index = 0; index < lengthOf(range); index++) {
    if (u8(bytes, range.start + index) !== u8(bytes, other.start + index)) return false;
  }
  return true;
}
