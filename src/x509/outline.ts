import { decodeFault } from '../decode-faults.js';
import { hex, u8 } from '../bytes.js';
import {
  children,
  content,
  type DerElement,
  DerError,
  expectTag,
  isTrue,
  objectIdentifier,
  readElement,
  smallInteger,
  tag,
} from './der.js';

/** One extension, its value not decoded. */
export interface EncodedExtension {
  readonly critical: boolean;
  /** Content of extnValue. */
  readonly value: Uint8Array;
}

/** Where the parts of a certificate are (RFC 5280 §4.1), found without decoding them. */
export interface CertificateOutline {
  /** 1, 2 or 3; 4 for what a later standard calls 4. */
  readonly version: number;
  readonly serialNumber: Uint8Array;
  readonly issuer: DerElement;
  readonly notBefore: DerElement | undefined;
  readonly notAfter: DerElement | undefined;
  readonly subject: DerElement;
  /** Object identifier. */
  readonly signatureAlgorithm: string;
  readonly signatureParameters: DerElement | undefined;
  /** Object identifier of the same algorithm, repeated inside the signed part (RFC 5280 §4.1.2.3). */
  readonly innerSignatureAlgorithm: string;
  /** Object identifier. */
  readonly keyAlgorithm: string;
  /** Parameters of the key algorithm: the named curve, or DSA's primes. */
  readonly keyParameters: DerElement | undefined;
  /** Content of subjectPublicKey. */
  readonly publicKey: Uint8Array;
  /** Extensions by object identifier; the first of each. */
  readonly extensions: ReadonlyMap<string, EncodedExtension>;
  /** Object identifiers of repeated extensions, which RFC 5280 §4.2 forbids. */
  readonly repeatedExtensions: ReadonlySet<string>;
}

/**
 * Finds the parts of a certificate. Costs some microseconds.
 * @throws DerError if the structure is not a certificate's, or bytes follow it.
 */
export function outlineCertificate(der: Uint8Array): CertificateOutline {
  const outer = expectTag(readElement(der), tag.sequence, 'certificate');
  if (outer.end !== der.length)
    throw new DerError(decodeFault('trailingBytes', { count: der.length - outer.end, field: 'certificate' }));
  const [tbs, signature] = children(outer);
  const fields = children(expectTag(tbs, tag.sequence, 'tbsCertificate'));
  const version = fields[0]?.tag === tag.version ? fields[0] : undefined;
  const [serialNumber, innerSignature, issuer, validity, subject, publicKeyInfo, ...optional] = fields.slice(
    version === undefined ? 0 : 1,
  );
  const [notBefore, notAfter] = children(expectTag(validity, tag.sequence, 'validity'));
  const [keyAlgorithm, publicKey] = children(expectTag(publicKeyInfo, tag.sequence, 'subjectPublicKeyInfo'));
  const [keyType, keyParameters] = children(expectTag(keyAlgorithm, tag.sequence, 'key algorithm'));
  const bits = content(expectTag(publicKey, tag.bitString, 'subjectPublicKey'));
  const [signatureAlgorithm, signatureParameters] = children(expectTag(signature, tag.sequence, 'signatureAlgorithm'));
  return {
    version: version === undefined ? 1 : smallInteger(children(version)[0]) + 1,
    serialNumber: content(expectTag(serialNumber, tag.integer, 'serialNumber')),
    issuer: expectTag(issuer, tag.sequence, 'issuer'),
    notBefore,
    notAfter,
    subject: expectTag(subject, tag.sequence, 'subject'),
    signatureAlgorithm: objectIdentifier(signatureAlgorithm),
    innerSignatureAlgorithm: objectIdentifier(
      children(expectTag(innerSignature, tag.sequence, 'signature in tbsCertificate'))[0],
    ),
    signatureParameters,
    keyAlgorithm: objectIdentifier(keyType),
    keyParameters,
    // The first octet of a bit string counts its unused bits.
    publicKey: bits.subarray(1),
    ...readExtensions(optional.find((element) => element.tag === tag.extensions)),
  };
}

/** A serial number in hexadecimal, without the zero octet that marks a large one as positive. */
export function serialNumberText(bytes: Uint8Array): string {
  return hex(bytes.length > 1 && u8(bytes, 0) === 0 ? bytes.subarray(1) : bytes);
}

function readExtensions(
  wrapper: DerElement | undefined,
): Pick<CertificateOutline, 'extensions' | 'repeatedExtensions'> {
  const extensions = new Map<string, EncodedExtension>();
  const repeatedExtensions = new Set<string>();
  if (wrapper === undefined) return { extensions, repeatedExtensions };
  for (const extension of children(expectTag(children(wrapper)[0], tag.sequence, 'extensions'))) {
    const fields = children(expectTag(extension, tag.sequence, 'extension'));
    const oid = objectIdentifier(fields[0]);
    if (extensions.has(oid)) {
      repeatedExtensions.add(oid);
      continue;
    }
    const critical = fields.length > 2 ? fields[1] : undefined;
    const value = expectTag(fields.at(-1), tag.octetString, 'extension value');
    extensions.set(oid, { critical: isTrue(critical), value: content(value) });
  }
  return { extensions, repeatedExtensions };
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
