import { u16, u16le } from '../../bytes.js';
import {
  available,
  bound,
  IP_OF_ANY_VERSION,
  LINK_TYPE,
  MALFORMED,
  OTHER_PROTOCOL,
  strip,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

/** Address family, version, resource. */
const HEADER = 4;
/** Length and type of a field, in the byte order of the capturing machine. */
const FIELD_HEADER = 4;
/** NFULA_PAYLOAD of Linux: the packet. */
const PAYLOAD = 9;

/** The log of Linux's packet filter: fields, one of which is the packet. */
function nflog(packet: Packet): number {
  const { bytes } = packet;
  if (!strip(packet, HEADER)) return MALFORMED;
  while (available(packet) >= FIELD_HEADER) {
    const at = packet.offset;
    // Types are small numbers, so the order that gives the smaller number is right.
    const read = u16le(bytes, at + 2) < u16(bytes, at + 2) ? u16le : u16;
    const length = read(bytes, at);
    if (length < FIELD_HEADER) return MALFORMED;
    if (read(bytes, at + 2) === PAYLOAD) {
      bound(packet, length);
      strip(packet, FIELD_HEADER);
      return IP_OF_ANY_VERSION;
    }
    strip(packet, (length + 3) & ~3);
  }
  return OTHER_PROTOCOL;
}

export const nflogLayers: LayerTable = [[LINK_TYPE + 239, nflog]];
