import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { QUIC_SCENES } from '../../support/quic-captures.js';
import { overUdp } from '../../../src/connection/connection.js';
import {
  connectionsOfDatagrams,
  dtlsClientHello,
  dtlsMessage,
  dtlsRecord,
  dtlsServerHello,
  frameAt,
  packetOf,
  udpRecorder,
  type TestDatagram,
} from '../../support/datagrams.js';

const hello = (random: number, more: Partial<TestDatagram> = {}): TestDatagram => ({
  from: 'client',
  data: dtlsMessage(1, 0, dtlsClientHello({ random: new Uint8Array(32).fill(random) })),
  ...more,
});
const answer: TestDatagram = { from: 'server', data: dtlsMessage(2, 0, dtlsServerHello()) };
const stun: TestDatagram = { from: 'client', data: new Uint8Array(20) };
const rtp: TestDatagram = { from: 'server', data: new Uint8Array(60).fill(0x80) };

describe('associations over UDP', () => {
  test('both directions are one; what shares its ports is none of it', () => {
    const { feed, finish, ended } = udpRecorder();
    assert.deepEqual(feed([stun, hello(1), stun, answer, rtp]), [false, true, false, true, false]);
    const [connection] = finish();
    assert.equal(ended.length, 1);
    assert.deepEqual([connection!.firstFrame, connection!.lastFrame, connection!.protocol], [2, 4, 'dtls']);
    const { client, server } = overUdp(connection!)!;
    assert.deepEqual([client.datagrams, server.datagrams, client.ttl], [1, 1, 64]);
    assert.deepEqual([client.firstData?.frame, server.lastData?.frame], [2, 4]);
  });

  test('of datagrams that begin nothing known nothing is kept', () => {
    const { feed, finish } = udpRecorder();
    assert.ok(feed([stun, rtp, { from: 'client', data: new Uint8Array(0) }]).every((taken) => !taken));
    assert.deepEqual(finish(), []);
  });

  test('a ClientHello with another random begins another association on the same ports', () => {
    const connections = connectionsOfDatagrams([hello(1), answer, hello(2), answer, hello(2)]);
    assert.deepEqual(
      connections.map(({ firstFrame, lastFrame, clientHello }) => [firstFrame, lastFrame, clientHello?.random[1]]),
      [
        [1, 2, '1'],
        [3, 5, '2'],
      ],
    );
    assert.equal(connections[1]!.dtls?.retransmissions, 1);
  });

  test('of associations between the same ports the oldest is ended beyond the bound', () => {
    const { feed, ended } = udpRecorder({ sameEndpoints: 2 });
    feed([hello(1), hello(2), hello(3), hello(4)]);
    assert.deepEqual(
      ended.map(({ id }) => id),
      [1, 2],
    );
  });

  test('beyond the bound the association that was silent longest is ended; one that is not silent counts', () => {
    const { feed, ended, tracker } = udpRecorder({ associations: 2 });
    feed([
      hello(1, { clientPort: 1, time: 0 }),
      hello(2, { clientPort: 2, time: 1 }),
      hello(1, { clientPort: 1, time: 100 }),
      hello(3, { clientPort: 3, time: 101 }),
    ]);
    assert.deepEqual(
      ended.map(({ id }) => id),
      [2],
    );
    assert.equal(tracker.evicted(), 0, 'it had been silent for 100 s');
    feed([hello(4, { clientPort: 4, time: 101 })]);
    assert.equal(tracker.evicted(), 1);
  });

  test('of associations that a fatal alert ended few are kept; those that are open stay', () => {
    const { feed, ended } = udpRecorder({ over: 1 });
    const alert = (clientPort: number, level = 2): TestDatagram => ({
      from: 'client',
      data: dtlsRecord(21, [level, 40]),
      clientPort,
    });
    feed([hello(1, { clientPort: 1 }), alert(2), alert(3, 1), alert(1), alert(2), alert(4)]);
    assert.deepEqual(
      ended.map(({ id }) => id),
      [2, 1, 4],
    );
  });

  /** An ICMP error that quotes the ClientHello: its port is closed. */
  function portUnreachable(): ReturnType<typeof packetOf> {
    const packet = packetOf(answer);
    const { quoted } = packet.icmp;
    Object.assign(packet.icmp, { type: 3, code: 3 });
    Object.assign(quoted, { protocol: 17, ipVersion: 4, sourcePort: 50000, destinationPort: 4433 });
    quoted.addresses.set(packetOf(hello(1)).addresses);
    return packet;
  }

  test('an ICMP error is of the association whose datagram it quotes', () => {
    const { feed, finish, tracker } = udpRecorder();
    feed([hello(1)]);
    const packet = portUnreachable();
    const { quoted } = packet.icmp;
    assert.equal(tracker.icmp(packet, frameAt(7)), true);
    quoted.sourcePort = 50001;
    assert.equal(tracker.icmp(packet, frameAt(8)), false);
    quoted.sourcePort = 50000;
    quoted.protocol = 6;
    assert.equal(tracker.icmp(packet, frameAt(9)), false);
    const [connection] = finish();
    const { icmp } = overUdp(connection!)!;
    assert.deepEqual(
      icmp.map(({ frame, about, meaning, router }) => [frame, about, meaning, router]),
      [[7, 'client', 'port-unreachable', '198.51.100.20']],
    );
    assert.equal(connection!.outcome, 'failed');
  });

  test('a port that is closed behind what only follows an answer says nothing of the handshake', () => {
    const { feed, finish, tracker } = udpRecorder();
    feed([hello(1), { from: 'client', data: dtlsMessage(16, 1, new Uint8Array(33)) }]);
    const packet = portUnreachable();
    assert.equal(tracker.icmp(packet, frameAt(7)), true);
    assert.equal(finish()[0]!.outcome, 'incomplete');
  });

  test('nor behind the ClientHello with a cookie, which somebody asked for', () => {
    const { feed, finish, tracker } = udpRecorder();
    feed([
      hello(1),
      { from: 'client', data: dtlsMessage(1, 1, dtlsClientHello({ random: new Uint8Array(32).fill(1) })) },
    ]);
    assert.equal(tracker.icmp(portUnreachable(), frameAt(7)), true);
    assert.equal(finish()[0]!.outcome, 'incomplete');
  });

  test('the beginning of a datagram whose IP fragments were lost counts as such, and changes no times', () => {
    const { feed, finish, tracker } = udpRecorder();
    feed([hello(1), hello(1), answer]);
    const cut = dtlsMessage(11, 1, new Uint8Array(3000));
    tracker.partialDatagram(packetOf({ from: 'server', data: cut.subarray(0, 1472), missing: 1553 }), frameAt(2));
    const [connection] = finish();
    const { server } = overUdp(connection!)!;
    assert.deepEqual([server.fragmented?.frame, server.fragmented?.datagrams, server.missing], [2, 1, 0]);
    assert.deepEqual([connection!.lastFrame, server.lastData?.frame], [3, 3]);
  });

  test('ends by silence once the capture goes on without it', () => {
    const { feed, finish } = udpRecorder();
    feed([hello(1, { time: 1 }), hello(2, { clientPort: 2, time: 3.5 }), hello(3, { clientPort: 3, time: 5 })]);
    assert.deepEqual(
      finish().map(({ ending }) => [ending.how, ending.frame]),
      [
        ['timeout', 1],
        ['none', null],
        ['none', null],
      ],
    );
  });

  test('ends by silence, too, if the capture goes on with frames of other kinds alone', () => {
    for (const [over, how] of [
      [3, 'none'],
      [5, 'timeout'],
    ] as const) {
      const { feed, finish } = udpRecorder();
      feed([hello(1, { time: 1 })]);
      const [connection] = finish(frameAt(2, over));
      assert.equal(connection!.ending.how, how);
    }
  });
});

