import type { Cursor } from '../cursor.js';
import { contentOf, readExtensions } from '../extensions/extension.js';
import { certificateAuthorities as authorities, listOfNames } from '../extensions/certificate-authorities.js';
import { EXTENSION_DECODERS } from '../extensions/index.js';
import { signatureAlgorithms } from '../extensions/signature-algorithms.js';
import { isTls13, tlsVersion } from '../registry/names.js';

/** A CertificateRequest. */
export interface CertificateRequestMessage {
  /** Up to TLS 1.2. */
  readonly certificateTypes: readonly number[];
  readonly signatureSchemes: readonly number[];
  /** Distinguished names, in DER, as `namesIn` reads them. */
  readonly certificateAuthorities: Uint8Array;
}

const NONE = new Uint8Array(0);

/** Decodes a CertificateRequest body (RFC 8446 §4.3.2, RFC 5246 §7.4.4; without schemes before TLS 1.2). May throw DecodeError. */
export function decodeCertificateRequest(cursor: Cursor, version: number): CertificateRequestMessage {
  if (isTls13(version)) {
    cursor.vector8('certificate_request_context');
    const extensions = readExtensions(cursor.vector16('extensions'), 'certificate_request', EXTENSION_DECODERS);
    return {
      certificateTypes: [],
      signatureSchemes: contentOf(extensions, signatureAlgorithms) ?? [],
      certificateAuthorities: contentOf(extensions, authorities) ?? NONE,
    };
  }
  const certificateTypes = [...cursor.vector8('certificate_types').rest('certificate types')];
  const signatureSchemes =
    tlsVersion(version) >= 0x0303 ? cursor.vector16('supported_signature_algorithms').u16s('signature scheme') : [];
  const certificateAuthorities = listOfNames(cursor.vector16('certificate_authorities'));
  return { certificateTypes, signatureSchemes, certificateAuthorities };
}
