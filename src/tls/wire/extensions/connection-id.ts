import type { Cursor } from '../cursor.js';
import type { ExtensionDecoder } from './extension.js';

const lengthOfId = (cursor: Cursor): number => cursor.vector8('connection_id').rest('connection id').length;

/** connection_id (RFC 9146 §3): length in bytes of the identifier that its sender wants to receive. */
export const connectionId: ExtensionDecoder<number> = { type: 54, decode: lengthOfId };

/** The same with the numbers of its drafts, which Mbed TLS 2 uses. */
export const draftConnectionId: ExtensionDecoder<number> = { type: 53, decode: lengthOfId };
export const mbedTlsConnectionId: ExtensionDecoder<number> = { type: 254, decode: lengthOfId };
