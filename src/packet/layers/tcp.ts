import { i32, u16, u8 } from '../../bytes.js';
import { available, IP_PROTOCOL, MALFORMED, strip, TCP_SEGMENT, type LayerTable } from '../layer.js';
import type { Packet } from '../packet.js';

/** RFC 9293 section 3.1. */
function tcp(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < 20) return MALFORMED;
  const headerLength = (u8(bytes, offset + 12) >>> 4) * 4;
  if (headerLength < 20) return MALFORMED;
  packet.sourcePort = u16(bytes, offset);
  packet.destinationPort = u16(bytes, offset + 2);
  packet.sequence = i32(bytes, offset + 4);
  packet.acknowledgment = i32(bytes, offset + 8);
  packet.flags = u8(bytes, offset + 13);
  packet.window = u16(bytes, offset + 14);
  packet.options = offset + 20;
  if (!strip(packet, headerLength)) {
    // The snapshot length cut the options: their missing bytes are not missing payload.
    const missing = packet.missing - (packet.offset - packet.end);
    if (missing < 0) return MALFORMED;
    packet.missing = missing;
    packet.offset = packet.end;
  }
  return TCP_SEGMENT;
}

export const tcpLayers: LayerTable = [[IP_PROTOCOL + 6, tcp]];
