import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_EARLY_BYTES, MAX_EARLY_SEGMENTS, REORDER_SEGMENTS } from '../../../src/transport/tcp/stream.js';
import { MAX_RECENTLY_CLOSED } from '../../../src/transport/tcp/recently-closed.js';
import { MAX_HELD_BYTES } from '../../../src/transport/tcp/early.js';
import { MAX_LINGERING } from '../../../src/transport/tcp/life-cycle.js';
import { ACK, FIN, RST, SYN } from '../../../src/packet/packet.js';
import {
  bytesOf,
  conversation,
  feed,
  follow,
  recorder,
  textOf,
  type FollowedConnection,
  type Segment,
} from '../../support/conversation.js';

/** The one connection in these segments. */
function followOne(segments: readonly Segment[]): FollowedConnection {
  const [connection, ...others] = follow(segments);
  assert.ok(connection);
  assert.equal(others.length, 0, 'more than one connection');
  return connection;
}

const clientText = (segments: readonly Segment[]): string => textOf(followOne(segments).pieces.client);
const serverText = (segments: readonly Segment[]): string => textOf(followOne(segments).pieces.server);

/** A connection that is open, its client about to send. */
function opened(options: Parameters<typeof conversation>[0] = {}) {
  const talk = conversation(options);
  talk.open();
  return talk;
}

/** The segments in another order: each number is a place in the first one. */
const ordered = (segments: readonly Segment[], ...places: readonly number[]): Segment[] =>
  places.map((place) => segments[place]!);

