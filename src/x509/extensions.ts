import { decodeFault } from '../decode-faults.js';
import { hex, u16, u8 } from '../bytes.js';
import type { NameConstraints, NameSubtrees } from './certificate.js';
import {
  children,
  content,
  contextTag,
  type DerElement,
  DerError,
  expectTag,
  isTrue,
  objectIdentifier,
  readElement,
  smallInteger,
  tag,
} from './der.js';
import { addressText, type GeneralNames, readGeneralNames, subnetText } from './general-name.js';

/**
 * Extension values: a few lines for each, and a hundred times as fast as ASN.1 schemas. All throw DerError on other
 * values.
 */

/** Basic constraints (RFC 5280 §4.2.1.9). */
export function readBasicConstraints(value: Uint8Array): {
  readonly isCa: boolean;
  readonly pathLength: number | null;
} {
  const fields = children(whole(value, tag.sequence, 'basic constraints'));
  const isCa = fields[0]?.tag === tag.boolean && isTrue(fields[0]);
  const limit = fields.find((field) => field.tag === tag.integer);
  return { isCa, pathLength: limit === undefined ? null : smallInteger(limit) };
}

/** Key usages in the order of their bits (RFC 5280 §4.2.1.3). */
const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

/** Key usage by names. */
export function readKeyUsage(value: Uint8Array): readonly string[] {
  const bits = content(whole(value, tag.bitString, 'key usage'));
  // The first octet is the number of unused bits at the end, which are zero in DER.
  return keyUsages.filter((_, i) => {
    const at = 1 + (i >> 3);
    return at < bits.length && (u8(bits, at) & (0x80 >> (i & 7))) !== 0;
  });
}

/** Extended key usages by object identifier (RFC 5280 §4.2.1.12, OpenSSL's names for the rest). */
const keyPurposes: Readonly<Record<string, string>> = {
  '2.5.29.37.0': 'anyExtendedKeyUsage',
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.3': 'codeSigning',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.5': 'ipsecEndSystem',
  '1.3.6.1.5.5.7.3.6': 'ipsecTunnel',
  '1.3.6.1.5.5.7.3.7': 'ipsecUser',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
  '1.3.6.1.5.5.7.3.17': 'ipsecIKE',
  '1.3.6.1.4.1.311.10.3.3': 'msSGC',
  '1.3.6.1.4.1.311.20.2.2': 'msSmartcardLogin',
  '2.16.840.1.113730.4.1': 'nsSGC',
};

/** Extended key usage by names. */
export function readExtendedKeyUsage(value: Uint8Array): readonly string[] {
  return children(whole(value, tag.sequence, 'extended key usage')).map((element) => {
    const oid = objectIdentifier(element);
    return keyPurposes[oid] ?? oid;
  });
}

/** Subject key identifier, in hexadecimal. */
export function readSubjectKeyIdentifier(value: Uint8Array): string {
  return hex(content(whole(value, tag.octetString, 'subject key identifier')));
}

/** The key identifier of an authority key identifier, in hexadecimal; null if it only names the certificate. */
export function readAuthorityKeyIdentifier(value: Uint8Array): string | null {
  const fields = children(whole(value, tag.sequence, 'authority key identifier'));
  const key = fields.find((field) => field.tag === contextTag(0, 'primitive'));
  return key === undefined ? null : hex(content(key));
}

/** Object identifiers of the certificate policies (RFC 5280 §4.2.1.4). */
export function readPolicies(value: Uint8Array): readonly string[] {
  return children(whole(value, tag.sequence, 'certificate policies')).map((policy) =>
    objectIdentifier(children(expectTag(policy, tag.sequence, 'policy'))[0]),
  );
}

/** Whether a TLS feature extension (RFC 7633 §4) holds status_request (5) or status_request_v2 (17). */
export function readMustStaple(value: Uint8Array): boolean {
  return children(whole(value, tag.sequence, 'TLS feature')).some((feature) => [5, 17].includes(smallInteger(feature)));
}

/** Number of entries in a SignedCertificateTimestampList (RFC 6962 §3.3). */
export function countTimestamps(value: Uint8Array): number {
  const list = content(whole(value, tag.octetString, 'signed certificate timestamps'));
  let count = 0;
  for (let offset = 2; offset + 2 <= list.length; count++) offset += 2 + u16(list, offset);
  return count;
}

/** Subject alternative names (RFC 5280 §4.2.1.6). */
export function readSubjectAltNames(value: Uint8Array): GeneralNames {
  return readGeneralNames(children(whole(value, tag.sequence, 'subject alternative names')), addressText);
}

/** URLs of an authority information access extension (RFC 5280 §4.2.2.1); other methods and locations are skipped. */
export function readAuthorityInfoAccess(value: Uint8Array): {
  readonly caIssuers: readonly string[];
  readonly ocsp: readonly string[];
} {
  const descriptions = children(whole(value, tag.sequence, 'authority information access')).map((description) => {
    const [method, location] = children(expectTag(description, tag.sequence, 'access description'));
    return { method: objectIdentifier(method), urls: readGeneralNames([location], addressText).uri };
  });
  const urlsOf = (wanted: string): readonly string[] =>
    descriptions.flatMap(({ method, urls }) => (method === wanted ? urls : []));
  return { caIssuers: urlsOf('1.3.6.1.5.5.7.48.2'), ocsp: urlsOf('1.3.6.1.5.5.7.48.1') };
}

/** Name constraints (RFC 5280 §4.2.1.10); minimum and maximum, which must be absent, are ignored. */
export function readNameConstraints(value: Uint8Array): NameConstraints {
  const fields = children(whole(value, tag.sequence, 'name constraints'));
  const subtrees = (number: number): NameSubtrees => {
    const list = fields.find((field) => field.tag === contextTag(number, 'constructed'));
    const bases = (list === undefined ? [] : children(list)).map(
      (subtree) => children(expectTag(subtree, tag.sequence, 'subtree'))[0],
    );
    return readGeneralNames(bases, subnetText);
  };
  return { permitted: subtrees(0), excluded: subtrees(1) };
}

/** The one element that an extension's value consists of. */
function whole(value: Uint8Array, wanted: number, what: string): DerElement {
  const element = expectTag(readElement(value), wanted, what);
  if (element.end !== value.length)
    throw new DerError(decodeFault('trailingBytes', { count: value.length - element.end, field: what }));
  return element;
}
