import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BOUNDS } from '../../../src/bounds.js';
import { CryptoStream } from '../../../src/tls/quic/crypto-stream.js';

/** What a stream delivers of pieces of `data`, added in this order. */
function deliver(data: Uint8Array, pieces: readonly (readonly [start: number, end: number])[]): Buffer {
  const stream = new CryptoStream();
  const got: Uint8Array[] = [];
  for (const [start, end] of pieces) {
    const taken = stream.add(start, data, start, end, (bytes, from, to) => got.push(bytes.slice(from, to)));
    assert.equal(taken, true);
  }
  return Buffer.concat(got);
}

describe('handshake bytes in CRYPTO frames', () => {
  const data = Uint8Array.from({ length: 400 }, (_, index) => (index * 7) % 251);

  test('whatever the order, the overlaps and the repeats, all are delivered once and in order', () => {
    const piece = fc
      .tuple(fc.nat(399), fc.nat(150))
      .map(([start, length]) => [start, Math.min(start + length, 400)] as const);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        let end = 0;
        // Every byte counts as there from its first piece on.
        const there = new Set(
          pieces.flatMap(([from, to]) => Array.from({ length: to - from }, (_, index) => from + index)),
        );
        while (there.has(end)) end++;
        assert.deepEqual(deliver(data, pieces), Buffer.from(data.subarray(0, end)));
        assert.deepEqual(deliver(data, [...pieces, [0, 400], [0, 400]]), Buffer.from(data));
      }),
    );
  });

  test('what was delivered stays so, whatever copies follow', () => {
    const stream = new CryptoStream();
    const got: number[] = [];
    const keep = (bytes: Uint8Array, from: number, to: number): void => void got.push(...bytes.subarray(from, to));
    stream.add(2, new Uint8Array([2, 3]), 0, 2, keep);
    stream.add(2, new Uint8Array([9, 9, 4]), 0, 3, keep);
    stream.add(0, new Uint8Array([0, 1]), 0, 2, keep);
    assert.deepEqual(got, [0, 1, 2, 3, 4]);
    assert.equal(stream.heldBytes, 0);
  });

  test('what waits is bounded, in bytes and in pieces', () => {
    const stream = new CryptoStream();
    const nothing = (): void => undefined;
    const limit = BOUNDS.cryptoBytes.value;
    assert.equal(stream.add(limit, data, 0, 1, nothing), false);
    assert.equal(stream.add(2 ** 60, data, 0, 1, nothing), false);
    for (let count = 0; count < BOUNDS.cryptoPieces.value; count++) {
      assert.equal(stream.add(1 + 2 * count, data, 0, 1, nothing), true);
    }
    assert.equal(stream.add(5000, data, 0, 1, nothing), false);
    assert.equal(stream.heldBytes, BOUNDS.cryptoPieces.value);
    const other = new CryptoStream();
    const long = new Uint8Array(40_000);
    assert.equal(other.add(1, long, 0, 40_000, nothing), true);
    assert.equal(other.add(2, long, 0, 40_000, nothing), false);
  });
});
