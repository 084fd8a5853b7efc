import { ETHER_TYPE, MALFORMED, strip, type Layer, type LayerTable } from '../layer.js';
import { typeOrLength } from './llc.js';

/** A tag of `length` bytes between the addresses and the type or length of what it tags. */
function tag(length: number): Layer {
  return (packet) => (strip(packet, length + 2) ? typeOrLength(packet) : MALFORMED);
}

/** Two bytes of priority and VLAN id. */
const vlanTag = tag(2);

export const vlanLayers: LayerTable = [
  [ETHER_TYPE + 0x8100, vlanTag], // IEEE 802.1Q
  [ETHER_TYPE + 0x88a8, vlanTag], // IEEE 802.1ad, the outer tag of two
  [ETHER_TYPE + 0x9100, vlanTag], // the same before it was standardised, in three ways
  [ETHER_TYPE + 0x9200, vlanTag],
  [ETHER_TYPE + 0x9300, vlanTag],
  [ETHER_TYPE + 0x893f, tag(6)], // IEEE 802.1BR, and what came before it:
  [ETHER_TYPE + 0x8926, tag(4)], // VN-Tag, of virtual machines' switches
  [ETHER_TYPE + 0x8909, tag(6)], // Cisco's metadata, as TrustSec puts it there
  [ETHER_TYPE + 0x892f, tag(4)], // high-availability seamless redundancy, IEC 62439-3
];
