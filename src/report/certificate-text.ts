/** Certificates in full. Imported late, and only where one is printed: to load the library takes a tenth of a second. */
import { BOUNDS } from '../bounds.js';
import './reflect.js';
import { TextConverter, TextObject, X509Certificate } from '@peculiar/x509';
import { parseCertificate } from '../x509/parse.js';
import { showUnprintable } from './escape.js';
import { ENGLISH_WORDING, type Wording } from './wording.js';

export { readStoreFiles } from '../ends/stores/store.js';

/** Bytes; the library is slow with larger ones, and nobody reads them. */
const MAX_PRINTED = BOUNDS.printedCertificateBytes.value;

/**
 * A certificate in full, for people: its SHA-256, then what `openssl x509 -text` would write, every extension decoded where
 * it is known and in hexadecimal where not. Never throws: of one that cannot be decoded it says so, and gives the bytes.
 * Text from the certificate is made safe before it is laid out, so that it makes no lines.
 * @param der the certificate
 */
export function certificateText(
  der: Uint8Array,
  { certificateInFull: say }: Wording = ENGLISH_WORDING,
): readonly string[] {
  const { sha256, error } = parseCertificate(der);
  const head = [
    say.fingerprint({ sha256 }),
    ...(error === null ? [] : [say.invalid({ error: showUnprintable(error) })]),
  ];
  if (der.length > MAX_PRINTED) return [...head, say.tooLarge({ size: String(der.length) })];
  try {
    const whole = new X509Certificate(new Uint8Array(der)).toTextObject();
    return [...head, ...TextConverter.serialize(inert(whole)).trimEnd().split('\n')];
  } catch {
    // What the library says of it is about its own code, not about the certificate.
    return [...head, say.undecodable, ...hexadecimal(der)];
  }
}

type Item = TextObject[string];
interface Textual {
  toTextObject(): TextObject;
}

function inert(object: TextObject): TextObject {
  const items = Object.entries(object).map(([key, item]) => [showUnprintable(key), inertItem(item)] as const);
  return new TextObject(
    showUnprintable(object[TextObject.NAME]),
    Object.fromEntries(items),
    showUnprintable(object[TextObject.VALUE]),
  );
}

function inertItem(item: Item): Item {
  if (typeof item === 'string') return showUnprintable(item);
  if (Array.isArray(item)) return item.map(inert);
  if (item instanceof TextObject) return inert(item);
  // The library's declarations lose its own type for these.
  if (typeof item === 'object' && 'toTextObject' in item) return inert((item as Textual).toTextObject());
  return item;
}

/** Bytes in lines of 32. */
function hexadecimal(bytes: Uint8Array): readonly string[] {
  return (
    Buffer.from(bytes)
      .toString('hex')
      .match(/.{1,64}/g) ?? []
  );
}
