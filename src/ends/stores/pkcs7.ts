import { children, type DerElement, expectTag, objectIdentifier, readElement, tag } from '../../x509/der.js';
import { type EncodedEntry, StoreError, type StoreFormat } from './format.js';

const SIGNED_DATA = '1.2.840.113549.1.7.2';

/** Certificates of a PKCS#7 message: SignedData that signs nothing (RFC 5652 §5.1; `.p7b`). */
export const pkcs7: StoreFormat = {
  name: 'PKCS#7',
  recognise: (bytes) => firstTag(bytes) === tag.objectIdentifier,
  read: readPkcs7,
};

/** Identifier octet of the first element inside a sequence of definite or indefinite length; 0 for anything else. */
export function firstTag(bytes: Uint8Array): number {
  if (bytes[0] !== 0x30) return 0;
  const length = bytes[1] ?? 0;
  return bytes[length > 0x80 ? 2 + (length & 0x7f) : 2] ?? 0;
}

/**
 * The certificates, with their encoding unchanged.
 * @throws StoreError
 */
export function readPkcs7(bytes: Uint8Array): readonly EncodedEntry[] {
  let certificates: DerElement | undefined;
  try {
    const [type, content] = children(expectTag(readElement(bytes), tag.sequence, 'ContentInfo'));
    const oid = objectIdentifier(type);
    if (oid !== SIGNED_DATA) throw new Error(`its content type is ${oid}, not SignedData`);
    const [signedData] = children(expectTag(content, 0xa0, 'content'));
    certificates = children(expectTag(signedData, tag.sequence, 'SignedData')).find((element) => element.tag === 0xa0);
    // Attribute certificates and other kinds have tags of their own.
    return certificates === undefined
      ? []
      : children(certificates)
          .filter((element) => element.tag === tag.sequence)
          .map(({ at, end }) => ({ der: bytes.subarray(at, end), alias: null }));
  } catch (error) {
    throw new StoreError(`not a PKCS#7 file that can be read: ${error instanceof Error ? error.message : 'damaged'}`);
  }
}
