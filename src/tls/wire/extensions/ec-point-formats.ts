import type { ExtensionDecoder } from './extension.js';

/** ec_point_formats (RFC 8422 §5.1.2). */
export const ecPointFormats: ExtensionDecoder<readonly number[]> = {
  type: 11,
  decode: (cursor) => [...cursor.vector8('point format list').rest('point formats')],
};
