import { u16le, u32, u32le } from '../../bytes.js';
import { available, IEEE_802_11, LINK_TYPE, MALFORMED, OTHER_PROTOCOL, strip, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

// What the capturing device says about the radio, before an 802.11 frame. Each format includes its own length.

/** radiotap.org. */
function radiotap(packet: Packet): number {
  if (available(packet) < 8) return MALFORMED;
  return skip(packet, u16le(packet.bytes, packet.offset + 2), 8);
}

const AVS = 0x80211000;

/** The header of the Absolute Value Systems capture format. */
function avs(packet: Packet): number {
  if (available(packet) < 8) return MALFORMED;
  return skip(packet, u32(packet.bytes, packet.offset + 4), 8);
}

/**
 * The header of Prism II cards, in the byte order of the capturing machine; some drivers write an AVS header instead.
 */
function prism(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < 8) return MALFORMED;
  if ((u32(bytes, offset) & 0xfffff000) >>> 0 === AVS) return avs(packet);
  return skip(packet, Math.min(u32(bytes, offset + 4), u32le(bytes, offset + 4)), 8);
}

function skip(packet: Packet, length: number, least: number): number {
  return length >= least && strip(packet, length) ? IEEE_802_11 : MALFORMED;
}

/** Per-packet information (CACE): a header of any length, and the link type of what follows. */
function ppi(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < 8) return MALFORMED;
  const linkType = u32le(bytes, offset + 4);
  const length = u16le(bytes, offset + 2);
  if (length < 8 || !strip(packet, length)) return MALFORMED;
  return linkType <= 0xffff ? LINK_TYPE + linkType : OTHER_PROTOCOL;
}

export const radioLayers: LayerTable = [
  [LINK_TYPE + 119, prism],
  [LINK_TYPE + 127, radiotap],
  [LINK_TYPE + 163, avs],
  [LINK_TYPE + 192, ppi],
];
