// Apart, so that the library is loaded only when a certificate is printed in full: it takes a tenth of a second.
import './reflect.js';
import { TextConverter, TextObject, X509Certificate } from '@peculiar/x509';
import { showUnprintable } from './escape.js';

/**
 * A certificate in full, as `openssl x509 -text` would write it: every field, and every extension, decoded where it is known
 * and in hexadecimal where not. Text from the certificate is made safe before it is laid out, so that it makes no lines.
 * @throws Error if the library cannot read the certificate
 */
export function certificateInFull(der: Uint8Array): readonly string[] {
  const whole = new X509Certificate(new Uint8Array(der)).toTextObject();
  return TextConverter.serialize(inert(whole)).trimEnd().split('\n');
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
  // The library's own type for these is lost in its declarations.
  if (typeof item === 'object' && 'toTextObject' in item) return inert((item as Textual).toTextObject());
  return item;
}
