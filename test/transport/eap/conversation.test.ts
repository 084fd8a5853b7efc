import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { FrameStamp } from '../../../src/capture/frame.js';
import { EapConversation, PEER, SERVER } from '../../../src/transport/eap/conversation.js';
import { methodName, readEap } from '../../../src/transport/eap/packet.js';
import { be32, concat } from '../../support/captures.js';
import {
  EAP_TLS,
  failure,
  fragments,
  IDENTITY,
  LENGTH,
  lockStep,
  MORE,
  NAK,
  PEAP,
  recordingSink,
  request,
  response,
  START,
  success,
  text,
  type Bytes,
  type Piece,
} from '../../support/eap.js';

const stampOf = (number: number): FrameStamp => ({ number, seconds: 0, nanoseconds: number, digits: 9 });

/** A conversation that has taken these packets, the first in frame 1; null is one that the capture lacks. */
function talk(packets: readonly (Bytes | null)[]): EapConversation<Piece[]> {
  const conversation = new EapConversation(recordingSink, { bytes: 0 });
  packets.forEach((bytes, index) => {
    const packet = bytes && readEap(bytes, 0, bytes.length);
    if (packet !== null) conversation.take(packet, stampOf(index + 1));
  });
  conversation.end();
  return conversation;
}

const pieces = ({ content }: EapConversation<Piece[]>, direction: number): (string | number)[] =>
  (content ?? []).filter(([from]) => from === direction).map(([, what]) => what);

const start = request(2, EAP_TLS, [START]);

describe('what EAP says of itself', () => {
  test('identities, methods, Naks, the result', () => {
    const conversation = talk([
      request(1, IDENTITY),
      response(1, IDENTITY, text('alice')),
      start,
      response(2, NAK, [PEAP, 4]),
      request(3, PEAP, [START]),
      response(3, PEAP, concat([0], text('hello'))),
      failure(3),
    ]);
    assert.equal(conversation.identity, 'alice');
    assert.deepEqual(
      conversation.started.map(({ type, frame }) => [methodName(type), frame]),
      [
        ['EAP-TLS', 3],
        ['PEAP', 5],
      ],
    );
    assert.deepEqual(
      conversation.wanted.map(({ type }) => methodName(type)),
      ['PEAP', 'type 4'],
    );
    assert.deepEqual([conversation.result?.isSuccess, conversation.result?.frame], [false, 7]);
    assert.equal(conversation.isAboutTls, true);
  });

  test('a conversation by password is not about TLS, one that nobody answers may be', () => {
    const password = talk([response(1, IDENTITY, text('a')), request(2, 4), response(2, 4, [1]), success(2)]);
    assert.deepEqual([password.isAboutTls, password.isUnanswered], [false, false]);
    assert.equal(talk([response(1, IDENTITY, text('a'))]).isUnanswered, true);
  });

  test('fragments, and packets that came again', () => {
    const [first, second] = fragments(text('abcdef'), 3) as [Bytes, Bytes];
    const conversation = talk([
      start,
      response(2, EAP_TLS, first),
      response(2, EAP_TLS, first),
      request(3, EAP_TLS, [0]),
      response(3, EAP_TLS, second),
    ]);
    assert.equal(conversation.fragments, 2);
    assert.equal(conversation.ends[PEER].retransmissions, 1);
    assert.deepEqual(pieces(conversation, PEER), ['abc', 'def']);
  });

  test('another conversation begins with an identity after a method, or with anything after the result', () => {
    const isOther = (packets: readonly Bytes[], next: Bytes): boolean => {
      const packet = readEap(next, 0, next.length);
      return packet !== null && talk(packets).isOther(packet);
    };
    const hello = response(2, EAP_TLS, concat([0], text('hello')));
    assert.equal(isOther([request(1, IDENTITY)], request(2, IDENTITY)), false);
    assert.equal(isOther([start], request(3, IDENTITY)), true);
    assert.equal(isOther([start, response(2, NAK, [PEAP])], request(3, PEAP, [START])), false);
    assert.equal(isOther([start, hello], request(3, PEAP, [START])), true);
    assert.equal(isOther([start, hello], start), false, 'the request again');
    assert.equal(isOther([start, hello, failure(2)], hello), false, 'the response again');
    assert.equal(isOther([start, hello, failure(2)], failure(2)), false);
    assert.equal(isOther([start, hello, failure(2)], response(9, IDENTITY)), true);
  });
});

