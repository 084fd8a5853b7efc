import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Frame } from '../../src/capture/frame.js';
import { formatAddress } from '../../src/packet/address.js';
import { createDecoder, TCP_SEGMENT } from '../../src/packet/decode.js';
import { FRAGMENT, MALFORMED, OTHER_PROTOCOL } from '../../src/packet/layer.js';
import {
  MAX_BYTES,
  MAX_FRAGMENTS,
  MAX_PACKETS,
  MAX_WAIT_MS,
  SHORT_WAIT_FRAMES,
  SHORT_WAIT_MS,
} from '../../src/packet/fragments.js';
import { newPacket, type Packet } from '../../src/packet/packet.js';
import { be16, be32, concat, ethernet, frameOf, ipv4, ipv6, tcp } from '../support/captures.js';
import { ETHERNET, frames, IPV4, IPV6, udp, type Segment } from './frames.js';

/** A segment that was decoded, and the number of the frame that it is said to be in. */
type Seen = Segment & { readonly frame: number };

function seen(
  { addresses, ipVersion, sourcePort, destinationPort, bytes, offset, end, missing }: Packet,
  frame: number,
) {
  return {
    frame,
    from: `${formatAddress(addresses, 0, ipVersion)} ${sourcePort}`,
    to: `${formatAddress(addresses, 4, ipVersion)} ${destinationPort}`,
    data: [...bytes.subarray(offset, end)],
    missing,
  };
}

/** Decodes frames, numbered in their order; `finish` tells what is left. */
function decoding() {
  const segments: Seen[] = [];
  const partial: Seen[] = [];
  const decoder = createDecoder((packet, stamp) => partial.push(seen(packet, stamp.number)));
  const packet = newPacket();
  let number = 0;
  return {
    segments,
    partial,
    decode(frame: Frame, milliseconds = 0): number {
      const stamp = { seconds: Math.floor(milliseconds / 1000), nanoseconds: (milliseconds % 1000) * 1_000_000 };
      const outcome = decoder.decode({ ...frame, ...stamp, number: ++number }, packet);
      if (outcome === TCP_SEGMENT) segments.push(seen(packet, number));
      return outcome;
    },
    finish(): number {
      decoder.finish();
      return decoder.incompleteFragments();
    },
  };
}

const payload = Uint8Array.from({ length: 300 }, (_, at) => at * 7);
const segment = tcp(payload);
const whole4 = { from: '192.0.2.1 40000', to: '198.51.100.2 443', data: [...payload], missing: 0 };
const whole6 = { from: '2001:db8::1 40000', to: '2001:db8::2 443', data: [...payload], missing: 0 };

interface Part {
  readonly from: number;
  readonly to: number;
}

/** Makes the frame of a part of an IP packet's payload. */
type Fragmenter = (data: Uint8Array, part: Part, id?: number) => Frame;

/** In Ethernet frames, padded as those are. */
const fragment4: Fragmenter = (data, { from, to }, id = 0x4321) => {
  const fragment = (from / 8) | (to < data.length ? 0x2000 : 0);
  const packet = ipv4(data.subarray(from, to), { id, fragment });
  return frameOf(ETHERNET, ethernet(IPV4, concat(packet, new Uint8Array(Math.max(0, 46 - packet.length)))));
};

const fragment6: Fragmenter = (data, { from, to }, id = 0x87654321) => {
  const more = to < data.length ? 1 : 0;
  // The protocol counts in the first fragment only.
  const header = concat([from === 0 ? 6 : 59, 0], be16(from | more), be32(id));
  return frameOf(ETHERNET, ethernet(IPV6, ipv6(concat(header, data.subarray(from, to)), { nextHeader: 44 })));
};

const versions = [
  ['IPv4', fragment4, whole4],
  ['IPv6', fragment6, whole6],
] as const;

/** Parts of `length` bytes that end at `cuts`, in units of 8 bytes. */
function partsOf(length: number, cuts: readonly number[]): Part[] {
  const ends = [...new Set(cuts.map((cut) => cut * 8).filter((at) => at > 0 && at < length)), length];
  ends.sort((a, b) => a - b);
  return ends.map((to, at) => ({ from: ends[at - 1] ?? 0, to }));
}

const units = Math.ceil(segment.length / 8);
const cuts = fc.array(fc.integer({ min: 1, max: units - 1 }), { minLength: 1, maxLength: 12 });
const overlaps = fc.array(
  fc.tuple(fc.nat(units - 1), fc.integer({ min: 1, max: units })).map(([start, length]) => ({
    from: start * 8,
    to: Math.min((start + length) * 8, segment.length),
  })),
  { maxLength: 6 },
);

