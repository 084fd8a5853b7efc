import { u8 } from '../../bytes.js';
import { available, ETHER_TYPE, IP_OF_ANY_VERSION, LINK_TYPE, MALFORMED, NOT_TCP, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

/** No header: the IP header follows at once, and its version field tells which. */
function rawIp(packet: Packet): number {
  if (available(packet) < 1) return MALFORMED;
  switch (u8(packet.bytes, packet.offset) >>> 4) {
    case 4:
      return ETHER_TYPE + 0x0800;
    case 6:
      return ETHER_TYPE + 0x86dd;
    default:
      return NOT_TCP;
  }
}

export const rawIpLayers: LayerTable = [
  [IP_OF_ANY_VERSION, rawIp],
  [LINK_TYPE + 101, rawIp],
  // DLT_RAW of most systems and of OpenBSD, which some tools write into files unchanged.
  [LINK_TYPE + 12, rawIp],
  [LINK_TYPE + 14, rawIp],
  [LINK_TYPE + 228, () => ETHER_TYPE + 0x0800],
  [LINK_TYPE + 229, () => ETHER_TYPE + 0x86dd],
];
