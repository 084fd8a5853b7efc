import type { ExtensionDecoder } from './extension.js';

/** supported_versions (RFC 8446 §4.2.1): a client's list, or the one version that a server selected. */
export const supportedVersions: ExtensionDecoder<readonly number[]> = {
  type: 43,
  decode: (cursor, place) =>
    place === 'client_hello' ? cursor.vector8('version list').u16s('version') : [cursor.u16('selected version')],
};