describe('the bytes of a stream', () => {
  test('come in order, each with its frame, apart for the two directions', () => {
    const talk = opened();
    talk.say('client', 'one');
    talk.say('server', 'uno');
    talk.say('client', 'two');
    const { pieces } = followOne(talk.segments);
    assert.deepEqual(pieces.client, [
      { data: bytesOf('one'), frame: 4 },
      { data: bytesOf('two'), frame: 6 },
    ]);
    assert.deepEqual(pieces.server, [{ data: bytesOf('uno'), frame: 5 }]);
  });

  test('wait for an earlier segment, and count from the frame that let them go', () => {
    const talk = opened();
    for (const word of ['one ', 'two ', 'three ', 'four']) talk.say('client', word);
    const { pieces } = followOne(ordered(talk.segments, 0, 1, 2, 5, 6, 4, 3));
    assert.equal(textOf(pieces.client), 'one two three four');
    assert.deepEqual(
      pieces.client.map((piece) => 'frame' in piece && piece.frame),
      [7, 7, 7, 7],
    );
  });

  test('cross the end of the sequence space', () => {
    const talk = opened({ clientStart: 0xfffffffd, serverStart: 0x7ffffffe });
    for (const word of ['one ', 'two ', 'three ', 'four']) talk.say('client', word);
    for (const word of ['uno ', 'due ', 'tre']) talk.say('server', word);
    const { pieces } = followOne(ordered(talk.segments, 0, 1, 2, 6, 4, 5, 3, 9, 7, 8));
    assert.equal(textOf(pieces.client), 'one two three four');
    assert.equal(textOf(pieces.server), 'uno due tre');
  });

  test('may begin in the SYN (RFC 7413)', () => {
    const talk = conversation();
    talk.send('client', { flags: SYN, acknowledgment: 0, data: bytesOf('early ') });
    talk.send('server', { flags: SYN | ACK });
    talk.say('client', 'late');
    assert.equal(clientText(talk.segments), 'early late');
  });

  test('that overtake the SYN-ACK wait for what lies between', () => {
    const talk = opened();
    talk.say('client', 'one');
    talk.say('server', 'uno ');
    talk.say('server', 'due');
    assert.equal(serverText(ordered(talk.segments, 0, 5, 1, 2, 3, 4)), 'uno due');
  });

  test('sent again are taken once, and the retransmissions are counted', () => {
    const talk = opened();
    const first = talk.say('client', 'one ');
    talk.say('client', 'two');
    talk.pass(1);
    talk.send('client', { sequence: first.sequence, data: bytesOf('one two') });
    const { pieces, tcp } = followOne(talk.segments);
    assert.equal(textOf(pieces.client), 'one two');
    assert.equal(tcp.ends[0].retransmissions, 1);
  });

  test('sent again with new ones behind them give the new ones', () => {
    const talk = opened();
    const { sequence } = talk.say('client', 'one ');
    talk.send('client', { sequence, data: bytesOf('one two') });
    assert.equal(clientText(talk.segments), 'one two');
  });

  test('captured twice are no retransmission, but counted as duplicates', () => {
    const talk = opened();
    const { tracker, ended } = recorder();
    talk.say('client', 'one');
    const twice = talk.segments.flatMap((segment) => [segment, { ...segment, time: segment.time + 0.0001 }]);
    feed(tracker, twice);
    tracker.finish();
    assert.equal(textOf(ended[0]!.pieces.client), 'one');
    assert.equal(ended[0]!.tcp.ends[0].retransmissions, 0);
    assert.equal(ended[0]!.tcp.ends[0].syns.length, 1);
    assert.ok(tracker.duplicates() >= 3, 'SYN, SYN-ACK and data');
  });

  test('are those of their first copy where copies differ', () => {
    const talk = opened();
    const { sequence } = talk.say('client', 'AAAA');
    talk.send('client', { sequence: sequence + 2, data: bytesOf('bbbb') });
    assert.equal(clientText(talk.segments), 'AAAAbb');
  });

  test('are those of their first copy also where it came before its turn', () => {
    const talk = opened();
    const sequence = 1001;
    talk.send('client', { sequence: sequence + 4, data: bytesOf('AAAA') });
    talk.send('client', { sequence: sequence + 2, data: bytesOf('bbbbbbbb') });
    talk.send('client', { sequence, data: bytesOf('cccccccccccc') });
    assert.equal(clientText(talk.segments), 'ccbbAAAAbbcc');
  });

  test('begin where the capture begins, if it begins late', () => {
    const talk = opened();
    talk.say('client', 'not captured');
    talk.segments.length = 0;
    talk.say('client', 'one ');
    talk.say('server', 'uno');
    talk.say('client', 'two');
    const { pieces, tcp } = followOne(talk.segments);
    assert.equal(textOf(pieces.client), 'one two');
    assert.equal(textOf(pieces.server), 'uno');
    assert.deepEqual([tcp.ends[0].stream.missing, tcp.ends[0].syns.length], [0, 0]);
  });

  test('begin with the earliest of the first segments, if the capture begins late and out of order', () => {
    const talk = opened();
    talk.segments.length = 0;
    for (const word of ['one ', 'two ', 'three ']) talk.say('client', word);
    for (const word of ['uno ', 'due ', 'tre ']) talk.say('server', word);
    talk.say('client', 'four');
    for (const order of [
      [1, 0, 2, 3, 4, 5, 6],
      [2, 1, 0, 4, 3, 5, 6],
      [3, 2, 0, 1, 4, 5, 6],
      [1, 0],
    ]) {
      const { pieces, tcp } = followOne(ordered(talk.segments, ...order));
      const words = order.map((place) => talk.segments[place]!).toSorted((a, b) => a.sequence - b.sequence);
      const said = (from: Segment['from']): string =>
        words.map((word) => (word.from === from ? Buffer.from(word.data).toString() : '')).join('');
      assert.equal(textOf(pieces.client), said('client'));
      assert.equal(textOf(pieces.server), said('server'));
      assert.deepEqual([tcp.ends[0].stream.missing, tcp.ends[0].retransmissions], [0, 0]);
    }
  });

  test('of late beginnings are kept within a bound', () => {
    const { tracker, ended } = recorder();
    const big = new Uint8Array(60_000);
    let opened = 0;
    for (let port = 1; port * big.length <= MAX_HELD_BYTES + 3 * big.length; port++) {
      const talk = conversation({ clientPort: port });
      talk.say('client', big);
      talk.say('client', 'x');
      feed(tracker, talk.segments.toReversed());
      opened = port;
    }
    const held = opened - ended.length;
    assert.equal(held, opened, 'they are open');
    tracker.finish();
    const lost = ended.filter(({ tcp }) => tcp.ends[0].stream.delivered <= big.length);
    assert.ok(lost.length > 0 && lost.length <= 3, 'only those beyond the bound begin with what came first');
  });

  test('begin where the peer says that they do, if their SYN is not in the capture', () => {
    const talk = conversation();
    talk.send('client', { flags: SYN, acknowledgment: 0 });
    talk.send('server', { flags: SYN | ACK });
    talk.lose();
    talk.ack('client');
    const first = talk.say('server', 'uno ');
    const second = talk.say('server', 'due');
    const segments = [...talk.segments.slice(0, 2), second, first];
    assert.equal(serverText(segments), 'uno due');
  });

  test('begin behind the SYN-ACK that the peer acknowledged, or the last one if it acknowledged none', () => {
    const talkOf = (isAcknowledged: boolean) => {
      const talk = conversation();
      talk.send('client', { flags: SYN, acknowledgment: 0 });
      const synAck = talk.send('server', { flags: SYN | ACK });
      const other = { ...synAck, sequence: synAck.sequence + 1_000_000 };
      if (isAcknowledged) {
        talk.ack('client');
        talk.say('client', 'one');
        talk.segments.push(other);
      } else {
        talk.segments.splice(-1, 0, other);
        talk.ack('client');
      }
      talk.ack('client');
      talk.say('server', 'uno ');
      talk.say('server', 'due');
      return talk.segments;
    };
    for (const isAcknowledged of [true, false]) {
      const { pieces, tcp } = followOne(talkOf(isAcknowledged));
      assert.equal(textOf(pieces.server), 'uno due');
      assert.equal(tcp.ends[1].retransmissions, 0);
    }
  });

  test('begin behind a later SYN-ACK all the same if the first data does', () => {
    const talk = conversation();
    talk.send('client', { flags: SYN, acknowledgment: 0 });
    const synAck = talk.send('server', { flags: SYN | ACK });
    talk.ack('client');
    talk.say('client', 'one');
    talk.segments.push({ ...synAck, sequence: synAck.sequence - 1_000_000 });
    talk.ack('client', { acknowledgment: synAck.sequence - 999_999 });
    talk.say('server', 'uno ', { sequence: synAck.sequence - 999_999 });
    talk.say('server', 'due', { sequence: synAck.sequence - 999_995 });
    const { pieces, tcp } = followOne(talk.segments);
    assert.equal(textOf(pieces.server), 'uno due');
    assert.equal(tcp.ends[1].retransmissions, 0);
  });

  test('a keep-alive probe is neither data nor a retransmission (RFC 1122)', () => {
    const talk = opened();
    talk.say('client', 'one');
    talk.pass(60);
    talk.send('client', { sequence: 1000 + 3, data: bytesOf('\0') });
    talk.ack('server');
    talk.say('client', ' two');
    const { pieces, tcp } = followOne(talk.segments);
    assert.equal(textOf(pieces.client), 'one two');
    assert.equal(tcp.ends[0].retransmissions, 0);
  });

  test('a reset brings no bytes', () => {
    const talk = opened();
    talk.say('client', 'one');
    talk.send('client', { flags: RST | ACK, data: bytesOf('why') });
    assert.equal(clientText(talk.segments), 'one');
  });
});

