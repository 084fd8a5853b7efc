import { isUtf8 } from 'node:buffer';
import { latin1, utf8 } from '../../../bytes.js';
import type { ExtensionDecoder } from './extension.js';

const HOST_NAME = 0;

/**
 * server_name (RFC 6066 §3): the requested host name, as sent, or null if the list has none; a server's answer is
 * empty.
 */
export const serverName: ExtensionDecoder<string | null> = {
  type: 0,
  decode(cursor, place) {
    if (place !== 'client_hello' || cursor.remaining === 0) return null;
    const list = cursor.vector16('server name list');
    let found: string | null = null;
    while (list.remaining > 0) {
      const nameType = list.u8('name type');
      const name = list.vector16('server name').rest('server name');
      if (nameType === HOST_NAME) found ??= text(name);
    }
    return found;
  },
};

/** The RFC wants ASCII. Some clients send raw UTF-8, which is shown as such; any other byte is one character. */
function text(name: Uint8Array): string {
  return isUtf8(name) ? utf8(name) : latin1(name);
}
