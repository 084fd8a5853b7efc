import type { ExtensionDecoder } from './extension.js';

/** status_request (RFC 6066 §8): the CertificateStatusType asked for (1 is OCSP); null in a server's empty answer. */
export const statusRequest: ExtensionDecoder<number | null> = {
  type: 5,
  decode: (cursor) => (cursor.remaining === 0 ? null : cursor.u8('status type')),
};