describe('what the snapshot length cut off', () => {
  test('is a gap of its length, and the stream goes on behind it', () => {
    const talk = opened();
    talk.say('client', 'one two ', { cut: 4 });
    talk.say('client', 'three');
    assert.equal(clientText(talk.segments), 'one <4>three');
  });

  test('is a gap too in a segment that came before its turn', () => {
    const talk = opened();
    for (const word of ['one ', 'two two ', 'three']) talk.say('client', word);
    const segments = talk.segments.map((segment, index) => (index === 4 ? { ...segment, cut: 4 } : segment));
    assert.equal(clientText(ordered(segments, 0, 1, 2, 4, 5, 3)), 'one two <4>three');
  });

  test('is taken from another copy that waits with it', () => {
    const talk = opened();
    talk.send('client', { sequence: 1005, data: bytesOf('two two '), cut: 4 });
    talk.send('client', { sequence: 1009, data: bytesOf('two three') });
    talk.send('client', { sequence: 1001, data: bytesOf('one ') });
    assert.equal(clientText(talk.segments), 'one two two three');
  });

  test('may be all of a segment', () => {
    const talk = opened();
    talk.say('client', 'one', { cut: 3 });
    talk.say('client', 'two');
    const { pieces, tcp } = followOne(talk.segments);
    assert.equal(textOf(pieces.client), '<3>two');
    assert.equal(tcp.ends[0].stream.missing, 3);
  });
});

