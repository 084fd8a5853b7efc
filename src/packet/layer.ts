import type { Packet } from './packet.js';

/**
 * Strips one header: moves `packet.offset` (and `end`, if the header says how long its payload is) and returns the key of
 * the layer that comes next, or, if none does, an outcome. It reads nothing beyond `packet.end`.
 */
export type Layer = (packet: Packet) => number;

/** What a file in layers/ offers: layers and the keys under which others name them. */
export type LayerTable = readonly (readonly [key: number, layer: Layer])[];

// A key is a number of one of these name spaces, 16 bits, plus the name space's own number above it.

/** LINKTYPE_ numbers of tcpdump.org. */
export const LINK_TYPE = 0x00000;
/** EtherTypes: IEEE 802, as in Ethernet, VLAN tags, Linux cooked captures, GRE. */
export const ETHER_TYPE = 0x10000;
/** IANA's protocol numbers of IPv4, which are IPv6's next headers too. */
export const IP_PROTOCOL = 0x20000;
/** PPP's protocol numbers (RFC 1661 section 2). */
export const PPP_PROTOCOL = 0x30000;
/** UDP ports that a tunnel has for its own. */
export const UDP_PORT = 0x40000;
/** Headers that no registry numbers. */
export const INTERNAL = 0x50000;

/** One more than the largest key. */
export const KEYS = INTERNAL + 3;

// Headers that many others have next.

export const ETHERNET = LINK_TYPE + 1;
export const PPP = LINK_TYPE + 9;
export const IEEE_802_11 = LINK_TYPE + 105;
export const IPV4 = ETHER_TYPE + 0x0800;
export const IPV6 = ETHER_TYPE + 0x86dd;
export const MPLS = ETHER_TYPE + 0x8847;
/** An IP packet whose version field alone tells which one it is. */
export const IP_OF_ANY_VERSION = INTERNAL + 0;
/** Logical Link Control, IEEE 802.2. */
export const LOGICAL_LINK_CONTROL = INTERNAL + 1;
/** 802.11 with the two bytes of its first field in the wrong order. */
export const IEEE_802_11_SWAPPED = INTERNAL + 2;

// Outcomes: below every key.

/** A TCP segment: ports, numbers and flags are set, `offset` to `end` is its payload. */
export const TCP_SEGMENT = -1;
/** Neither TCP, UDP nor ICMP, as far as is known here; `packet.unknownKey` says which layer is unknown. */
export const OTHER_PROTOCOL = -2;
/** A part of an IP packet, as `packet.fragment` says; `offset` to `end` is the part's payload. */
export const FRAGMENT = -3;
/** A header is not all there or contradicts itself. */
export const MALFORMED = -4;
/** The frame's link type is not known here. */
export const UNSUPPORTED_LINK_TYPE = -5;
/** A UDP datagram that is no tunnel's: ports are set, `offset` to `end` is its payload. */
export const UDP_DATAGRAM = -6;
/** An ICMP or ICMPv6 message: `packet.icmp` is set, `offset` to `end` is what follows its eight bytes of header. */
export const ICMP_MESSAGE = -7;
/** A frame of IEEE 802.1X between two MAC addresses: `offset` to `end` is all of it, its header too. */
export const EAPOL_FRAME = -8;

/** Bytes that can be read at `packet.offset`. */
export function available(packet: Packet): number {
  return packet.end - packet.offset;
}

/** Takes a header of `length` bytes off; true if all of it was there. */
export function strip(packet: Packet, length: number): boolean {
  packet.offset += length;
  return packet.offset <= packet.end;
}

/**
 * Says that the current layer is `length` bytes from `packet.offset` on: what follows is padding or a trailer, what is
 * not there was cut off. The header is believed over the frame's original length, which some tools get wrong.
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
