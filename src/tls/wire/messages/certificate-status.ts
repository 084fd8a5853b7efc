import type { Cursor } from '../cursor.js';

/** Decodes a CertificateStatus body (RFC 6066 §8): the OCSP response in DER, copied. May throw DecodeError. */
export function decodeCertificateStatus(cursor: Cursor): Uint8Array {
  cursor.u8('status_type');
  return cursor.vector24('ocsp response').rest('ocsp response').slice();
}