describe('loss', () => {
  /** `one ` sent and acknowledged, `two ` and `three` behind it; the first lost to the capture. */
  function lost(acknowledgments: number) {
    const talk = opened();
    talk.say('client', 'one ');
    talk.lose();
    talk.say('client', 'two ');
    for (let count = 0; count < acknowledgments; count++) talk.ack('server');
    return talk;
  }

  test('is declared when the peer has acknowledged what does not come', () => {
    const { tracker, ended } = recorder();
    const talk = lost(REORDER_SEGMENTS + 1);
    talk.say('client', 'three');
    feed(tracker, talk.segments);
    // The connection goes on; but what comes now is late.
    feed(tracker, [{ ...talk.segments[2]!, sequence: 1001, data: bytesOf('one ') }], 100);
    tracker.finish();
    assert.equal(textOf(ended[0]!.pieces.client), '<4>two three');
    assert.equal(ended[0]!.tcp.ends[0].stream.missing, 4);
  });

  test('is not declared before what is late has had time to come', () => {
    const talk = lost(REORDER_SEGMENTS);
    talk.send('client', { sequence: 1001, data: bytesOf('one ') });
    assert.equal(clientText(talk.segments), 'one two ');
  });

  test('is not declared while the peer has not acknowledged it: it may be sent again', () => {
    const talk = opened();
    talk.say('client', 'one ');
    talk.lose();
    talk.say('client', 'two ');
    for (let count = 0; count < 10 * REORDER_SEGMENTS; count++) talk.ack('server', { acknowledgment: 1001 });
    talk.send('client', { sequence: 1001, data: bytesOf('one ') });
    assert.equal(clientText(talk.segments), 'one two ');
  });

  test('is of the bytes that the peer acknowledged alone: those behind them may be sent again', () => {
    const talk = opened();
    talk.say('client', 'one ');
    talk.lose();
    talk.say('client', 'two ');
    talk.lose();
    talk.say('client', 'three');
    for (let count = 0; count < 2 * REORDER_SEGMENTS; count++) talk.ack('server', { acknowledgment: 1005 });
    talk.send('client', { sequence: 1005, data: bytesOf('two ') });
    assert.equal(clientText(talk.segments), '<4>two three');
  });

  test('is not declared where all acknowledgments come a little before what they acknowledge', () => {
    const talk = opened();
    const late: Segment[] = [];
    for (let count = 0; count < 5 * REORDER_SEGMENTS; count++) {
      late.push(talk.say('server', '0123456789'));
      talk.ack('client');
    }
    const segments = talk.segments.slice(0, 3);
    const acknowledgments = talk.segments.slice(3).filter(({ from }) => from === 'client');
    for (const [index, acknowledgment] of acknowledgments.entries()) {
      segments.push(acknowledgment);
      const data = late[index - 4];
      if (data !== undefined) segments.push(data);
    }
    segments.push(...late.slice(-4));
    assert.equal(serverText(segments), '0123456789'.repeat(5 * REORDER_SEGMENTS));
  });

  test('shows at the end of the connection at the latest, with everything behind it', () => {
    const talk = opened();
    for (const word of ['one ', 'two ', 'three ', 'four']) talk.say('client', word);
    assert.equal(clientText(ordered(talk.segments, 0, 1, 2, 4, 6)), '<4>two <6>four');
  });

  test('shows at the end where nothing came behind it, if the peer acknowledged it', () => {
    const talk = opened();
    talk.say('client', 'one ');
    talk.say('client', 'two');
    talk.lose();
    talk.ack('server');
    talk.reset('client');
    assert.equal(clientText(talk.segments), 'one <3>');
  });

  test('is not a FIN, seen or lost', () => {
    const seen = opened();
    seen.say('client', 'one');
    seen.fin('client');
    seen.ack('server');
    assert.equal(clientText(seen.segments), 'one');
    const unseen = opened();
    unseen.say('client', 'one');
    unseen.fin('client');
    unseen.lose();
    unseen.ack('server');
    assert.equal(clientText(unseen.segments), 'one');
  });

  test('is not the answer to a SYN that speaks of an older connection (RFC 9293 §3.10.7.4)', () => {
    const talk = conversation();
    talk.send('client', { flags: SYN, acknowledgment: 0 });
    talk.send('server', { sequence: 777, acknowledgment: 0x10001000 });
    talk.send('client', { sequence: 0x10001000, flags: RST });
    talk.pass(1);
    talk.send('client', { sequence: 1000, flags: SYN, acknowledgment: 0 });
    talk.send('server', { flags: SYN | ACK });
    for (let count = 0; count < 2 * REORDER_SEGMENTS; count++) talk.ack('server');
    talk.say('client', 'one');
    talk.ack('server');
    assert.equal(clientText(talk.segments), 'one');
  });
});

