import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Cursor, DecodeError } from '../../../src/tls/wire/cursor.js';
import { readExtensions, type ExtensionPlace } from '../../../src/tls/wire/extensions/extension.js';
import { EXTENSION_DECODERS } from '../../../src/tls/wire/extensions/index.js';
import { be16, be32, concat } from '../../support/captures.js';
import { codes, extension, vector16, vector8 } from '../../support/tls.js';

const PLACES: readonly ExtensionPlace[] = [
  'client_hello',
  'server_hello',
  'hello_retry_request',
  'certificate_request',
];

const readAll = (place: ExtensionPlace, ...extensions: readonly Uint8Array[]) =>
  readExtensions(new Cursor(concat(...extensions)), place, EXTENSION_DECODERS);

/** The content of one extension. */
function content(type: number, body: Uint8Array, place: ExtensionPlace = 'client_hello'): unknown {
  const [read] = readAll(place, extension(type, body));
  assert.equal(read?.error, null);
  assert.equal(read.length, body.length);
  return read.content;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const hostName = (name: Uint8Array): Uint8Array => concat([0], vector16(name));

/** Well-formed bodies: type, place, body, what they say. */
const good: readonly (readonly [type: number, place: ExtensionPlace, body: Uint8Array, content: unknown])[] = [
  [0, 'client_hello', vector16(hostName(text('www.example.com'))), 'www.example.com'],
  [0, 'client_hello', vector16([1], vector16([9, 9]), hostName(text('second.example'))), 'second.example'],
  [0, 'client_hello', vector16(hostName(text('bücher.example'))), 'bücher.example'],
  [0, 'client_hello', vector16(), null],
  [0, 'server_hello', new Uint8Array(0), null],
  [5, 'client_hello', concat([1], vector16(), vector16()), 1],
  [5, 'server_hello', new Uint8Array(0), null],
  [10, 'client_hello', vector16(codes([0x0a0a, 29, 23])), [0x0a0a, 29, 23]],
  [11, 'client_hello', vector8([0, 1, 2]), [0, 1, 2]],
  [13, 'client_hello', vector16(codes([0x0804, 0x0403])), [0x0804, 0x0403]],
  [16, 'client_hello', vector16(vector8(text('h2')), vector8(text('http/1.1'))), [text('h2'), text('http/1.1')]],
  [16, 'server_hello', vector16(vector8([0xff, 0])), [new Uint8Array([0xff, 0])]],
  [
    41,
    'client_hello',
    concat(vector16(vector16([1, 2]), be32(7), vector16([3]), be32(8)), vector16(vector8([5]))),
    { identities: 2 },
  ],
  [41, 'server_hello', be16Bytes(1), { selected: 1 }],
  [43, 'client_hello', vector8(codes([0x0304, 0x0303])), [0x0304, 0x0303]],
  [43, 'server_hello', be16Bytes(0x0304), [0x0304]],
  [43, 'hello_retry_request', be16Bytes(0x7f1c), [0x7f1c]],
  [45, 'client_hello', vector8([1, 0]), [1, 0]],
  [
    47,
    'client_hello',
    vector16(vector16([0x30, 0]), vector16([0x30, 1])),
    concat(vector16([0x30, 0]), vector16([0x30, 1])),
  ],
  [51, 'client_hello', vector16(be16(0x0a0a), vector16([0]), be16(29), vector16(new Uint8Array(32))), [0x0a0a, 29]],
  [51, 'client_hello', vector16(), []],
  [51, 'server_hello', concat(be16(29), vector16(new Uint8Array(32))), [29]],
  [51, 'hello_retry_request', be16Bytes(24), [24]],
  [53, 'client_hello', vector8([1, 2]), 2],
  [54, 'server_hello', vector8(), 0],
  [254, 'client_hello', vector8([7]), 1],
  [
    57,
    'client_hello',
    bytes([0x01, 0x04, 0x80, 0, 0x75, 0x30, 0x0c, 0x00, 0x71, 0x27, 0x01, 0xff]),
    { ids: [1, 0x0c, 0x3127], versions: null },
  ],
  [
    57,
    'client_hello',
    bytes([0x11, 0x0c, 0, 0, 0, 1, 0x6b, 0x33, 0x43, 0xcf, 0, 0, 0, 1]),
    { ids: [0x11], versions: [0x6b3343cf, 1] },
  ],
  [0xffa5, 'client_hello', bytes([0x0f, 0x02, 7, 8]), { ids: [15], versions: null }],
  [0xffa5, 'client_hello', vector16([0, 1], vector16([0, 0, 0x75, 0x30])), { ids: [1], versions: null }],
];

function be16Bytes(value: number): Uint8Array {
  return bytes(be16(value));
}

function bytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(values);
}

