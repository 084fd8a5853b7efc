import { u16 } from '../../bytes.js';
import {
  available,
  bound,
  IP_PROTOCOL,
  MALFORMED,
  OTHER_PROTOCOL,
  strip,
  UDP_DATAGRAM,
  UDP_PORT,
  type Layer,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

const HEADER = 8;

/**
 * UDP, RFC 768. `tables`: those of all layers. A datagram to a port assigned to a tunnel among them is given to that
 * tunnel's layer, otherwise one from such a port. Other traffic may use these ports too, so a tunnel's layer checks
 * closely; what it rejects is an ordinary datagram.
 */
export function udpLayers(tables: readonly LayerTable[]): LayerTable {
  const tunnels: ReadonlyMap<number, Layer> = new Map(
    tables.flat().flatMap(([key, layer]) => (isUdpPort(key) ? [[key - UDP_PORT, layer]] : [])),
  );

  function udp(packet: Packet): number {
    const { bytes, offset } = packet;
    if (available(packet) < HEADER) return MALFORMED;
    const length = u16(bytes, offset + 4);
    // 0 for a jumbogram (RFC 2675 section 4) or with segmentation in the network card.
    if (length !== 0) {
      if (length < HEADER) return MALFORMED;
      bound(packet, length);
    }
    strip(packet, HEADER);
    packet.sourcePort = u16(bytes, offset);
    packet.destinationPort = u16(bytes, offset + 2);
    const tunnel = tunnels.get(packet.destinationPort) ?? tunnels.get(packet.sourcePort);
    if (tunnel === undefined) return UDP_DATAGRAM;
    const { offset: start, end, missing } = packet;
    const next = tunnel(packet);
    if (next !== OTHER_PROTOCOL) return next;
    packet.offset = start;
    packet.end = end;
    packet.missing = missing;
    return UDP_DATAGRAM;
  }

  return [[IP_PROTOCOL + 17, udp]];
}

const isUdpPort = (key: number): boolean => key >= UDP_PORT && key <= UDP_PORT + 0xffff;