describe('an answer from another address or port', () => {
  const client = (time: number): TestDatagram => hello(1, { time });
  const strayOf = (datagrams: readonly TestDatagram[]) => {
    const [first, ...others] = connectionsOfDatagrams(datagrams);
    assert.equal(first!.clientHello?.frame ?? first!.firstFrame, 1);
    const { strayAnswer, server } = overUdp(first!)!;
    assert.ok(strayAnswer === null || server.datagrams === 0);
    // What is told of the connection that it answers is not told again by itself.
    assert.ok(strayAnswer === null || others.length === 0);
    return strayAnswer && [strayAnswer.frame, strayAnswer.source, strayAnswer.datagrams, strayAnswer.isProven];
  };
  const source = { address: '198.51.100.21', port: 4433 };

  test('is one over DTLS from the same port, or from the same address', () => {
    assert.deepEqual(strayOf([client(0), { ...answer, host: 21 }, client(1), { ...answer, host: 21 }]), [
      2,
      source,
      2,
      false,
    ]);
    assert.deepEqual(strayOf([client(0), { ...answer, serverPort: 5000 }, client(1)]), [
      2,
      { address: '198.51.100.20', port: 5000 },
      1,
      false,
    ]);
    assert.equal(strayOf([client(0), { ...answer, host: 21, serverPort: 5000 }, client(1)]), null);
    assert.equal(strayOf([client(0), { ...answer, host: 21, clientPort: 50_001 }, client(1)]), null);
  });

  test('is none where the client sends something there, as ICE does', () => {
    const there = { from: 'client', host: 21, data: dtlsMessage(16, 1, new Uint8Array(40)) } as const;
    const datagrams = [client(0), { ...answer, host: 21 }, there, client(1)];
    assert.equal(strayOf(datagrams), null);
    assert.equal(connectionsOfDatagrams(datagrams).length, 2);
  });

  test('is none behind an answer from the right place', () => {
    assert.equal(strayOf([client(0), answer, { ...answer, host: 21 }, client(1)]), null);
  });

  test('is proven over QUIC, wherever it comes from, and taken for no other datagram', () => {
    const scene = QUIC_SCENES['the answers are lost in front of the client'];
    const datagrams = scene.map(([isClient, at, data]): TestDatagram =>
      isClient
        ? { from: 'client', time: at / 1000, data }
        : { from: 'server', time: at / 1000, data, host: 21, serverPort: 7 },
    );
    assert.deepEqual(strayOf(datagrams), [2, { address: '198.51.100.21', port: 7 }, 3, true]);
    const { feed } = udpRecorder();
    assert.ok(feed(datagrams).every((isTaken) => isTaken));
    const altered = datagrams.map((datagram) => ({ ...datagram, data: datagram.data.slice() }));
    for (const { from, data } of altered) if (from === 'server') data[data.length - 1]! ^= 1;
    assert.equal(strayOf(altered), null);
  });
});
