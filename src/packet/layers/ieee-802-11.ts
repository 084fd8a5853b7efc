import { u16, u24, u8 } from '../../bytes.js';
import {
  available,
  bound,
  IEEE_802_11,
  IEEE_802_11_SWAPPED,
  LOGICAL_LINK_CONTROL,
  MALFORMED,
  OTHER_PROTOCOL,
  strip,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

// First byte: version, type, subtype.
const VERSION_AND_TYPE = 0x0f;
const DATA = 0x08;
const NO_DATA = 0x40;
const QUALITY_OF_SERVICE = 0x80;
// Second byte.
const TO_DISTRIBUTION_SYSTEM = 0x01;
const FROM_DISTRIBUTION_SYSTEM = 0x02;
const PROTECTED = 0x40;
const ORDER = 0x80;
/** In the first byte of the QoS control field: several frames in one (A-MSDU). */
const AGGREGATE = 0x80;
/** In the sequence control field's first byte. */
const FRAGMENT_NUMBER = 0x0f;

/**
 * A data frame of IEEE 802.11 (section 9.3.2), if it is not encrypted. Of several frames in one (A-MSDU) only the first
 * is decoded, and of a fragmented frame only the first fragment: both are rare without encryption.
 */
function ieee80211(packet: Packet): number {
  if (available(packet) < 2) return MALFORMED;
  const { bytes, offset } = packet;
  return dataFrame(packet, u8(bytes, offset), u8(bytes, offset + 1));
}

function swapped(packet: Packet): number {
  if (available(packet) < 2) return MALFORMED;
  const { bytes, offset } = packet;
  return dataFrame(packet, u8(bytes, offset + 1), u8(bytes, offset));
}

/** `type` and `flags` are the first and the second byte of the frame control field. */
function dataFrame(packet: Packet, type: number, flags: number): number {
  const { bytes, offset } = packet;
  // Frames of other types may be shorter than a data frame.
  if (available(packet) < 24) return OTHER_PROTOCOL;
  if ((type & VERSION_AND_TYPE) !== DATA || (type & NO_DATA) !== 0 || (flags & PROTECTED) !== 0) return OTHER_PROTOCOL;
  if ((u8(bytes, offset + 22) & FRAGMENT_NUMBER) !== 0) return OTHER_PROTOCOL;

  const isTo = (flags & TO_DISTRIBUTION_SYSTEM) !== 0;
  const isFrom = (flags & FROM_DISTRIBUTION_SYSTEM) !== 0;
  const addresses = 24 + (isTo && isFrom ? 6 : 0);
  // The addresses are at 4, 10, 16 and 24 (table 9-60): those of the radio link come before those of the two ends.
  packet.linkDestination = offset + (isTo ? 16 : 4);
  packet.linkSource = offset + (isTo && isFrom ? 24 : isFrom ? 16 : 10);
  if (!strip(packet, addresses)) return MALFORMED;
  if ((type & QUALITY_OF_SERVICE) === 0) return logicalLinkControl(packet);
  // The order bit says that the high-throughput field is present.
  if (!strip(packet, flags & ORDER ? 6 : 2)) return MALFORMED;
  return u8(bytes, offset + addresses) & AGGREGATE ? firstOfAggregate(packet) : logicalLinkControl(packet);
}

/** Some cards pad the header to a multiple of 4 bytes, and not every file format says so. */
function logicalLinkControl(packet: Packet): number {
  if (available(packet) >= 5 && !isSnap(packet, 0) && isSnap(packet, 2)) strip(packet, 2);
  return LOGICAL_LINK_CONTROL;
}

function isSnap({ bytes, offset }: Packet, at: number): boolean {
  return u24(bytes, offset + at) === 0xaaaa03;
}

/** Destination, source, length, and the frame's payload, which is LLC. */
function firstOfAggregate(packet: Packet): number {
  packet.linkDestination = packet.offset;
  packet.linkSource = packet.offset + 6;
  if (!strip(packet, 14)) return MALFORMED;
  bound(packet, u16(packet.bytes, packet.offset - 2));
  return LOGICAL_LINK_CONTROL;
}

export const ieee80211Layers: LayerTable = [
  [IEEE_802_11, ieee80211],
  [IEEE_802_11_SWAPPED, swapped],
];
