import { BOUNDS } from '../../bounds.js';
import type { Direction } from '../../transport/flow.js';

const MAX_PIECES = BOUNDS.cryptoPieces.value;
/** Of each piece: direction, packet number, where it starts and ends, and 1 once it is acknowledged. */
const FIELDS = 5;
/** Nominal bytes of a piece. */
const PIECE_BYTES = 8 * FIELDS;

/** Which Initial packets carry which handshake bytes, and whether the peer acknowledged them. Bounded. */
export class SentCrypto {
  /** In one list: an object for each would take more memory. */
  private readonly pieces: number[] = [];

  get bytes(): number {
    return this.pieces.length * (PIECE_BYTES / FIELDS);
  }

  /** Notes the bytes from `start` to `end` of the stream of a direction, which packet `number` carries. */
  add(direction: Direction, number: number, start: number, end: number): void {
    const { pieces } = this;
    // Adjacent bytes in one packet are one piece: a browser cuts its ClientHello into some twenty.
    for (let at = 0; at < pieces.length; at += FIELDS) {
      if (pieces[at] !== direction || pieces[at + 1] !== number) continue;
      if (pieces[at + 3] === start) pieces[at + 3] = end;
      else if (pieces[at + 2] === end) pieces[at + 2] = start;
      else continue;
      return;
    }
    if (pieces.length < MAX_PIECES * FIELDS) pieces.push(direction, number, start, end, 0);
  }

  /** Whether packets of a direction other than `number` carried all the bytes from `start` to `end`. */
  isRepeated(direction: Direction, number: number, start: number, end: number): boolean {
    return this.isCovered(direction, start, end, (at) => this.pieces[at + 1] !== number);
  }

  /** The peer of a direction has the packets with these numbers, both included. */
  acknowledge(direction: Direction, smallest: number, largest: number): void {
    const { pieces } = this;
    for (let at = 0; at < pieces.length; at += FIELDS) {
      const number = pieces[at + 1] as number;
      if (pieces[at] === direction && number >= smallest && number <= largest) pieces[at + 4] = 1;
    }
  }

  /** Number of a direction's bytes that are acknowledged. */
  acknowledgedBytes(direction: Direction): number {
    const { pieces } = this;
    const ranges: [start: number, end: number][] = [];
    for (let at = 0; at < pieces.length; at += FIELDS) {
      if (pieces[at] !== direction || pieces[at + 4] !== 1) continue;
      ranges.push([pieces[at + 2] as number, pieces[at + 3] as number]);
    }
    ranges.sort(([a], [b]) => a - b);
    let bytes = 0;
    let covered = 0;
    for (const [start, end] of ranges) {
      bytes += Math.max(0, end - Math.max(start, covered));
      covered = Math.max(covered, end);
    }
    return bytes;
  }

  /** Whether all known bytes of a direction are acknowledged. */
  isAcknowledged(direction: Direction): boolean {
    const { pieces } = this;
    let length = 0;
    for (let at = 0; at < pieces.length; at += FIELDS) {
      if (pieces[at] === direction) length = Math.max(length, pieces[at + 3] as number);
    }
    return this.isCovered(direction, 0, length, (at) => pieces[at + 4] === 1);
  }

  clear(): void {
    this.pieces.length = 0;
  }

  /** Whether the pieces of a direction for which `counts` holds cover all bytes from `start` to `end`. */
  private isCovered(direction: Direction, start: number, end: number, counts: (at: number) => boolean): boolean {
    const { pieces } = this;
    let covered = start;
    // Each piece continues where another ends: of a few pieces, the useful ones are found in as many rounds.
    for (let next = covered; covered < end; covered = next) {
      for (let at = 0; at < pieces.length; at += FIELDS) {
        if (pieces[at] !== direction) continue;
        if ((pieces[at + 2] as number) <= next && (pieces[at + 3] as number) > next && counts(at)) {
          next = pieces[at + 3] as number;
        }
      }
      if (next === covered) return false;
    }
    return true;
  }
}
