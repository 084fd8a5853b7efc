import type { ExtensionDecoder } from './extension.js';

/** signature_algorithms (RFC 8446 §4.2.3, RFC 5246 §7.4.1.4.1): codes, most preferred first. */
export const signatureAlgorithms: ExtensionDecoder<readonly number[]> = {
  type: 13,
  decode: (cursor) => cursor.vector16('signature scheme list').u16s('signature scheme'),
};
