import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashOf } from '../../src/transport/endpoints.js';

const endpoints = (addresses: readonly number[], ports: readonly [number, number], ipVersion: number) => ({
  ipVersion,
  addresses: Uint32Array.from(addresses),
  sourcePort: ports[0],
  destinationPort: ports[1],
});

test('both directions of a connection have one hash', () => {
  const word = fc.nat({ max: 0xffffffff });
  const port = fc.nat({ max: 0xffff });
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 8, maxLength: 8 }),
      port,
      port,
      fc.constantFrom(4, 6),
      (words, a, b, version) => {
        const there = endpoints(words, [a, b], version);
        const back = endpoints([...words.slice(4), ...words.slice(0, 4)], [b, a], version);
        assert.equal(hashOf(there, 0), hashOf(back, 1));
      },
    ),
  );
});

test('endpoints that differ in few bits are spread over the buckets', () => {
  for (const version of [4, 6]) {
    for (const shift of [0, 8, 16, 24]) {
      const counts = new Map<number, number>();
      for (let index = 0; index < 4096; index++) {
        const one = (index & 63) << shift;
        const other = (index >> 6) << shift;
        const bucket = hashOf(endpoints([0, 0, 0xffff, one, 0, 0, 0xffff, other], [1024, 443], version), 0) & 4095;
        counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
      }
      assert.ok(
        Math.max(...counts.values()) < 80,
        `IPv${version}, bits from ${shift} on: ${Math.max(...counts.values())}`,
      );
    }
  }
});
