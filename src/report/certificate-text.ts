import { parseCertificate } from '../x509/parse.js';
import { showUnprintable } from './escape.js';

export { readCertificateFile } from '../x509/anchors.js';

/** Bytes; the library takes long for larger ones, and nobody reads them. */
const MAX_PRINTED = 0x1_0000;

/**
 * A certificate in full, for people: its SHA-256, then what `openssl x509 -text` would write. Never throws: of one that cannot
 * be decoded it says why, and gives the bytes. Text from the certificate is inert. The library that prints is loaded for
 * that alone.
 * @param der the certificate
 */
export async function certificateText(der: Uint8Array): Promise<readonly string[]> {
  const { sha256, error } = parseCertificate(der);
  const head = [
    `SHA-256: ${sha256}`,
    ...(error === null ? [] : [`Not as RFC 5280 wants it: ${showUnprintable(error)}`]),
  ];
  if (der.length > MAX_PRINTED) return [...head, `${der.length} bytes, too many to print.`];
  const { certificateInFull } = await import('./certificate-library.js');
  try {
    return [...head, ...certificateInFull(der)];
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : 'not a certificate';
    return [...head, `It cannot be printed in full: ${showUnprintable(why)}`, ...hexadecimal(der)];
  }
}

/** Bytes in lines of 32. */
function hexadecimal(bytes: Uint8Array): readonly string[] {
  return (
    Buffer.from(bytes)
      .toString('hex')
      .match(/.{1,64}/g) ?? []
  );
}
