import { u16, u8 } from '../../bytes.js';
import {
  available,
  ETHER_TYPE,
  IPV4,
  IPV6,
  LINK_TYPE,
  MALFORMED,
  OTHER_PROTOCOL,
  strip,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

const UNNUMBERED_INFORMATION = 0x03;
/** Network layer protocol identifiers: RFC 2427 section 3, RFC 2590. */
const SNAP = 0x80;
const IP = 0xcc;
const IP_6 = 0x8e;

/** Frame relay: an address whose last byte has its low bit set, then RFC 2427's encapsulation or Cisco's, an EtherType. */
function frameRelay(packet: Packet): number {
  const { bytes } = packet;
  do {
    if (!strip(packet, 1)) return MALFORMED;
  } while ((u8(bytes, packet.offset - 1) & 1) === 0);
  if (available(packet) < 2) return MALFORMED;
  const { offset } = packet;
  strip(packet, 2);
  if (u8(bytes, offset) !== UNNUMBERED_INFORMATION) return ETHER_TYPE + u16(bytes, offset);
  switch (u8(bytes, offset + 1)) {
    case IP:
      return IPV4;
    case IP_6:
      return IPV6;
    case 0: // padding before SNAP
      return available(packet) >= 6 && u8(bytes, offset + 2) === SNAP ? snap(packet, 6) : OTHER_PROTOCOL;
    case SNAP:
      return available(packet) >= 5 ? snap(packet, 5) : MALFORMED;
    default:
      return OTHER_PROTOCOL;
  }
}

/** An organisation of zeros and an EtherType, `length` bytes from here on. */
function snap(packet: Packet, length: number): number {
  strip(packet, length);
  return ETHER_TYPE + u16(packet.bytes, packet.offset - 2);
}

export const frameRelayLayers: LayerTable = [
  [LINK_TYPE + 107, frameRelay],
  [LINK_TYPE + 206, (packet) => (strip(packet, 1) ? LINK_TYPE + 107 : MALFORMED)], // the direction comes first
];
