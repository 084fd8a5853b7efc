import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_CAPTURED_LENGTH } from '../../src/capture/format.js';
import fc from 'fast-check';
import type { Frame } from '../../src/capture/frame.js';
import { formatAddress } from '../../src/packet/address.js';
import { decode, decodeLayers, ICMP_MESSAGE, TCP_SEGMENT } from '../../src/packet/decode.js';
import { MALFORMED, OTHER_PROTOCOL, UDP_DATAGRAM } from '../../src/packet/layer.js';
import { newPacket } from '../../src/packet/packet.js';
import { ethernet, frameOf, ipv4, ipv6, tcp } from '../support/captures.js';
import { ETHERNET, frames, IPV4, IPV6, payload, segment, type Segment } from './frames.js';

/** The outcome alone, or for a TCP segment where it goes, its payload and what is missing of it. */
function decoded(frame: Frame): number | Segment {
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
      linkSource: -1,
      linkDestination: -1,
      ipVersion: 4,
      ttl: 255,
      ipId: 0xfedc,
      fragment: newPacket().fragment,
      sourcePort: 40000,
      destinationPort: 443,
      sequence: -2,
      acknowledgment: -0x7fffffff,
      flags: 0xff,
      window: 0xfedc,
      options: 7 + 40,
      unknownKey: -1,
      icmp: newPacket().icmp,
    });
    assert.equal(decode(frameOf(101, ipv6(segment, { hopLimit: 5 })), packet), TCP_SEGMENT);
    assert.equal(packet.ipVersion, 6);
    assert.equal(packet.ttl, 5);
    assert.equal(packet.ipId, 0);
  });

  test('gives up headers within headers that no network stacks up', () => {
    const nested = (depth: number): number | Segment => {
      let packet: Uint8Array = ipv4(segment);
      for (let i = 1; i < depth; i++) packet = ipv4(packet, { protocol: 4 });
      return decoded(frameOf(101, packet));
    };
    assert.notEqual(nested(10), OTHER_PROTOCOL);
    assert.equal(nested(40), OTHER_PROTOCOL);
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

  for (const [what, linkType, whole, expected] of frames) {
    if (typeof expected === 'number') continue;
    test(`${what}: wherever it was cut, what is there and what is missing make up the payload`, () => {
      const headers = Buffer.from(whole).indexOf(payload);
      for (let length = 0; length < whole.length; length++) {
        const result = decoded(frameOf(linkType, whole.subarray(0, length), whole.length));
        if (typeof result === 'number') {
          assert.ok(length < headers, `cut at ${length}`);
          continue;
        }
        assert.deepEqual({ from: result.from, to: result.to }, { from: expected.from, to: expected.to });
        assert.deepEqual(result.data, expected.data.slice(0, result.data.length), `cut at ${length}`);
        assert.equal(result.data.length + result.missing, expected.data.length, `cut at ${length}`);
      }
    });
  }

  test('believes the IP header over a wrong original length', () => {
    const cut = ethernet(IPV4, ipv4(segment)).subarray(0, -3);
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

  test('does not believe a length that no packet has', () => {
    const bytes = ipv4(segment, { totalLength: 0 });
    const result = decoded(frameOf(101, bytes, 0x95000002));
    assert.ok(typeof result === 'object');
    assert.equal(result.missing, MAX_CAPTURED_LENGTH - bytes.length);
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
        if ([TCP_SEGMENT, UDP_DATAGRAM, ICMP_MESSAGE].includes(decode(frame, packet))) {
          assert.ok(frame.start <= packet.offset && packet.offset <= packet.end && packet.end <= frame.end);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('the fast path gives what the layers give', () => {
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
        const fast = newPacket();
        const plain = newPacket();
        const outcome = decode(frame, fast);
        assert.equal(outcome, decodeLayers(frame, plain));
        if (outcome === TCP_SEGMENT) assert.deepEqual(fast, plain);
      }),
      { numRuns: 5000 },
    );
  });
});
