import { BOUNDS } from '../../bounds.js';

/** Bytes that all flows of an analysis hold in fragments. */
export interface FragmentBudget {
  held: number;
}

export const newFragmentBudget = (): FragmentBudget => ({ held: 0 });

/** Bounds: bytes held of one direction, and of all flows; pieces of one message. */
const MAX_DIRECTION_BYTES = BOUNDS.messageFragmentBytes.value;
const MAX_ALL_BYTES = BOUNDS.allMessageFragmentBytes.value;
const MAX_PIECES = BOUNDS.messageFragments.value;

/** Captured bytes of a message, from `start` on. */
interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** A message of which parts have been seen. */
export interface PartialMessage {
  readonly type: number;
  readonly length: number;
  /** Ordered by place, without overlaps. */
  readonly pieces: readonly Piece[];
  readonly held: number;
}

/** A message of which nothing has been seen yet. */
export const emptyMessage = (type: number, length: number): PartialMessage => ({ type, length, pieces: [], held: 0 });

/** How many more fragment bytes may be held of a direction that holds `heldOfDirection`. */
export const roomForFragments = (heldOfDirection: number, { held }: FragmentBudget): number =>
  Math.min(MAX_DIRECTION_BYTES - heldOfDirection, MAX_ALL_BYTES - held);

/**
 * Adds the bytes of a fragment at `offset` of the message. Fragments come in any order, overlap, and may be cut
 * differently when sent again (RFC 6347 §4.2.3). The first copy wins. Returns null if `room`, in bytes, is too little.
 */
export function addFragment(
  message: PartialMessage,
  offset: number,
  fragment: Uint8Array,
  room: number,
): PartialMessage | null {
  const pieces: Piece[] = [];
  const stop = Math.min(offset + fragment.length, message.length);
  let at = offset;
  const take = (until: number): void => {
    if (until <= at) return;
    pieces.push({ start: at, bytes: fragment.slice(at - offset, until - offset) });
    at = until;
  };
  for (const piece of message.pieces) {
    take(Math.min(stop, piece.start));
    pieces.push(piece);
    at = Math.max(at, piece.start + piece.bytes.length);
  }
  take(stop);
  const held = pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
  return pieces.length > MAX_PIECES || held - message.held > room ? null : { ...message, pieces, held };
}

/** The bytes that are known from the beginning without a gap. */
export function beginningOf({ pieces }: PartialMessage): Uint8Array {
  const joined: Uint8Array[] = [];
  let at = 0;
  for (const { start, bytes } of pieces) {
    if (start !== at) break;
    joined.push(bytes);
    at += bytes.length;
  }
  return joined.length === 1 ? (joined[0] as Uint8Array) : Buffer.concat(joined);
}
