import { readElement, tag } from '../../x509/der.js';
import { type EncodedEntry, StoreError, type StoreFormat } from './format.js';
import { firstTag, readPkcs7 } from './pkcs7.js';

const BEGIN = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE|PKCS7|CMS)-----/g;

interface Block {
  readonly label: string;
  readonly der: Uint8Array;
  /** From 1. */
  readonly line: number;
}

/** Blocks of base64 in text (RFC 7468); blocks other than certificates, such as keys, are skipped. */
export const pem: StoreFormat = {
  name: 'PEM',
  recognise: (bytes) => textOf(bytes).includes('-----BEGIN '),
  read: (bytes) =>
    blocksOf(textOf(bytes)).flatMap(({ label, der, line }): readonly EncodedEntry[] =>
      label === 'PKCS7' || label === 'CMS'
        ? readPkcs7(der)
        : [{ der: label === 'TRUSTED CERTIFICATE' ? firstOf(der, line) : der, alias: null, line }],
    ),
};

/** The certificates of a text, in DER; none if it is damaged. */
export function pemCertificates(text: string): readonly Uint8Array[] {
  try {
    return blocksOf(text).flatMap(({ label, der }) => (/^(?:X509 )?CERTIFICATE$/.test(label) ? [der] : []));
  } catch {
    return [];
  }
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let line = 1;
  let counted = 0;
  for (const { 0: begin, 1: label = '', index } of text.matchAll(BEGIN)) {
    for (; counted < index; counted++) if (text[counted] === '\n') line++;
    const start = index + begin.length;
    // Base64 has no hyphen: the next one begins the end line.
    const end = text.indexOf('-', start);
    if (end < 0 || !text.startsWith(`-----END ${label}-----`, end)) {
      throw new StoreError(`a certificate that begins here does not end with "-----END ${label}-----"`, line);
    }
    blocks.push({ label, der: new Uint8Array(Buffer.from(text.slice(start, end), 'base64')), line });
  }
  return blocks;
}

/** Windows PowerShell writes UTF-16; otherwise everything that matters is ASCII. */
function textOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** OpenSSL's own form of a certificate has trust settings after it. */
function firstOf(der: Uint8Array, line: number): Uint8Array {
  try {
    const { end } = readElement(der);
    return der.subarray(0, end);
  } catch {
    throw new StoreError('a certificate (TRUSTED CERTIFICATE) is damaged', line);
  }
}

/** A single certificate in DER. */
export const der: StoreFormat = {
  name: 'DER',
  // The first element inside is a sequence, tbsCertificate; in PKCS#7 it is an object identifier, in PKCS#12 an
  // integer.
  recognise: (bytes) => firstTag(bytes) === tag.sequence,
  read: (bytes) => [{ der: bytes, alias: null }],
};
