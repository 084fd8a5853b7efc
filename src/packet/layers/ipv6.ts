import { i32, u16, u8 } from '../../bytes.js';
import { available, bound, FRAGMENT, IP_PROTOCOL, IPV6, MALFORMED, strip, type LayerTable } from '../layer.js';
import { setIpv6Addresses, type Packet } from '../packet.js';

const HEADER = 40;

/** RFC 8200 section 3. */
function ipv6(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < HEADER || u8(bytes, offset) >>> 4 !== 6) return MALFORMED;
  const payloadLength = u16(bytes, offset + 4);
  // 0 for a jumbogram (RFC 2675) or with segmentation in the network card: then the frame's length counts.
  if (payloadLength !== 0) bound(packet, HEADER + payloadLength);
  packet.ipVersion = 6;
  packet.ipId = 0;
  packet.ttl = u8(bytes, offset + 7);
  setIpv6Addresses(packet.addresses, bytes, offset + 8);
  strip(packet, HEADER);
  return IP_PROTOCOL + u8(bytes, offset + 6);
}

/** Hop-by-hop options, routing, destination options: next header, length in units of 8 bytes beyond the first 8. */
function extension(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < 8 || !strip(packet, 8 * (1 + u8(bytes, offset + 1)))) return MALFORMED;
  return IP_PROTOCOL + u8(bytes, offset);
}

/** RFC 8200 section 4.5. A fragment that is the whole packet is none (RFC 6946). */
function fragmentHeader(packet: Packet): number {
  const { bytes, offset, fragment } = packet;
  if (!strip(packet, 8)) return MALFORMED;
  const next = IP_PROTOCOL + u8(bytes, offset);
  // The offset is in units of 8 bytes, above two reserved bits and the flag for more fragments.
  const offsetAndMore = u16(bytes, offset + 2) & 0xfff9;
  if (offsetAndMore === 0) return next;
  fragment.id = i32(bytes, offset + 4);
  fragment.next = next;
  fragment.offset = offsetAndMore & 0xfff8;
  fragment.isLast = (offsetAndMore & 1) === 0;
  return FRAGMENT;
}

/** RFC 4302 section 2.2, in IPv4 too: the length is in units of 4 bytes beyond the first 8. */
function authenticationHeader(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < 12 || !strip(packet, 8 + 4 * u8(bytes, offset + 1))) return MALFORMED;
  return IP_PROTOCOL + u8(bytes, offset);
}

export const ipv6Layers: LayerTable = [
  [IPV6, ipv6],
  [IP_PROTOCOL + 0, extension],
  [IP_PROTOCOL + 43, extension],
  [IP_PROTOCOL + 44, fragmentHeader],
  [IP_PROTOCOL + 51, authenticationHeader],
  [IP_PROTOCOL + 60, extension],
];
