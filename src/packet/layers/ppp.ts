import { u16, u8 } from '../../bytes.js';
import {
  available,
  ETHER_TYPE,
  IPV4,
  IPV6,
  LINK_TYPE,
  MALFORMED,
  MPLS,
  PPP,
  PPP_PROTOCOL,
  strip,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

/** Address and control field of PPP in HDLC-like framing (RFC 1662 section 3.1). */
const HDLC_FRAMING = 0xff03;
const CISCO_HDLC = LINK_TYPE + 104;

/** PPP with or without HDLC-like framing in front (RFC 1661, RFC 1662). */
function ppp(packet: Packet): number {
  if (available(packet) >= 2 && u16(packet.bytes, packet.offset) === HDLC_FRAMING) strip(packet, 2);
  return pppProtocol(packet);
}

/** PPP in HDLC-like framing, or Cisco HDLC, which differs in the address and has an EtherType (RFC 1547 section 4.3.1). */
function hdlc(packet: Packet): number {
  if (available(packet) < 4) return MALFORMED;
  const address = u8(packet.bytes, packet.offset);
  if (address !== 0x0f && address !== 0x8f) return ppp(packet);
  strip(packet, 4);
  return ETHER_TYPE + u16(packet.bytes, packet.offset - 2);
}

/** As Linux's pppd captures it: the direction instead of the address, then the control field. */
function pppd(packet: Packet): number {
  return strip(packet, 2) ? pppProtocol(packet) : MALFORMED;
}

/** The protocol number: the low bit of its last byte is set, so one byte is enough for a small one (RFC 1661 section 6.5). */
function pppProtocol(packet: Packet): number {
  if (available(packet) < 2) return MALFORMED;
  const first = u8(packet.bytes, packet.offset);
  if (first & 1) {
    strip(packet, 1);
    return PPP_PROTOCOL + first;
  }
  strip(packet, 2);
  return PPP_PROTOCOL + u16(packet.bytes, packet.offset - 2);
}

export const pppLayers: LayerTable = [
  [PPP, ppp],
  [LINK_TYPE + 50, hdlc],
  [CISCO_HDLC, hdlc],
  [LINK_TYPE + 166, pppd],
  // A byte for the direction, then the same.
  [LINK_TYPE + 204, (packet) => (strip(packet, 1) ? PPP : MALFORMED)],
  [LINK_TYPE + 205, (packet) => (strip(packet, 1) ? CISCO_HDLC : MALFORMED)],
  [PPP_PROTOCOL + 0x0021, () => IPV4],
  [PPP_PROTOCOL + 0x0057, () => IPV6],
  [PPP_PROTOCOL + 0x0281, () => MPLS], // RFC 3032 section 4.3
];
