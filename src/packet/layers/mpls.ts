import { u16, u8 } from '../../bytes.js';
import {
  available,
  ETHERNET,
  ETHER_TYPE,
  IP_PROTOCOL,
  IPV4,
  IPV6,
  LINK_TYPE,
  MALFORMED,
  MPLS,
  OTHER_PROTOCOL,
  PPP_PROTOCOL,
  strip,
  UDP_PORT,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

const LABEL = 4;
/** In the third byte of a label: the last one of the stack. */
const BOTTOM_OF_STACK = 0x01;
/** In front of an Ethernet frame, four bytes that begin with four zero bits (RFC 4385 section 3). */
const CONTROL_WORD = 4;

/**
 * A stack of labels (RFC 3032). What follows is configured elsewhere, but its first four bits tell: the version of an
 * IP packet, 0 for a pseudowire's control word, 1 for its management (RFC 4385); anything else begins a MAC address.
 */
function mpls(packet: Packet): number {
  do {
    if (!strip(packet, LABEL)) return MALFORMED;
  } while ((u8(packet.bytes, packet.offset - 2) & BOTTOM_OF_STACK) === 0);
  if (available(packet) < 1) return MALFORMED;
  switch (u8(packet.bytes, packet.offset) >>> 4) {
    case 4:
      return IPV4;
    case 6:
      return IPV6;
    case 1:
      return OTHER_PROTOCOL;
    case 0:
      return looksLikeEthernet(packet) || strip(packet, CONTROL_WORD) ? ETHERNET : MALFORMED;
    default:
      return ETHERNET;
  }
}

/** Whether an Ethernet frame that carries IP begins here: MAC addresses may begin with zero bits too. */
function looksLikeEthernet(packet: Packet): boolean {
  if (available(packet) < 14) return false;
  const type = u16(packet.bytes, packet.offset + 12);
  return type === 0x0800 || type === 0x86dd || type === 0x8100 || type === 0x88a8;
}

export const mplsLayers: LayerTable = [
  [MPLS, mpls],
  [ETHER_TYPE + 0x8848, mpls], // labels assigned upstream, RFC 5332
  [LINK_TYPE + 219, mpls],
  [IP_PROTOCOL + 137, mpls], // RFC 4023
  [PPP_PROTOCOL + 0x0283, mpls],
  [UDP_PORT + 6635, mpls], // RFC 7510
];
