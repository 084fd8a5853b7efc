import { children, readElement } from '../../x509/der.js';
import { type EncodedEntry, StoreError, type StoreFormat } from './format.js';
import { readPkcs7 } from './pkcs7.js';

const BLOCK = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE|PKCS7|CMS)-----([^-]*)-----END \1-----/g;

/** Blocks of base64 between text (RFC 7468); those that hold no certificate, keys for example, are passed over. */
export const pem: StoreFormat = {
  name: 'PEM',
  recognise: (bytes) => textOf(bytes).includes('-----BEGIN '),
  read(bytes) {
    const entries: EncodedEntry[] = [];
    for (const [, label, body = ''] of textOf(bytes).matchAll(BLOCK)) {
      const der = new Uint8Array(Buffer.from(body, 'base64'));
      if (label === 'PKCS7' || label === 'CMS') entries.push(...readPkcs7(der));
      else entries.push({ der: label === 'TRUSTED CERTIFICATE' ? firstOf(der) : der, alias: null });
    }
    return entries;
  },
};

/** The certificates of a text, in DER, before anything else that may be in it. */
export const pemCertificates = (text: string): readonly Uint8Array[] =>
  [...text.matchAll(BLOCK)].flatMap(([, label, body = '']) =>
    label === 'CERTIFICATE' || label === 'X509 CERTIFICATE' ? [new Uint8Array(Buffer.from(body, 'base64'))] : [],
  );

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** OpenSSL's own form of a certificate has settings of trust behind it. */
function firstOf(der: Uint8Array): Uint8Array {
  try {
    const { end } = readElement(der);
    return der.subarray(0, end);
  } catch {
    throw new StoreError('a certificate (TRUSTED CERTIFICATE) is damaged');
  }
}

/** One certificate, not encoded any further. */
export const der: StoreFormat = {
  name: 'DER',
  // The first element inside is a sequence, tbsCertificate; of PKCS#7 it is an object identifier, of PKCS#12 an integer.
  recognise(bytes) {
    try {
      return bytes[0] === 0x30 && children(readElement(bytes, 0, readElement(bytes).end))[0]?.tag === 0x30;
    } catch {
      return false;
    }
  },
  read: (bytes) => [{ der: bytes, alias: null }],
};
