import { u16, u24 } from '../../bytes.js';
import {
  available,
  bound,
  ETHER_TYPE,
  LINK_TYPE,
  LOGICAL_LINK_CONTROL,
  OTHER_PROTOCOL,
  strip,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

/** SNAP's service access points and control field: IEEE 802.2, RFC 1042. */
const SNAP = 0xaaaa03;

/**
 * IEEE 802.3's field with two meanings, just removed: an EtherType, or the length of a frame that continues with LLC.
 */
export function typeOrLength(packet: Packet): number {
  const value = u16(packet.bytes, packet.offset - 2);
  if (value >= 0x600) return ETHER_TYPE + value;
  bound(packet, value);
  return LOGICAL_LINK_CONTROL;
}

/** LLC with SNAP, which names an EtherType; nothing else in LLC carries IP today. */
function logicalLinkControl(packet: Packet): number {
  if (available(packet) < 8 || u24(packet.bytes, packet.offset) !== SNAP) return OTHER_PROTOCOL;
  strip(packet, 8);
  return ETHER_TYPE + u16(packet.bytes, packet.offset - 2);
}

export const llcLayers: LayerTable = [
  [LOGICAL_LINK_CONTROL, logicalLinkControl],
  [LINK_TYPE + 100, logicalLinkControl], // ATM, RFC 2684
  [LINK_TYPE + 106, logicalLinkControl], // the same, "classical IP over ATM"
];
