import { ETHER_TYPE, MALFORMED, strip, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';
import { typeOrLength } from './llc.js';

/** One VLAN tag: two bytes of priority and VLAN id, then the type or length of what it tags. */
function vlanTag(packet: Packet): number {
  if (!strip(packet, 4)) return MALFORMED;
  return typeOrLength(packet);
}

export const vlanLayers: LayerTable = [
  [ETHER_TYPE + 0x8100, vlanTag], // IEEE 802.1Q
  [ETHER_TYPE + 0x88a8, vlanTag], // IEEE 802.1ad, the outer tag of two
  [ETHER_TYPE + 0x9100, vlanTag], // the same before it was standardised, in three ways
  [ETHER_TYPE + 0x9200, vlanTag],
  [ETHER_TYPE + 0x9300, vlanTag],
];
