import { u16 } from '../../bytes.js';
import {
  available,
  bound,
  ETHERNET,
  ETHER_TYPE,
  IP_PROTOCOL,
  MALFORMED,
  OTHER_PROTOCOL,
  PPP,
  strip,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACKNOWLEDGMENT = 0x0080;
const VERSION = 0x0007;

const PPP_IN_GRE = 0x880b;
const ERSPAN = 0x88be;

/** Generic routing encapsulation: version 0 of RFC 2784 with the fields of RFC 2890, version 1 of PPTP. */
function gre(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < 4) return MALFORMED;
  const flags = u16(bytes, offset);
  const protocol = u16(bytes, offset + 2);
  const sequence = flags & SEQUENCE ? 4 : 0;
  switch (flags & VERSION) {
    case 0: {
      // RFC 1701's source routes are a thing of the past.
      if (flags & ROUTING) return OTHER_PROTOCOL;
      const length = 4 + (flags & CHECKSUM ? 4 : 0) + (flags & KEY ? 4 : 0) + sequence;
      if (!strip(packet, length)) return MALFORMED;
      // A mirrored frame without a sequence number is of type I, which has no header of its own.
      return protocol === ERSPAN && sequence === 0 ? ETHERNET : ETHER_TYPE + protocol;
    }
    case 1: {
      // RFC 2637 section 4.1; without a sequence number it only acknowledges.
      if (protocol !== PPP_IN_GRE || sequence === 0) return OTHER_PROTOCOL;
      const length = 8 + sequence + (flags & ACKNOWLEDGMENT ? 4 : 0);
      if (available(packet) < length) return MALFORMED;
      bound(packet, length + u16(bytes, offset + 4));
      strip(packet, length);
      return PPP;
    }
    default:
      return OTHER_PROTOCOL;
  }
}

export const greLayers: LayerTable = [
  [IP_PROTOCOL + 47, gre],
  [ETHER_TYPE + 0x6558, () => ETHERNET], // transparent Ethernet bridging, RFC 1701
];
