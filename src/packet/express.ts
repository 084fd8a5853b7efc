import type { Frame } from '../capture/frame.js';
import { i32, u16, u8 } from '../bytes.js';
import type { Packet } from './packet.js';

const ETHERNET = 14;
const IPV4 = 20;
const TCP = 20;

/**
 * What the layers do, in one piece, for the frame that nearly every frame is: Ethernet, IPv4 without options, whole, TCP,
 * all of it captured. A test holds the two equal. The plain version is to leave this out: decoding then takes 1.7 times as
 * long, and walking a large capture a fifth longer.
 * @returns false if the frame is another, and then the layers must decode it
 */
export function decodeExpress(frame: Frame, packet: Packet): boolean {
  const { bytes, start, end } = frame;
  const ip = start + ETHERNET;
  const tcp = ip + IPV4;
  if (frame.linkType !== 1 || end < tcp + TCP) return false;
  // EtherType; version and header length; more fragments and fragment offset; protocol.
  if (u16(bytes, start + 12) !== 0x0800 || u8(bytes, ip) !== 0x45) return false;
  if ((u16(bytes, ip + 6) & 0x3fff) !== 0 || u8(bytes, ip + 9) !== 6) return false;
  const packetEnd = ip + u16(bytes, ip + 2);
  const headerLength = (u8(bytes, tcp + 12) >>> 4) * 4;
  const payload = tcp + headerLength;
  if (packetEnd > end || payload > packetEnd || headerLength < TCP) return false;

  const { addresses } = packet;
  packet.bytes = bytes;
  packet.offset = payload;
  packet.end = packetEnd;
  packet.missing = 0;
  packet.ipVersion = 4;
  packet.ipId = u16(bytes, ip + 4);
  packet.ttl = u8(bytes, ip + 8);
  addresses[0] = 0;
  addresses[1] = 0;
  addresses[2] = 0xffff;
  addresses[3] = i32(bytes, ip + 12);
  addresses[4] = 0;
  addresses[5] = 0;
  addresses[6] = 0xffff;
  addresses[7] = i32(bytes, ip + 16);
  packet.sourcePort = u16(bytes, tcp);
  packet.destinationPort = u16(bytes, tcp + 2);
  packet.sequence = i32(bytes, tcp + 4);
  packet.acknowledgment = i32(bytes, tcp + 8);
  packet.flags = u8(bytes, tcp + 13);
  packet.window = u16(bytes, tcp + 14);
  return true;
}
