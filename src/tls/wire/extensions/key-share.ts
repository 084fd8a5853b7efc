import type { Cursor } from '../cursor.js';
import type { ExtensionDecoder } from './extension.js';

/**
 * key_share (RFC 8446 §4.2.8): groups of the shares; a server's single one; in a HelloRetryRequest, the group it asks
 * for.
 */
export const keyShare: ExtensionDecoder<readonly number[]> = {
  type: 51,
  decode(cursor, place) {
    if (place === 'hello_retry_request') return [cursor.u16('selected group')];
    if (place !== 'client_hello') return [readShare(cursor)];
    const shares = cursor.vector16('client shares');
    const groups: number[] = [];
    while (shares.remaining > 0) groups.push(readShare(shares));
    return groups;
  },
};

function readShare(cursor: Cursor): number {
  const group = cursor.u16('group');
  cursor.skip(cursor.u16('key exchange'), 'key exchange');
  return group;
}
