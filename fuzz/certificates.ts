/**
 * Structured mutations of certificates: each is read as a tree of DER elements, changed in a place or two (lists, depths, names,
 * dates, keys), and written again with all lengths around it right; in a handshake that fails, so that chains are judged.
 */
import { rootCertificates } from 'node:tls';
import type { Random } from '../bench/random.js';
import { concat } from '../test/support/captures.js';
import { conversation, type ConversationOptions, type Segment } from '../test/support/conversation.js';
import { alert, clientHello, handshake, message, serverHello, serverHelloDone, vector24 } from '../test/support/tls.js';
import { recordedStream } from '../test/support/recorded.js';
import { below } from './mutate.js';

/**
 * A DER element; `wrapped` bytes stand before the elements inside a bit string. `encoding` is that of one that nothing was changed
 * in.
 */
type Element = { readonly tag: number; readonly encoding?: Uint8Array } & (
  { readonly content: Uint8Array } | { readonly wrapped: Uint8Array; readonly inner: readonly Element[] }
);

const OCTET_STRING = 4;
const BIT_STRING = 3;
const CONSTRUCTED = 0x20;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const OBJECT_IDENTIFIER = 6;
const INTEGER = 2;

/** The elements that bytes consist of; null if they are none. */
function elementsOf(bytes: Uint8Array, depth = 0): readonly Element[] | null {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1] ?? 0;
    let start = at + 2;
    if (length >= 0x80) {
      const width = length & 0x7f;
      if (width === 0 || width > 3) return null;
      length = bytes.subarray(start, start + width).reduce((sum, byte) => sum * 256 + byte, 0);
      start += width;
    }
    if (start + length > bytes.length || depth > 20) return null;
    const element = elementOf(tag, bytes.subarray(start, start + length), depth);
    elements.push({ ...element, encoding: bytes.subarray(at, start + length) });
    at = start + length;
  }
  return elements;
}

function elementOf(tag: number, content: Uint8Array, depth: number): Element {
  const skipped = tag === BIT_STRING ? 1 : 0;
  const mayNest = (tag & CONSTRUCTED) !== 0 || tag === OCTET_STRING || tag === BIT_STRING;
  const inner = mayNest && content.length > 2 ? elementsOf(content.subarray(skipped), depth + 1) : null;
  return inner === null ? { tag, content } : { tag, wrapped: content.subarray(0, skipped), inner };
}

function encode(element: Element): Uint8Array {
  if (element.encoding !== undefined) return element.encoding;
  const body = 'inner' in element ? Buffer.concat([element.wrapped, ...element.inner.map(encode)]) : element.content;
  const { length } = body;
  const lengths =
    length < 0x80
      ? [length]
      : length < 0x1_0000
        ? [0x82, length >> 8, length & 0xff]
        : [0x83, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff];
  return Buffer.concat([Uint8Array.of(element.tag, ...lengths), body]);
}

const TIMES = [
  '000101000000Z',
  '491231235959Z',
  '500101000000Z',
  '99991231235959Z',
  '00000101000000Z',
  '2026',
  '',
  '20260230250000Z',
];
const NAMES = [
  '',
  '*',
  '*.',
  '.',
  '*.*.example',
  'a'.repeat(300),
  '\0a',
  '=,+\\"<>;#',
  'xn--',
  '\u202e',
  '192.0.2.1',
  '[::1]',
  ' ',
];
const SIZES = [0, 1, 2, 64, 255, 256, 2049, 5000];
const text = new TextEncoder();

/** The element with some place in it changed. */
function changed(element: Element, random: Random): Element {
  if ('inner' in element && element.inner.length > 0 && below(random, 6) !== 0) {
    const index = below(random, element.inner.length);
    const inner = element.inner.flatMap((each, at) => (at === index ? changedIn(each, random) : [each]));
    return { tag: element.tag, wrapped: element.wrapped, inner };
  }
  return changedHere(element, random);
}

