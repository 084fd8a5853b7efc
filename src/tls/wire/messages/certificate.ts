import { BOUNDS } from '../../../bounds.js';
import { u32 } from '../../../bytes.js';
import type { Cursor } from '../cursor.js';
import { decodeCertificateStatus } from './certificate-status.js';

/** Certificates remembered by `shared`. */
const MAX_SHARED = BOUNDS.sharedCertificates.value;
const MAX_SHARED_BYTES = BOUNDS.sharedCertificateBytes.value;
const known = new Map<number, Uint8Array>();
let knownBytes = 0;

/**
 * A copy of these bytes, the same one for the same bytes: servers send the same certificates again and again, and each
 * connection would hold its own.
 */
function shared(der: Uint8Array): Uint8Array {
  if (der.length < 4) return der.slice();
  // The end of a signature is as good as any hash.
  const key = u32(der, der.length - 4);
  const found = known.get(key);
  if (found !== undefined && Buffer.compare(found, der) === 0) return found;
  const copy = der.slice();
  if (known.size >= MAX_SHARED || knownBytes + copy.length > MAX_SHARED_BYTES) {
    known.clear();
    knownBytes = 0;
  }
  known.set(key, copy);
  knownBytes += copy.length;
  return copy;
}

/** A Certificate message: the DER certificates in the order sent, copied; not to be changed. */
export interface CertificateMessage {
  readonly certificates: readonly Uint8Array[];
  /** The OCSP response stapled to the first one (RFC 8446 §4.4.2.1), in DER; TLS 1.3 only. */
  readonly ocspResponse?: Uint8Array;
}

const STATUS_REQUEST = 5;

/** Decodes a Certificate body of TLS 1.3 (RFC 8446 §4.4.2). May throw DecodeError. */
export function decodeCertificate13(cursor: Cursor): CertificateMessage {
  cursor.vector8('certificate_request_context');
  const list = cursor.vector24('certificate_list');
  const certificates: Uint8Array[] = [];
  let ocspResponse: Uint8Array | undefined;
  while (list.remaining > 0) {
    const isFirst = certificates.length === 0;
    certificates.push(shared(list.vector24('certificate').rest('certificate')));
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
export function decodeCertificate(cursor: Cursor): CertificateMessage {
  const list = cursor.vector24('certificate_list');
  const certificates: Uint8Array[] = [];
  while (list.remaining > 0) certificates.push(shared(list.vector24('certificate').rest('certificate')));
  return { certificates };
}
