import { u32, u32le } from '../../bytes.js';
import { IPV4, IPV6, LINK_TYPE, MALFORMED, OTHER_PROTOCOL, strip, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

/**
 * An address family in four bytes. LINKTYPE_NULL has it in the byte order of the capturing machine, LINKTYPE_LOOP in
 * network order; families are small numbers, so the order that gives the smaller number is right.
 */
function loopback(packet: Packet): number {
  if (!strip(packet, 4)) return MALFORMED;
  const at = packet.offset - 4;
  switch (Math.min(u32(packet.bytes, at), u32le(packet.bytes, at))) {
    case 2: // AF_INET, everywhere
      return IPV4;
    case 10: // AF_INET6 of Linux
    case 24: // of NetBSD, OpenBSD and BSD/OS
    case 28: // of FreeBSD and DragonFly BSD
    case 30: // of Darwin
      return IPV6;
    default:
      return OTHER_PROTOCOL;
  }
}

export const bsdLoopbackLayers: LayerTable = [
  [LINK_TYPE + 0, loopback],
  [LINK_TYPE + 108, loopback],
];
