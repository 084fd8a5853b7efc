import { BOUNDS } from '../../bounds.js';

/** What an analysis keeps of fragments, in bytes: of all flows together. */
export interface FragmentBudget {
  held: number;
}

export const newFragmentBudget = (): FragmentBudget => ({ held: 0 });

/** Bytes kept of one direction's fragments, and of all flows'; pieces of one message. */
const MAX_DIRECTION_BYTES = BOUNDS.messageFragmentBytes.value;
const MAX_ALL_BYTES = BOUNDS.allMessageFragmentBytes.value;
const MAX_PIECES = BOUNDS.messageFragments.value;

/** Bytes of a message that are there: from `start` on. */
interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** A message of which parts are there. */
export interface PartialMessage {
  readonly type: number;
  readonly length: number;
  /** In order of their places, none overlapping another. */
  readonly pieces: readonly Piece[];
  readonly held: number;
}

/** A message that is not there yet. */
export const emptyMessage = (type: number, length: number): PartialMessage => ({ type, length, pieces: [], held: 0 });

/** How many more bytes of fragments may be kept of a direction that has so many. */
export const roomForFragments = (heldOfDirection: number, { held }: FragmentBudget): number =>
  Math.min(MAX_DIRECTION_BYTES - heldOfDirection, MAX_ALL_BYTES - held);

/**
 * Adds a fragment's bytes, which stand at `offset` of the message: fragments come in any order, overlap, and are cut anew when
 * they are sent again (RFC 6347 §4.2.3). The first copy wins. Returns null where `room`, in bytes, is too little.
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

/** The bytes that are there from the beginning on. */
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
