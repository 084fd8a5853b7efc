import { BOUNDS } from '../../bounds.js';

/** What an analysis keeps of fragments, in bytes: of all flows together. */
export interface FragmentBudget {
  held: number;
}

export const newFragmentBudget = (): FragmentBudget => ({ held: 0 });

/** Bytes kept of one message's fragments, of one direction's, and of all flows'. */
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

/**
 * Adds the bytes from `start` to `end`, which stand at `offset` of the message: fragments come in any order, overlap, and are cut
 * anew when they are sent again (RFC 6347 §4.2.3). The first copy wins. Returns null if there is no room for them.
 */
export function addFragment(
  message: PartialMessage,
  offset: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  directionHeld: number,
  budget: FragmentBudget,
): PartialMessage | null {
  const pieces: Piece[] = [];
  const stop = Math.min(offset + end - start, message.length);
  let at = offset;
  const take = (until: number): void => {
    if (until <= at) return;
    pieces.push({ start: at, bytes: bytes.slice(start + at - offset, start + until - offset) });
    at = until;
  };
  for (const piece of message.pieces) {
    take(Math.min(stop, piece.start));
    pieces.push(piece);
    at = Math.max(at, piece.start + piece.bytes.length);
  }
  take(stop);
  const held = pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
  const more = held - message.held;
  if (pieces.length > MAX_PIECES || directionHeld + more > MAX_DIRECTION_BYTES) return null;
  if (budget.held + more > MAX_ALL_BYTES) return null;
  budget.held += more;
  return { ...message, pieces, held };
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
