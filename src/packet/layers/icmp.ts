import { i32, u16, u32, u8 } from '../../bytes.js';
import { available, ICMP_MESSAGE, IP_PROTOCOL, MALFORMED, strip, type LayerTable } from '../layer.js';
import { setIpv4Addresses, setIpv6Addresses, type Packet, type QuotedPacket } from '../packet.js';

/** Type, code, checksum, and four bytes whose meaning depends on the type. */
const HEADER = 8;

// Messages about a packet, whose beginning follows their header: RFC 792, RFC 4443 section 3.
const UNREACHABLE = 3;
const SOURCE_QUENCH = 4;
const TIME_EXCEEDED = 11;
const PARAMETER_PROBLEM = 12;
const FRAGMENTATION_NEEDED = 4;
const V6_PACKET_TOO_BIG = 2;
const V6_PARAMETER_PROBLEM = 4;

/** RFC 792. */
function icmp(packet: Packet): number {
  const { bytes, offset } = packet;
  if (!begin(packet)) return MALFORMED;
  const { type, code } = packet.icmp;
  // RFC 1191 section 4; older routers leave it 0.
  if (type === UNREACHABLE && code === FRAGMENTATION_NEEDED) packet.icmp.mtu = u16(bytes, offset + 6);
  const isError =
    type === UNREACHABLE || type === SOURCE_QUENCH || type === TIME_EXCEEDED || type === PARAMETER_PROBLEM;
  if (isError) quoteIpv4(bytes, packet.offset, packet.end, packet.icmp.quoted);
  return ICMP_MESSAGE;
}

/** RFC 4443. */
function icmpV6(packet: Packet): number {
  const { bytes, offset } = packet;
  if (!begin(packet)) return MALFORMED;
  const { type } = packet.icmp;
  if (type === V6_PACKET_TOO_BIG) packet.icmp.mtu = u32(bytes, offset + 4);
  if (type >= 1 && type <= V6_PARAMETER_PROBLEM) {
    quoteIpv6(bytes, packet.offset, packet.end, packet.icmp.quoted);
    noteCut(packet);
  }
  return ICMP_MESSAGE;
}

function begin(packet: Packet): boolean {
  const { bytes, offset } = packet;
  if (available(packet) < HEADER) return false;
  strip(packet, HEADER);
  packet.icmp.type = u8(bytes, offset);
  packet.icmp.code = u8(bytes, offset + 1);
  packet.icmp.mtu = 0;
  packet.icmp.quoted.protocol = -1;
  packet.icmp.quoted.cutProtocol = -1;
  return true;
}

function quoteIpv4(bytes: Uint8Array, at: number, end: number, quoted: QuotedPacket): void {
  if (end - at < 20 || u8(bytes, at) >>> 4 !== 4) return;
  const headerLength = (u8(bytes, at) & 0x0f) * 4;
  if (headerLength < 20) return;
  // A later fragment has no ports.
  if ((u16(bytes, at + 6) & 0x1fff) !== 0) return;
  setIpv4Addresses(quoted.addresses, bytes, at + 12);
  quoted.ipVersion = 4;
  quotePorts(bytes, at + headerLength, end, u8(bytes, at + 9), quoted);
}

function quoteIpv6(bytes: Uint8Array, start: number, end: number, quoted: QuotedPacket): void {
  if (end - start < 40 || u8(bytes, start) >>> 4 !== 6) return;
  let protocol = u8(bytes, start + 6);
  let at = start + 40;
  // Hop-by-hop options, routing, fragment, destination options: as in ipv6.ts.
  while (protocol === 0 || protocol === 43 || protocol === 44 || protocol === 60) {
    if (end - at < 8) return;
    if (protocol === 44 && (u16(bytes, at + 2) & 0xfff8) !== 0) return;
    const length = protocol === 44 ? 8 : 8 * (1 + u8(bytes, at + 1));
    protocol = u8(bytes, at);
    at += length;
  }
  setIpv6Addresses(quoted.addresses, bytes, start + 8);
  quoted.ipVersion = 6;
  quotePorts(bytes, at, end, protocol, quoted);
}

/** Of the two addresses, the source and the network of the destination. */
const LEAST_WORDS = 6;

/** A usual snapshot length, 96 bytes, cuts off the ports of an IPv6 packet that an error quotes. */
function noteCut({ bytes, offset, end, missing, icmp: { quoted } }: Packet): void {
  const words = (end - offset - 8) >> 2;
  const isCut = missing > 0 && quoted.protocol < 0 && words >= LEAST_WORDS && words <= 8;
  if (!isCut || u8(bytes, offset) >>> 4 !== 6) return;
  quoted.cutProtocol = u8(bytes, offset + 6);
  quoted.words = words;
  for (let word = 0; word < words; word++) quoted.addresses[word] = i32(bytes, offset + 8 + 4 * word);
}

/**
 * The first eight bytes after the IP header, of TCP or UDP, which every router quotes (RFC 792). The snapshot length may leave only
 * the ports.
 */
function quotePorts(bytes: Uint8Array, at: number, end: number, protocol: number, quoted: QuotedPacket): void {
  if (end - at < 4) return;
  quoted.protocol = protocol;
  quoted.sourcePort = u16(bytes, at);
  quoted.destinationPort = u16(bytes, at + 2);
  quoted.sequence = end - at < 8 ? 0 : i32(bytes, at + 4);
  quoted.contentStart = at + 8;
}

export const icmpLayers: LayerTable = [
  [IP_PROTOCOL + 1, icmp],
  [IP_PROTOCOL + 58, icmpV6],
];
