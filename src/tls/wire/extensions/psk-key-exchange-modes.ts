import type { ExtensionDecoder } from './extension.js';

/** psk_key_exchange_modes (RFC 8446 §4.2.9): 0 is psk_ke, 1 is psk_dhe_ke. */
export const pskKeyExchangeModes: ExtensionDecoder<readonly number[]> = {
  type: 45,
  decode: (cursor) => [...cursor.vector8('mode list').rest('modes')],
};
