import type { ExtensionDecoder } from './extension.js';

const OCSP = 1;

/** status_request (RFC 6066 §8): the CertificateStatusType asked for (1 is OCSP); null in a server's empty answer. */
export const statusRequest: ExtensionDecoder<number | null> = {
  type: 5,
  decode(cursor, place) {
    if (place !== 'client_hello' || cursor.remaining === 0) return null;
    const type = cursor.u8('status type');
    if (type !== OCSP) {
      cursor.rest('request');
      return type;
    }
    const responders = cursor.vector16('responder id list');
    while (responders.remaining > 0) responders.vector16('responder id');
    cursor.vector16('request extensions');
    return type;
  },
};
