import { u8 } from '../../bytes.js';
import {
  available,
  IP_OF_ANY_VERSION,
  IPV4,
  IPV6,
  LINK_TYPE,
  MALFORMED,
  OTHER_PROTOCOL,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

/** No header: the IP header comes first, and its version field tells which one it is. */
function rawIp(packet: Packet): number {
  if (available(packet) < 1) return MALFORMED;
  switch (u8(packet.bytes, packet.offset) >>> 4) {
    case 4:
      return IPV4;
    case 6:
      return IPV6;
    default:
      return OTHER_PROTOCOL;
  }
}

export const rawIpLayers: LayerTable = [
  [IP_OF_ANY_VERSION, rawIp],
  [LINK_TYPE + 101, rawIp],
  // DLT_RAW of most systems and of OpenBSD, which some tools write into files unchanged.
  [LINK_TYPE + 12, rawIp],
  [LINK_TYPE + 14, rawIp],
  // Declared as only IPv4 and only IPv6.
  [LINK_TYPE + 228, rawIp],
  [LINK_TYPE + 229, rawIp],
];
