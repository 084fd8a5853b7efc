import { u24, u8 } from '../../bytes.js';
import {
  available,
  ETHERNET,
  IEEE_802_11,
  IEEE_802_11_SWAPPED,
  OTHER_PROTOCOL,
  strip,
  UDP_PORT,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

// In the 24 bits behind the preamble: length of the header in units of 4 bytes, radio, binding, flags.
const IEEE_802_11_BINDING = 1;
const NATIVE_FRAME = 0x000100;
const IS_FRAGMENT = 0x000080;
const KEEP_ALIVE = 0x000008;
const RESERVED = 0x000007;
/** Version 0 and the type of data frames, in 802.11's frame control field. */
const DATA = 0x08;

/**
 * What an access point and its controller exchange for the stations: CAPWAP data, RFC 5415 section 4.3, unencrypted.
 */
function capwap(packet: Packet): number {
  const { bytes, offset } = packet;
  if (available(packet) < 8 || u8(bytes, offset) !== 0) return OTHER_PROTOCOL;
  const header = u24(bytes, offset + 1);
  const length = 4 * (header >>> 19);
  if ((header & (IS_FRAGMENT | KEEP_ALIVE | RESERVED)) !== 0 || length < 8 || !strip(packet, length))
    return OTHER_PROTOCOL;
  if ((header & NATIVE_FRAME) === 0) return ETHERNET;
  return ((header >>> 9) & 0x1f) === IEEE_802_11_BINDING ? wireless(packet) : OTHER_PROTOCOL;
}

/** Some vendors swap the bytes of the first field: the order that gives a data frame is right. */
function wireless(packet: Packet): number {
  if (available(packet) < 2) return OTHER_PROTOCOL;
  const isInOrder = (u8(packet.bytes, packet.offset) & 0x0f) === DATA;
  return isInOrder ? IEEE_802_11 : IEEE_802_11_SWAPPED;
}

export const capwapLayers: LayerTable = [[UDP_PORT + 5247, capwap]];
