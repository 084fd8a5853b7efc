/**
 * Reads unsigned integers from a byte array.
 *
 * Only these functions index raw bytes. They do not check bounds (a missing byte counts as 0, and is undefined to
 * `u8`), so callers check lengths first, or use a bounds-checked cursor. They are small enough for the engine to
 * inline, which a DataView inside an object is not.
 */

/** The byte at `offset`, 0 to 255. */
export function u8(bytes: Uint8Array, offset: number): number {
  return bytes[offset] as number;
}

/** Big-endian 16-bit unsigned integer. */
export function u16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
}

/** Big-endian 24-bit unsigned integer. */
export function u24(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 16) | ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number);
}

/** Big-endian 32 bits as a signed integer (`>>> 0` makes it unsigned), which the engine keeps off the heap. */
export function i32(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset] as number) << 24) |
    ((bytes[offset + 1] as number) << 16) |
    ((bytes[offset + 2] as number) << 8) |
    (bytes[offset + 3] as number)
  );
}

/** Big-endian 32-bit unsigned integer. */
export function u32(bytes: Uint8Array, offset: number): number {
  return i32(bytes, offset) >>> 0;
}

/** Little-endian 16-bit unsigned integer. */
export function u16le(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8);
}

/** Little-endian 32-bit unsigned integer. */
export function u32le(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset] as number) |
      ((bytes[offset + 1] as number) << 8) |
      ((bytes[offset + 2] as number) << 16) |
      ((bytes[offset + 3] as number) << 24)) >>>
    0
  );
}

/**
 * A view that reads multi-byte integers, for hot code: a third of the time of the functions above, but one more object,
 * and an error beyond the end.
 */
export function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Up to this many bytes, a loop copies faster than `set`, which needs a view of them. */
const FEW_TO_COPY = 64;

/** Copies the bytes from `start` to `end` to a place in other memory. */
export function copyBytes(bytes: Uint8Array, start: number, end: number, to: Uint8Array, place: number): void {
  if (end - start > FEW_TO_COPY) to.set(bytes.subarray(start, end), place);
  else for (let at = start; at < end; at++) to[place + at - start] = u8(bytes, at);
}

/** Lower-case hexadecimal, two digits a byte, of the bytes from `start` to `end`. */
export function hex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return bufferOver(bytes).toString('hex', bytes.byteOffset + start, bytes.byteOffset + end);
}

/** Up to this many characters, a loop is faster than Node.js, which first gives a small array a buffer of its own. */
const FEW = 8;

/** One character (U+0000 to U+00FF) a byte, of the bytes from `start` to `end`. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start <= FEW) {
    let text = '';
    for (let at = start; at < end; at++) text += String.fromCharCode(u8(bytes, at));
    return text;
  }
  return bufferOver(bytes).toString('latin1', bytes.byteOffset + start, bytes.byteOffset + end);
}

/** The text that bytes encode in UTF-8. */
export function utf8(bytes: Uint8Array): string {
  return bufferOver(bytes).toString('utf8', bytes.byteOffset, bytes.byteOffset + bytes.length);
}

/** The result of the last call of `bufferOver`: a view, which holds no state of its own. */
let last: Buffer = Buffer.alloc(0);

/**
 * A Buffer over all memory under a view. Making one costs more than the text, and most calls are about the same memory
 * as the last.
 */
function bufferOver({ buffer }: Uint8Array): Buffer {
  if (last.buffer !== buffer) last = Buffer.from(buffer);
  return last;
}
