import { BOUNDS } from '../bounds.js';
import { u16 } from '../bytes.js';
import type { Direction } from '../transport/flow.js';
import type { Seen } from './handshake/transcript.js';
import type { Framing } from './record/framings/framing.js';
import { framingOf } from './record/framings/index.js';

/** Plaintext of one direction, until the other one speaks. */
export interface SeenPlaintext extends Seen {
  readonly bytes: Uint8Array;
}

/**
 * Bounds of plaintext: bytes of each direction, and turns of both; the greetings and commands before TLS are shorter.
 */
export const MAX_PLAINTEXT = BOUNDS.plaintextBytes.value;
export const MAX_TURNS = BOUNDS.plaintextTurns.value;

export const NO_TURNS: readonly SeenPlaintext[] = [];
const NOTHING = new Uint8Array(0);

/** The turns with a copy of further plaintext: added to the last turn if it continues that, else as a new turn. */
export function withPlaintext(
  turns: readonly SeenPlaintext[],
  plaintext: SeenPlaintext,
  continuesLast: boolean,
): readonly SeenPlaintext[] {
  const last = turns.at(-1);
  if (last !== undefined && continuesLast) {
    return [...turns.slice(0, -1), { ...last, bytes: Buffer.concat([last.bytes, plaintext.bytes]) }];
  }
  return turns.length < MAX_TURNS ? [...turns, { ...plaintext, bytes: plaintext.bytes.slice() }] : turns;
}

/** The framing of a direction that sent `length` bytes of plaintext before its first TLS record; null if there is none. */
export function framingAfter(turns: readonly SeenPlaintext[], direction: Direction, length: number): Framing | null {
  const all = Buffer.concat(turns.filter((turn) => turn.direction === direction).map(({ bytes }) => bytes));
  // A framing is recognised by all the plaintext before it; if not all was kept, by none.
  return framingOf(all.length === length ? all : NOTHING);
}

/** Nominal bytes of a turn besides its text. */
const TURN_BYTES = 350;

/** Nominal bytes of turns. */
export const plaintextBytes = (turns: readonly SeenPlaintext[]): number =>
  turns.reduce((sum, { bytes }) => sum + TURN_BYTES + bytes.length, 0);

/**
 * Whether the bytes begin an LDAPMessage that only holds UnbindRequest (RFC 4511 §4.3), the one operation without content:
 * libldap sends it in plaintext when it gives up TLS (2.5.13).
 */
export const isLdapUnbind = (bytes: Uint8Array, at: number): boolean =>
  u16(bytes, at) === 0x3005 && u16(bytes, at + 2) === 0x0201;
