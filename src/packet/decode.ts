import { BOUNDS } from '../bounds.js';
import { MAX_CAPTURED_LENGTH } from '../capture/format.js';
import type { Frame, FrameStamp } from '../capture/frame.js';
import { decodeEthernetIpv4Tcp } from './fast-path/ethernet-ipv4-tcp.js';
import type { MemoryHolder } from '../memory.js';
import { createFragments } from './fragments.js';
import { FRAGMENT, LINK_TYPE, OTHER_PROTOCOL, TCP_SEGMENT, UDP_DATAGRAM, UNSUPPORTED_LINK_TYPE } from './layer.js';
import { layerOf } from './layers/index.js';
import type { Packet } from './packet.js';
import { FIN, newPacket } from './packet.js';

export { EAPOL_FRAME, FRAGMENT, ICMP_MESSAGE, TCP_SEGMENT, UDP_DATAGRAM, UNSUPPORTED_LINK_TYPE } from './layer.js';

/** Decodes the frames of a capture, one after the other. */
export interface Decoder {
  /**
   * Decodes a frame into `packet`, down to TCP, UDP or ICMP; a frame that completes a packet sent in fragments, down to that
   * in the whole packet. Never throws, whatever the bytes.
   * @returns TCP_SEGMENT, UDP_DATAGRAM or ICMP_MESSAGE, each of which says what of `packet` is set; or OTHER_PROTOCOL, FRAGMENT,
   *   MALFORMED or UNSUPPORTED_LINK_TYPE
   */
  decode(frame: Frame, packet: Packet): number;
  /** The capture is over: what waits for further fragments is given up. */
  finish(): void;
  /** Fragments of packets that never became whole. */
  readonly incompleteFragments: () => number;
  /** Fragments that wait for others. */
  readonly holder: MemoryHolder;
}

/** More headers than any network stacks up; a packet with more is made to waste time. */
const MAX_LAYERS = BOUNDS.layers.value;
/** Fragments of packets that are in fragments of packets, and so on: likewise. */
const MAX_REASSEMBLIES = BOUNDS.reassemblies.value;
/** A link type is a number of 16 bits; a reader may be given more. */
const MAX_LINK_TYPE = 0xffff;

/**
 * A decoder for one analysis.
 * @param takePartial gets the TCP segment or UDP datagram in the beginning of a packet of which further fragments never came,
 *   late, with the stamp of the frame that its first fragment came in. The rest of a segment is not marked as missing, since it
 *   may yet be sent again, except where a FIN lies behind it.
 */
export function createDecoder(takePartial: (packet: Packet, stamp: FrameStamp, outcome: number) => void): Decoder {
  const fragments = createFragments();
  const partial = newPacket();
  // Whether any fragments wait for others: nearly every frame has nothing else to do with them than to look at this.
  let areFragmentsWaiting = false;

  /** Takes the fragment in `packet`; goes on with the packet that it completes. */
  const reassemble = (packet: Packet, stamp: FrameStamp): number => {
    for (let times = 0; times < MAX_REASSEMBLIES; times++) {
      const next = fragments.take(packet, stamp);
      if (next < 0) return next;
      const outcome = descend(packet, next);
      if (outcome !== FRAGMENT) return outcome;
    }
    return OTHER_PROTOCOL;
  };

  /** Goes on with what there is of the packets that were given up. */
  const decodePartials = (): void => {
    for (let stamp = fragments.givenUp(partial); stamp !== null; stamp = fragments.givenUp(partial)) {
      let outcome = descend(partial, partial.fragment.next);
      if (outcome === FRAGMENT) outcome = reassemble(partial, stamp);
      if (outcome !== TCP_SEGMENT && outcome !== UDP_DATAGRAM) continue;
      if (outcome === TCP_SEGMENT && (partial.flags & FIN) === 0) partial.missing = 0;
      takePartial(partial, stamp, outcome);
    }
  };

  const wait = (stamp: FrameStamp): void => {
    fragments.wait(stamp);
    decodePartials();
    areFragmentsWaiting = fragments.inHand() > 0;
  };

  const decodeSlowly = (frame: Frame, packet: Packet): number => {
    const outcome = decodeLayers(frame, packet);
    if (outcome !== FRAGMENT) return outcome;
    areFragmentsWaiting = true;
    return reassemble(packet, frame);
  };

  return {
    decode(frame, packet) {
      if (areFragmentsWaiting) wait(frame);
      return decodeEthernetIpv4Tcp(frame, packet) ? TCP_SEGMENT : decodeSlowly(frame, packet);
    },
    finish() {
      while (fragments.inHand() > 0) {
        fragments.finish();
        decodePartials();
      }
    },
    incompleteFragments: fragments.incomplete,
    holder: fragments.holder,
  };
}

/** As `Decoder.decode`, for one frame by itself: fragments stay fragments. */
export function decode(frame: Frame, packet: Packet): number {
  return decodeEthernetIpv4Tcp(frame, packet) ? TCP_SEGMENT : decodeLayers(frame, packet);
}

/** `decode`, for every frame alike. */
export function decodeLayers(frame: Frame, packet: Packet): number {
  packet.bytes = frame.bytes;
  packet.offset = frame.start;
  packet.end = frame.end;
  // A length that no packet has is a lie: to wait for gigabytes behind a segment would turn its stream round.
  const onWire = Math.min(frame.originalLength, MAX_CAPTURED_LENGTH);
  packet.missing = Math.max(0, onWire - (frame.end - frame.start));
  packet.linkSource = -1;
  packet.linkDestination = -1;
  packet.ipVersion = 0;
  packet.unknownKey = -1;
  const key = LINK_TYPE + frame.linkType;
  if (frame.linkType > MAX_LINK_TYPE || layerOf(key) === undefined) return UNSUPPORTED_LINK_TYPE;
  return descend(packet, key);
}

/** Runs layers from that of `key` on, until one of them ends it. */
function descend(packet: Packet, key: number): number {
  for (let depth = 0; depth < MAX_LAYERS; depth++) {
    const layer = layerOf(key);
    if (layer === undefined) {
      packet.unknownKey = key;
      return OTHER_PROTOCOL;
    }
    key = layer(packet);
    if (key < 0) return key;
  }
  return OTHER_PROTOCOL;
}
