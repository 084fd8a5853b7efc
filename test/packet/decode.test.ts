import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Frame } from '../../src/capture/frame.js';
import { formatAddress } from '../../src/packet/address.js';
import {
  decode,
  decodeLayers,
  FRAGMENT,
  MALFORMED,
  NOT_TCP,
  TCP_SEGMENT,
  UNSUPPORTED_LINK_TYPE,
} from '../../src/packet/decode.js';
import { newPacket } from '../../src/packet/packet.js';
import { be16, be32, concat, ethernet, frameOf, ipv4, ipv6, tcp } from '../support/captures.js';

const ETHERNET = 1;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const payload = new Uint8Array([0x16, 3, 1, 0, 5, 0xaa, 0xbb]);
const segment = tcp(payload);

/** The outcome alone, or for a TCP segment where it goes, its payload and what is missing of it. */
function decoded(frame: Frame): number | { from: string; to: string; data: number[]; missing: number } {
  const packet = newPacket();
  const outcome = decode(frame, packet);
  if (outcome !== TCP_SEGMENT) return outcome;
  const { addresses, ipVersion, sourcePort, destinationPort, bytes, offset, end, missing } = packet;
  return {
    from: `${formatAddress(addresses, 0, ipVersion)} ${sourcePort}`,
    to: `${formatAddress(addresses, 4, ipVersion)} ${destinationPort}`,
    data: [...bytes.subarray(offset, end)],
    missing,
  };
}

const overIPv4 = { from: '192.0.2.1 40000', to: '198.51.100.2 443', data: [...payload], missing: 0 };
const overIPv6 = { from: '2001:db8::1 40000', to: '2001:db8::2 443', data: [...payload], missing: 0 };

function loopback(family: readonly number[], packet: Uint8Array) {
  return concat(family, packet);
}

function sll(protocol: number, packet: Uint8Array) {
  return concat(be16(0), be16(1), be16(6), [2, 0, 0, 0, 0, 1, 0, 0], be16(protocol), packet);
}

function sll2(protocol: number, packet: Uint8Array) {
  return concat(be16(protocol), be16(0), be32(3), be16(1), [0, 6, 2, 0, 0, 0, 0, 1, 0, 0], packet);
}

function vlan(tags: readonly number[], etherType: number, packet: Uint8Array) {
  return tags.reduceRight<readonly [number, Uint8Array]>(
    ([inner, data], tag) => [tag, concat(be16(0x6064), be16(inner), data)],
    [etherType, packet],
  );
}

const snap = (packet: Uint8Array) => concat([0xaa, 0xaa, 3, 0, 0, 0], be16(IPV4), packet);

/** An IPv6 extension header of 8 bytes and more. */
const extension = (next: number, more: number, packet: Uint8Array) =>
  concat([next, more, 0, 0, 0, 0, 0, 0], new Uint8Array(8 * more), packet);
const fragment = (next: number, offset: number, packet: Uint8Array) =>
  concat([next, 0], be16((offset << 3) | 1), be32(7), packet);
const authentication = (next: number, packet: Uint8Array) => concat([next, 4, 0, 0], new Uint8Array(20), packet);

const four = ipv4(segment);
const six = ipv6(segment);

