import { u16 } from '../../bytes.js';
import { available, bound, MALFORMED, OTHER_PROTOCOL, PPP, strip, UDP_PORT, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

const CONTROL = 0x8000;
const LENGTH = 0x4000;
const SEQUENCE = 0x0800;
const OFFSET = 0x0200;
/** Bits that are neither one of these, nor the priority, nor the version. */
const RESERVED = 0x34f0;
const VERSION = 0x000f;

/** A data message of L2TP version 2, RFC 2661 section 3.1. */
function l2tp(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < 6) return OTHER_PROTOCOL;
  const flags = u16(bytes, offset);
  if ((flags & (CONTROL | RESERVED | VERSION)) !== 2) return OTHER_PROTOCOL;
  if (flags & LENGTH) bound(packet, u16(bytes, offset + 2));
  // Tunnel and session identifier follow, and the two sequence numbers.
  const length = 6 + (flags & LENGTH ? 2 : 0) + (flags & SEQUENCE ? 4 : 0);
  if (!strip(packet, length)) return MALFORMED;
  if (flags & OFFSET) {
    if (available(packet) < 2 || !strip(packet, 2 + u16(bytes, packet.offset))) return MALFORMED;
  }
  return PPP;
}

export const l2tpLayers: LayerTable = [[UDP_PORT + 1701, l2tp]];
