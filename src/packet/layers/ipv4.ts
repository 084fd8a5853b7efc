import { i32, u16, u8 } from '../../bytes.js';
import { available, bound, ETHER_TYPE, FRAGMENT, IP_PROTOCOL, MALFORMED, strip, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

/** RFC 791 section 3.1. */
function ipv4(packet: Packet): number {
  const { bytes, offset, addresses } = packet;
  if (available(packet) < 20) return MALFORMED;
  const versionAndLength = u8(bytes, offset);
  const headerLength = (versionAndLength & 0x0f) * 4;
  if (versionAndLength >>> 4 !== 4 || headerLength < 20) return MALFORMED;

  const totalLength = u16(bytes, offset + 2);
  // A network card that segments for the kernel is given packets larger than the field can say: 0, and the frame's length
  // is the truth.
  if (totalLength !== 0) {
    if (totalLength < headerLength) return MALFORMED;
    bound(packet, totalLength);
  }
  packet.ipVersion = 4;
  packet.ipId = u16(bytes, offset + 4);
  packet.ttl = u8(bytes, offset + 8);
  addresses[0] = 0;
  addresses[1] = 0;
  addresses[2] = 0xffff;
  addresses[3] = i32(bytes, offset + 12);
  addresses[4] = 0;
  addresses[5] = 0;
  addresses[6] = 0xffff;
  addresses[7] = i32(bytes, offset + 16);
  if (!strip(packet, headerLength)) return MALFORMED;
  if ((u16(bytes, offset + 6) & 0x1fff) !== 0) return FRAGMENT;
  return IP_PROTOCOL + u8(bytes, offset + 9);
}

export const ipv4Layers: LayerTable = [[ETHER_TYPE + 0x0800, ipv4]];
