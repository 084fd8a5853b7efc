import type { ExtensionDecoder } from './extension.js';

/** application_layer_protocol_negotiation (RFC 7301 §3.1): protocol names, as bytes, because not all are text. */
export const alpn: ExtensionDecoder<readonly Buffer[]> = {
  type: 16,
  decode(cursor) {
    const list = cursor.vector16('protocol name list');
    const names: Buffer[] = [];
    while (list.remaining > 0) names.push(Buffer.from(list.vector8('protocol name').rest('name')));
    return names;
  },
};
