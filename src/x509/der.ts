import { decodeFault } from '../decode-faults.js';
import { BOUNDS } from '../bounds.js';
import { hex, u8 } from '../bytes.js';
import { WireError } from '../wire-error.js';

/**
 * As much DER (ITU-T X.690) as certificates and OCSP responses need. Every length is checked before use; broken input
 * throws `DerError`, which the functions for other stages turn into data.
 */

/** Why the DER is unreadable. */
export class DerError extends WireError {
  override readonly name = 'DerError';
}

/** Identifier octets of the types that certificates use. */
export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  ia5String: 0x16,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
} as const;

/** The identifier octet of `[number]`, for a primitive or a constructed value. */
export function contextTag(number: number, form: 'primitive' | 'constructed'): number {
  return (form === 'primitive' ? 0x80 : 0xa0) | number;
}

/** One value in a byte array: its identifier octet and where it lies. */
export interface DerElement {
  readonly bytes: Uint8Array;
  readonly tag: number;
  /** Offset of the identifier octet. */
  readonly at: number;
  /** Offset of the first content octet. */
  readonly start: number;
  /** Offset after the last content octet. */
  readonly end: number;
}

/**
 * The element at `offset`.
 * @throws DerError if it does not end by `end`, or its length or tag form is not what DER certificates use.
 */
export function readElement(bytes: Uint8Array, offset = 0, end = bytes.length): DerElement {
  if (end - offset < 2) throw new DerError(decodeFault('elementCut', { byte: offset }));
  const identifier = u8(bytes, offset);
  if ((identifier & 0x1f) === 0x1f) throw new DerError(decodeFault('multiByteTag', { byte: offset }));
  let length = u8(bytes, offset + 1);
  let start = offset + 2;
  if (length >= 0x80) {
    const lengthBytes = length & 0x7f;
    if (lengthBytes === 0) throw new DerError(decodeFault('indefiniteLength', { byte: offset }));
    if (lengthBytes > 4 || lengthBytes > end - start)
      throw new DerError(decodeFault('impossibleLength', { byte: offset }));
    length = 0;
    // Multiplication: a shift would make lengths from 2^31 negative.
    for (let i = 0; i < lengthBytes; i++) length = length * 0x100 + u8(bytes, start + i);
    start += lengthBytes;
  }
  if (length > end - start) throw new DerError(decodeFault('lengthPassesEnd', { length, byte: offset }));
  return { bytes, tag: identifier, at: offset, start, end: start + length };
}

const MAX_ENTRIES = BOUNDS.certificateEntries.value;

/**
 * The elements inside a constructed one.
 * @throws DerError if they do not fill it exactly, or are too many.
 */
export function children(parent: DerElement): readonly DerElement[] {
  const result: DerElement[] = [];
  for (let offset = parent.start; offset < parent.end;) {
    const element = readElement(parent.bytes, offset, parent.end);
    if (result.length === MAX_ENTRIES) throw new DerError(decodeFault('tooManyEntries', { limit: MAX_ENTRIES }));
    result.push(element);
    offset = element.end;
  }
  return result;
}

/**
 * The element, if it has the wanted tag.
 * @throws DerError if it is missing or of another type.
 */
export function expectTag(element: DerElement | undefined, wanted: number, what: string): DerElement {
  if (element === undefined) throw new DerError(decodeFault('missing', { field: what }));
  if (element.tag !== wanted) {
    throw new DerError(decodeFault('otherTag', { field: what, tag: tagText(element.tag), wanted: tagText(wanted) }));
  }
  return element;
}

/** An identifier octet as it is written in faults. */
export const tagText = (identifier: number): string => `0x${identifier.toString(16)}`;

/** The content octets, not copied. */
export function content(element: DerElement): Uint8Array {
  return element.bytes.subarray(element.start, element.end);
}

/** Identifier, length and content octets, not copied. */
export function encoding(element: DerElement): Uint8Array {
  return element.bytes.subarray(element.at, element.end);
}

/**
 * Whether a BOOLEAN is true; an absent one is false, the default in all certificate fields.
 * @throws DerError if the element is no BOOLEAN
 */
export function isTrue(element: DerElement | undefined): boolean {
  if (element === undefined) return false;
  const { bytes, start, end } = expectTag(element, tag.boolean, 'boolean');
  if (end - start !== 1) throw new DerError(decodeFault('booleanLength', { length: end - start }));
  return u8(bytes, start) !== 0;
}

/**
 * A small non-negative INTEGER or ENUMERATED; larger ones come back as the largest that is exact.
 * @throws DerError if the element is none.
 */
export function smallInteger(element: DerElement | undefined, wanted: number = tag.integer): number {
  const { bytes, start, end } = expectTag(element, wanted, 'integer');
  if (start === end || u8(bytes, start) >= 0x80) throw new DerError(decodeFault('notNonNegative', { byte: start }));
  let value = 0;
  for (let i = start; i < end; i++) value = Math.min(value * 0x100 + u8(bytes, i), Number.MAX_SAFE_INTEGER);
  return value;
}

/**
 * The value of an unsigned INTEGER.
 * @throws DerError if the element is none.
 */
export function bigInteger(element: DerElement | undefined): bigint {
  const digits = hex(content(expectTag(element, tag.integer, 'integer')));
  return digits === '' ? 0n : BigInt(`0x${digits}`);
}

/** `#` and the hexadecimal encoding: how RFC 4514 §2.4 writes a value without a string form. */
export function hexForm(element: DerElement): string {
  return `#${hex(encoding(element))}`;
}

/**
 * An object identifier in dotted decimal.
 * @throws DerError if the element is none, or is cut within an arc.
 */
export function objectIdentifier(element: DerElement | undefined): string {
  const { bytes, start, end } = expectTag(element, tag.objectIdentifier, 'object identifier');
  if (start === end || (u8(bytes, end - 1) & 0x80) !== 0) throw new DerError(decodeFault('oidCut', { byte: start }));
  const arcs: string[] = [];
  let arc = 0;
  for (let i = start, first = i; i < end; i++) {
    const byte = u8(bytes, i);
    arc = arc * 0x80 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    const value = Number.isSafeInteger(arc) ? arc : longArc(bytes.subarray(first, i + 1));
    if (arcs.length > 0) arcs.push(String(value));
    else arcs.push(...firstArcs(value));
    first = i + 1;
    arc = 0;
  }
  return arcs.join('.');
}

/** The first two arcs are encoded as one number: 40 times the first, which is at most 2, and the second. */
function firstArcs(value: number | bigint): readonly string[] {
  if (value >= 80) return ['2', String(typeof value === 'bigint' ? value - 80n : value - 80)];
  return [String(Math.floor(Number(value) / 40)), String(Number(value) % 40)];
}

/** The longest arc that is read, in bytes. */
const MAX_ARC_BYTES = 32;

/** Arcs are unbounded: 2.25 holds 128-bit UUIDs. */
function longArc(bytes: Uint8Array): bigint {
  if (bytes.length > MAX_ARC_BYTES) throw new DerError(decodeFault('oidArcTooLong', { limit: MAX_ARC_BYTES }));
  return bytes.reduce((arc, byte) => (arc << 7n) | BigInt(byte & 0x7f), 0n);
}