const frames: readonly (readonly [what: string, linkType: number, bytes: Uint8Array, expected: unknown])[] = [
  ['Ethernet, IPv4', ETHERNET, ethernet(IPV4, four), overIPv4],
  ['Ethernet, IPv6', ETHERNET, ethernet(IPV6, six), overIPv6],
  ['Ethernet padding', ETHERNET, ethernet(IPV4, concat(four, new Uint8Array(9))), overIPv4],
  ['Ethernet padding behind IPv6', ETHERNET, ethernet(IPV6, concat(six, new Uint8Array(9))), overIPv6],
  ['802.3 with LLC and SNAP', ETHERNET, ethernet(8 + four.length, snap(four)), overIPv4],
  ['802.3 with another LLC', ETHERNET, ethernet(3, new Uint8Array([0x42, 0x42, 3])), NOT_TCP],
  ['ARP', ETHERNET, ethernet(0x0806, new Uint8Array(28)), NOT_TCP],
  ['a VLAN tag', ETHERNET, ethernet(...vlan([0x8100], IPV4, four)), overIPv4],
  ['two VLAN tags', ETHERNET, ethernet(...vlan([0x88a8, 0x8100], IPV6, six)), overIPv6],
  ['all VLAN tags', ETHERNET, ethernet(...vlan([0x9300, 0x9200, 0x9100, 0x88a8, 0x8100], IPV4, four)), overIPv4],
  ['a VLAN tag before LLC', ETHERNET, ethernet(...vlan([0x8100], 8 + four.length, snap(four))), overIPv4],
  ['too many VLAN tags', ETHERNET, ethernet(...vlan(new Array<number>(100).fill(0x8100), IPV4, four)), NOT_TCP],
  ['Linux cooked', 113, sll(IPV4, four), overIPv4],
  ['Linux cooked, IPv6', 113, sll(IPV6, six), overIPv6],
  ['Linux cooked, VLAN', 113, sll(...vlan([0x8100], IPV4, four)), overIPv4],
  ['Linux cooked, LLC', 113, sll(4, snap(four)), overIPv4],
  ['Linux cooked 2', 276, sll2(IPV4, four), overIPv4],
  ['Linux cooked 2, IPv6', 276, sll2(IPV6, six), overIPv6],
  ...[12, 14, 101].flatMap((linkType): (typeof frames)[number][] => [
    [`raw IP ${linkType}, IPv4`, linkType, four, overIPv4],
    [`raw IP ${linkType}, IPv6`, linkType, six, overIPv6],
    [`raw IP ${linkType}, neither`, linkType, new Uint8Array(40), NOT_TCP],
    [`raw IP ${linkType}, nothing`, linkType, new Uint8Array(0), MALFORMED],
  ]),
  ['raw IPv4', 228, four, overIPv4],
  ['raw IPv6', 229, six, overIPv6],
  ['raw IPv4 that is IPv6', 228, six, MALFORMED],
  ['raw IPv6 that is IPv4', 229, four, MALFORMED],
  ['BSD loopback, big-endian', 0, loopback([0, 0, 0, 2], four), overIPv4],
  ['BSD loopback, little-endian', 0, loopback([2, 0, 0, 0], four), overIPv4],
  ...[10, 24, 28, 30].flatMap((family): (typeof frames)[number][] => [
    [`BSD loopback, IPv6 as ${family}`, 0, loopback([0, 0, 0, family], six), overIPv6],
    [`BSD loopback, IPv6 as ${family}, little-endian`, 0, loopback([family, 0, 0, 0], six), overIPv6],
  ]),
  ['BSD loopback, something else', 0, loopback([7, 0, 0, 0], four), NOT_TCP],
  ['OpenBSD loopback', 108, loopback([0, 0, 0, 24], six), overIPv6],
  ['PPP', 9, concat(be16(0x0021), four), overIPv4],
  ['PPP, IPv6', 9, concat(be16(0x0057), six), overIPv6],
  ['PPP with a short protocol number', 9, concat([0x21], four), overIPv4],
  ['PPP in HDLC framing', 9, concat([0xff, 3], be16(0x0021), four), overIPv4],
  ['PPP, LCP', 9, concat(be16(0xc021), four), NOT_TCP],
  ['PPP in HDLC framing, always', 50, concat([0xff, 3], be16(0x0057), six), overIPv6],
  ['Cisco HDLC', 50, concat([0x0f, 0], be16(IPV4), four), overIPv4],
  ['Cisco HDLC by its own link type', 104, concat([0x8f, 0], be16(IPV6), six), overIPv6],
  ['an unknown link type', 147, four, UNSUPPORTED_LINK_TYPE],
  ['a link type that no table has room for', 70_000, four, UNSUPPORTED_LINK_TYPE],
  ['IPv4 options', 101, ipv4(segment, { options: [148, 4, 0, 0, 1, 1, 1, 0] }), overIPv4],
  ['IPv4 total length 0', 101, ipv4(segment, { totalLength: 0 }), overIPv4],
  ['IPv4 total length shorter than its header', 101, ipv4(segment, { totalLength: 19 }), MALFORMED],
  ['IPv4 header shorter than 20', 101, concat([0x44], four.subarray(1)), MALFORMED],
  ['IPv4, first fragment', 101, ipv4(segment, { fragment: 0x2000 }), overIPv4],
  ['IPv4, later fragment', 101, ipv4(segment, { fragment: 0x0001 }), FRAGMENT],
  ['IPv4, UDP', 101, ipv4(segment, { protocol: 17 }), NOT_TCP],
  ['IPv4, authentication header', 101, ipv4(authentication(6, segment), { protocol: 51 }), overIPv4],
  ['IPv6, hop-by-hop options', 101, ipv6(extension(6, 2, segment), { nextHeader: 0 }), overIPv6],
  ['IPv6, routing', 101, ipv6(extension(6, 0, segment), { nextHeader: 43 }), overIPv6],
  ['IPv6, destination options', 101, ipv6(extension(6, 1, segment), { nextHeader: 60 }), overIPv6],
  ['IPv6, first fragment', 101, ipv6(fragment(6, 0, segment), { nextHeader: 44 }), overIPv6],
  ['IPv6, later fragment', 101, ipv6(fragment(6, 1, segment), { nextHeader: 44 }), FRAGMENT],
  ['IPv6, authentication header', 101, ipv6(authentication(6, segment), { nextHeader: 51 }), overIPv6],
  [
    'IPv6, several extension headers',
    101,
    ipv6(extension(60, 0, extension(43, 1, extension(44, 0, fragment(51, 0, authentication(6, segment))))), {
      nextHeader: 0,
    }),
    overIPv6,
  ],
  [
    'IPv6, extension header longer than the packet',
    101,
    ipv6(extension(6, 0, segment), { nextHeader: 0 }).map((byte, at) => (at === 41 ? 200 : byte)),
    MALFORMED,
  ],
  ['IPv6 payload length 0', 101, ipv6(segment, { payloadLength: 0 }), overIPv6],
  ['IPv6, nothing follows', 101, ipv6(segment, { nextHeader: 59 }), NOT_TCP],
  ['TCP options', 101, ipv4(tcp(payload, { options: [2, 4, 5, 0xb4, 1, 3, 3, 7] })), overIPv4],
  ['TCP header shorter than 20', 101, ipv4(segment.map((byte, at) => (at === 12 ? 0x40 : byte))), MALFORMED],
  ['TCP header longer than the packet', 101, ipv4(segment.map((byte, at) => (at === 12 ? 0xf0 : byte))), MALFORMED],
];

