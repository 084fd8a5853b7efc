import type { PacketEndpoints } from '../packet/packet.js';

/** The two ends of a flow. */
export interface FlowEndpoints {
  /** Eight words: the address of end 0, of end 1 (as Packet.addresses has them). */
  readonly addresses: Uint32Array;
  readonly ipVersion: number;
  /** Ports of the two ends. */
  readonly ports: readonly [number, number];
}

/** The first word of an address that tells it from others of its IP version: the rest of IPv4's is the same for all. */
const firstWord = ({ ipVersion }: PacketEndpoints): number => (ipVersion === 4 ? 3 : 0);

/** Whether the source comes first in the table's order of endpoints, so that both directions find one entry. */
export function isSourceFirst(packet: PacketEndpoints): boolean {
  const a = packet.addresses;
  for (let word = firstWord(packet); word < 4; word++) {
    const source = a[word] as number;
    const destination = a[word + 4] as number;
    if (source !== destination) return source < destination;
  }
  return packet.sourcePort <= packet.destinationPort;
}

/** A hash that is the same for both directions. */
export function hashOf(packet: PacketEndpoints): number {
  const a = packet.addresses;
  let hash =
    Math.imul(packet.sourcePort ^ packet.destinationPort, 0x9e3779b1) ^ (packet.sourcePort + packet.destinationPort);
  for (let word = firstWord(packet); word < 4; word++) {
    const one = a[word] as number;
    const other = a[word + 4] as number;
    hash = Math.imul(hash ^ (one ^ other), 0x85ebca6b) + ((one + other) | 0);
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}

/** Whether a packet has the endpoints of a flow: its source is end 0 if `first` is 0, end 1 if it is 4. */
export function isSame(flow: FlowEndpoints, packet: PacketEndpoints, first: number): boolean {
  const { ports, ipVersion } = flow;
  if (
    ports[first === 0 ? 0 : 1] !== packet.sourcePort ||
    ports[first === 0 ? 1 : 0] !== packet.destinationPort ||
    ipVersion !== packet.ipVersion
  ) {
    return false;
  }
  const a = flow.addresses;
  const b = packet.addresses;
  for (let word = firstWord(packet); word < 4; word++) {
    if (a[word] !== b[word + first] || a[word + 4] !== b[word + (first ^ 4)]) return false;
  }
  return true;
}

/** Words that the endpoints of a connection take in an array: addresses, ports, IP version. */
export const ENDPOINT_WORDS = 10;
const PORTS = 8;
const VERSION = 9;

/** Writes the endpoints of a connection into an array. */
export function setEndpoints(words: Int32Array, at: number, { addresses, ports, ipVersion }: FlowEndpoints): void {
  words.set(addresses, at);
  words[at + PORTS] = (ports[0] << 16) | ports[1];
  words[at + VERSION] = ipVersion;
}

/** Makes the endpoints at a place those of no packet. */
export function clearEndpoints(words: Int32Array, at: number): void {
  words[at + VERSION] = 0;
}

/** Whether these are the endpoints of a packet, whose source is end 0 if `isFirst`. */
export function haveEndpoints(words: Int32Array, at: number, packet: PacketEndpoints, isFirst: boolean): boolean {
  const { addresses, sourcePort, destinationPort } = packet;
  const ports = isFirst ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
  if (words[at + PORTS] !== ports || words[at + VERSION] !== packet.ipVersion) return false;
  const first = isFirst ? 0 : 4;
  for (let word = firstWord(packet); word < 4; word++) {
    if (words[at + word] !== ((addresses[word + first] as number) | 0)) return false;
    if (words[at + word + 4] !== ((addresses[word + (first ^ 4)] as number) | 0)) return false;
  }
  return true;
}

/** The endpoints of a packet as those of a flow: its source is end 0 if `first` is 0, end 1 if it is 4. */
export function flowEndpoints(packet: PacketEndpoints, first: number): FlowEndpoints {
  const addresses = new Uint32Array(8);
  for (let word = 0; word < 8; word++) addresses[word] = packet.addresses[word ^ first] as number;
  const { ipVersion, sourcePort, destinationPort } = packet;
  return { addresses, ipVersion, ports: first === 0 ? [sourcePort, destinationPort] : [destinationPort, sourcePort] };
}