describe('bytes of TLS', () => {
  test('each come once and in order, in whatever fragments, whatever comes again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 0, max: 255 }),
        fc.array(fc.integer({ min: 1, max: 3 })),
        (turns, size, id, times) => {
          const packets = lockStep(turns, size, id).flatMap((packet, at) =>
            new Array<Bytes>(times[at] ?? 1).fill(packet),
          );
          const conversation = talk(packets);
          for (const direction of [PEER, SERVER]) {
            const expected = Buffer.concat(turns.filter((_, turn) => turn % 2 === direction)).toString('latin1');
            assert.equal(pieces(conversation, direction).join(''), expected);
            assert.deepEqual([conversation.ends[direction].missing, conversation.ends[direction].isWhole], [0, true]);
          }
          const frames = (conversation.content ?? []).map(([, , frame]) => frame);
          assert.deepEqual(
            frames,
            frames.toSorted((a, b) => a - b),
          );
        },
      ),
    );
  });

  test('a fragment that the capture lacks is a gap of its length', () => {
    const [client, server] = [text('hello'), text('abcdefghijkl')];
    const packets = lockStep([client, server, text('bye')], 4);
    // The start, hello, its rest, then abcd, ACK, efgh, ACK, ijkl.
    const at = packets.findIndex((bytes) => Buffer.from(bytes).includes('efgh'));
    for (const lacking of [[at], [at, at + 1]]) {
      const conversation = talk(packets.map((bytes, index) => (lacking.includes(index) ? null : bytes)));
      assert.deepEqual(pieces(conversation, SERVER), ['abcd', 4, 'ijkl']);
      assert.deepEqual([conversation.ends[SERVER].missing, conversation.ends[SERVER].isWhole], [4, false]);
      assert.deepEqual(pieces(conversation, PEER), ['hell', 'o', 'bye']);
      assert.equal(conversation.ends[PEER].isWhole, true, 'an acknowledgment has no bytes');
    }
  });

  test('a whole message that the capture lacks is a gap, and what follows begins anew', () => {
    const packets = lockStep([text('hello'), text('certificate'), text('key'), text('done')], 100);
    const at = packets.findIndex((bytes) => Buffer.from(bytes).includes('key'));
    const conversation = talk(packets.map((bytes, index) => (index === at ? null : bytes)));
    assert.deepEqual(pieces(conversation, PEER), ['hello', 65536]);
    assert.equal(conversation.ends[PEER].isWhole, false);
    assert.deepEqual(pieces(conversation, SERVER), ['certificate', 'done']);
  });

  test('servers that do not count lose nothing', () => {
    const bodies = fragments(text('abcdefgh'), 3);
    const conversation = talk([
      start,
      response(2, EAP_TLS, concat([0], text('hello'))),
      ...bodies.flatMap((body, index) => [
        request(100 - 7 * index, EAP_TLS, body),
        response(100 - 7 * index, EAP_TLS, [0]),
      ]),
    ]);
    assert.equal(pieces(conversation, SERVER).join(''), 'abcdefgh');
    assert.equal(conversation.ends[SERVER].isWhole, true);
  });

  test('of a conversation that began before the capture lie behind a gap', () => {
    const conversation = talk([request(9, EAP_TLS, concat([0], text('data')))]);
    assert.deepEqual(pieces(conversation, SERVER), [65536, 'data']);
  });

  test('that the snapshot length cuts off are a gap', () => {
    const whole = response(2, EAP_TLS, concat([LENGTH | MORE], be32(100), text('abcdefgh')));
    const conversation = talk([start, whole.subarray(0, whole.length - 5)]);
    assert.deepEqual(pieces(conversation, PEER), ['abc', 5]);
    assert.equal(conversation.ends[PEER].missing, 5);
  });

  test('a conversation that stops in the middle of a message has what was said', () => {
    const packets = lockStep([text('hello'), text('abcdefghijkl')], 4);
    assert.deepEqual(pieces(talk(packets.slice(0, -1)), SERVER), ['abcd', 'efgh']);
  });
});

test('any packets, in any order, end well', () => {
  const packet = fc
    .record({
      code: fc.integer({ min: 1, max: 4 }),
      id: fc.integer({ min: 0, max: 3 }),
      type: fc.constantFrom(1, 2, 3, 4, 13, 25, 55, 254),
      body: fc.uint8Array({ maxLength: 20 }),
    })
    .map(({ code, id, type, body }) => concat([code, id, 0, 5 + body.length, type], body));
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 40 }), (packets) => {
      const { ends } = talk(packets);
      const sent = packets.reduce((sum, bytes) => sum + bytes.length, 0);
      assert.ok(ends[PEER].bytes + ends[SERVER].bytes <= sent);
    }),
  );
});
