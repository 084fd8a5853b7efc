import { ETHERNET, IP_PROTOCOL, IPV4, IPV6, MALFORMED, strip, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

/** EtherIP, RFC 3378: a version, then the frame. */
function etherIp(packet: Packet): number {
  return strip(packet, 2) ? ETHERNET : MALFORMED;
}

/** A packet in a packet, with little or nothing between them. */
export const ipInIpLayers: LayerTable = [
  [IP_PROTOCOL + 4, () => IPV4], // RFC 2003
  [IP_PROTOCOL + 41, () => IPV6], // RFC 4213
  [IP_PROTOCOL + 97, etherIp],
];
