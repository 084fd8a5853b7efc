import { u16, u8 } from '../../bytes.js';
import {
  available,
  bound,
  IP_OF_ANY_VERSION,
  MALFORMED,
  OTHER_PROTOCOL,
  strip,
  UDP_PORT,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

const HEADER = 8;
/** Version 1, protocol type GTP (not GTP'); the bit between them and the flags is spare. */
const VERSION_AND_TYPE = 0x30;
const EXTENSION = 0x04;
/** Any of these: the four bytes of sequence number, N-PDU number, next extension's type are there. */
const OPTIONAL = 0x07;
/** The message that carries a user's packet. */
const G_PDU = 0xff;

/** GTP-U, what a mobile network carries its users' packets in: 3GPP TS 29.281 section 5. */
function gtpU(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < HEADER) return OTHER_PROTOCOL;
  const flags = u8(bytes, offset);
  if ((flags & 0xf0) !== VERSION_AND_TYPE || u8(bytes, offset + 1) !== G_PDU) return OTHER_PROTOCOL;
  bound(packet, HEADER + u16(bytes, offset + 2));
  strip(packet, HEADER);
  if (flags & OPTIONAL && !strip(packet, 4)) return MALFORMED;
  return flags & EXTENSION ? skipExtensions(packet) : IP_OF_ANY_VERSION;
}

/** Each begins with its length in units of 4 bytes and ends with the type of the next one. */
function skipExtensions(packet: Packet): number {
  while (u8(packet.bytes, packet.offset - 1) !== 0) {
    if (available(packet) < 1) return MALFORMED;
    const length = 4 * u8(packet.bytes, packet.offset);
    if (length === 0 || !strip(packet, length)) return MALFORMED;
  }
  return IP_OF_ANY_VERSION;
}

export const gtpULayers: LayerTable = [[UDP_PORT + 2152, gtpU]];