/** Plain numbers instead of typed arrays and buffers. */
const plain = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? [...value]
    : Array.isArray(value)
      ? value.map(plain)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, one]): [string, unknown] => [key, plain(one)]))
        : value;

describe('extensions', () => {
  for (const [type, place, body, expected] of good) {
    test(`type ${type} in ${place}, ${body.length} bytes`, () => {
      assert.deepEqual(plain(content(type, body, place)), plain(expected));
    });
  }

  test('cover every decoder', () => {
    assert.deepEqual([...new Set(good.map(([type]) => type))].sort(), [...EXTENSION_DECODERS.keys()].sort());
  });

  test('without a decoder are known by type and length', () => {
    assert.deepEqual(readAll('client_hello', extension(0x1234, [1, 2, 3]), extension(0x0a0a)), [
      { type: 0x1234, length: 3, content: undefined, error: null, trailingBytes: [] },
      { type: 0x0a0a, length: 0, content: undefined, error: null, trailingBytes: [] },
    ]);
  });

  test('keep nothing of the bytes that they were read from', () => {
    for (const [type, place, body, expected] of good) {
      const copy = concat(extension(type, body));
      const [read] = readExtensions(new Cursor(copy), place, EXTENSION_DECODERS);
      copy.fill(0xdd);
      assert.deepEqual(plain(read?.content), plain(expected));
    }
  });

  test('malformed spoil only themselves', () => {
    for (const [type, place, body] of good) {
      for (let length = 0; length < body.length; length++) {
        const cut = extension(type, body.subarray(0, length));
        const read = readAll(place, extension(21, [0]), cut, extension(23), extension(0x4444, [1]));
        assert.deepEqual(
          read.map((one) => one.type),
          [21, type, 23, 0x4444],
        );
        const [before, spoilt, ...after] = read;
        for (const other of [before, ...after]) assert.equal(other?.error, null);
        assert.ok(spoilt?.error === null || (spoilt?.error instanceof DecodeError && spoilt.content === undefined));
      }
    }
  });

  test('of a list whose length says too much are malformed', () => {
    const spoilt: readonly (readonly [number, readonly number[]])[] = [
      [0, [0, 9, 0, 0, 1, 97]],
      [10, [0, 4, 0, 29]],
      [10, [0, 1, 29]],
      [11, [2, 0]],
      [13, [0, 3, 8, 4, 4]],
      [16, [0, 3, 9, 104, 50]],
      [41, [0, 9, 0, 1]],
      [43, [3, 3, 4, 3]],
      [45, [2, 1]],
      [47, [0, 2, 0, 1]],
      [51, [0, 4, 0, 29, 0, 1]],
      [57, [1, 4, 0]],
      [0xffa5, [0, 4, 0, 1, 0, 9]],
    ];
    for (const [type, body] of spoilt) {
      const [read] = readAll('client_hello', extension(type, body));
      assert.ok(read?.error instanceof DecodeError, `type ${type}`);
    }
  });

  test('that end past their block make the whole block malformed', () => {
    assert.throws(() => readAll('client_hello', new Uint8Array([0, 23, 0, 5, 1, 2])), DecodeError);
    assert.throws(() => readAll('client_hello', new Uint8Array([0, 23, 0])), DecodeError);
  });

  test('of any bytes, in any message: a content or a DecodeError', () => {
    const types = fc.constantFrom(...EXTENSION_DECODERS.keys());
    fc.assert(
      fc.property(types, fc.constantFrom(...PLACES), fc.uint8Array({ maxLength: 60 }), (type, place, body) => {
        const [read, next] = readAll(place, extension(type, body), extension(23));
        assert.ok(read?.error === null || read?.error instanceof DecodeError);
        assert.deepEqual(next, { type: 23, length: 0, content: undefined, error: null, trailingBytes: [] });
      }),
      { numRuns: 2000 },
    );
  });
});
