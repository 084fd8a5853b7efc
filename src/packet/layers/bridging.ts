import { u8 } from '../../bytes.js';
import { ETHERNET, ETHER_TYPE, MALFORMED, strip, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

/** Provider backbone bridging, "MAC in MAC", IEEE 802.1ah: priority and service, then the customer's frame. */
function backboneTag(packet: Packet): number {
  return strip(packet, 4) ? ETHERNET : MALFORMED;
}

/** TRILL, RFC 6325 section 3: bits, the options' length in units of 4 bytes, a hop count; two nicknames; options. */
function trill(packet: Packet): number {
  const { bytes, offset } = packet;
  if (!strip(packet, 6)) return MALFORMED;
  const options = ((u8(bytes, offset) & 0x07) << 2) | (u8(bytes, offset + 1) >>> 6);
  return strip(packet, 4 * options) ? ETHERNET : MALFORMED;
}

/** Ethernet frames that bridges carry in Ethernet frames. */
export const bridgingLayers: LayerTable = [
  [ETHER_TYPE + 0x88e7, backboneTag],
  [ETHER_TYPE + 0x22f3, trill],
];
