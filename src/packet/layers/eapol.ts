import { u16 } from '../../bytes.js';
import { available, bound, EAPOL_FRAME, ETHER_TYPE, MALFORMED, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

/** Version, type, length of the body. */
const HEADER = 4;

/** EAP over LAN, IEEE 802.1X section 11.3. */
function eapol(packet: Packet): number {
  if (available(packet) < HEADER) return MALFORMED;
  bound(packet, HEADER + u16(packet.bytes, packet.offset + 2));
  return EAPOL_FRAME;
}

export const eapolLayers: LayerTable = [
  [ETHER_TYPE + 0x888e, eapol],
  [ETHER_TYPE + 0x88c7, eapol], // of a station that authenticates ahead, by way of the wired network (IEEE 802.11i)
];
