import { u8 } from '../../bytes.js';
import { available, IP_OF_ANY_VERSION, LINK_TYPE, MALFORMED, strip, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

/** The log of OpenBSD's packet filter: a header that begins with its length without padding, then the packet. */
function pflog(packet: Packet): number {
  if (available(packet) < 1) return MALFORMED;
  const length = (u8(packet.bytes, packet.offset) + 3) & ~3;
  return strip(packet, length) ? IP_OF_ANY_VERSION : MALFORMED;
}

/**
 * OpenBSD's enc interface shows IPsec traffic: address family, security parameter index, flags, then the decrypted
 * packet.
 */
function enc(packet: Packet): number {
  return strip(packet, 12) ? IP_OF_ANY_VERSION : MALFORMED;
}

export const packetFilterLayers: LayerTable = [
  [LINK_TYPE + 109, enc],
  [LINK_TYPE + 117, pflog],
];
