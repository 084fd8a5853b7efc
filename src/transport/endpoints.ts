import { randomFillSync } from 'node:crypto';
import type { PacketEndpoints } from '../packet/packet.js';

/** The two ends of a flow. */
export interface FlowEndpoints {
  /**
   * Eight words: the address of end 0, then of end 1, as in Packet.addresses; a typed array would take twice as much
   * memory.
   */
  readonly addresses: readonly number[];
  readonly ipVersion: number;
  /** Ports of the two ends. */
  readonly ports: readonly [number, number];
}

/** The first word of an address that differs within its IP version: IPv4 addresses have the same prefix. */
const firstWord = ({ ipVersion }: PacketEndpoints): number => (ipVersion === 4 ? 3 : 0);

/** Whether the source comes first in the table's order of endpoints, so that both directions find the same entry. */
export function isSourceFirst(packet: PacketEndpoints): boolean {
  const a = packet.addresses;
  for (let word = firstWord(packet); word < 4; word++) {
    const source = a[word] as number;
    const destination = a[word + 4] as number;
    if (source !== destination) return source < destination;
  }
  return packet.sourcePort <= packet.destinationPort;
}

/** Words of 16 bits in the endpoints of an IPv6 packet: two addresses, two ports. */
const HALVES = 18;

/**
 * Random in every run, so that whoever makes a capture cannot know which endpoints share a bucket. Nothing in the
 * report depends on them.
 */
const multipliers = randomFillSync(new Int32Array(HALVES));
const [M0 = 1, M1 = 1, M2 = 1, M3 = 1, M4 = 1, M5 = 1] = multipliers;

/**
 * A hash of a packet's endpoints, the same for both directions; its source is end 0 if `first` is 0, end 1 if it is 4.
 * Two pairs of endpoints share n of its low bits, up to 17, with probability 2^-n: multiply-shift over words of 16 bits
 * (Dietzfelbinger 1996).
 */
export function hashOf({ addresses, ipVersion, sourcePort, destinationPort }: PacketEndpoints, first: number): number {
  const isFirst = first === 0;
  let hash =
    Math.imul(isFirst ? sourcePort : destinationPort, M0) + Math.imul(isFirst ? destinationPort : sourcePort, M1);
  const one = addresses[3 + first] as number;
  const other = addresses[7 - first] as number;
  hash += Math.imul(one >>> 16, M2) + Math.imul(one & 0xffff, M3);
  hash += Math.imul(other >>> 16, M4) + Math.imul(other & 0xffff, M5);
  if (ipVersion !== 4) {
    for (let word = 0, half = 6; word < 3; word++, half += 4) {
      const a = addresses[word + first] as number;
      const b = addresses[word + (first ^ 4)] as number;
      hash += Math.imul(a >>> 16, multipliers[half] as number) + Math.imul(a & 0xffff, multipliers[half + 1] as number);
      hash += Math.imul(b >>> 16, multipliers[half + 2] as number);
      hash += Math.imul(b & 0xffff, multipliers[half + 3] as number);
      hash |= 0;
    }
  }
  // The high bits depend on all of the input.
  return (hash >>> 15) | (hash << 17);
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
  // For so few words, `words.set` takes longer.
  for (let word = 0; word < PORTS; word++) words[at + word] = addresses[word] as number;
  words[at + PORTS] = (ports[0] << 16) | ports[1];
  words[at + VERSION] = ipVersion;
}

/** Sets the endpoints at a place to those of no packet. */
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
  const word = (index: number): number => packet.addresses[index ^ first] as number;
  const addresses = [word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7)];
  const { ipVersion, sourcePort, destinationPort } = packet;
  return { addresses, ipVersion, ports: first === 0 ? [sourcePort, destinationPort] : [destinationPort, sourcePort] };
}
