import { u16, u8 } from '../../bytes.js';
import {
  available,
  bound,
  ETHER_TYPE,
  LINK_TYPE,
  MALFORMED,
  OTHER_PROTOCOL,
  PPP,
  strip,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

const HEADER = 6;
/** Version and type, both 1. */
const VERSION_AND_TYPE = 0x11;
/** Other codes are those of discovery, which carries no packets. */
const SESSION_DATA = 0;

/** PPP over Ethernet, RFC 2516 section 4. */
function pppoe(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < HEADER || u8(bytes, offset) !== VERSION_AND_TYPE) return MALFORMED;
  if (u8(bytes, offset + 1) !== SESSION_DATA) return OTHER_PROTOCOL;
  bound(packet, HEADER + u16(bytes, offset + 4));
  strip(packet, HEADER);
  return PPP;
}

export const pppoeLayers: LayerTable = [
  [ETHER_TYPE + 0x8864, pppoe],
  [LINK_TYPE + 51, pppoe],
];
