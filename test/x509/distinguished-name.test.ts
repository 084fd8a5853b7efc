import fc from 'fast-check';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatDistinguishedName, nameKey } from '../../src/x509/distinguished-name.js';

function tlv(tag: number, ...parts: readonly (readonly number[])[]): readonly number[] {
  const body = parts.flat();
  return body.length < 128 ? [tag, body.length, ...body] : [tag, 0x82, body.length >> 8, body.length & 255, ...body];
}

const cn = [0x55, 0x04, 0x03];
const o = [0x55, 0x04, 0x0a];
const uid = [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01];
const bytesOf = (text: string): number[] => [...Buffer.from(text)];
const attribute = (type: readonly number[], tag: number, value: readonly number[]) =>
  tlv(0x30, tlv(6, type), tlv(tag, value));
const name = (...relativeNames: readonly (readonly number[])[][]) =>
  new Uint8Array(tlv(0x30, ...relativeNames.map((attributes) => tlv(0x31, ...attributes))));
const one = (tag: number, value: readonly number[]) => formatDistinguishedName(name([attribute(cn, tag, value)]));

describe('formatDistinguishedName', () => {
  test('the examples of RFC 4514 §4', () => {
    assert.equal(one(12, bytesOf('James "Jim" Smith, III')), 'CN=James \\"Jim\\" Smith\\, III');
    assert.equal(one(12, [...bytesOf('Before'), 13, ...bytesOf('After')]), 'CN=Before\rAfter');
    assert.equal(one(12, [0x4c, 0x75, 0xc4, 0x8d, 0x69, 0xc4, 0x87]), 'CN=Lučić');
    assert.equal(
      formatDistinguishedName(name([attribute([0x2b, 6, 1, 4, 1, 0x8b, 0x3a, 0], 4, bytesOf('Hi'))])),
      '1.3.6.1.4.1.1466.0=#04024869',
    );
    assert.equal(
      formatDistinguishedName(
        name([attribute(o, 12, bytesOf('X'))], [attribute(uid, 12, bytesOf('js')), attribute(cn, 12, bytesOf('J'))]),
      ),
      'UID=js+CN=J,O=X',
    );
  });

  test('escapes what needs it, where it needs it', () => {
    assert.equal(one(12, bytesOf(' a b ')), 'CN=\\ a b\\ ');
    assert.equal(one(12, bytesOf(' ')), 'CN=\\ ');
    assert.equal(one(12, bytesOf('#1#')), 'CN=\\#1#');
    assert.equal(one(12, [97, 0, 98]), 'CN=a\\00b');
    assert.equal(one(12, []), 'CN=');
  });

  test('reads every string type, and writes what is none, or does not decode, in hexadecimal', () => {
    assert.equal(one(0x1e, [0, 0x41, 0x20, 0xac]), 'CN=A€');
    assert.equal(one(0x1c, [0, 1, 0xf6, 0x00]), 'CN=😀');
    assert.equal(one(0x14, [0xe9]), 'CN=é');
    assert.equal(one(0x12, bytesOf('12')), 'CN=12');
    assert.equal(one(0x1e, [0x41]), 'CN=#1e0141');
    assert.equal(one(0x1c, [0xff, 0, 0, 0]), 'CN=#1c04ff000000');
    assert.equal(one(12, [0xff]), 'CN=#0c01ff');
    assert.equal(one(3, [0, 1]), 'CN=#03020001');
  });

  test('an empty name is empty; bytes that are no name are hexadecimal, whatever they are', () => {
    assert.equal(formatDistinguishedName(new Uint8Array([0x30, 0])), '');
    assert.equal(formatDistinguishedName(new Uint8Array([0x30, 0, 0])), '#300000');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => typeof formatDistinguishedName(bytes) === 'string'),
    );
  });
});

describe('nameKey', () => {
  test('ignores case and white space of values, and nothing else', () => {
    assert.equal(nameKey('CN=Example  ROOT,O=\\ x '), nameKey('CN=example root,O=x'));
    assert.notEqual(nameKey('CN=a,O=b'), nameKey('CN=a\\,O=b'));
    assert.notEqual(nameKey('CN=a b'), nameKey('CN=ab'));
    assert.notEqual(nameKey('CN=a'), nameKey('OU=a'));
  });

  test('is the same with and without white space around and between words', () => {
    const word = fc.constantFrom('Root', 'CA', '\\,', '=', 'É', '2');
    const value = fc.array(word, { minLength: 1, maxLength: 3 });
    const name = fc.array(fc.tuple(fc.constantFrom('CN', 'O', '2.5.4.5'), value), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(name, (attributes) => {
        const tight = attributes.map(([type, words]) => `${type}=${words.join(' ')}`).join();
        const loose = attributes.map(([type, words]) => `${type}=  ${words.join('  ').toLowerCase()} `).join();
        assert.equal(nameKey(tight), nameKey(loose));
      }),
    );
  });
});
