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

/** Decodes the frames of a capture, one by one. */
export interface Decoder {
  /**
   * Decodes a frame into `packet`, down to TCP, UDP or ICMP; if the frame completes a fragmented packet, down to those
   * in the whole packet. Never throws, whatever the bytes.
   * @returns TCP_SEGMENT, UDP_DATAGRAM or ICMP_MESSAGE, which say what in `packet` is set; or OTHER_PROTOCOL, FRAGMENT,
   * MALFORMED or UNSUPPORTED_LINK_TYPE
   */
  decode(frame: Frame, packet: Packet): number;
  /** The capture is over: gives up packets with missing fragments. */
  finish(): void;
  /** Fragments of packets that never became whole. */
  readonly incompleteFragments: () => number;
  /** Memory of fragments that wait for others. */
  readonly holder: MemoryHolder;
}

/** More headers than any network uses; a packet with more is an attack. */
const MAX_LAYERS = BOUNDS.layers.value;
/** Levels of fragmented packets inside fragmented packets; more are an attack. */
const MAX_REASSEMBLIES = BOUNDS.reassemblies.value;
/** A link type has 16 bits; a reader may deliver more. */
const MAX_LINK_TYPE = 0xffff;

/**
 * A decoder for one analysis.
 * @param takePartial called late with the TCP segment or UDP datagram at the beginning of a packet whose later
 * fragments never came, and with the stamp of its first fragment's frame. The rest of a segment is not marked as
 * missing, since it may be sent again, unless a FIN follows it.
 */
export function createDecoder(takePartial: (packet: Packet, stamp: FrameStamp, outcome: number) => void): Decoder {
  const fragments = createFragments();
  const partial = newPacket();
  // Whether fragments are waiting: for nearly every frame, this check is all that is needed.
  let areFragmentsWaiting = false;

  /** Processes the fragment in `packet`, and decodes the packet that it completes. */
  const reassemble = (packet: Packet, stamp: FrameStamp): number => {
    for (let times = 0; times < MAX_REASSEMBLIES; times++) {
      const next = fragments.add(packet, stamp);
      if (next < 0) return next;
      const outcome = descend(packet, next);
      if (outcome !== FRAGMENT) return outcome;
    }
    return OTHER_PROTOCOL;
  };

  /** Decodes the available part of packets that were given up. */
  const decodePartials = (): void => {
    for (let stamp = fragments.takeGivenUp(partial); stamp !== null; stamp = fragments.takeGivenUp(partial)) {
      let outcome = descend(partial, partial.fragment.next);
      if (outcome === FRAGMENT) outcome = reassemble(partial, stamp);
      if (outcome !== TCP_SEGMENT && outcome !== UDP_DATAGRAM) continue;
      if (outcome === TCP_SEGMENT && (partial.flags & FIN) === 0) partial.missing = 0;
      takePartial(partial, stamp, outcome);
    }
  };

  const wait = (stamp: FrameStamp): void => {
    fragments.expire(stamp);
    decodePartials();
    areFragmentsWaiting = fragments.pending() > 0;
  };

  const decodeInLayers = (frame: Frame, packet: Packet): number => {
    const outcome = decodeLayers(frame, packet);
    if (outcome !== FRAGMENT) return outcome;
    areFragmentsWaiting = true;
    return reassemble(packet, frame);
  };

  return {
    decode(frame, packet) {
      if (areFragmentsWaiting) wait(frame);
      return decodeEthernetIpv4Tcp(frame, packet) ? TCP_SEGMENT : decodeInLayers(frame, packet);
    },
    finish() {
      while (fragments.pending() > 0) {
        fragments.finish();
        decodePartials();
      }
    },
    incompleteFragments: fragments.incomplete,
    holder: fragments.holder,
  };
}

/** As `Decoder.decode`, for a single frame: fragments are not reassembled. */
export function decode(frame: Frame, packet: Packet): number {
  return decodeEthernetIpv4Tcp(frame, packet) ? TCP_SEGMENT : decodeLayers(frame, packet);
}

/** `decode` without the fast path. */
export function decodeLayers(frame: Frame, packet: Packet): number {
  packet.bytes = frame.bytes;
  packet.offset = frame.start;
  packet.end = frame.end;
  // An impossible length is a lie: waiting for gigabytes after a segment would overflow sequence numbers.
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

/** Runs layers, starting with that of `key`, until one of them ends the decoding. */
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
