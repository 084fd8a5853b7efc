import { isDeepStrictEqual } from 'node:util';
import { decodeFault } from '../../../src/decode-faults.js';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Cursor, DecodeError } from '../../../src/tls/wire/cursor.js';

const READS = {
  u8: (cursor: Cursor) => cursor.u8('x'),
  u16: (cursor: Cursor) => cursor.u16('x'),
  u24: (cursor: Cursor) => cursor.u24('x'),
  u32: (cursor: Cursor) => cursor.u32('x'),
  raw: (cursor: Cursor) => cursor.raw(3, 'x'),
  rest: (cursor: Cursor) => cursor.rest('x'),
  u16s: (cursor: Cursor) => cursor.u16s('x'),
  vector8: (cursor: Cursor) => cursor.vector8('x').remaining,
  vector16: (cursor: Cursor) => cursor.vector16('x').remaining,
  vector24: (cursor: Cursor) => cursor.vector24('x').remaining,
} as const;

describe('a cursor', () => {
  test('reads big-endian integers, vectors and the rest', () => {
    const cursor = new Cursor(
      new Uint8Array([1, 1, 2, 1, 2, 3, 0xff, 0xff, 0xff, 0xff, 2, 9, 8, 0, 1, 7, 0, 0, 1, 6, 5]),
    );
    assert.equal(cursor.u8('x'), 1);
    assert.equal(cursor.u16('x'), 0x0102);
    assert.equal(cursor.u24('x'), 0x010203);
    assert.equal(cursor.u32('x'), 0xffffffff);
    assert.deepEqual([...cursor.vector8('x').rest('x')], [9, 8]);
    assert.deepEqual([...cursor.vector16('x').rest('x')], [7]);
    assert.deepEqual([...cursor.vector24('x').rest('x')], [6]);
    assert.deepEqual([...cursor.rest('x')], [5]);
    assert.equal(cursor.remaining, 0);
  });

  test('says what is missing, how much of it, and where', () => {
    const cursor = new Cursor(new Uint8Array([9, 9, 0, 4, 1, 2]), 2);
    const fault = decodeFault('tooFewBytes', { field: 'name list', needed: 4, left: 2 });
    assert.throws(
      () => cursor.vector16('name list'),
      (error) => error instanceof DecodeError && isDeepStrictEqual(error.fault, fault) && error.offset === 2,
    );
  });

  test('counts offsets from where the whole structure begins, however deep the vector', () => {
    const cursor = new Cursor(new Uint8Array([9, 0, 4, 7, 2, 1, 5]), 1);
    const list = cursor.vector16('list');
    list.u8('x');
    const inner = list.vector8('inner');
    assert.throws(
      () => inner.u24('deep'),
      (error) => error instanceof DecodeError && error.offset === 4,
    );
  });

  test('notes what is left in any vector, and throws nothing', () => {
    const cursor = new Cursor(new Uint8Array([9, 3, 1, 2, 3, 8, 8]), 1);
    const list = cursor.vector8('list');
    list.u8('x');
    list.end('list');
    cursor.u8('x');
    cursor.end('message');
    const noted = [
      { what: 'list', offset: 2, length: 2 },
      { what: 'message', offset: 5, length: 1 },
    ];
    assert.deepEqual(cursor.trailingBytes, noted);
    assert.deepEqual(list.trailingBytes, noted);
  });

  test('notes nothing at an end that is reached, nor in a vector that is cut', () => {
    const cursor = new Cursor(new Uint8Array([2, 1]), 0, 2, true);
    cursor.vector8('list').end('list');
    cursor.end('message');
    assert.deepEqual(cursor.trailingBytes, []);
    assert.deepEqual(new Cursor(new Uint8Array([9]), 0, 1, true).trailingBytes, []);
  });

  test('reads of a vector that is cut the elements that are there, but no string of bytes', () => {
    const cut = (bytes: readonly number[]) => new Cursor(new Uint8Array(bytes), 0, bytes.length, true);
    assert.deepEqual(cut([0, 6, 0, 1, 0, 2, 0]).vector16('codes').u16s('code'), [1, 2]);
    assert.deepEqual([...cut([2, 8, 9, 1]).vector8('name').rest('name')], [8, 9]);
    assert.throws(() => cut([3, 8, 9]).vector8('name').rest('name'), DecodeError);
  });

  test('a structure in another has offsets of its own', () => {
    const cursor = new Cursor(new Uint8Array([1, 0, 3, 5, 6, 7]));
    cursor.u8('x');
    const inner = cursor.structure16('extension');
    inner.u8('x');
    inner.end('extension');
    assert.deepEqual(inner.trailingBytes, [{ what: 'extension', offset: 1, length: 2 }]);
    assert.deepEqual(cursor.trailingBytes, []);
  });

  test('an odd byte at the end of a list of 16-bit integers is an error', () => {
    assert.deepEqual(new Cursor(new Uint8Array([0, 1, 0, 2])).u16s('code'), [1, 2]);
    assert.throws(() => new Cursor(new Uint8Array([0, 1, 0])).u16s('code'), DecodeError);
  });

  test('is total: whatever is read from whatever bytes, it stays inside them or throws a DecodeError', () => {
    const names = fc.array(fc.constantFrom(...(Object.keys(READS) as (keyof typeof READS)[])), { minLength: 1 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(10), fc.nat(10), names, (bytes, from, cut, reads) => {
        const end = Math.max(0, bytes.length - cut);
        const cursor = new Cursor(bytes, Math.min(from, end), end);
        for (const name of reads) {
          const before = cursor.remaining;
          try {
            READS[name](cursor);
          } catch (error) {
            assert.ok(error instanceof DecodeError);
            assert.ok(error.offset >= 0 && error.offset <= bytes.length);
            return;
          }
          assert.ok(cursor.remaining >= 0 && cursor.remaining <= before);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
