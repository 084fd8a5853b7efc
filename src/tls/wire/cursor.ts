import { u16, u24, u32, u8 } from '../../bytes.js';

/** Bytes that do not follow their RFC's structure. */
export class DecodeError extends Error {
  constructor(
    message: string,
    /** Where in the message or extension, in bytes from its start. */
    readonly offset: number,
  ) {
    super(message);
    this.name = 'DecodeError';
  }
}

/**
 * Reads a structure of RFC 8446 §3 (big-endian integers, length-prefixed vectors) out of bytes, and never past their
 * end: a read that would throws DecodeError. After Go's cryptobyte.String.
 *
 * With `isCut` the bytes are the beginning of a longer structure: a vector that goes on behind their end has what is there.
 */
export class Cursor {
  private readonly origin: number;

  constructor(
    private readonly bytes: Uint8Array,
    private offset = 0,
    private readonly end = bytes.length,
    private readonly isCut = false,
  ) {
    this.origin = offset;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  private take(count: number, what: string): number {
    if (count > this.end - this.offset) {
      throw new DecodeError(
        `${what} needs ${count} bytes, ${this.end - this.offset} are left`,
        this.offset - this.origin,
      );
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

  /** The next `count` bytes: a view, to be copied by whoever keeps it. */
  raw(count: number, what: string): Uint8Array {
    const at = this.take(count, what);
    return this.bytes.subarray(at, at + count);
  }

  private sub(count: number, what: string): Cursor {
    const isCut = this.isCut && count > this.remaining;
    const length = isCut ? this.remaining : count;
    const at = this.take(length, what);
    return new Cursor(this.bytes, at, at + length, isCut);
  }

  /** A vector with a length of one byte. */
  vector8(what: string): Cursor {
    return this.sub(this.u8(what), what);
  }

  /** A vector with a length of two bytes. */
  vector16(what: string): Cursor {
    return this.sub(this.u16(what), what);
  }

  /** A vector with a length of three bytes. */
  vector24(what: string): Cursor {
    return this.sub(this.u24(what), what);
  }

  /** Everything left. */
  rest(what: string): Uint8Array {
    return this.raw(this.remaining, what);
  }

  /** Everything left, as 16-bit integers; an odd last byte is an error, unless it is cut. */
  u16s(what: string): number[] {
    const values: number[] = [];
    while (this.remaining > (this.isCut ? 1 : 0)) values.push(this.u16(what));
    return values;
  }
}
