import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decode, ICMP_MESSAGE } from '../../src/packet/decode.js';
import { MALFORMED } from '../../src/packet/layer.js';
import { formatAddress } from '../../src/packet/address.js';
import { newPacket, type Packet } from '../../src/packet/packet.js';
import { be16, be32, concat, frameOf, ipv4, ipv6, tcp } from '../support/captures.js';

const header = { sourcePort: 40000, destinationPort: 443, sequence: 0x80000001 };

function message(bytes: Uint8Array, length = bytes.length): Packet {
  const packet = newPacket();
  assert.equal(decode(frameOf(101, bytes, length), packet), ICMP_MESSAGE);
  return packet;
}

const icmp = (type: number, code: number, rest: readonly number[], quoted: Uint8Array) =>
  ipv4(concat([type, code, 0, 0], rest, quoted), {
    protocol: 1,
    source: [203, 0, 113, 7],
    destination: [192, 0, 2, 1],
  });
const icmpV6 = (type: number, code: number, rest: readonly number[], quoted: Uint8Array) =>
  ipv6(concat([type, code, 0, 0], rest, quoted), { nextHeader: 58 });

describe('an ICMP error', () => {
  test('says who sent it, the next MTU, and whose packet it is about, of which eight bytes are enough', () => {
    const quoted = ipv4(tcp(new Uint8Array(0), header)).subarray(0, 28);
    const { icmp: said, addresses, end } = message(icmp(3, 4, [0, 0, ...be16(1280)], quoted));
    assert.deepEqual([said.type, said.code, said.mtu, formatAddress(addresses, 0, 4)], [3, 4, 1280, '203.0.113.7']);
    const { addresses: of, contentStart, ...rest } = said.quoted;
    assert.equal(contentStart, end, 'nothing more is quoted');
    assert.deepEqual([formatAddress(of, 0, 4), formatAddress(of, 4, 4)], ['192.0.2.1', '198.51.100.2']);
    assert.deepEqual(rest, {
      protocol: 6,
      cutProtocol: -1,
      words: 0,
      ipVersion: 4,
      sourcePort: 40000,
      destinationPort: 443,
      sequence: 0x80000001 | 0,
    });
  });

  test('of IPv6 is found behind extension headers of the packet that it quotes', () => {
    const segment = tcp(new Uint8Array(0), header);
    const options = concat([6, 0, 1, 4, 0, 0, 0, 0], segment);
    const { icmp: said } = message(icmpV6(2, 0, be32(1400), ipv6(options, { nextHeader: 60 })));
    assert.deepEqual([said.mtu, said.quoted.protocol, said.quoted.sourcePort], [1400, 6, 40000]);
  });

  test('is about the packet whose ports it quotes, if the snapshot length left no more (tcpdump of old: 68 bytes)', () => {
    const { quoted } = message(icmp(3, 3, be32(0), ipv4(tcp(new Uint8Array(0), header)).subarray(0, 26)), 90).icmp;
    assert.deepEqual([quoted.protocol, quoted.sourcePort, quoted.destinationPort, quoted.sequence], [6, 40000, 443, 0]);
  });

  test('of IPv6 that the snapshot length cut within the packet that it quotes: what protocol that carried', () => {
    const whole = icmpV6(1, 4, be32(0), ipv6(tcp(new Uint8Array(0), header), { nextHeader: 6 }));
    const { quoted } = message(whole.subarray(0, 82), whole.length).icmp;
    assert.deepEqual([quoted.protocol, quoted.cutProtocol], [-1, 6]);
    assert.equal(message(whole.subarray(0, 91), whole.length).icmp.quoted.cutProtocol, 6, 'within the ports');
    assert.equal(message(whole.subarray(0, 92), whole.length).icmp.quoted.cutProtocol, -1);
    assert.equal(message(whole).icmp.quoted.cutProtocol, -1);
    assert.equal(message(whole.subarray(0, 53), whole.length).icmp.quoted.cutProtocol, -1);
  });

  test('quotes nothing that can be used: too few bytes, a later fragment, an echo request', () => {
    const segment = tcp(new Uint8Array(0), header);
    const cases = [
      icmp(3, 1, be32(0), ipv4(segment).subarray(0, 23)),
      icmp(3, 1, be32(0), ipv4(segment, { fragment: 5 })),
      icmp(8, 0, be32(0), ipv4(segment)),
      icmpV6(128, 0, be32(0), ipv6(segment)),
    ];
    for (const bytes of cases) assert.equal(message(bytes).icmp.quoted.protocol, -1);
  });

  test('forgets what the message before it quoted', () => {
    const packet = newPacket();
    decode(frameOf(101, icmp(3, 4, [0, 0, ...be16(1280)], ipv4(tcp(new Uint8Array(0), header)))), packet);
    decode(frameOf(101, icmp(0, 0, be32(0), new Uint8Array(0))), packet);
    assert.deepEqual([packet.icmp.mtu, packet.icmp.quoted.protocol], [0, -1]);
  });

  // An IPv6 payload length of 0 leaves it to the frame.
  test('any bytes at all: a message or an error, and nothing read beyond it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.boolean(), (body, isV6) => {
        const whole = isV6 ? ipv6(body, { nextHeader: 58 }) : ipv4(body, { protocol: 1 });
        const packet = newPacket();
        const outcome = decode(frameOf(101, whole), packet);
        assert.equal(outcome, body.length < 8 ? MALFORMED : ICMP_MESSAGE);
        const longer = concat(whole, new Uint8Array(60).fill(0xa5));
        const again = newPacket();
        assert.equal(decode(frameOf(101, longer), again), outcome);
        assert.deepEqual(again.icmp, packet.icmp);
      }),
      { numRuns: 2000 },
    );
  });
});
