import { u16 } from '../../bytes.js';
import { ETHER_TYPE, LINK_TYPE, LOGICAL_LINK_CONTROL, MALFORMED, strip, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

/** The "protocol" of a frame with an LLC header instead of an EtherType. */
const LLC_FRAME = 4;

/** LINKTYPE_LINUX_SLL, as `tcpdump -i any` wrote it until 2020: the protocol comes last. */
function cooked(packet: Packet): number {
  if (!strip(packet, 16)) return MALFORMED;
  return protocol(u16(packet.bytes, packet.offset - 2));
}

/** LINKTYPE_LINUX_SLL2: the protocol comes first. */
function cooked2(packet: Packet): number {
  if (!strip(packet, 20)) return MALFORMED;
  return protocol(u16(packet.bytes, packet.offset - 20));
}

function protocol(type: number): number {
  return type === LLC_FRAME ? LOGICAL_LINK_CONTROL : ETHER_TYPE + type;
}

export const linuxCookedLayers: LayerTable = [
  [LINK_TYPE + 113, cooked],
  [LINK_TYPE + 276, cooked2],
];
