import { u8 } from '../../bytes.js';
import {
  available,
  ETHERNET,
  ETHER_TYPE,
  IPV4,
  IPV6,
  MALFORMED,
  MPLS,
  OTHER_PROTOCOL,
  strip,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

const NSH = ETHER_TYPE + 0x894f;

/** Network service header, RFC 8300 section 2: its length is in units of 4 bytes. */
function nsh(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < 8 || !strip(packet, 4 * (u8(bytes, offset + 1) & 0x3f))) return MALFORMED;
  return nextProtocol(u8(bytes, offset + 3));
}

/** The key of a "next protocol" (RFC 8300 section 9.1.5), whose first numbers VXLAN-GPE shares. */
export function nextProtocol(code: number): number {
  switch (code) {
    case 1:
      return IPV4;
    case 2:
      return IPV6;
    case 3:
      return ETHERNET;
    case 4:
      return NSH;
    case 5:
      return MPLS;
    default:
      return OTHER_PROTOCOL;
  }
}

export const nshLayers: LayerTable = [[NSH, nsh]];
