import type { Packet } from './packet.js';

/**
 * Removes one header: moves `packet.offset` (and `end`, if the header has the payload length) and returns the key of
 * the next layer, or an outcome if there is none. It reads nothing beyond `packet.end`.
 */
export type Layer = (packet: Packet) => number;

/** The export of a file in layers/: layers, and the keys by which others refer to them. */
export type LayerTable = readonly (readonly [key: number, layer: Layer])[];

// A key is a 16-bit number in one of these name spaces, plus the name space's own number above it.

/** LINKTYPE_ numbers of tcpdump.org. */
export const LINK_TYPE = 0x00000;
/** EtherTypes of IEEE 802, as in Ethernet, VLAN tags, Linux cooked captures, GRE. */
export const ETHER_TYPE = 0x10000;
/** IANA's protocol numbers of IPv4, which are IPv6's next headers too. */
export const IP_PROTOCOL = 0x20000;
/** PPP's protocol numbers (RFC 1661 section 2). */
export const PPP_PROTOCOL = 0x30000;
/** UDP ports assigned to tunnels. */
export const UDP_PORT = 0x40000;
/** Headers without a number in any registry. */
export const INTERNAL = 0x50000;

/** One more than the largest key. */
export const KEYS = INTERNAL + 3;

// Headers that often come next.

export const ETHERNET = LINK_TYPE + 1;
export const PPP = LINK_TYPE + 9;
export const IEEE_802_11 = LINK_TYPE + 105;
export const IPV4 = ETHER_TYPE + 0x0800;
export const IPV6 = ETHER_TYPE + 0x86dd;
export const MPLS = ETHER_TYPE + 0x8847;
/** An IP packet whose version is only known from its version field. */
export const IP_OF_ANY_VERSION = INTERNAL + 0;
/** Logical Link Control, IEEE 802.2. */
export const LOGICAL_LINK_CONTROL = INTERNAL + 1;
/** 802.11 with the two bytes of its first field swapped. */
export const IEEE_802_11_SWAPPED = INTERNAL + 2;

// Outcomes: below every key.

/** A TCP segment: ports, numbers and flags are set, `offset` to `end` is its payload. */
export const TCP_SEGMENT = -1;
/** Neither TCP, UDP nor ICMP; `packet.unknownKey` is the unknown layer. */
export const OTHER_PROTOCOL = -2;
/** A fragment of an IP packet, described by `packet.fragment`; `offset` to `end` is its payload. */
export const FRAGMENT = -3;
/** A header is incomplete or contradicts itself. */
export const MALFORMED = -4;
/** There is no decoder for the frame's link type. */
export const UNSUPPORTED_LINK_TYPE = -5;
/** A UDP datagram that belongs to no tunnel: ports are set, `offset` to `end` is its payload. */
export const UDP_DATAGRAM = -6;
/** An ICMP or ICMPv6 message: `packet.icmp` is set, `offset` to `end` is what follows its header of eight bytes. */
export const ICMP_MESSAGE = -7;
/** A frame of IEEE 802.1X between two MAC addresses: `offset` to `end` is all of it, with its header. */
export const EAPOL_FRAME = -8;

/** Number of bytes that can be read at `packet.offset`. */
export function available(packet: Packet): number {
  return packet.end - packet.offset;
}

/** Removes a header of `length` bytes; true if all of it was captured. */
export function strip(packet: Packet, length: number): boolean {
  packet.offset += length;
  return packet.offset <= packet.end;
}

/**
 * Sets the length of the current layer, from `packet.offset` on: anything beyond is padding or a trailer, anything
 * missing was cut off. The header overrides the frame's original length, which some tools get wrong.
 */
export function bound(packet: Packet, length: number): void {
  const end = packet.offset + length;
  if (end <= packet.end) {
    packet.end = end;
    packet.missing = 0;
  } else {
    packet.missing = end - packet.end;
  }
}
