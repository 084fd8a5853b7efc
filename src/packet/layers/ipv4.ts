import { u16, u8 } from '../../bytes.js';
import { available, bound, FRAGMENT, IP_PROTOCOL, IPV4, MALFORMED, strip, type LayerTable } from '../layer.js';
import { setIpv4Addresses, type Packet } from '../packet.js';

const MORE_FRAGMENTS = 0x2000;
/** In units of 8 bytes. */
const FRAGMENT_OFFSET = 0x1fff;

/** RFC 791 section 3.1. */
function ipv4(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < 20) return MALFORMED;
  const versionAndLength = u8(bytes, offset);
  const headerLength = (versionAndLength & 0x0f) * 4;
  if (versionAndLength >>> 4 !== 4 || headerLength < 20) return MALFORMED;

  const totalLength = u16(bytes, offset + 2);
  // With segmentation in the network card, packets may be too long for the field: it is 0 then, and the frame's length
  // counts.
  if (totalLength !== 0) {
    if (totalLength < headerLength) return MALFORMED;
    bound(packet, totalLength);
  }
  packet.ipVersion = 4;
  packet.ipId = u16(bytes, offset + 4);
  packet.ttl = u8(bytes, offset + 8);
  setIpv4Addresses(packet.addresses, bytes, offset + 12);
  if (!strip(packet, headerLength)) return MALFORMED;
  const next = IP_PROTOCOL + u8(bytes, offset + 9);
  const flagsAndOffset = u16(bytes, offset + 6);
  if ((flagsAndOffset & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) === 0) return next;
  const { fragment } = packet;
  fragment.id = packet.ipId;
  fragment.next = next;
  fragment.offset = (flagsAndOffset & FRAGMENT_OFFSET) * 8;
  fragment.isLast = (flagsAndOffset & MORE_FRAGMENTS) === 0;
  return FRAGMENT;
}

export const ipv4Layers: LayerTable = [[IPV4, ipv4]];
