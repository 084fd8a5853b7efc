import { u16, u8 } from '../../bytes.js';
import {
  available,
  ETHERNET,
  IEEE_802_11,
  LINK_TYPE,
  OTHER_PROTOCOL,
  strip,
  UDP_PORT,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

const HEADER = 4;
const VERSION = 1;
/** Types of message that carry a frame: received, to be sent. */
const LAST_TYPE_WITH_FRAME = 1;
const PADDING = 0;
const END = 1;

/** TaZmen Sniffer Protocol, in which routers send what they capture: tags (type, length, value) up to an end, then the frame. */
function tzsp(packet: Packet): number {
  const { bytes, offset } = packet;
  if (!strip(packet, HEADER)) return OTHER_PROTOCOL;
  if (u8(bytes, offset) !== VERSION || u8(bytes, offset + 1) > LAST_TYPE_WITH_FRAME) return OTHER_PROTOCOL;
  for (let type = -1; type !== END;) {
    if (available(packet) < 2) return OTHER_PROTOCOL;
    type = u8(bytes, packet.offset);
    const hasValue = type !== PADDING && type !== END;
    if (!strip(packet, hasValue ? 2 + u8(bytes, packet.offset + 1) : 1)) return OTHER_PROTOCOL;
  }
  switch (u16(bytes, offset + 2)) {
    case 1:
      return ETHERNET;
    case 18:
      return IEEE_802_11;
    default:
      return OTHER_PROTOCOL;
  }
}

export const tzspLayers: LayerTable = [
  [UDP_PORT + 37008, tzsp],
  [LINK_TYPE + 128, tzsp],
];
