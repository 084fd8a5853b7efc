import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BOUNDS } from '../../../src/bounds.js';
import { SentCrypto } from '../../../src/tls/quic/sent-crypto.js';

describe('where handshake bytes lie in Initial packets', () => {
  test('whatever the order of the pieces, all are acknowledged once all packets are', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { maxLength: 20 });
    fc.assert(
      fc.property(cuts, fc.array(fc.nat(2), { minLength: 21, maxLength: 21 }), fc.nat(), (places, packets, seed) => {
        const ends = [...places, 1000].sort((a, b) => a - b);
        const pieces = ends.map((end, index) => ({ start: ends[index - 1] ?? 0, end, packet: packets[index] ?? 0 }));
        const sent = new SentCrypto();
        for (const { start, end, packet } of pieces.sort((a, b) => ((a.end * 7919) ^ seed) - ((b.end * 7919) ^ seed))) {
          assert.equal(sent.isRepeated(0, packet, start, end), false);
          sent.add(0, packet, start, end);
        }
        const used = [...new Set(pieces.map(({ packet }) => packet))];
        for (const packet of used) {
          assert.equal(sent.isAcknowledged(0), false);
          sent.acknowledge(0, packet, packet);
        }
        assert.equal(sent.isAcknowledged(0), true);
      }),
    );
  });

  test('bytes that are acknowledged count once', () => {
    const sent = new SentCrypto();
    sent.add(0, 1, 0, 10);
    sent.add(0, 2, 20, 30);
    sent.add(0, 3, 5, 12);
    sent.add(0, 4, 10, 20);
    const after = (direction: 0 | 1, number: number): number => {
      sent.acknowledge(direction, number, number);
      return sent.acknowledgedBytes(0);
    };
    assert.deepEqual(
      [after(0, 2), after(0, 1), after(0, 1), after(1, 4), after(0, 3), after(0, 4)],
      [10, 20, 20, 20, 22, 30],
    );
  });

  test('pieces of a packet that lie side by side count as one, of other packets or directions they do not', () => {
    const sent = new SentCrypto();
    for (let at = 0; at < 3 * BOUNDS.cryptoPieces.value; at++) sent.add(0, 0, at, at + 1);
    const one = sent.bytes;
    sent.add(0, 1, 0, 100);
    sent.add(1, 0, 0, 100);
    assert.deepEqual(
      [sent.bytes, sent.isRepeated(0, 2, 0, 100), sent.isRepeated(0, 0, 0, 101)],
      [3 * one, true, false],
    );
  });
});
