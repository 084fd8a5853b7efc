import { Cursor } from '../cursor.js';
import type { ExtensionDecoder } from './extension.js';

/** certificate_authorities (RFC 8446 §4.2.4): a list of distinguished names, in DER, read by `namesIn`. */
export const certificateAuthorities: ExtensionDecoder<Uint8Array> = {
  type: 47,
  decode: (cursor) => listOfNames(cursor.vector16('authority list')),
};

/**
 * A list of names, each with its length before it, in one piece: an object for each of thousands would take ten times
 * as much memory.
 */
export function listOfNames(list: Cursor): Uint8Array {
  const copy = list.peek().slice();
  while (list.remaining > 0) list.vector16('authority').rest('name');
  return copy;
}

/** The names of a list from `listOfNames`; the last one may be cut. */
export function namesIn(list: Uint8Array): Uint8Array[] {
  const cursor = new Cursor(list, 0, list.length, true);
  const names: Uint8Array[] = [];
  while (cursor.remaining > 0) names.push(cursor.vector16('authority').rest('name'));
  return names;
}