describe('fragments', () => {
  for (const [version, fragment, whole] of versions) {
    const [first, second] = partsOf(segment.length, [20]) as [Part, Part];

    test(`${version}: the last of them makes the packet`, () => {
      for (const order of [
        [first, second],
        [second, first],
      ] as const) {
        const decoder = decoding();
        assert.equal(decoder.decode(fragment(segment, order[0])), FRAGMENT);
        assert.equal(decoder.decode(fragment(segment, order[1])), TCP_SEGMENT);
        assert.deepEqual(decoder.segments, [{ ...whole, frame: 2 }]);
        assert.equal(decoder.finish(), 0);
        assert.deepEqual(decoder.partial, []);
      }
    });

    test(`${version}: in any order, with copies and overlaps, they make one packet, once`, () => {
      const property = fc.property(
        cuts.chain((at) => fc.tuple(fc.constant(partsOf(segment.length, at)), overlaps)),
        fc.infiniteStream(fc.nat()),
        ([parts, more], random) => {
          const isPart = ({ from, to }: Part) => from > 0 || to < segment.length;
          const all = [...parts, ...parts.slice(0, 2), ...more].filter(isPart);
          const keys = [...random.take(all.length)];
          const keyed = all.map((part, at) => ({ part, key: keys[at]! })).sort((a, b) => a.key - b.key);
          const decoder = decoding();
          for (const { part } of keyed) decoder.decode(fragment(segment, part));
          assert.equal(decoder.segments.length, 1);
          assert.deepEqual(decoder.segments, [{ ...whole, frame: decoder.segments[0]!.frame }]);
          assert.equal(decoder.finish(), 0);
          assert.deepEqual(decoder.partial, []);
        },
      );
      fc.assert(property, { numRuns: 300 });
    });

    test(`${version}: with one missing, what comes before it is all there is`, () => {
      fc.assert(
        fc.property(cuts, fc.nat(), fc.nat(), (at, chosen, rotation) => {
          const parts = partsOf(segment.length, at);
          fc.pre(parts.length > 1);
          const hole = parts[chosen % parts.length]!;
          const rest = parts.filter((part) => part !== hole);
          const turned = rest.map((_, index) => rest[(index + rotation) % rest.length]!);
          const decoder = decoding();
          for (const part of turned) assert.equal(decoder.decode(fragment(segment, part)), FRAGMENT);
          assert.deepEqual([decoder.finish(), decoder.segments.length], [rest.length, 0]);

          const prefix = hole.from - 20;
          if (prefix < 0) {
            assert.deepEqual(decoder.partial, []);
          } else {
            const frame = 1 + turned.findIndex(({ from }) => from === 0);
            assert.deepEqual(decoder.partial, [{ ...whole, data: whole.data.slice(0, prefix), frame }]);
          }
        }),
      );
    });

    test(`${version}: of two copies of a byte the first wins`, () => {
      const changed = segment.map((byte) => ~byte);
      const decoder = decoding();
      decoder.decode(fragment(segment, { from: 0, to: 160 }));
      decoder.decode(fragment(changed, { from: 80, to: 240 }));
      decoder.decode(fragment(segment, { from: 240, to: segment.length }));
      const expected = concat(payload.subarray(0, 140), changed.subarray(160, 240), payload.subarray(220));
      assert.deepEqual(decoder.segments, [{ ...whole, data: [...expected], frame: 3 }]);
    });

    test(`${version}: a capture with every frame twice has every packet once`, () => {
      const decoder = decoding();
      for (const part of [first, first, second, second]) decoder.decode(fragment(segment, part));
      assert.deepEqual(decoder.segments, [{ ...whole, frame: 3 }]);
      assert.equal(decoder.finish(), 0);
    });

    test(`${version}: what the snapshot length cut off is marked as missing`, () => {
      for (let cut = 1; cut < 300; cut++) {
        const decoder = decoding();
        for (const part of partsOf(segment.length, [10, 24])) {
          const frame = fragment(segment, part);
          const headers = frame.end - frame.start - (part.to - part.from);
          const captured = frame.bytes.subarray(frame.start, Math.min(frame.end, frame.start + headers + cut));
          decoder.decode(frameOf(ETHERNET, captured, frame.originalLength));
        }
        const kept = cut >= 112 ? payload.length - Math.max(0, 128 - cut) : Math.min(cut, 80) - 20;
        if (cut < 20) {
          assert.deepEqual(decoder.segments, [], `cut at ${cut}`);
        } else {
          const known = cut < 80 ? kept : cut < 112 ? 60 + cut : kept;
          assert.deepEqual(
            decoder.segments,
            [{ ...whole, data: whole.data.slice(0, known), missing: payload.length - known, frame: 3 }],
            `cut at ${cut}`,
          );
        }
        assert.equal(decoder.finish(), 0);
      }
    });

    test(`${version}: packets are told apart`, () => {
      const other = tcp(payload.map((byte) => byte ^ 0xff));
      const decoder = decoding();
      decoder.decode(fragment(segment, first, 1));
      decoder.decode(fragment(other, first, 2));
      decoder.decode(fragment(other, second, 2));
      decoder.decode(fragment(segment, second, 1));
      assert.deepEqual(
        decoder.segments.map(({ data, frame }) => [data[0], frame]),
        [
          [0xff, 3],
          [0, 4],
        ],
      );
    });

    test(`${version}: the first ones are decoded by themselves where a capture has nothing else`, () => {
      const decoder = decoding();
      const plain = frameOf(ETHERNET, ethernet(IPV4, ipv4(tcp(new Uint8Array(0)))));
      decoder.decode(fragment(segment, first));
      for (let frame = 0; frame < SHORT_WAIT_FRAMES; frame++) decoder.decode(plain, SHORT_WAIT_MS + 1);
      assert.deepEqual(decoder.partial, []);
      decoder.decode(plain, SHORT_WAIT_MS);
      assert.deepEqual(decoder.partial, []);
      decoder.decode(plain, SHORT_WAIT_MS + 1);
      assert.deepEqual(decoder.partial, [{ ...whole, data: whole.data.slice(0, 140), frame: 1 }]);
      assert.equal(decoder.decode(fragment(segment, second), SHORT_WAIT_MS + 1), FRAGMENT);
      assert.equal(decoder.finish(), 2);
    });

    test(`${version}: no more is waited for than a time`, () => {
      const decoder = decoding();
      decoder.decode(fragment(segment, first), 1000);
      assert.equal(decoder.decode(fragment(segment, second), 1000 + MAX_WAIT_MS), TCP_SEGMENT);
      decoder.decode(fragment(segment, first, 5), 100_000);
      assert.equal(decoder.decode(fragment(segment, second, 5), 100_001 + MAX_WAIT_MS), FRAGMENT);
      assert.equal(decoder.finish(), 2);
      assert.equal(decoder.partial.length, 1);
    });
  }

  test('an IPv4 packet is one of its protocol, too', () => {
    const decoder = decoding();
    const part = (protocol: number, fragment: number, data: Uint8Array) =>
      frameOf(101, ipv4(data, { id: 9, protocol, fragment }));
    decoder.decode(part(6, 0x2000, segment.subarray(0, 160)));
    assert.equal(decoder.decode(part(17, 20, segment.subarray(160))), FRAGMENT);
    assert.equal(decoder.decode(part(6, 20, segment.subarray(160))), TCP_SEGMENT);
    assert.equal(decoder.finish(), 1);
  });

  test('a FIN lies behind what is missing', () => {
    const last = tcp(payload, { flags: 0x11 });
    const decoder = decoding();
    for (const part of partsOf(last.length, [5, 10]).filter(({ from }) => from !== 40)) {
      decoder.decode(fragment4(last, part));
    }
    assert.equal(decoder.finish(), 2);
    assert.deepEqual(
      decoder.partial.map(({ data, missing }) => [data.length, missing]),
      [[20, payload.length - 20]],
    );
  });

  test('a packet longer than there are is malformed', () => {
    const decoder = decoding();
    const tooLong = frameOf(101, ipv4(new Uint8Array(16), { fragment: 0x1fff }));
    assert.equal(decoder.decode(tooLong), MALFORMED);
    assert.equal(decoder.finish(), 0);
  });

  describe('of a packet with a tunnel in it', () => {
    const tunnel = udp(concat(be32(0x08000000), be32(0), ethernet(IPV4, ipv4(segment))), { to: 4789 });
    const parts = partsOf(tunnel.length, [30]);
    const outer = (part: Part, id = 3) => {
      const fragment = (part.from / 8) | (part.to < tunnel.length ? 0x2000 : 0);
      const data = tunnel.subarray(part.from, part.to);
      return ipv4(data, { id, fragment, protocol: 17, source: [10, 0, 0, 1], destination: [10, 0, 0, 2] });
    };

    test('it is decoded to the end', () => {
      const decoder = decoding();
      for (const part of parts) decoder.decode(frameOf(101, outer(part)));
      assert.deepEqual(decoder.segments, [{ ...whole4, frame: 2 }]);
    });

    test('what there is of it is decoded when it never became whole', () => {
      const decoder = decoding();
      decoder.decode(frameOf(101, outer(parts[0]!)));
      assert.equal(decoder.finish(), 1);
      const kept = 240 - (8 + 8 + 14 + 20 + 20);
      assert.deepEqual(decoder.partial, [{ ...whole4, data: whole4.data.slice(0, kept), frame: 1 }]);
    });

    test('fragments of fragments are put together', () => {
      const decoder = decoding();
      for (const part of parts) {
        const packet = outer(part);
        for (const inner of partsOf(packet.length, [4, 8])) {
          const fragment = (inner.from / 8) | (inner.to < packet.length ? 0x2000 : 0);
          decoder.decode(
            frameOf(101, ipv4(packet.subarray(inner.from, inner.to), { id: part.from, fragment, protocol: 4 })),
          );
        }
      }
      assert.deepEqual(decoder.segments, [{ ...whole4, frame: 6 }]);
      assert.equal(decoder.finish(), 0);
    });

    test('but not without end', () => {
      // Last fragments of packets in packets, then the first fragments of all of them at once.
      const depth = 20;
      const decoder = decoding();
      let packet = ipv4(segment);
      for (let id = 0; id < depth; id++) {
        const length = Math.ceil(packet.length / 8);
        decoder.decode(frameOf(101, ipv4(new Uint8Array(8), { id, fragment: length, protocol: 4 })));
        packet = ipv4(concat(packet, new Uint8Array(length * 8 - packet.length)), {
          id,
          fragment: 0x2000,
          protocol: 4,
        });
      }
      assert.equal(decoder.decode(frameOf(101, packet)), OTHER_PROTOCOL);
    });
  });

  describe('are bounded', () => {
    const first = (id: number, length: number) =>
      fragment4(concat(segment, new Uint8Array(60_000)), { from: 0, to: length }, id);

    test('in number for each packet', () => {
      // A piece here and there, so that none joins another.
      const long = concat(segment, new Uint8Array(60_000));
      const decoder = decoding();
      for (let piece = 0; piece <= MAX_FRAGMENTS; piece++) {
        decoder.decode(fragment4(long, { from: piece * 16, to: piece * 16 + 8 }));
        assert.equal(decoder.partial.length, 0);
      }
      decoder.decode(frameOf(101, new Uint8Array(0)));
      assert.equal(decoder.finish(), MAX_FRAGMENTS + 1);
    });

    test('in packets', () => {
      const decoder = decoding();
      for (let id = 0; id <= MAX_PACKETS; id++) decoder.decode(first(id, 160));
      decoder.decode(frameOf(101, new Uint8Array(0)));
      assert.deepEqual(
        decoder.partial.map(({ frame }) => frame),
        [1],
      );
      assert.equal(decoder.finish(), MAX_PACKETS + 1);
      assert.equal(decoder.partial.length, MAX_PACKETS + 1);
    });

    test('in bytes', () => {
      const decoder = decoding();
      const size = 32_768;
      const fitting = MAX_BYTES / size;
      for (let id = 0; id < fitting; id++) decoder.decode(first(id, size));
      decoder.decode(frameOf(101, new Uint8Array(0)));
      assert.equal(decoder.partial.length, 0);
      decoder.decode(first(fitting, 160));
      decoder.decode(frameOf(101, new Uint8Array(0)));
      assert.deepEqual(
        decoder.partial.map(({ frame, data }) => [frame, data.length]),
        [[1, size - 20]],
      );
    });
  });

  test('whatever the frames, decoding ends, within the bytes there are', () => {
    const base = [
      ...frames.map(([, linkType, bytes]) => [linkType, bytes] as const),
      ...partsOf(segment.length, [4, 9, 17]).flatMap((part) =>
        [fragment4(segment, part), fragment6(segment, part)].map(
          ({ bytes, start, end }) => [ETHERNET, bytes.subarray(start, end)] as const,
        ),
      ),
    ];
    const frame = fc
      .tuple(
        fc.constantFrom(...base),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.nat(40),
        fc.nat(40),
        fc.nat(80),
      )
      .map(([[linkType, original], edits, cut, beyond, milliseconds]) => {
        const bytes = original.slice(0, Math.max(0, original.length - cut));
        for (const [position, value] of edits) if (bytes.length > 0) bytes[position % bytes.length] = value;
        return { frame: frameOf(linkType, bytes, bytes.length + beyond), milliseconds };
      });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 60 }), (all) => {
        const decoder = decoding();
        for (const { frame, milliseconds } of all) decoder.decode(frame, milliseconds);
        decoder.finish();
        for (const { data, missing } of [...decoder.segments, ...decoder.partial]) {
          assert.ok(missing >= 0);
          assert.ok(data.length <= 65_535);
        }
      }),
      { numRuns: 500 },
    );
  });
});
