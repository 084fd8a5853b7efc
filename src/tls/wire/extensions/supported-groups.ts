import type { ExtensionDecoder } from './extension.js';

/** supported_groups (RFC 8446 §4.2.7; elliptic_curves of RFC 8422 §5.1.1): codes, most preferred first. */
export const supportedGroups: ExtensionDecoder<readonly number[]> = {
  type: 10,
  decode: (cursor) => cursor.vector16('named group list').u16s('named group'),
};