describe('decoding', () => {
  for (const [what, linkType, bytes, expected] of frames) {
    test(what, () => {
      assert.deepEqual(decoded(frameOf(linkType, bytes)), expected);
    });
  }

  test('fills all of the packet', () => {
    const packet = newPacket();
    const header = { sequence: 0xfffffffe, acknowledgment: 0x80000001, flags: 0xff, window: 0xfedc };
    assert.equal(decode(frameOf(101, ipv4(tcp(payload, header), { id: 0xfedc, ttl: 255 })), packet), TCP_SEGMENT);
    const { bytes, addresses, ...fields } = packet;
    assert.ok(bytes.length > 0);
    assert.deepEqual([...addresses], [0, 0, 0xffff, 0xc0000201, 0, 0, 0xffff, 0xc6336402]);
    assert.deepEqual(fields, {
      offset: 7 + 40,
      end: 7 + 40 + payload.length,
      missing: 0,
      ipVersion: 4,
      ttl: 255,
      ipId: 0xfedc,
      sourcePort: 40000,
      destinationPort: 443,
      sequence: -2,
      acknowledgment: -0x7fffffff,
      flags: 0xff,
      window: 0xfedc,
    });
    assert.equal(decode(frameOf(101, ipv6(segment, { hopLimit: 5 })), packet), TCP_SEGMENT);
    assert.equal(packet.ipVersion, 6);
    assert.equal(packet.ttl, 5);
    assert.equal(packet.ipId, 0);
  });

  test('says what the snapshot length cut off', () => {
    const options = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];
    for (const packet of [ipv4(tcp(payload, { options })), ipv6(tcp(payload, { options }))]) {
      const whole = ethernet(packet.length === ipv6(tcp(payload, { options })).length ? IPV6 : IPV4, packet);
      const headers = whole.length - payload.length;
      for (let length = 0; length < whole.length; length++) {
        const result = decoded(frameOf(ETHERNET, whole.subarray(0, length), whole.length));
        if (length < headers - options.length) {
          assert.equal(result, MALFORMED, `cut at ${length}`);
          continue;
        }
        assert.ok(typeof result === 'object');
        const kept = Math.max(0, length - headers);
        assert.deepEqual([result.data.length, result.missing], [kept, payload.length - kept], `cut at ${length}`);
      }
    }
  });

  test('believes the IP header over a wrong original length', () => {
    const cut = ethernet(IPV4, four).subarray(0, -3);
    const result = decoded(frameOf(ETHERNET, cut));
    assert.ok(typeof result === 'object');
    assert.equal(result.missing, 3);
  });

  test('without an IP length, the frame says what is missing', () => {
    const cut = ipv4(segment, { totalLength: 0 }).subarray(0, -3);
    const result = decoded(frameOf(101, cut, cut.length + 3));
    assert.ok(typeof result === 'object');
    assert.equal(result.missing, 3);
  });

  const corpus = frames.map(([, linkType, bytes]) => [linkType, bytes] as const);
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
  const mutated = fc
    .tuple(fc.constantFrom(...corpus), changes, fc.nat(30), fc.nat(30))
    .map(([[linkType, original], edits, cut, beyond]) => {
      const bytes = original.slice(0, Math.max(0, original.length - cut));
      for (const [position, value] of edits) if (bytes.length > 0) bytes[position % bytes.length] = value;
      return frameOf(linkType, bytes, bytes.length + beyond);
    });

  test('never throws, stays within the frame, and reads nothing around it', () => {
    fc.assert(
      fc.property(mutated, (frame) => {
        const result = decoded(frame);
        const elsewhere = {
          ...frame,
          bytes: frame.bytes.map((byte, at) => (at < frame.start || at >= frame.end ? ~byte : byte)),
        };
        assert.deepEqual(decoded(elsewhere), result);
        if (typeof result === 'object') assert.ok(result.missing >= 0);
        const packet = newPacket();
        if (decode(frame, packet) === TCP_SEGMENT) {
          assert.ok(frame.start <= packet.offset && packet.offset <= packet.end && packet.end <= frame.end);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('the express way gives what the layers give', () => {
    const ethernetFrames = fc
      .tuple(
        fc.constant(ethernet(IPV4, ipv4(tcp(payload, { options: [1, 1, 1, 0] })))),
        changes,
        fc.nat(20),
        fc.nat(20),
      )
      .map(([original, edits, cut, beyond]) => {
        const bytes = original.slice(0, original.length - cut);
        for (const [position, value] of edits) bytes[position % bytes.length] = value;
        return frameOf(ETHERNET, bytes, bytes.length + beyond);
      });
    fc.assert(
      fc.property(fc.oneof(mutated, ethernetFrames), (frame) => {
        const express = newPacket();
        const plain = newPacket();
        const outcome = decode(frame, express);
        assert.equal(outcome, decodeLayers(frame, plain));
        if (outcome === TCP_SEGMENT) assert.deepEqual(express, plain);
      }),
      { numRuns: 5000 },
    );
  });
});
