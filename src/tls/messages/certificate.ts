import { Cursor } from '../cursor.js';

/**
 * Decodes a Certificate body up to TLS 1.2 (RFC 5246 §7.4.2): the DER certificates in the order sent, copied. TLS 1.3
 * encrypts its own. May throw DecodeError.
 */
export function decodeCertificate(body: Uint8Array): Uint8Array[] {
  const list = new Cursor(body).vector24('certificate_list');
  const certificates: Uint8Array[] = [];
  while (list.remaining > 0) certificates.push(list.vector24('certificate').rest('certificate').slice());
  return certificates;
}
