import { u16, u24, u8 } from '../../bytes.js';
import {
  available,
  ETHERNET,
  IP_OF_ANY_VERSION,
  LINK_TYPE,
  MALFORMED,
  PPP,
  strip,
  type Layer,
  type LayerTable,
} from '../layer.js';

/** "MGC". */
const MAGIC = 0x4d4743;
const HAS_EXTENSIONS = 0x80;
const HAS_NO_LINK_HEADER = 0x02;

/** What Junos puts before a frame: a magic number, flags, extensions. `next` is the link layer of the interface. */
function juniper(next: number): Layer {
  return (packet) => {
    const { bytes, offset } = packet;
    if (available(packet) < 4 || u24(bytes, offset) !== MAGIC) return MALFORMED;
    const flags = u8(bytes, offset + 3);
    strip(packet, 4);
    if (flags & HAS_EXTENSIONS) {
      if (available(packet) < 2 || !strip(packet, 2 + u16(bytes, packet.offset))) return MALFORMED;
    }
    if ((flags & HAS_NO_LINK_HEADER) === 0) return next;
    // The protocol family, then the packet.
    return strip(packet, 4) ? IP_OF_ANY_VERSION : MALFORMED;
  };
}

export const juniperLayers: LayerTable = [
  [LINK_TYPE + 178, juniper(ETHERNET)],
  [LINK_TYPE + 179, juniper(PPP)],
  [LINK_TYPE + 181, juniper(LINK_TYPE + 104)],
];
