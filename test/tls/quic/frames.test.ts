import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readFrames } from '../../../src/tls/quic/frames.js';
import { varint as readVarint, varintLength } from '../../../src/tls/quic/packet.js';
import { concat } from '../../support/captures.js';
import { ack, connectionClose, crypto, varint } from '../../support/quic.js';

/** All that a payload says, and whether it was read to its end. */
function read(...frames: readonly (Uint8Array | readonly number[])[]) {
  const seen: unknown[] = [];
  const isWhole = readFrames(concat(...frames), {
    crypto: (offset, bytes, start, end) =>
      seen.push(['crypto', offset, Buffer.from(bytes.subarray(start, end)).toString()]),
    close: ({ reason, ...rest }) => seen.push(['close', rest, Buffer.from(reason).toString()]),
    acknowledged: (smallest, largest) => seen.push(['ack', smallest, largest]),
    connectionId: (bytes, start, end) => seen.push(['id', Buffer.from(bytes.subarray(start, end)).toString('hex')]),
    handshakeDone: () => seen.push(['done']),
  });
  return { seen, isWhole };
}

describe('variable-length integers', () => {
  test('the examples of RFC 9000 §A.1', () => {
    const value = (hex: string): number => readVarint(Buffer.from(hex, 'hex'), 0, hex.length / 2);
    assert.equal(value('9d7f3e7d'), 494_878_333);
    assert.equal(value('7bbd'), 15_293);
    assert.equal(value('25'), 37);
    assert.equal(value('4025'), 37);
    assert.ok(Math.abs(value('c2197c5eff14e88c') - 151_288_809_941_952_640) <= 64);
  });

  test('one that is cut is none', () => {
    assert.equal(readVarint(new Uint8Array([0xc0, 0, 0]), 0, 3), -1);
    assert.equal(varintLength(new Uint8Array([0x40]), 0, 1), 0);
    assert.equal(readVarint(new Uint8Array(), 0, 0), -1);
  });
});

describe('frames', () => {
  test('CRYPTO between PADDING and PING', () => {
    assert.deepEqual(read([0, 0, 1], crypto(300, Buffer.from('hello')), [0, 1], crypto(0, [])), {
      seen: [
        ['crypto', 300, 'hello'],
        ['crypto', 0, ''],
      ],
      isWhole: true,
    });
  });

  test('ACK: ranges downwards, with and without ECN counts', () => {
    // Largest 20, two more ranges, first range 2 long; gap 1, length 0; gap 0, length 3.
    const ranges = [20, 0, 2, 2, 1, 0, 0, 3];
    const seen = [
      ['ack', 18, 20],
      ['ack', 15, 15],
      ['ack', 10, 13],
    ];
    assert.deepEqual(read([2, ...ranges], [1]), { seen, isWhole: true });
    assert.deepEqual(read([3, ...ranges, 1, 2, 3], [1]), { seen, isWhole: true });
    assert.deepEqual(read(ack(0, 7)).seen, [['ack', 0, 7]]);
  });

  test('ACK: what lies below packet number 0 is an error', () => {
    assert.equal(read([2, 3, 0, 0, 4]).isWhole, false);
    assert.equal(read([2, 3, 0, 1, 3, 0, 0]).isWhole, false);
  });

  test('CONNECTION_CLOSE of QUIC, and of the application', () => {
    const quic = { application: false, code: 0x178, frameType: 6 };
    assert.deepEqual(read(connectionClose(0x178, 'no protocol', 6)).seen, [['close', quic, 'no protocol']]);
    const app = { application: true, code: 0x100, frameType: null };
    assert.deepEqual(read(concat([0x1d], varint(0x100), [3], Buffer.from('bye'))).seen, [['close', app, 'bye']]);
  });

  test('all other frames of RFC 9000 and 9221 are passed over', () => {
    const others = [
      [0x04, 1, 2, 3],
      [0x05, 1, 2],
      [0x07, 2, 9, 9],
      [0x0a, 1, 2, 9, 9],
      [0x0e, 1, 5, 1, 9],
      [0x10, 1],
      [0x11, 1, 2],
      [0x12, 1],
      [0x14, 1],
      [0x15, 1, 2],
      [0x16, 1],
      [0x19, 1],
      [0x1a, ...new Array<number>(8).fill(7)],
      [0x1b, ...new Array<number>(8).fill(7)],
      [0x31, 1, 9],
    ];
    for (const frame of others) {
      assert.deepEqual(read(frame, crypto(0, [65])), { seen: [['crypto', 0, 'A']], isWhole: true }, String(frame));
    }
    for (const toTheEnd of [[0x30], [0x08, 1], [0x0c, 1, 5]]) {
      assert.deepEqual(read(toTheEnd, crypto(0, [65])), { seen: [], isWhole: true }, String(toTheEnd));
    }
  });

  test('NEW_CONNECTION_ID and HANDSHAKE_DONE', () => {
    const token = new Array<number>(16).fill(7);
    assert.deepEqual(read([0x18, 1, 0, 4, 1, 2, 3, 4, ...token], [0x1e]), {
      seen: [['id', '01020304'], ['done']],
      isWhole: true,
    });
    assert.deepEqual(read([0x18, 1, 0, 4, 1, 2, 3, 4, ...token.slice(1)]), { seen: [], isWhole: false });
  });

  test('an unknown frame ends the reading', () => {
    assert.deepEqual(read(crypto(0, [65]), [0x2f], crypto(1, [66])), { seen: [['crypto', 0, 'A']], isWhole: false });
  });

  test('no bytes make it fail, or read beyond them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (payload) => {
        readFrames(payload, {
          crypto: (_offset, bytes, start, end) => {
            assert.ok(start <= end && end <= bytes.length);
          },
          close: ({ reason }) => {
            assert.ok(reason.length <= payload.length);
          },
          acknowledged: (smallest, largest) => {
            assert.ok(smallest >= 0 && smallest <= largest);
          },
          connectionId: (bytes, start, end) => {
            assert.ok(start <= end && end <= bytes.length);
          },
          handshakeDone: () => undefined,
        });
      }),
    );
  });
});
