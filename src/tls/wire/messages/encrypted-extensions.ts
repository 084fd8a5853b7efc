import type { Cursor } from '../cursor.js';
import type { Extension } from '../extensions/extension.js';
import { readExtensions } from '../extensions/extension.js';
import { EXTENSION_DECODERS } from '../extensions/index.js';

/** Decodes an EncryptedExtensions body (RFC 8446 §4.3.1). May throw DecodeError. */
export function decodeEncryptedExtensions(cursor: Cursor): Extension[] {
  return readExtensions(cursor.vector16('extensions'), 'encrypted_extensions', EXTENSION_DECODERS);
}
