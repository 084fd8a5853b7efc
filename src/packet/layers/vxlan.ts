import { u8 } from '../../bytes.js';
import { available, ETHERNET, OTHER_PROTOCOL, strip, UDP_PORT, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';
import { nextProtocol } from './nsh.js';

const HEADER = 8;
/** The network identifier is valid: always. */
const IDENTIFIER = 0x08;
/** Of VXLAN-GPE: the version, and whether there is a next protocol. */
const VERSION = 0x30;
const NEXT_PROTOCOL = 0x04;

/** RFC 7348 section 5. Other bits are reserved, to be ignored, or extensions'. */
function vxlan(packet: Packet): number {
  if (available(packet) < HEADER || (u8(packet.bytes, packet.offset) & IDENTIFIER) === 0) return OTHER_PROTOCOL;
  strip(packet, HEADER);
  return ETHERNET;
}

/** The generic protocol extension, draft-ietf-nvo3-vxlan-gpe. */
function vxlanGpe(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < HEADER) return OTHER_PROTOCOL;
  const flags = u8(bytes, offset);
  if ((flags & (IDENTIFIER | VERSION)) !== IDENTIFIER) return OTHER_PROTOCOL;
  strip(packet, HEADER);
  return flags & NEXT_PROTOCOL ? nextProtocol(u8(bytes, offset + 3)) : ETHERNET;
}

export const vxlanLayers: LayerTable = [
  [UDP_PORT + 4789, vxlan],
  [UDP_PORT + 8472, vxlan], // of Linux before the port was assigned
  [UDP_PORT + 4790, vxlanGpe],
];
