/** Two captures of one path, made from one: what a second point would have recorded. */
import { readFileSync } from 'node:fs';
import { SYN } from '../../src/packet/packet.js';
import { concat, type Packet, pcapFile } from './captures.js';

/** A packet of a capture that is to be changed: times in microseconds since 1970. */
export interface PointPacket {
  readonly time: number;
  readonly data: Uint8Array;
}

/** The packets of a pcap file of little-endian microseconds. */
export function packetsOf(path: string): { readonly linkType: number; readonly packets: readonly PointPacket[] } {
  const file = readFileSync(path);
  if (file.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error(`${path} is no such file`);
  const packets: PointPacket[] = [];
  for (let at = 24; at + 16 <= file.length;) {
    const length = file.readUInt32LE(at + 8);
    packets.push({
      time: file.readUInt32LE(at) * 1e6 + file.readUInt32LE(at + 4),
      data: file.subarray(at + 16, at + 16 + length),
    });
    at += 16 + length;
  }
  return { linkType: file.readUInt32LE(20), packets };
}

/** The file of packets, in the order of time. */
export function fileOf(packets: readonly PointPacket[], linkType: number): Uint8Array {
  const records = [...packets]
    .sort((a, b) => a.time - b.time)
    .map(({ time, data }): Packet => ({ seconds: Math.floor(time / 1e6), fraction: time % 1e6, data }));
  return pcapFile(records, { linkType });
}

/** Where a packet of IPv4 and TCP over Ethernet has what. */
const IP = 14;
const tcpAt = (data: Uint8Array): number => IP + ((data[IP] as number) & 0xf) * 4;
const view = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength);

/** Whether a packet comes from the client: from the higher port. */
export function isFromClient({ data }: PointPacket): boolean {
  const at = tcpAt(data);
  return view(data).getUint16(at) > view(data).getUint16(at + 2);
}

/** Bytes of TCP payload. */
export function payloadOf({ data }: PointPacket): Uint8Array {
  const at = tcpAt(data);
  const end = IP + view(data).getUint16(IP + 2);
  return data.subarray(at + ((data[at + 12] as number) >>> 4) * 4, end);
}

/** The packet with bytes changed in place by `change`. */
function changed(packet: PointPacket, change: (data: Uint8Array, view: DataView, tcp: number) => void): PointPacket {
  const data = Uint8Array.from(packet.data);
  change(data, view(data), tcpAt(data));
  return { ...packet, data };
}

/** The packet after so many routers. */
export const hops = (packet: PointPacket, count: number): PointPacket =>
  changed(packet, (data) => {
    data[IP + 8] = (data[IP + 8] as number) - count;
  });

/** The packet as a NAT gateway translates the client to `address` and `port`. */
export function translated(packet: PointPacket, address: readonly number[], port: number): PointPacket {
  const isSource = isFromClient(packet);
  return changed(packet, (data, bytes, tcp) => {
    data.set(address, IP + (isSource ? 12 : 16));
    bytes.setUint16(tcp + (isSource ? 0 : 2), port);
  });
}

/** The packet as it is to or from another address of the server. */
export function toServer(packet: PointPacket, address: readonly number[]): PointPacket {
  const isSource = isFromClient(packet);
  return changed(packet, (data) => {
    data.set(address, IP + (isSource ? 16 : 12));
  });
}

/** The packet with another byte at `offset` of its payload. */
export function altered(packet: PointPacket, offset: number): PointPacket {
  return changed(packet, (data) => {
    const at = data.length - payloadOf(packet).length + offset;
    data[at] = (data[at] as number) ^ 0xff;
  });
}

/** The packet with the sequence numbers of its client moved, as a firewall that randomises them does. */
export function renumbered(packet: PointPacket, by: number): PointPacket {
  const isSource = isFromClient(packet);
  return changed(packet, (_, bytes, tcp) => {
    const at = tcp + (isSource ? 4 : 8);
    bytes.setUint32(at, (bytes.getUint32(at) + by) >>> 0);
  });
}

/** A reset in the name of the sender of `packet`, behind it. */
export function resetAfter(packet: PointPacket, after: number, ttl: number): PointPacket {
  const tcp = tcpAt(packet.data);
  const header = Uint8Array.from(packet.data.subarray(0, tcp + 20));
  const bytes = view(header);
  bytes.setUint16(IP + 2, tcp + 20 - IP);
  bytes.setUint16(IP + 4, 0xbeef);
  header[IP + 8] = ttl;
  // A SYN takes a sequence number, too.
  const taken = payloadOf(packet).length + (bytes.getUint8(tcp + 13) & SYN ? 1 : 0);
  bytes.setUint32(tcp + 4, (bytes.getUint32(tcp + 4) + taken) >>> 0);
  header[tcp + 12] = 5 << 4;
  header[tcp + 13] = 0x14;
  return { time: packet.time + after, data: concat(header) };
}
