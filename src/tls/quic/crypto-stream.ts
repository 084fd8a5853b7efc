import { BOUNDS } from '../../bounds.js';

interface Piece {
  /** Its place in the stream. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * The handshake bytes of one direction at one level (RFC 9000 §7.5, §19.6), put in order, whatever order, overlaps and
 * repeats the CRYPTO frames have. Delivered bytes never change, whatever copies follow.
 */
export class CryptoStream {
  /** Number of bytes known from the beginning without a gap. */
  private next = 0;
  /** Bytes after a gap, by offset. */
  private readonly pieces: Piece[] = [];
  private held = 0;

  /** Bytes that wait for earlier ones. */
  get heldBytes(): number {
    return this.held;
  }

  /** Whether bytes wait for earlier ones. */
  get hasGap(): boolean {
    return this.pieces.length > 0;
  }

  /**
   * Adds the bytes from `start` to `end`, which belong at `offset`, and passes to `deliver` what is now in order.
   * Returns false if they were dropped: too far ahead, or too many pieces.
   */
  add(
    offset: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    deliver: (bytes: Uint8Array, start: number, end: number) => void,
  ): boolean {
    const last = offset + (end - start);
    if (last <= this.next) return true;
    if (offset <= this.next) {
      const from = start + this.next - offset;
      this.next = last;
      deliver(bytes, from, end);
      this.deliverHeld(deliver);
      return true;
    }
    const { pieces } = this;
    if (last - this.next > BOUNDS.cryptoBytes.value || pieces.length >= BOUNDS.cryptoPieces.value) return false;
    if (this.held + end - start > BOUNDS.cryptoBytes.value) return false;
    const at = pieces.findIndex((piece) => piece.offset > offset);
    // Most wait only for a moment: a slice of Node.js's pool costs less.
    const copy = Buffer.from(bytes.subarray(start, end));
    pieces.splice(at < 0 ? pieces.length : at, 0, { offset, bytes: copy });
    this.held += end - start;
    return true;
  }

  private deliverHeld(deliver: (bytes: Uint8Array, start: number, end: number) => void): void {
    const { pieces } = this;
    for (let piece = pieces[0]; piece !== undefined && piece.offset <= this.next; piece = pieces[0]) {
      pieces.shift();
      this.held -= piece.bytes.length;
      const from = this.next - piece.offset;
      if (from >= piece.bytes.length) continue;
      this.next = piece.offset + piece.bytes.length;
      deliver(piece.bytes, from, piece.bytes.length);
    }
  }
}
