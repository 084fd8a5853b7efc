import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newFrame } from '../../src/capture/frame.js';
import type { EndedConnection } from '../../src/connection/ended.js';
import { endedTcp } from '../../src/connection/ended-tcp.js';
import { decode, ICMP_MESSAGE, TCP_SEGMENT } from '../../src/packet/decode.js';
import { ACK, newPacket, RST, SYN } from '../../src/packet/packet.js';
import { createTlsReader } from '../../src/tls/reader.js';
import { createTcpTracker } from '../../src/transport/tcp/tracker.js';
import { be16, concat, ethernet, frameOf, ipv4 } from '../support/captures.js';
import { builtOverTcp, connectionsOf, conversation, frameBytes } from '../support/conversation.js';

describe('what TCP shows of the path', () => {
  test('SYN-ACKs that come again', () => {
    const talk = conversation();
    talk.send('client', { flags: SYN, acknowledgment: 0 });
    const { sequence } = talk.send('server', { flags: SYN | ACK });
    talk.pass(1);
    talk.send('server', { flags: SYN | ACK, sequence });
    const [connection] = connectionsOf(talk.segments);
    assert.deepEqual(
      connection!.transport.synAcks.map(({ frame }) => frame),
      [2, 3],
    );
    assert.equal(connection!.transport.synAck?.frame, 2);
  });

  test('a reset in the name of a side that goes on: its TTL, its sequence number, what came after it', () => {
    const talk = conversation();
    talk.open();
    talk.say('client', 'hello');
    const next = talk.segments.at(-1)!.acknowledgment;
    talk.send('server', { flags: RST | ACK, ttl: 57, ipId: 9, sequence: next });
    talk.ack('server', { ttl: 63 });
    talk.say('server', 'welcome');
    const { resets, server } = connectionsOf(talk.segments)[0]!.transport;
    assert.deepEqual(
      resets.map(({ frame, ttl, isInSequence }) => [frame, ttl, isInSequence]),
      [[5, 57, true]],
    );
    assert.deepEqual([server.ackAfterReset?.frame, server.dataAfterReset?.frame], [6, 7]);
    assert.deepEqual(server.ttls, [63, 64]);
  });

  test('a reset whose sequence number is not the next one', () => {
    const talk = conversation();
    talk.open();
    talk.say('client', 'hello');
    talk.send('server', { flags: RST | ACK, sequence: 5500 });
    const { resets, server } = connectionsOf(talk.segments)[0]!.transport;
    assert.deepEqual([resets[0]?.isInSequence, server.dataAfterReset], [false, null]);
  });

  test('data from before a reset that was captured after it proves nothing', () => {
    const talk = conversation();
    talk.open();
    const { sequence } = talk.say('server', 'one');
    talk.say('server', 'two');
    talk.send('server', { flags: RST | ACK });
    talk.send('server', { sequence, data: talk.segments[3]!.data });
    assert.equal(connectionsOf(talk.segments)[0]!.transport.server.dataAfterReset, null);
  });

  test('data from before a reset, which seemed to be ahead of them because it was captured first, proves nothing', () => {
    for (const [after, proof] of [
      [0.001, undefined],
      [0.5, 5],
    ] as const) {
      const talk = conversation();
      talk.open();
      const said = talk.say('server', 'one');
      const reset = talk.send('server', { flags: RST | ACK });
      const late = { ...said, time: reset.time + after };
      const segments = [...talk.segments.slice(0, 3), reset, late];
      assert.equal(connectionsOf(segments)[0]!.transport.server.dataAfterReset?.frame, proof);
    }
  });

  test('bytes that were sent and not captured, by a later segment without payload', () => {
    const talk = conversation();
    talk.open();
    talk.say('client', 'hello');
    talk.say('server', 'x'.repeat(500));
    talk.lose();
    talk.ack('server');
    const { client, server } = connectionsOf(talk.segments)[0]!.transport;
    assert.deepEqual([server.uncaptured?.bytes, server.uncaptured?.frame, client.uncaptured], [500, 5, null]);
  });

  test('bytes that were not captured, nor the SYN-ACK before them: the first ACK shows where they begin', () => {
    const talk = conversation();
    talk.open();
    talk.say('client', 'hello');
    talk.say('server', 'x'.repeat(500));
    talk.ack('client');
    talk.say('server', 'more');
    talk.fin('client');
    const segments = talk.segments.filter((_, place) => place !== 1 && place !== 4);
    const { server } = connectionsOf(segments)[0]!.transport;
    assert.deepEqual([server.missing, server.bytes], [500, 4]);
  });

  test('data captured behind the reset that acknowledges them: they are out of order', () => {
    for (const [acknowledgment, frame] of [
      [1006, 5],
      [1001, undefined],
    ] as const) {
      const talk = conversation();
      talk.open();
      const said = talk.say('client', 'hello');
      const reset = talk.send('server', { flags: RST | ACK, acknowledgment });
      const segments = [...talk.segments.slice(0, 3), reset, { ...said, time: reset.time + 0.0001 }];
      assert.equal(connectionsOf(segments)[0]!.transport.client.late?.frame, frame);
    }
  });

  test('a greeting captured behind its acknowledgment is read, though SYN-ACK and first ACK are missing', () => {
    const talk = conversation();
    talk.open();
    talk.say('server', 'greeting');
    talk.say('client', 'reply');
    talk.say('server', 'more');
    talk.fin('client');
    const [syn, , , greeting, reply, ...rest] = talk.segments;
    const { server } = connectionsOf([syn!, reply!, greeting!, ...rest])[0]!.transport;
    assert.deepEqual([server.missing, server.bytes, server.retransmissions], [0, 12, 0]);
  });

  test('a reset after an ACK refuses no SYN, though the capture lacks the SYN-ACK', () => {
    const talk = conversation();
    talk.open();
    talk.reset('server');
    const outcome = (segments: typeof talk.segments) => connectionsOf(segments)[0]!.outcome;
    assert.equal(outcome(talk.segments.filter((_, place) => place !== 1)), 'not-tls');
    assert.equal(outcome(talk.segments.filter((_, place) => place !== 1 && place !== 2)), 'failed');
  });

  test('what the SYNs announce, and the largest segment', () => {
    const talk = conversation();
    talk.open();
    for (const size of [100, 900, 300]) talk.say('client', 'x'.repeat(size));
    const { client, server } = connectionsOf(talk.segments)[0]!.transport;
    assert.deepEqual([client.largestSegment, server.largestSegment, client.mss], [900, 0, null]);
    assert.equal(typeof client.window, 'number');
  });

  test('an ICMP error about one of its segments', () => {
    const talk = conversation();
    talk.open();
    talk.say('client', 'x'.repeat(1400));
    const ended: EndedConnection[] = [];
    const tracker = createTcpTracker(createTlsReader(), (tcp, now) => ended.push(endedTcp(tcp, now)));
    const packet = newPacket();
    for (const segment of talk.segments) {
      assert.equal(decode(frameOf(1, frameBytes(segment)), packet), TCP_SEGMENT);
      tracker.segment(packet, newFrame());
    }
    const quoted = frameBytes(talk.segments.at(-1)!).subarray(14, 14 + 28);
    const error = concat([3, 4, 0, 0, 0, 0], be16(1280), quoted);
    const whole = ethernet(0x0800, ipv4(error, { protocol: 1, source: [203, 0, 113, 7], destination: [192, 0, 2, 1] }));
    for (let count = 0; count < 9; count++) {
      assert.equal(decode(frameOf(1, whole), packet), ICMP_MESSAGE);
      assert.equal(tracker.icmp(packet, { number: 5 + count, seconds: 100, nanoseconds: 0, digits: 6 }), true);
    }
    tracker.finish();
    const { icmp } = builtOverTcp(ended)[0]!.transport;
    assert.equal(icmp.length, 4);
    const { at, ...rest } = icmp[0]!;
    assert.deepEqual(at, { seconds: 100, nanoseconds: 0, digits: 6 });
    assert.deepEqual(rest, {
      frame: 5,
      router: '203.0.113.7',
      about: 'client',
      type: 3,
      code: 4,
      meaning: 'fragmentation-needed',
      mtu: 1280,
    });
  });

  test('an ICMP error without the ports, which the snapshot length cut off: it is about the one SYN of its receiver', () => {
    /**
     * Whether the error is about one of the connections of these ports, none of which is answered; `network`: the first word of the
     * server's address in the packet that it quotes, if another.
     */
    const isNoted = (ports: readonly number[], network?: number): boolean[] => {
      const ended: EndedConnection[] = [];
      const tracker = createTcpTracker(createTlsReader(), (tcp, now) => ended.push(endedTcp(tcp, now)));
      const packet = newPacket();
      let syn = new Uint8Array(0);
      for (const clientPort of ports) {
        const talk = conversation({ ipv6: true, clientPort });
        syn = frameBytes(talk.send('client', { flags: SYN, acknowledgment: 0 }));
        decode(frameOf(1, syn), packet);
        tracker.segment(packet, newFrame());
      }
      const [sender, receiver] = [syn.subarray(22, 38), syn.subarray(38, 54)];
      const quoted = Buffer.from(syn.subarray(14));
      if (network !== undefined) quoted.writeUInt32BE(network, 24);
      const error = concat([1, 4, 0, 0, 0, 0, 0, 0], quoted);
      const whole = ethernet(0x86dd, concat([0x60, 0, 0, 0], be16(error.length), [58, 64], receiver, sender, error));
      assert.equal(decode(frameOf(1, whole.subarray(0, 96), whole.length), packet), ICMP_MESSAGE);
      const isTaken = tracker.icmp(packet, newFrame());
      tracker.finish();
      const { icmp } = builtOverTcp(ended)[0]!.transport;
      return [isTaken, icmp.some(({ meaning, about }) => meaning === 'port-unreachable' && about === 'client')];
    };
    assert.deepEqual(isNoted([40000]), [true, true]);
    assert.deepEqual(isNoted([40000, 40001]), [false, false]);
    assert.deepEqual(isNoted([40000], 0x20010db8 ^ 1), [false, false], 'about a packet to another network');
  });
});
