import type { Cursor } from '../cursor.js';
import type { ExtensionDecoder } from './extension.js';

/** One transport parameter (RFC 9000 §18). */
export interface TransportParameter {
  /** Above 2^53 not exact. */
  readonly id: number;
  /** A copy. */
  readonly value: Buffer;
}

/** quic_transport_parameters (RFC 9001 §8.2), in order. */
export const quicTransportParameters: ExtensionDecoder<readonly TransportParameter[]> = {
  type: 57,
  decode: readParameters,
};

/** The number of the extension in drafts up to 32; until 26 it was a vector, and its integers had fixed lengths. */
export const quicTransportParametersDraft: ExtensionDecoder<readonly TransportParameter[]> = {
  type: 0xffa5,
  decode(cursor) {
    const bytes = cursor.peek();
    const isVector = bytes.length >= 2 && (bytes[0] as number) * 256 + (bytes[1] as number) === bytes.length - 2;
    return isVector ? readOldParameters(cursor.vector16('transport parameters')) : readParameters(cursor);
  },
};

function readParameters(cursor: Cursor): TransportParameter[] {
  const parameters: TransportParameter[] = [];
  while (cursor.remaining > 0) {
    const id = varint(cursor, 'transport parameter id');
    const length = varint(cursor, 'transport parameter length');
    parameters.push({ id, value: Buffer.from(cursor.raw(length, 'transport parameter')) });
  }
  return parameters;
}

function readOldParameters(cursor: Cursor): TransportParameter[] {
  const parameters: TransportParameter[] = [];
  while (cursor.remaining > 0) {
    const id = cursor.u16('transport parameter id');
    parameters.push({ id, value: Buffer.from(cursor.vector16('transport parameter').rest('value')) });
  }
  return parameters;
}

/** A variable-length integer (RFC 9000 §16). */
function varint(cursor: Cursor, what: string): number {
  const first = cursor.u8(what);
  let value = first & 0x3f;
  for (let left = (1 << (first >> 6)) - 1; left > 0; left--) value = value * 256 + cursor.u8(what);
  return value;
}

const VERSION_INFORMATION = 0x11;

/** The versions that a client can speak, as version_information says (RFC 9368 §3): behind the one that it has chosen; null if it does not say. */
export function versionInformation(parameters: readonly TransportParameter[]): number[] | null {
  const value = parameters.find(({ id }) => id === VERSION_INFORMATION)?.value;
  if (value === undefined) return null;
  const versions: number[] = [];
  for (let at = 4; at + 4 <= value.length; at += 4) versions.push(value.readUInt32BE(at));
  return versions;
}
