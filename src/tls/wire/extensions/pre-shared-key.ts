import type { ExtensionDecoder } from './extension.js';

/** pre_shared_key (RFC 8446 §4.2.11): how many identities a client offers, or the index that a server selected. */
export const preSharedKey: ExtensionDecoder<{ readonly identities: number } | { readonly selected: number }> = {
  type: 41,
  decode(cursor, place) {
    if (place !== 'client_hello') return { selected: cursor.u16('selected identity') };
    const list = cursor.vector16('identity list');
    let identities = 0;
    while (list.remaining > 0) {
      list.vector16('identity');
      list.u32('obfuscated ticket age');
      identities++;
    }
    const binders = cursor.vector16('binder list');
    while (binders.remaining > 0) binders.vector8('binder');
    return { identities };
  },
};
