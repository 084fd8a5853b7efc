import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readGoogleHello } from '../../../src/tls/quic/google.js';
import { concat } from '../../support/captures.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const le16 = (value: number): number[] => [value & 0xff, value >> 8];
const le32 = (value: number): number[] => [...le16(value & 0xffff), ...le16(value >>> 16)];

/** A CHLO of these tags and values. */
function chlo(...tags: readonly (readonly [tag: string, value: string])[]): Uint8Array {
  let end = 0;
  const index = tags.map(([tag, value]) => concat(text(tag.padEnd(4, '\0')), le32((end += value.length))));
  return concat(text('CHLO'), le16(tags.length), [0, 0], ...index, ...tags.map(([, value]) => text(value)));
}

const HELLO = chlo(['PAD', '----'], ['SNI', 'www.example.com'], ['VER', 'Q043']);
/** Flags, an ID of eight bytes, a version, a packet number, the hash, and a frame of stream 1. */
const old = (version: string, hello: Uint8Array): Uint8Array =>
  concat([0x0d], new Uint8Array(8).fill(7), text(version), [1], new Uint8Array(12).fill(9), [0xa0, 1, 0, 4], hello);
/** A long header, with an ID of eight bytes for the server. */
const late = (version: string, hello: Uint8Array): Uint8Array =>
  concat(
    [0xc3],
    text(version),
    [0x50],
    new Uint8Array(8).fill(7),
    [0, 0, 0, 1],
    new Uint8Array(12).fill(9),
    [0xa0, 1, 0, 4],
    hello,
  );

const read = (bytes: Uint8Array) => readGoogleHello(bytes, 0, bytes.length);

describe("the hello of Google's QUIC", () => {
  test('version and server name, with either header', () => {
    assert.deepEqual(read(old('Q039', HELLO)), { version: 'Q039', serverName: 'www.example.com' });
    assert.deepEqual(read(late('Q046', HELLO)), { version: 'Q046', serverName: 'www.example.com' });
    assert.deepEqual(read(old('Q024', chlo(['PAD', '-']))), { version: 'Q024', serverName: null });
  });

  test('is needed, and so is the version', () => {
    assert.equal(read(old('Q039', text('REJ\0'))), null);
    assert.equal(read(old('X039', HELLO)), null);
    assert.equal(read(late('Q0ab', HELLO)), null);
    assert.equal(read(concat([0x0c], old('Q039', HELLO).subarray(1))), null);
  });

  test('values that do not fit are none', () => {
    const bytes = old('Q039', HELLO);
    assert.deepEqual(read(bytes.subarray(0, bytes.length - 10)), { version: 'Q039', serverName: null });
  });

  test('no bytes make it fail', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isLate) => {
        const hello = concat(text('CHLO'), bytes);
        assert.ok((read(isLate ? late('Q046', hello) : old('Q043', hello))?.serverName?.length ?? 0) <= 200);
      }),
    );
  });
});