/** In the place of one element of a list: itself changed, none, many of it, or itself in others. */
function changedIn(element: Element, random: Random): readonly Element[] {
  switch (below(random, 12)) {
    case 0:
      return [];
    case 1:
      return repeated(element, random);
    case 2: {
      let nested = element;
      for (let depth = below(random, 64); depth > 0; depth--)
        nested = { tag: element.tag | CONSTRUCTED, wrapped: new Uint8Array(0), inner: [nested] };
      return [nested];
    }
    default:
      return [changed(element, random)];
  }
}

/** Many of it; rarely so many that bounds of length are reached. */
function repeated(element: Element, random: Random): readonly Element[] {
  const most = below(random, 50) === 0 ? Infinity : Math.ceil(20_000 / encode(element).length);
  return Array<Element>(Math.min(most, SIZES[below(random, SIZES.length)] ?? 2)).fill(element);
}

function changedHere(element: Element, random: Random): Element {
  const { tag } = element;
  const content = 'inner' in element ? encode(element).subarray(2) : element.content;
  const pick = (texts: readonly string[]): Element => ({
    tag,
    content: text.encode(texts[below(random, texts.length)]),
  });
  if (tag === UTC_TIME || tag === GENERALIZED_TIME) return pick(TIMES);
  if (tag === INTEGER) {
    const size = SIZES[below(random, SIZES.length)] ?? 1;
    return { tag, content: Uint8Array.from({ length: size }, () => below(random, 256)) };
  }
  if (tag === OBJECT_IDENTIFIER) {
    return { tag, content: content.map((byte, at) => (at === content.length - 1 ? below(random, 256) : byte)) };
  }
  switch (below(random, 4)) {
    case 0:
      return { tag: below(random, 256), content };
    case 1:
      return { tag, content: content.subarray(0, below(random, content.length + 1)) };
    default:
      return pick(NAMES);
  }
}

const pemBytes = (pem: string): Uint8Array => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');

/** The certificates that are mutated: some roots that Node.js knows, of different keys, and chains of samples. */
export async function certificateSeeds(samples: readonly string[]): Promise<readonly (readonly Uint8Array[])[]> {
  const roots = rootCertificates.filter((_, index) => index % 12 === 0).map((pem) => [pemBytes(pem)]);
  const chains: Uint8Array[][] = [];
  for (const sample of samples) {
    const chain: Uint8Array[] = [];
    for (const { data } of await recordedStream(sample)) {
      // A certificate in a message: three bytes of length, then a SEQUENCE with a length that fits.
      for (let at = 0; at + 7 < data.length; at++) {
        const length = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
        const isSequence = data[at + 3] === 0x30 && data[at + 4] === 0x82;
        const inner = ((data[at + 5] ?? 0) << 8) | (data[at + 6] ?? 0);
        if (isSequence && inner + 4 === length) chain.push(data.slice(at + 3, at + 3 + length));
      }
    }
    const whole = chain.filter((der) => elementsOf(der)?.length === 1);
    if (whole.length > 0) chains.push(whole);
  }
  return [...roots, ...chains];
}

/** The certificate with one to three changes in its structure. */
export function mutatedCertificate(der: Uint8Array, random: Random): Uint8Array {
  const [element] = elementsOf(der) ?? [];
  if (element === undefined) return der;
  let mutated = element;
  for (let count = 1 + below(random, 3); count > 0; count--) mutated = changed(mutated, random);
  return encode(mutated);
}

/** A handshake with a mutated chain, which the client refuses. */
export function mutatedCertificates(
  chain: readonly Uint8Array[],
  random: Random,
  options: ConversationOptions = {},
): Segment[] {
  const ders = chain.map((der) => (below(random, 3) === 0 ? der : mutatedCertificate(der, random)));
  const list = vector24(...ders.map((der) => vector24(der)));
  const messages = concat(serverHello(), message(11, list), serverHelloDone);
  const talk = conversation(options);
  talk.open();
  talk.say('client', handshake(clientHello()));
  for (let at = 0; at < messages.length; at += 16_000)
    talk.say('server', handshake(messages.subarray(at, at + 16_000)));
  talk.say('client', alert(2, [42, 43, 45, 46, 48][below(random, 5)] ?? 46));
  talk.fin('client');
  return talk.segments;
}
