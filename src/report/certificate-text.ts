/** Certificates in full. Loaded only when one is printed: loading the library takes a tenth of a second. */
import { BOUNDS } from '../bounds.js';
import './reflect.js';
import { TextConverter, TextObject, X509Certificate } from '@peculiar/x509';
import { parseCertificate } from '../x509/parse.js';
import { showUnprintable } from './escape.js';
import { ENGLISH_WORDING, type Wording } from './wording.js';

export { readStoreFiles } from '../ends/stores/store.js';

/** In bytes. The library is slow with larger certificates, and too long to read. */
const MAX_PRINTED = BOUNDS.printedCertificateBytes.value;

/**
 * A certificate in full, for people: its SHA-256, then what `openssl x509 -text` would print; known extensions are decoded,
 * others are in hexadecimal. Never throws: if a certificate cannot be decoded, the text says so and has its bytes. Text from
 * the certificate is escaped before it is laid out, so that it cannot start a line.
 * @param der the certificate
 */
export function certificateText(
  der: Uint8Array,
  { certificateInFull: say, fault }: Wording = ENGLISH_WORDING,
): readonly string[] {
  const { sha256, error } = parseCertificate(der);
  const head = [
    say.fingerprint({ sha256 }),
    ...(error === null ? [] : [say.invalid({ error: showUnprintable(fault(error)) })]),
  ];
  if (der.length > MAX_PRINTED) return [...head, say.tooLarge({ size: String(der.length) })];
  try {
    const whole = new X509Certificate(new Uint8Array(der)).toTextObject();
    return [...head, ...TextConverter.serialize(inert(whole)).trimEnd().split('\n')];
  } catch {
    // The library's error message is about its own code, not about the certificate.
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
