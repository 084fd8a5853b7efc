import type { Cursor } from '../cursor.js';
import { decodeCertificateStatus } from './certificate-status.js';
import type { SharedContent } from './shared.js';

/** A Certificate message: the DER certificates in the order sent, copied; not to be changed. */
export interface CertificateMessage {
  readonly certificates: readonly Uint8Array[];
  /** The OCSP response stapled to the first one (RFC 8446 §4.4.2.1), in DER; TLS 1.3 only. */
  readonly ocspResponse?: Uint8Array;
}

const STATUS_REQUEST = 5;

/** Decodes a Certificate body of TLS 1.3 (RFC 8446 §4.4.2). May throw DecodeError. */
export function decodeCertificate13(cursor: Cursor, shared: SharedContent): CertificateMessage {
  cursor.vector8('certificate_request_context');
  const list = cursor.vector24('certificate_list');
  const certificates: Uint8Array[] = [];
  let ocspResponse: Uint8Array | undefined;
  while (list.remaining > 0) {
    const isFirst = certificates.length === 0;
    certificates.push(shared.certificate(list.vector24('certificate').rest('certificate')));
    const extensions = list.vector16('extensions');
    while (extensions.remaining > 0) {
      const type = extensions.u16('extension type');
      const body = extensions.vector16('extension');
      if (isFirst && type === STATUS_REQUEST) ocspResponse = decodeCertificateStatus(body);
    }
  }
  return ocspResponse === undefined ? { certificates } : { certificates, ocspResponse };
}

/**
 * Decodes a Certificate body up to TLS 1.2 (RFC 5246 §7.4.2). May throw DecodeError.
 */
export function decodeCertificate(cursor: Cursor, shared: SharedContent): CertificateMessage {
  const list = cursor.vector24('certificate_list');
  const certificates: Uint8Array[] = [];
  while (list.remaining > 0) certificates.push(shared.certificate(list.vector24('certificate').rest('certificate')));
  return { certificates };
}
