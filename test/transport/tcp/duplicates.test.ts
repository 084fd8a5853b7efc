import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MAX_REMEMBERED } from '../../../src/transport/tcp/duplicates.js';
import { ACK, SYN } from '../../../src/packet/packet.js';
import { bytesOf, conversation, feed, recorder, textOf, type Segment } from '../../support/conversation.js';

/** What a tracker makes of segments, without the numbers of frames, which copies shift; and the copies it counted. */
function outcome(segments: readonly Segment[]) {
  const { tracker, ended } = recorder();
  feed(tracker, segments);
  tracker.finish();
  const connections = ended.map(({ tcp, pieces }) => ({
    client: textOf(pieces.client),
    server: textOf(pieces.server),
    isClosed: tcp.state === 'closed',
    ends: tcp.ends.map(({ syns, synAcks, fin, resets, retransmissions, ttl, stream }) => ({
      syns: syns.map(({ at }) => at),
      synAcks: synAcks.length,
      hasFin: fin !== null,
      resets: resets.map(({ at }) => at),
      retransmissions,
      ttl,
      missing: stream.missing,
    })),
  }));
  return { connections, copies: tracker.duplicates() };
}

/** A conversation with everything that copies could distort: SYNs sent again, retransmissions, both ends, a reset. */
function talked(options: Parameters<typeof conversation>[0] = {}): Segment[] {
  const talk = conversation(options);
  talk.send('client', { flags: SYN, acknowledgment: 0, sequence: 1000 });
  talk.pass(1);
  talk.open();
  const first = talk.say('client', 'hello ');
  talk.ack('server');
  const lost = talk.say('client', 'again ');
  talk.say('client', 'world');
  talk.pass(0.2);
  talk.send('client', { sequence: lost.sequence, data: lost.data });
  talk.say('server', 'one ');
  talk.say('server', 'two ');
  talk.ack('client');
  talk.pass(0.3);
  talk.send('client', { sequence: first.sequence, data: first.data });
  talk.fin('server');
  talk.reset('client');
  return talk.segments;
}

const copy = fc.record({
  which: fc.nat(),
  /** Behind the packet, in microseconds: others come between. */
  delay: fc.nat(4000),
  ttl: fc.constantFrom(63, 64, 62),
});

describe('a packet captured more than once counts once', () => {
  test('whatever comes between its copies, through a router or not', () => {
    for (const ipv6 of [false, true]) {
      const segments = talked({ ipv6 });
      const plain = outcome(segments);
      assert.equal(plain.copies, 0);
      fc.assert(
        fc.property(fc.array(copy, { maxLength: 30 }), (copies) => {
          const added = copies.map(({ which, delay, ttl }) => {
            const original = segments[which % segments.length]!;
            return { ...original, ttl, time: original.time + delay / 1e6 };
          });
          const { connections, copies: counted } = outcome([...segments, ...added].toSorted((a, b) => a.time - b.time));
          assert.deepEqual(connections, plain.connections);
          // Without identification, repeated acknowledgments are what they are.
          const silent = added.filter(({ data, flags }) => ipv6 && data.length === 0 && flags === ACK);
          assert.equal(counted, added.length - silent.length);
        }),
        { numRuns: 200 },
      );
    }
  });

  test('by the whole capture written twice, a packet of each copy in turn or two by two', () => {
    const segments = talked();
    const plain = outcome(segments);
    const later = segments.map((segment) => ({ ...segment, time: segment.time + 0.0002, ttl: 63 }));
    const turns = segments.flatMap((segment, index) => [segment, later[index]!]);
    // Packets at the same moment keep their order: A B A' B'.
    const pairs = segments.flatMap((_, index) =>
      index % 2 === 0 ? [...segments.slice(index, index + 2), ...later.slice(index, index + 2)] : [],
    );
    for (const doubled of [turns, pairs]) {
      assert.deepEqual(outcome(doubled), { connections: plain.connections, copies: segments.length });
    }
  });

  test('with its identification, also by a slow mirror', () => {
    const talk = conversation();
    talk.open();
    const said = talk.say('client', 'hello');
    const { connections, copies } = outcome([...talk.segments, { ...said, time: said.time + 0.06 }]);
    assert.deepEqual([connections[0]!.ends[0]!.retransmissions, copies], [0, 1]);
  });

  test('the copy with more of it captured gives the rest', () => {
    const talk = conversation();
    talk.open();
    const first = talk.say('client', 'oh ');
    const said = talk.say('client', 'hello world', { cut: 6 });
    // It comes before its turn, so that the rest is not given up yet.
    const whole = { ...said, cut: 0, time: said.time + 0.0001 };
    const order = [...talk.segments.slice(0, 3), said, whole, { ...first, time: said.time + 0.0002 }];
    assert.equal(outcome(order).connections[0]!.client, 'oh hello world');
  });
});

test('so many packets are remembered, and no more', () => {
  const copiesBehind = (count: number): number => {
    const talk = conversation({ interval: 0 });
    talk.open();
    const said = talk.say('client', 'hello');
    const others = Array.from({ length: count }, () => talk.send('server', { data: bytesOf('x') }));
    return outcome([...talk.segments.slice(0, 4), ...others, said]).copies;
  };
  assert.equal(copiesBehind(MAX_REMEMBERED >> 8), 1);
  assert.equal(copiesBehind(MAX_REMEMBERED), 0);
});

describe('a packet sent again is no copy', () => {
  test('with another identification, however soon', () => {
    const talk = conversation({ interval: 0.0001 });
    talk.open();
    const said = talk.say('client', 'hello');
    talk.send('client', { sequence: said.sequence, data: said.data });
    const { connections, copies } = outcome(talk.segments);
    assert.deepEqual([connections[0]!.ends[0]!.retransmissions, copies], [1, 0]);
  });

  test('without identification, later than any mirror would show it', () => {
    const talk = conversation({ ipv6: true });
    talk.open();
    const said = talk.say('client', 'hello');
    talk.pass(0.02);
    talk.send('client', { sequence: said.sequence, data: said.data });
    const { connections, copies } = outcome(talk.segments);
    assert.deepEqual([connections[0]!.ends[0]!.retransmissions, copies], [1, 0]);
  });

  test('with other bytes behind the old ones', () => {
    const talk = conversation({ ipv6: true, interval: 0.0001 });
    talk.open();
    const said = talk.say('client', 'hello');
    talk.send('client', { sequence: said.sequence, data: bytesOf('hello world') });
    const { connections, copies } = outcome(talk.segments);
    assert.deepEqual([connections[0]!.client, connections[0]!.ends[0]!.retransmissions, copies], ['hello world', 1, 0]);
  });
});
