import type { Cursor } from '../cursor.js';
import type { ExtensionDecoder } from './extension.js';

/** The part of the transport parameters that is used here (RFC 9000 §18). */
export interface TransportParameters {
  /** In order; not exact above 2^53. */
  readonly ids: readonly number[];
  /**
   * The versions that a client supports, from version_information (RFC 9368 §3), without the one it has chosen; null if
   * absent.
   */
  readonly versions: readonly number[] | null;
}

/** quic_transport_parameters (RFC 9001 §8.2). */
export const quicTransportParameters: ExtensionDecoder<TransportParameters> = {
  type: 57,
  decode: (cursor) => readParameters(cursor, varint),
};

/** The extension's number in drafts up to 32; until draft 26 it was a vector, and its integers had fixed lengths. */
export const quicTransportParametersDraft: ExtensionDecoder<TransportParameters> = {
  type: 0xffa5,
  decode(cursor) {
    const bytes = cursor.peek();
    const isVector = bytes.length >= 2 && (bytes[0] as number) * 256 + (bytes[1] as number) === bytes.length - 2;
    return isVector
      ? readParameters(cursor.vector16('transport parameters'), (parameters, what) => parameters.u16(what))
      : readParameters(cursor, varint);
  },
};

/** Reads the number of a parameter, or the length of its value. */
type ReadInteger = (cursor: Cursor, what: string) => number;

/** version_information, and the number that it had in drafts. */
const VERSION_INFORMATION: readonly number[] = [0x11, 0xff73db];

function readParameters(cursor: Cursor, integer: ReadInteger): TransportParameters {
  const ids: number[] = [];
  let versions: number[] | null = null;
  while (cursor.remaining > 0) {
    const id = integer(cursor, 'transport parameter id');
    const length = integer(cursor, 'transport parameter length');
    ids.push(id);
    if (VERSION_INFORMATION.includes(id)) versions ??= availableVersions(cursor.vector(length, 'transport parameter'));
    else cursor.skip(length, 'transport parameter');
  }
  return { ids, versions };
}

/** A variable-length integer (RFC 9000 §16). */
function varint(cursor: Cursor, what: string): number {
  const first = cursor.u8(what);
  let value = first & 0x3f;
  for (let left = (1 << (first >> 6)) - 1; left > 0; left--) value = value * 256 + cursor.u8(what);
  return value;
}

/** Behind the chosen version. */
function availableVersions(value: Cursor): number[] {
  const versions: number[] = [];
  if (value.remaining >= 4) value.u32('chosen version');
  while (value.remaining >= 4) versions.push(value.u32('available version'));
  return versions;
}
