import { u8 } from '../../bytes.js';
import {
  ETHERNET,
  ETHER_TYPE,
  IP_OF_ANY_VERSION,
  MALFORMED,
  OTHER_PROTOCOL,
  strip,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

// Frames that a switch mirrors to a remote port: draft-foschiano-erspan-03. Type I has no header: see gre.ts.

const TYPE_II_HEADER = 8;
const TYPE_III_HEADER = 12;
/** Frame types of type III. */
const ETHERNET_FRAME = 0;
const IP_PACKET = 2;

function typeII(packet: Packet): number {
  return strip(packet, TYPE_II_HEADER) ? ETHERNET : MALFORMED;
}

function typeIII(packet: Packet): number {
  const { bytes, offset } = packet;
  if (!strip(packet, TYPE_III_HEADER)) return MALFORMED;
  const hasSubheader = (u8(bytes, offset + 11) & 1) !== 0;
  if (hasSubheader && !strip(packet, 8)) return MALFORMED;
  switch ((u8(bytes, offset + 10) >>> 2) & 0x1f) {
    case ETHERNET_FRAME:
      return ETHERNET;
    case IP_PACKET:
      return IP_OF_ANY_VERSION;
    default:
      return OTHER_PROTOCOL;
  }
}

export const erspanLayers: LayerTable = [
  [ETHER_TYPE + 0x88be, typeII],
  [ETHER_TYPE + 0x22eb, typeIII],
];
