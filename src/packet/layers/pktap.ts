import { u32le } from '../../bytes.js';
import { available, LINK_TYPE, OTHER_PROTOCOL, strip, UNSUPPORTED_LINK_TYPE, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

/** The fields that every version has: length, type of record, link type. */
const LEAST = 12;
const PACKET = 1;

/**
 * Apple's header of `tcpdump -i pktap`: the interface and process of a packet, and the link type of what follows.
 * Current Apple machines write little-endian numbers.
 */
function pktap(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < LEAST) return OTHER_PROTOCOL;
  const length = u32le(bytes, offset);
  const linkType = u32le(bytes, offset + 8);
  if (length < LEAST || u32le(bytes, offset + 4) !== PACKET || linkType > 0xffff) return OTHER_PROTOCOL;
  return strip(packet, length) ? LINK_TYPE + linkType : OTHER_PROTOCOL;
}

/** The number is reserved for private use, and older systems of Apple use it for this. */
function user2(packet: Packet): number {
  const next = pktap(packet);
  return next === OTHER_PROTOCOL ? UNSUPPORTED_LINK_TYPE : next;
}

export const pktapLayers: LayerTable = [
  [LINK_TYPE + 258, pktap],
  [LINK_TYPE + 149, user2],
];
