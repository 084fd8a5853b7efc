import type { Cursor } from '../cursor.js';
import { tlsVersion } from '../registry/names.js';

/** A CertificateRequest up to TLS 1.2. */
export interface CertificateRequestMessage {
  readonly certificateTypes: readonly number[];
  readonly signatureSchemes: readonly number[];
  /** Distinguished names, in DER. */
  readonly certificateAuthorities: readonly Uint8Array[];
}

/** Decodes a CertificateRequest body (RFC 5246 §7.4.4; without schemes before TLS 1.2). May throw DecodeError. */
export function decodeCertificateRequest(cursor: Cursor, version: number): CertificateRequestMessage {
  const certificateTypes = [...cursor.vector8('certificate_types').rest('certificate types')];
  const signatureSchemes =
    tlsVersion(version) >= 0x0303 ? cursor.vector16('supported_signature_algorithms').u16s('signature scheme') : [];
  const list = cursor.vector16('certificate_authorities');
  const certificateAuthorities: Uint8Array[] = [];
  while (list.remaining > 0) certificateAuthorities.push(list.vector16('authority').rest('name').slice());
  return { certificateTypes, signatureSchemes, certificateAuthorities };
}
