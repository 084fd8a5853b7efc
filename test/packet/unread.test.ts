import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decode } from '../../src/packet/decode.js';
import { UDP_DATAGRAM } from '../../src/packet/layer.js';
import { newPacket } from '../../src/packet/packet.js';
import { createUnreadCounter, type UnreadPackets } from '../../src/packet/unread.js';
import { be16, be32, concat, ethernet, frameOf, ipv4 } from '../support/captures.js';
import { udp } from './frames.js';

const datagram = (data: Uint8Array, from: number, to: number) => ipv4(udp(data, { from, to }), { protocol: 17 });

function counted(...packets: readonly Uint8Array[]): UnreadPackets[] {
  const counter = createUnreadCounter();
  const packet = newPacket();
  for (const bytes of packets) counter.count(decode(frameOf(101, bytes), packet), packet);
  return counter.list();
}

const initial = concat([0xc3], be32(1), [8], new Uint8Array(8), [0], new Uint8Array(1180));
const clientHello = concat([22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0], be16(4), [1, 2, 3, 4]);
const noise = new Uint8Array(40).fill(0x41);

describe('what is not analysed is counted', () => {
  test('QUIC by its long header, on any port, and the rest of its flow in both directions', () => {
    assert.deepEqual(
      counted(datagram(initial, 50000, 4433), datagram(noise, 4433, 50000), datagram(noise, 4433, 50001)),
      [
        { kind: 'udp', over: 'udp', packets: 1 },
        { kind: 'quic', over: 'udp', packets: 2 },
      ].sort((a, b) => b.packets - a.packets),
    );
  });

  test('QUIC that began before the capture, by its port', () => {
    assert.deepEqual(counted(datagram(noise, 443, 50000)), [{ kind: 'quic', over: 'udp', packets: 1 }]);
  });

  test('DTLS by its record header, STUN by its cookie, others by port', () => {
    const stun = concat(be16(1), be16(0), be32(0x2112a442), new Uint8Array(12));
    const kinds = counted(
      datagram(clientHello, 50000, 4444),
      datagram(stun, 50000, 3478),
      datagram(new Uint8Array(20), 50000, 53),
      datagram(new Uint8Array(20), 1812, 50000),
    ).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['dns', 'dtls', 'radius', 'stun']);
  });

  test('a version that is none, a length that does not fit: plain UDP', () => {
    const wrong = initial.slice();
    wrong.set(be32(0x12345678), 1);
    assert.deepEqual(counted(datagram(wrong, 50000, 4433), datagram(clientHello.subarray(0, 15), 50000, 4444)), [
      { kind: 'udp', over: 'udp', packets: 2 },
    ]);
  });

  test('other protocols over IP, and over the link', () => {
    const packet = newPacket();
    const counter = createUnreadCounter();
    for (const frame of [
      frameOf(101, ipv4(noise, { protocol: 132 })),
      frameOf(101, ipv4(noise, { protocol: 253 })),
      frameOf(1, ethernet(0x888e, noise)),
      frameOf(1, ethernet(0x0806, noise)),
    ]) {
      counter.count(decode(frame, packet), packet);
    }
    assert.deepEqual(
      counter.list().map(({ kind, over }) => `${over} ${kind}`),
      ['link arp', 'link eap', 'ip ip', 'ip sctp'],
    );
  });

  test('any datagram at all is counted once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }),
        fc.nat(65535),
        fc.nat(65535),
        (all, from, to) => {
          const datagrams = all.map((data) => datagram(data, from, to));
          const packet = newPacket();
          const expected = datagrams.filter((bytes) => decode(frameOf(101, bytes), packet) === UDP_DATAGRAM).length;
          const udpOnes = counted(...datagrams).filter(({ over }) => over === 'udp');
          assert.equal(
            udpOnes.reduce((sum, { packets }) => sum + packets, 0),
            expected,
          );
        },
      ),
    );
  });
});
