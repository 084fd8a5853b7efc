import { ETHERNET, MALFORMED, strip, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';
import { typeOrLength } from './llc.js';

/** IEEE 802.3: destination, source, type or length. */
function ethernet(packet: Packet): number {
  packet.linkDestination = packet.offset;
  packet.linkSource = packet.offset + 6;
  if (!strip(packet, 14)) return MALFORMED;
  return typeOrLength(packet);
}

export const ethernetLayers: LayerTable = [[ETHERNET, ethernet]];
