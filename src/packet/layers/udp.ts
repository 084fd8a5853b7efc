import { u16 } from '../../bytes.js';
import { available, bound, IP_PROTOCOL, MALFORMED, strip, UDP_PORT, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

const HEADER = 8;

/**
 * UDP, RFC 768. `tables` are those of all layers: what is sent to a port that a tunnel among them has for its own is that
 * tunnel's, and otherwise what comes from such a port. Other traffic may use these ports too, so a tunnel's layer looks
 * closely before it believes.
 */
export function udpLayers(tables: readonly LayerTable[]): LayerTable {
  const keys = new Set(tables.flat().map(([key]) => key));

  function udp(packet: Packet): number {
    const { bytes, offset } = packet;
    if (available(packet) < HEADER) return MALFORMED;
    const length = u16(bytes, offset + 4);
    // 0 for a jumbogram (RFC 2675 section 4) or where the network card segments.
    if (length !== 0) {
      if (length < HEADER) return MALFORMED;
      bound(packet, length);
    }
    strip(packet, HEADER);
    const to = UDP_PORT + u16(bytes, offset + 2);
    return keys.has(to) ? to : UDP_PORT + u16(bytes, offset);
  }

  return [[IP_PROTOCOL + 17, udp]];
}
