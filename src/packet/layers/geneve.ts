import { u16, u8 } from '../../bytes.js';
import { available, ETHER_TYPE, MALFORMED, OTHER_PROTOCOL, strip, UDP_PORT, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

const HEADER = 8;
const VERSION = 0xc0;
/** In units of 4 bytes. */
const OPTIONS_LENGTH = 0x3f;

/** RFC 8926 section 3.4. */
function geneve(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < HEADER) return OTHER_PROTOCOL;
  const first = u8(bytes, offset);
  if ((first & VERSION) !== 0) return OTHER_PROTOCOL;
  if (!strip(packet, HEADER + 4 * (first & OPTIONS_LENGTH))) return MALFORMED;
  return ETHER_TYPE + u16(bytes, offset + 2);
}

export const geneveLayers: LayerTable = [[UDP_PORT + 6081, geneve]];
