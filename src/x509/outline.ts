import { u8 } from '../bytes.js';
import {
  children,
  content,
  type DerElement,
  DerError,
  encoding,
  expectTag,
  objectIdentifier,
  readElement,
  tag,
} from './der.js';

/** Where the parts of a certificate lie (RFC 5280 §4.1), found without decoding what is inside them. */
export interface CertificateOutline {
  readonly issuer: DerElement;
  readonly notBefore: DerElement | undefined;
  readonly notAfter: DerElement | undefined;
  readonly subject: DerElement;
  /** Object identifier. */
  readonly signatureAlgorithm: string;
  /** Object identifier. */
  readonly keyAlgorithm: string;
  /** Parameters of the key algorithm: the named curve, or DSA's primes. */
  readonly keyParameters: DerElement | undefined;
  /** Content of subjectPublicKey. */
  readonly publicKey: Uint8Array;
  /** Encoded extensions by object identifier; the first of each. */
  readonly extensions: ReadonlyMap<string, Uint8Array>;
}

/**
 * Finds the parts of a certificate. Costs some microseconds.
 * @throws DerError if the structure is not a certificate's, or bytes follow it.
 */
export function outlineCertificate(der: Uint8Array): CertificateOutline {
  const outer = expectTag(readElement(der), tag.sequence, 'certificate');
  if (outer.end !== der.length) throw new DerError(`${der.length - outer.end} bytes follow the certificate`);
  const [tbs, signatureAlgorithm] = children(outer);
  const fields = children(expectTag(tbs, tag.sequence, 'tbsCertificate'));
  const first = fields[0]?.tag === tag.version ? 1 : 0;
  const [, , issuer, validity, subject, publicKeyInfo, ...optional] = fields.slice(first);
  const [notBefore, notAfter] = children(expectTag(validity, tag.sequence, 'validity'));
  const [keyAlgorithm, publicKey] = children(expectTag(publicKeyInfo, tag.sequence, 'subjectPublicKeyInfo'));
  const [keyType, keyParameters] = children(expectTag(keyAlgorithm, tag.sequence, 'key algorithm'));
  const bits = content(expectTag(publicKey, tag.bitString, 'subjectPublicKey'));
  return {
    issuer: expectTag(issuer, tag.sequence, 'issuer'),
    notBefore,
    notAfter,
    subject: expectTag(subject, tag.sequence, 'subject'),
    signatureAlgorithm: objectIdentifier(
      children(expectTag(signatureAlgorithm, tag.sequence, 'signatureAlgorithm'))[0],
    ),
    keyAlgorithm: objectIdentifier(keyType),
    keyParameters,
    // The first octet of a bit string counts its unused bits.
    publicKey: bits.subarray(1),
    extensions: readExtensions(optional.find((element) => element.tag === tag.extensions)),
  };
}

function readExtensions(wrapper: DerElement | undefined): ReadonlyMap<string, Uint8Array> {
  const extensions = new Map<string, Uint8Array>();
  if (wrapper === undefined) return extensions;
  for (const extension of children(expectTag(children(wrapper)[0], tag.sequence, 'extensions'))) {
    const oid = objectIdentifier(children(expectTag(extension, tag.sequence, 'extension'))[0]);
    if (!extensions.has(oid)) extensions.set(oid, encoding(extension));
  }
  return extensions;
}

/**
 * Size in bits of an unsigned INTEGER.
 * @throws DerError if the element is none.
 */
export function integerBits(element: DerElement | undefined): number {
  const { bytes, start, end } = expectTag(element, tag.integer, 'integer');
  let offset = start;
  while (offset < end && u8(bytes, offset) === 0) offset++;
  return offset === end ? 0 : (end - offset) * 8 - (Math.clz32(u8(bytes, offset)) - 24);
}
