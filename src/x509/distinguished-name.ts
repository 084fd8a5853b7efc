import { decodeFault } from '../decode-faults.js';
import {
  children,
  content,
  type DerElement,
  DerError,
  expectTag,
  hexForm,
  objectIdentifier,
  readElement,
  tag,
} from './der.js';
import { hex } from '../bytes.js';

/** Attribute types by their usual names: RFC 4514 §3, else OpenSSL's. Others stay object identifiers. */
const attributeNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.13': 'description',
  '2.5.4.15': 'businessCategory',
  '2.5.4.17': 'postalCode',
  '2.5.4.41': 'name',
  '2.5.4.42': 'GN',
  '2.5.4.43': 'initials',
  '2.5.4.44': 'generationQualifier',
  '2.5.4.46': 'dnQualifier',
  '2.5.4.65': 'pseudonym',
  '2.5.4.97': 'organizationIdentifier',
  '1.2.840.113549.1.9.1': 'emailAddress',
  '1.2.840.113549.1.9.2': 'unstructuredName',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.3.6.1.4.1.311.60.2.1.1': 'jurisdictionL',
  '1.3.6.1.4.1.311.60.2.1.2': 'jurisdictionST',
  '1.3.6.1.4.1.311.60.2.1.3': 'jurisdictionC',
};

const commonName = '2.5.4.3';
const emailAddress = '1.2.840.113549.1.9.1';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One attribute of a name. */
interface NameAttribute {
  /** Object identifier. */
  readonly type: string;
  /** null if the value is not a string, or does not decode. */
  readonly text: string | null;
  /** Type, `=` and value, as RFC 4514 writes them. */
  readonly written: readonly string[];
}

/** A distinguished name (RFC 5280 §4.1.2.4) in the two forms that this stage needs. */
export interface DistinguishedName {
  /** As RFC 4514 writes it: the last relative name first. NUL is escaped; other control characters are kept. */
  readonly text: string;
  /** Common names in the order of the encoding. */
  readonly commonNames: readonly string[];
  /** Values of emailAddress attributes, as in old mail certificates. */
  readonly emailAddresses: readonly string[];
}

/**
 * Reads a Name element.
 * @throws DerError if it is none.
 */
export function readName(element: DerElement): DistinguishedName {
  const relativeNames = children(expectTag(element, tag.sequence, 'name')).map((set) =>
    children(expectTag(set, tag.set, 'relative name')).map(readAttribute),
  );
  const valuesOf = (wanted: string): readonly string[] =>
    relativeNames.flat().flatMap(({ type, text }) => (type === wanted && text !== null ? [text] : []));
  return {
    text: textOf(relativeNames),
    commonNames: valuesOf(commonName),
    emailAddresses: valuesOf(emailAddress),
  };
}

/**
 * A DER-encoded Name, as in the certificate_authorities of a CertificateRequest, in the form of RFC 4514. Never throws:
 * other bytes come back as `#` and their hexadecimal form.
 */
export function formatDistinguishedName(der: Uint8Array): string {
  try {
    const element = readElement(der);
    if (element.end !== der.length) return `#${hex(der)}`;
    return readName(element).text;
  } catch {
    return `#${hex(der)}`;
  }
}

/** White space that may be insignificant, or an escape. */
const ODD = /\\| {2}|[=,+]\s|\s(?:[,+]|$)/;

/**
 * A key by which names compare as in RFC 5280 §7.1 (and OpenSSL): case, and white space around and between words, do
 * not matter.
 */
export function nameKey(rfc4514: string): string {
  // Most names need no change. All public roots get their keys at program start.
  if (!ODD.test(rfc4514)) return rfc4514.toLowerCase();
  // In one pass, without a regular expression, which would scan text without `=` again and again.
  let key = '';
  for (let at = 0; at < rfc4514.length;) {
    const equals = rfc4514.indexOf('=', at);
    if (equals < 0) return key + rfc4514.slice(at).toLowerCase();
    let end = equals + 1;
    while (end < rfc4514.length && rfc4514[end] !== ',' && rfc4514[end] !== '+') end += rfc4514[end] === '\\' ? 2 : 1;
    const words = rfc4514
      .slice(equals + 1, end)
      .replaceAll('\\ ', ' ')
      .trim()
      .replace(/ +/g, ' ');
    key += (rfc4514.slice(at, equals + 1) + words).toLowerCase() + rfc4514.slice(end, end + 1);
    at = end + 1;
  }
  return key;
}

/** Joined at once: V8 keeps the pieces of a string built step by step, in twice the memory. */
function textOf(relativeNames: readonly (readonly NameAttribute[])[]): string {
  const pieces: string[] = [];
  for (const attributes of relativeNames.toReversed()) {
    for (const [index, { written }] of attributes.entries()) {
      if (pieces.length > 0) pieces.push(index === 0 ? ',' : '+');
      pieces.push(...written);
    }
  }
  return pieces.join('');
}

function readAttribute(element: DerElement): NameAttribute {
  const [oid, value] = children(expectTag(element, tag.sequence, 'attribute'));
  if (value === undefined) throw new DerError(decodeFault('attributeWithoutValue'));
  const type = objectIdentifier(oid);
  const text = decodeString(value);
  const name = attributeNames[type];
  // RFC 4514 §2.4: a type written as an object identifier takes the hexadecimal form, whatever its value.
  const shown = name === undefined || text === null ? hexForm(value) : escapeValue(text);
  return { type, text, written: [name ?? type, '=', shown] };
}

/** RFC 4514 §2.4: special characters anywhere, space or `#` in front, space at the end, NUL. */
function escapeValue(text: string): string {
  return text.replace(/[\\"+,;<>]|^[ #]| $/g, '\\$&').replaceAll('\0', '\\00');
}

function decodeString(element: DerElement): string | null {
  const bytes = content(element);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (element.tag) {
    case tag.utf8String:
      try {
        return utf8.decode(bytes);
      } catch {
        return null;
      }
    case 0x12: // NumericString
    case 0x13: // PrintableString
    case 0x14: // TeletexString: T.61 on paper, Latin-1 in practice
    case 0x16: // IA5String
    case 0x1a: // VisibleString
      return buffer.toString('latin1');
    case 0x1e: // BMPString
      return bytes.length % 2 === 0 ? Buffer.from(bytes).swap16().toString('utf16le') : null;
    case 0x1c: // UniversalString
      return decodeUtf32(buffer);
    default:
      return null;
  }
}

function decodeUtf32(buffer: Buffer): string | null {
  if (buffer.length % 4 !== 0) return null;
  let text = '';
  for (let i = 0; i < buffer.length; i += 4) {
    const codePoint = buffer.readUInt32BE(i);
    if (codePoint > 0x10ffff) return null;
    text += String.fromCodePoint(codePoint);
  }
  return text;
}
