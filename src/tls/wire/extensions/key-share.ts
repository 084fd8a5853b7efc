import type { ExtensionDecoder } from './extension.js';

/** key_share (RFC 8446 §4.2.8): groups of the shares; one for a server's; the wanted one in a HelloRetryRequest. */
export const keyShare: ExtensionDecoder<readonly number[]> = {
  type: 51,
  decode(cursor, place) {
    if (place === 'hello_retry_request') return [cursor.u16('selected group')];
    const shares = place === 'client_hello' ? cursor.vector16('client shares') : cursor;
    const groups: number[] = [];
    while (shares.remaining > 0) {
      groups.push(shares.u16('group'));
      shares.vector16('key exchange');
    }
    return groups;
  },
};
