import type { Frame } from '../../capture/frame.js';
import type { Packet } from '../packet.js';

const ETHERNET = 14;
const IPV4 = 20;
const TCP = 20;

/**
 * Does the work of the layers in one step for nearly every frame: Ethernet, IPv4 without options or fragments, TCP,
 * captured in full.
 *
 * Plain version: `decodeLayers`. Held equal by: test/packet/decode.test.ts, "the fast path gives what the layers give".
 * Gain: an eighth of the time of `long` of the benchmark (0.35 s instead of 0.40 s in user mode for a million packets, the
 * whole program); nothing that can be measured where connections are short. Cost: this file.
 * @returns false for any other frame, which the layers must decode
 */
export function decodeEthernetIpv4Tcp(frame: Frame, packet: Packet): boolean {
  const { view, start, end } = frame;
  const ip = start + ETHERNET;
  const tcp = ip + IPV4;
  if (frame.linkType !== 1 || end < tcp + TCP) return false;
  // EtherType; version and header length; more fragments and fragment offset; protocol.
  if (view.getUint16(start + 12) !== 0x0800 || view.getUint8(ip) !== 0x45) return false;
  if ((view.getUint16(ip + 6) & 0x3fff) !== 0 || view.getUint8(ip + 9) !== 6) return false;
  const packetEnd = ip + view.getUint16(ip + 2);
  const headerLength = (view.getUint8(tcp + 12) >>> 4) * 4;
  const payload = tcp + headerLength;
  if (packetEnd > end || payload > packetEnd || headerLength < TCP) return false;

  const { addresses } = packet;
  packet.bytes = frame.bytes;
  packet.offset = payload;
  packet.end = packetEnd;
  packet.missing = 0;
  packet.linkDestination = start;
  packet.linkSource = start + 6;
  packet.ipVersion = 4;
  packet.ipId = view.getUint16(ip + 4);
  packet.ttl = view.getUint8(ip + 8);
  addresses[0] = 0;
  addresses[1] = 0;
  addresses[2] = 0xffff;
  addresses[3] = view.getInt32(ip + 12);
  addresses[4] = 0;
  addresses[5] = 0;
  addresses[6] = 0xffff;
  addresses[7] = view.getInt32(ip + 16);
  packet.sourcePort = view.getUint16(tcp);
  packet.destinationPort = view.getUint16(tcp + 2);
  packet.sequence = view.getInt32(tcp + 4);
  packet.acknowledgment = view.getInt32(tcp + 8);
  packet.flags = view.getUint8(tcp + 13);
  packet.window = view.getUint16(tcp + 14);
  packet.options = tcp + TCP;
  return true;
}
