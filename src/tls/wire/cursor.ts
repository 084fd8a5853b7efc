import { decodeFault } from '../../decode-faults.js';
import type { DecodeFault } from '../../message.js';
import { hex, u16, u24, u32, u8 } from '../../bytes.js';
import { WireError } from '../../wire-error.js';

/** Bytes that do not follow their RFC's structure. */
export class DecodeError extends WireError {
  constructor(
    fault: DecodeFault,
    /** Where in the message's body, or in the extension's content, in bytes from its start. */
    readonly offset: number,
  ) {
    super(fault);
    this.name = 'DecodeError';
  }
}

/** Bytes left after the end of a structure. */
export interface TrailingBytes {
  /** The structure. */
  readonly what: string;
  /** Where in the message's body, or in the extension's content, in bytes from its start. */
  readonly offset: number;
  readonly length: number;
}

const NONE: readonly TrailingBytes[] = [];

/**
 * Reads a structure of RFC 8446 §3 (big-endian integers, length-prefixed vectors) from bytes. A read past their end
 * throws DecodeError. After Go's cryptobyte.String. Offsets count from the beginning of the whole structure, also
 * inside a vector.
 *
 * With `isCut`, the bytes are the beginning of a longer structure: a vector that continues after their end has what is
 * available of its elements. A name, or another string of bytes, of which only the beginning is available is not read.
 */
export class Cursor {
  private readonly origin: number;
  /** The cursor of the whole structure, which collects what `end` finds. */
  private readonly whole: Cursor;
  private noted: TrailingBytes[] | null = null;

  constructor(
    private readonly bytes: Uint8Array,
    private offset = 0,
    private readonly limit = bytes.length,
    private readonly isCut = false,
    whole?: Cursor,
  ) {
    this.whole = whole ?? this;
    this.origin = whole?.origin ?? offset;
  }

  get remaining(): number {
    return this.limit - this.offset;
  }

  /** What `end` found left over, in any vector of the whole structure. */
  get trailingBytes(): readonly TrailingBytes[] {
    return this.whole.noted ?? NONE;
  }

  /** Declares the end: anything left is noted, without an error. Of a cut vector nothing can be said. */
  end(what: string): void {
    if (this.remaining === 0 || this.isCut) return;
    const { whole, offset, remaining } = this;
    whole.noted ??= [];
    whole.noted.push({ what, offset: offset - this.origin, length: remaining });
  }

  /** Everything left, without consuming it. */
  peek(): Uint8Array {
    return this.bytes.subarray(this.offset, this.limit);
  }

  private take(count: number, what: string): number {
    if (count > this.remaining) {
      const fault = decodeFault('tooFewBytes', { field: what, needed: count, left: this.remaining });
      throw new DecodeError(fault, this.offset - this.origin);
    }
    const at = this.offset;
    this.offset += count;
    return at;
  }

  u8(what: string): number {
    return u8(this.bytes, this.take(1, what));
  }

  u16(what: string): number {
    return u16(this.bytes, this.take(2, what));
  }

  u24(what: string): number {
    return u24(this.bytes, this.take(3, what));
  }

  u32(what: string): number {
    return u32(this.bytes, this.take(4, what));
  }

  /** The next `count` bytes: a view; whoever keeps it must copy it. */
  raw(count: number, what: string): Uint8Array {
    const at = this.take(count, what);
    return this.bytes.subarray(at, at + count);
  }

  /** The next `count` bytes in lower-case hexadecimal. */
  hex(count: number, what: string): string {
    const at = this.take(count, what);
    return hex(this.bytes, at, at + count);
  }

  private sub(count: number, what: string, whole?: Cursor): Cursor {
    const isCut = this.isCut && count > this.remaining;
    const length = isCut ? this.remaining : count;
    const at = this.take(length, what);
    return new Cursor(this.bytes, at, at + length, isCut, whole);
  }

  /** A vector of `count` bytes, whose length was already read. */
  vector(count: number, what: string): Cursor {
    return this.sub(count, what, this.whole);
  }

  /** Skips a vector of `count` bytes, whose length was already read. */
  skip(count: number, what: string): void {
    this.take(this.isCut ? Math.min(count, this.remaining) : count, what);
  }

  /** A vector with a length of one byte. */
  vector8(what: string): Cursor {
    return this.sub(this.u8(what), what, this.whole);
  }

  /** A vector with a length of two bytes. */
  vector16(what: string): Cursor {
    return this.sub(this.u16(what), what, this.whole);
  }

  /** As `vector16`, but as a structure of its own, with its own offsets. */
  structure16(what: string): Cursor {
    return this.sub(this.u16(what), what);
  }

  /** A vector with a length of three bytes. */
  vector24(what: string): Cursor {
    return this.sub(this.u24(what), what, this.whole);
  }

  /** Everything left, which is one string of bytes: an error if it continues after the end of a cut structure. */
  rest(what: string): Uint8Array {
    return this.raw(this.isCut ? this.remaining + 1 : this.remaining, what);
  }

  /** Everything left, as 16-bit integers; an odd last byte is an error, unless the structure is cut. */
  u16s(what: string): number[] {
    const values: number[] = [];
    while (this.remaining > (this.isCut ? 1 : 0)) values.push(this.u16(what));
    return values;
  }
}