describe('bounds', () => {
  /** Feeds segments, of which the first four bytes were lost, and then those bytes when they are late. */
  function withLateBytes(segments: readonly Segment[]): string {
    const { tracker, ended } = recorder();
    feed(tracker, segments);
    feed(tracker, [{ ...segments[2]!, sequence: 1001, data: bytesOf('lost') }], 5000);
    tracker.finish();
    return textOf(ended[0]!.pieces.client);
  }

  test('what waits for an earlier segment is let go beyond a mebibyte', () => {
    const talk = opened();
    talk.say('client', 'lost');
    talk.lose();
    const chunk = new Uint8Array(MAX_EARLY_BYTES / 32).fill(0x61);
    for (let count = 0; count < 32; count++) talk.say('client', chunk);
    const kept = 'a'.repeat(MAX_EARLY_BYTES);
    assert.equal(withLateBytes(talk.segments), `lost${kept}`);
    talk.say('client', 'b');
    assert.equal(withLateBytes(talk.segments), `<4>${kept}b`);
  });

  test('so are small segments when they are many', () => {
    const talk = opened();
    talk.say('client', 'lost');
    talk.lose();
    // Every second byte: none joins another.
    for (let index = 0; index <= MAX_EARLY_SEGMENTS; index++) {
      talk.send('client', { sequence: 1005 + 2 * index, data: bytesOf('x') });
    }
    assert.ok(withLateBytes(talk.segments.slice(0, -1)).startsWith('lostx<1>x'));
    assert.ok(withLateBytes(talk.segments).startsWith('<4>x<1>x'));
  });

  test('connections beyond the bound end the oldest early, and are counted', () => {
    const { tracker, ended, nextId } = recorder(1, { connections: 3, opening: 3 });
    for (let port = 1; port <= 5; port++) {
      const talk = opened({ clientPort: 50000 + port, time: port });
      feed(tracker, talk.segments);
    }
    assert.deepEqual(
      ended.map(({ tcp }) => tcp.id),
      [1, 2],
    );
    assert.equal(tracker.evicted(), 2);
    tracker.finish();
    assert.equal(nextId(), 6);
    assert.equal(ended.length, 5);
  });

  test('connections that are over make room first, even where the clock of the capture stands still', () => {
    const { tracker, ended } = recorder(1, { connections: 3, opening: 3 });
    const standing = opened({ clientPort: 40000, interval: 0 });
    feed(tracker, standing.segments);
    for (let port = 1; port <= 10; port++) {
      const talk = opened({ clientPort: 50000 + port, interval: 0 });
      talk.reset('server');
      feed(tracker, talk.segments);
    }
    assert.equal(ended.length, 8, 'two linger beside the open one');
    assert.ok(ended.every(({ tcp }) => tcp.state === 'closed'));
    assert.equal(tracker.evicted(), 0, 'nothing was given up');
  });

  test('a flood of SYNs stays within the bound, is counted, and leaves connections with data alone', () => {
    const { tracker, ended } = recorder(1, { connections: 1000, opening: 99 });
    const talk = opened({ clientPort: 40000 });
    feed(tracker, talk.segments);
    for (let port = 1; port <= 2000; port++) {
      const syn = conversation({ clientPort: port });
      syn.send('client', { flags: SYN });
      feed(tracker, syn.segments);
    }
    assert.deepEqual([tracker.forgotten(), tracker.evicted(), ended.length], [1901, 0, 0]);
    tracker.finish();
    assert.equal(ended.length, 100);
  });

  test('of many closed connections most are over at once, and their late segments make no new ones', () => {
    const { tracker, ended, nextId } = recorder();
    const count = 700;
    const late = [];
    for (let port = 1; port <= count; port++) {
      const talk = opened({ clientPort: 10000 + port, interval: 0 });
      talk.fin('client');
      talk.fin('server');
      feed(tracker, talk.segments);
      talk.fin('server');
      late.push(talk.segments.at(-1)!);
    }
    const over = ended.length;
    assert.ok(over > 100 && over < count, `${over} are over`);
    feed(tracker, late);
    tracker.finish();
    assert.equal(nextId(), count + 1);
    assert.equal(ended.length, count);
    // Their ports may be used again.
    const again = opened({ clientPort: 10001, time: 1 });
    feed(tracker, again.segments);
    tracker.finish();
    assert.equal(ended.length, count + 1);
  });

  test('of closed connections beyond the bound nothing is known any more', () => {
    const { tracker, nextId } = recorder();
    const count = MAX_LINGERING + MAX_RECENTLY_CLOSED + 1;
    const resets = [];
    for (let index = 0; index < count; index++) {
      const talk = conversation({ clientPort: 10000 + index, interval: 0 });
      talk.send('server', { flags: RST | ACK });
      resets.push(...talk.segments);
    }
    feed(tracker, resets);
    const late = conversation({ interval: 0, clientPort: 10001 });
    late.send('server', { flags: RST | ACK, sequence: 77 });
    feed(tracker, late.segments);
    const lost = conversation({ interval: 0, clientPort: 10000 });
    lost.send('server', { flags: RST | ACK, sequence: 77 });
    feed(tracker, lost.segments);
    tracker.finish();
    assert.equal(nextId(), count + 2, 'one more than there were');
  });

  test('only the first SYNs and resets are kept', () => {
    const talk = conversation();
    for (let count = 0; count < 50; count++) {
      talk.send('client', { flags: SYN, sequence: 1000 });
      talk.pass(1);
    }
    for (let count = 0; count < 50; count++) {
      talk.send('server', { flags: RST | ACK });
      talk.pass(1);
    }
    const { tcp } = followOne(talk.segments);
    assert.equal(tcp.ends[0].syns.length, 8);
    assert.equal(tcp.ends[1].resets.length, 4);
  });
});

