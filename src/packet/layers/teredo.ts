import { u16, u8 } from '../../bytes.js';
import { available, IPV6, OTHER_PROTOCOL, strip, UDP_PORT, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

const AUTHENTICATION = 0x0001;
const ORIGIN = 0x0000;
const IPV6_HEADER = 40;

/** IPv6 through UDP, RFC 4380 section 5.1.1: authentication and origin may come before the packet, in this order. */
function teredo(packet: Packet): number {
  const { bytes } = packet;
  if (available(packet) >= 4 && u16(bytes, packet.offset) === AUTHENTICATION) {
    // Lengths of a client identifier and an authentication value, then both, a nonce, a confirmation.
    const variable = u8(bytes, packet.offset + 2) + u8(bytes, packet.offset + 3);
    if (!strip(packet, 4 + variable + 9)) return OTHER_PROTOCOL;
  }
  if (available(packet) >= 2 && u16(bytes, packet.offset) === ORIGIN && !strip(packet, 8)) return OTHER_PROTOCOL;
  return isIPv6(packet) ? IPV6 : OTHER_PROTOCOL;
}

/** Whether a whole IPv6 packet is here; RFC 6081's trailers may follow it. */
function isIPv6({ bytes, offset, end, missing }: Packet): boolean {
  if (end - offset < IPV6_HEADER || u8(bytes, offset) >>> 4 !== 6) return false;
  return IPV6_HEADER + u16(bytes, offset + 4) <= end - offset + missing;
}

export const teredoLayers: LayerTable = [[UDP_PORT + 3544, teredo]];
