import { randomFillSync } from 'node:crypto';
import { DESTINATION, type PacketEnd, type PacketEndpoints, SOURCE } from '../packet/packet.js';
import { type Direction, opposite } from './flow.js';

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

/**
 * The direction of a packet, which is the end of its flow that its source is: the lesser address is end 0, so that the
 * packets of both directions find the same flow.
 */
export function directionOf(packet: PacketEndpoints): Direction {
  return isSourceLess(packet) ? 0 : 1;
}

function isSourceLess(packet: PacketEndpoints): boolean {
  const a = packet.addresses;
  for (let word = firstWord(packet); word < 4; word++) {
    const source = a[word] as number;
    const destination = a[word + 4] as number;
    if (source !== destination) return source < destination;
  }
  return packet.sourcePort <= packet.destinationPort;
}

/** Where the address of end 0 begins in a packet's addresses. */
const wordOfEnd0 = (direction: Direction): PacketEnd => (direction === 0 ? SOURCE : DESTINATION);

/** Words of 16 bits in the endpoints of an IPv6 packet: two addresses, two ports. */
const HALVES = 18;

/**
 * Random in every run, so that whoever makes a capture cannot know which endpoints share a bucket. Nothing in the
 * report depends on them, unless memory runs out: then which connections are given up may.
 */
const multipliers = randomFillSync(new Int32Array(HALVES));
const [M0 = 1, M1 = 1, M2 = 1, M3 = 1, M4 = 1, M5 = 1] = multipliers;

/**
 * A hash of the endpoints of a packet and its answer alike, each with its own direction.
 * Two pairs of endpoints share n of its low bits, up to 17, with probability 2^-n: multiply-shift over words of 16 bits
 * (Dietzfelbinger 1996).
 */
export function hashOf(
  { addresses, ipVersion, sourcePort, destinationPort }: PacketEndpoints,
  direction: Direction,
): number {
  const port0 = direction === 0 ? sourcePort : destinationPort;
  const port1 = direction === 0 ? destinationPort : sourcePort;
  let hash = Math.imul(port0, M0) + Math.imul(port1, M1);
  const end0 = wordOfEnd0(direction);
  const end1 = end0 ^ 4;
  const one = addresses[end0 + 3] as number;
  const other = addresses[end1 + 3] as number;
  hash += Math.imul(one >>> 16, M2) + Math.imul(one & 0xffff, M3);
  hash += Math.imul(other >>> 16, M4) + Math.imul(other & 0xffff, M5);
  if (ipVersion !== 4) {
    for (let word = 0, half = 6; word < 3; word++, half += 4) {
      const a = addresses[word + end0] as number;
      const b = addresses[word + end1] as number;
      hash += Math.imul(a >>> 16, multipliers[half] as number) + Math.imul(a & 0xffff, multipliers[half + 1] as number);
      hash += Math.imul(b >>> 16, multipliers[half + 2] as number);
      hash += Math.imul(b & 0xffff, multipliers[half + 3] as number);
      hash |= 0;
    }
  }
  // The high bits depend on all of the input.
  return (hash >>> 15) | (hash << 17);
}

/** Whether a packet has the endpoints of a flow. */
export function isSame(flow: FlowEndpoints, packet: PacketEndpoints, direction: Direction): boolean {
  const { ports, ipVersion } = flow;
  if (
    ports[direction] !== packet.sourcePort ||
    ports[opposite(direction)] !== packet.destinationPort ||
    ipVersion !== packet.ipVersion
  ) {
    return false;
  }
  const a = flow.addresses;
  const b = packet.addresses;
  const end0 = wordOfEnd0(direction);
  for (let word = firstWord(packet); word < 4; word++) {
    if (a[word] !== b[word + end0] || a[word + 4] !== b[word + (end0 ^ 4)]) return false;
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

/** Whether these are the endpoints of a packet. */
export function haveEndpoints(words: Int32Array, at: number, packet: PacketEndpoints, direction: Direction): boolean {
  const { addresses, sourcePort, destinationPort } = packet;
  const ports = direction === 0 ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
  if (words[at + PORTS] !== ports || words[at + VERSION] !== packet.ipVersion) return false;
  const end0 = wordOfEnd0(direction);
  for (let word = firstWord(packet); word < 4; word++) {
    if (words[at + word] !== ((addresses[word + end0] as number) | 0)) return false;
    if (words[at + word + 4] !== ((addresses[word + (end0 ^ 4)] as number) | 0)) return false;
  }
  return true;
}

/** The endpoints of a packet as those of a flow. */
export function flowEndpoints(packet: PacketEndpoints, direction: Direction): FlowEndpoints {
  const end0 = wordOfEnd0(direction);
  const word = (index: number): number => packet.addresses[index ^ end0] as number;
  const addresses = [word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7)];
  const { ipVersion, sourcePort, destinationPort } = packet;
  return {
    addresses,
    ipVersion,
    ports: direction === 0 ? [sourcePort, destinationPort] : [destinationPort, sourcePort],
  };
}