describe('a connection', () => {
  test('is one for both directions, apart from one with another port', () => {
    const one = opened({ clientPort: 40001 });
    const other = opened({ clientPort: 40002 });
    one.say('client', 'one');
    other.say('client', 'other');
    one.say('server', 'uno');
    const connections = follow([...one.segments, ...other.segments]);
    assert.deepEqual(
      connections.map(({ tcp, pieces }) => [tcp.id, textOf(pieces.client), textOf(pieces.server)]),
      [
        [1, 'one', 'uno'],
        [2, 'other', ''],
      ],
    );
  });

  test('is told from others of the same hash', () => {
    const { tracker, ended } = recorder();
    const count = 5000;
    for (let port = 0; port < count; port++) {
      const talk = conversation({ clientPort: 10000 + port, interval: 0 });
      talk.send('client', { flags: SYN });
      talk.say('client', String(port));
      feed(tracker, talk.segments);
    }
    for (let port = 0; port < count; port++) {
      const talk = conversation({ clientPort: 10000 + port, interval: 0 });
      talk.send('server', { flags: RST | ACK });
      feed(tracker, talk.segments);
    }
    tracker.finish();
    assert.equal(ended.length, count);
    assert.equal(new Set(ended.map(({ pieces }) => textOf(pieces.client))).size, count);
    assert.ok(ended.every(({ tcp }) => tcp.state === 'closed'));
  });

  test('keeps its SYN, SYN-ACK, FINs and resets, with frame and time', () => {
    const talk = opened({ time: 5 });
    talk.say('client', 'one');
    talk.fin('client');
    talk.fin('server');
    talk.reset('client');
    const [client, server] = followOne(talk.segments).tcp.ends;
    assert.deepEqual(
      client.syns.map(({ frame, at }) => [frame, at.seconds]),
      [[1, 5]],
    );
    assert.equal(server.synAcks[0]?.frame, 2);
    assert.equal(client.firstData?.frame, 4);
    assert.equal(client.lastData?.number, 4);
    assert.equal(client.fin?.frame, 5);
    assert.equal(server.fin?.frame, 6);
    assert.deepEqual(
      client.resets.map(({ frame, ttl }) => [frame, ttl]),
      [[7, 64]],
    );
  });

  test('the TTL of a reset does not count as that of its sender: it may not be from it', () => {
    const talk = opened();
    talk.send('server', { flags: RST, ttl: 3 });
    const [, server] = followOne(talk.segments).tcp.ends;
    assert.equal(server.ttl, 64);
    assert.equal(server.resets[0]?.ttl, 3);
  });

  test('is closed by a reset, or by a FIN from both sides; half-open by one', () => {
    const isClosed = (...ends: readonly ((talk: ReturnType<typeof opened>) => void)[]): boolean => {
      const talk = opened();
      for (const end of ends) end(talk);
      return followOne(talk.segments).tcp.state === 'closed';
    };
    const clientFin = (talk: ReturnType<typeof opened>): void => void talk.fin('client');
    const serverFin = (talk: ReturnType<typeof opened>): void => void talk.fin('server');
    assert.equal(isClosed(), false);
    assert.equal(isClosed(clientFin), false);
    assert.equal(isClosed(serverFin, clientFin), true);
    assert.equal(
      isClosed((talk) => void talk.reset('server')),
      true,
    );
  });

  test('goes on half-open: the other side may still send', () => {
    const talk = opened();
    talk.fin('client');
    talk.say('server', 'still here');
    assert.equal(serverText(talk.segments), 'still here');
  });

  test('lingers for late segments when it is closed without having said all, and ends ten seconds later', () => {
    const { tracker, ended } = recorder();
    const talk = opened();
    talk.fin('client');
    talk.say('server', 'late');
    const [late] = talk.segments.splice(-1);
    talk.fin('server');
    talk.pass(5);
    talk.ack('client', { acknowledgment: 5001 });
    feed(tracker, [...talk.segments, { ...late!, time: 105.1 }]);
    const other = opened({ clientPort: 41000, time: 114 });
    feed(tracker, other.segments, 100);
    assert.equal(ended.length, 0, 'ten seconds have not passed since its last segment');
    other.segments.length = 0;
    other.pass(5);
    other.ack('client');
    feed(tracker, other.segments, 200);
    assert.equal(ended.length, 1);
    assert.equal(ended[0]!.tcp.lastFrame, 7);
    assert.equal(textOf(ended[0]!.pieces.server), 'late');
  });

  test('ends at once when both ends have said all, and know it; what comes late is none of it, and no other', () => {
    const { tracker, ended, nextId } = recorder();
    const talk = opened();
    talk.say('client', 'bye');
    talk.fin('client');
    talk.fin('server');
    feed(tracker, talk.segments);
    assert.equal(ended.length, 0, 'the last FIN is not acknowledged');
    talk.ack('client');
    feed(tracker, talk.segments.slice(-1), 10);
    assert.equal(ended.length, 1);
    // On a slow mirror, all of it comes again.
    const copies = talk.segments.map((segment) => ({ ...segment, time: segment.time + 0.05, ttl: 63 }));
    talk.send('client', { sequence: 1001, data: bytesOf('bye'), time: copies.at(-1)!.time });
    talk.reset('server');
    feed(tracker, [...copies, ...talk.segments.slice(-2)], 20);
    tracker.finish();
    assert.equal(nextId(), 2);
    assert.equal(ended.length, 1);
    assert.deepEqual(
      ended[0]!.tcp.ends.map(({ resets, retransmissions }) => [resets.length, retransmissions]),
      [
        [0, 0],
        [0, 0],
      ],
    );
    assert.equal(tracker.duplicates(), copies.length);
  });

  test('ends in time also after a frame from far in the future', () => {
    const { tracker, ended } = recorder();
    feed(tracker, opened({ clientPort: 41000, time: 4e9 }).segments);
    const talk = opened();
    talk.reset('server');
    feed(tracker, talk.segments);
    const other = opened({ clientPort: 42000, time: 200 });
    feed(tracker, other.segments);
    assert.equal(ended.length, 1);
  });

  test('is not split by one segment of another, nor is its end timed by it, whose time is decades ahead', () => {
    const { tracker, ended } = recorder();
    const talk = conversation();
    talk.send('client', { flags: SYN });
    const rest = conversation();
    rest.open();
    rest.say('client', 'hello');
    feed(tracker, talk.segments);
    feed(tracker, opened({ clientPort: 41000, time: 4e9 }).segments.slice(0, 1));
    feed(tracker, rest.segments.slice(1));
    tracker.finish();
    assert.deepEqual(ended.map(({ tcp }) => tcp.ports[0] + tcp.ports[1]).length, 2);
    assert.equal(ended.filter(({ pieces }) => textOf(pieces.client) === 'hello').length, 1);
  });

  test('is another when its ports are used again', () => {
    const first = opened();
    first.say('client', 'first');
    first.fin('client');
    first.fin('server');
    const second = opened({ clientStart: 900000, serverStart: 77, time: 103 });
    second.say('client', 'second');
    const texts = follow([...first.segments, ...second.segments]).map(({ pieces }) => textOf(pieces.client));
    assert.deepEqual(texts, ['first', 'second']);
  });

  test('is another too when its end is not in the capture, or it began before the capture', () => {
    const first = opened();
    first.say('client', 'first');
    const second = opened({ clientStart: 900000, serverStart: 77, time: 103 });
    second.say('client', 'second');
    const onlyServer = conversation();
    onlyServer.ack('client');
    onlyServer.say('server', 'primo');
    const onlyReset = conversation();
    onlyReset.reset('server');
    for (const before of [first.segments, first.segments.slice(3), onlyServer.segments, onlyReset.segments]) {
      assert.equal(follow([...before, ...second.segments]).length, 2);
    }
  });

  test('is the same when its SYN is sent again, even after a refusal', () => {
    const talk = conversation();
    for (let count = 0; count < 3; count++) {
      talk.send('client', { flags: SYN, sequence: 1000 });
      talk.send('server', { flags: RST | ACK, sequence: 0 });
      talk.pass(0.5);
    }
    const { tcp } = followOne(talk.segments);
    assert.equal(tcp.ends[0].syns.length, 3);
    assert.equal(tcp.ends[1].resets.length, 3);
  });

  test('goes on when its client refuses what the server says of an older one (RFC 9293 §3.10.7.3)', () => {
    const talk = conversation();
    talk.send('client', { flags: SYN, sequence: 1000 });
    talk.send('server', { sequence: 77_777, acknowledgment: 900_000_000 });
    talk.send('client', { flags: RST, sequence: 900_000_000 });
    talk.pass(1);
    talk.open();
    talk.segments[3] = { ...talk.segments[3]!, sequence: 1000 };
    talk.segments[5] = { ...talk.segments[5]!, sequence: 1001 };
    talk.send('client', { sequence: 1001, data: bytesOf('one') });
    talk.pass(60);
    talk.say('server', 'uno');
    const { tcp, pieces } = followOne(talk.segments);
    assert.deepEqual([textOf(pieces.client), textOf(pieces.server)], ['one', 'uno']);
    assert.deepEqual([tcp.state === 'closed', tcp.ends[0].resets.length, tcp.ends[0].syns.length], [false, 0, 2]);
  });

  test('is the same when its SYN comes late, by reordering', () => {
    const talk = opened();
    talk.say('client', 'one');
    talk.say('server', 'uno');
    for (const order of [
      [1, 0, 2, 3, 4],
      [2, 3, 0, 1, 4],
      [3, 0, 1, 2, 4],
    ]) {
      const { pieces, tcp } = followOne(ordered(talk.segments, ...order));
      assert.equal(textOf(pieces.client), 'one');
      assert.equal(textOf(pieces.server), 'uno');
      assert.equal(tcp.ends[0].syns.length, 1);
    }
  });

  test('may open from both sides at once (RFC 9293 §3.5)', () => {
    const talk = conversation();
    talk.send('client', { flags: SYN });
    talk.send('server', { flags: SYN });
    talk.send('client', { flags: SYN | ACK, sequence: 1000 });
    talk.send('server', { flags: SYN | ACK, sequence: 5000 });
    talk.say('client', 'one');
    talk.say('server', 'uno');
    const { pieces } = followOne(talk.segments);
    assert.deepEqual([textOf(pieces.client), textOf(pieces.server)], ['one', 'uno']);
  });

  test('numbers go on from those that others have', () => {
    const { tracker, ended } = recorder(8);
    feed(tracker, opened().segments);
    tracker.finish();
    assert.equal(ended[0]!.tcp.id, 8);
  });

  test('a FIN that overtakes the last bytes does not cut them off', () => {
    const talk = opened();
    talk.say('client', 'one ');
    talk.send('client', { data: bytesOf('two'), flags: FIN | ACK });
    assert.equal(clientText(ordered(talk.segments, 0, 1, 2, 4, 3)), 'one two');
  });
});
