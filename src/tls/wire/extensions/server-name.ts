import type { ExtensionDecoder } from './extension.js';

const HOST_NAME = 0;

/** server_name (RFC 6066 §3): the host name asked for, or null where the list has none (a server's answer is empty). */
export const serverName: ExtensionDecoder<string | null> = {
  type: 0,
  decode(cursor) {
    if (cursor.remaining === 0) return null;
    const list = cursor.vector16('server name list');
    while (list.remaining > 0) {
      const nameType = list.u8('name type');
      const name = list.vector16('server name');
      // The RFC has ASCII here; clients that send raw UTF-8 exist, and it reads best as what it is.
      if (nameType === HOST_NAME) return Buffer.from(name.rest('host name')).toString('utf8');
    }
    return null;
  },
};
