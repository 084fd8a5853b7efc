import type { ExtensionDecoder } from './extension.js';

/** certificate_authorities (RFC 8446 §4.2.4): distinguished names, in DER. */
export const certificateAuthorities: ExtensionDecoder<readonly Uint8Array[]> = {
  type: 47,
  decode(cursor) {
    const list = cursor.vector16('authority list');
    const names: Uint8Array[] = [];
    while (list.remaining > 0) names.push(list.vector16('authority').rest('name').slice());
    return names;
  },
};
