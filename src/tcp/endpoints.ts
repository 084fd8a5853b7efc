import type { Packet } from '../packet/packet.js';

/** The first word of an address that tells it from others of its IP version: the rest of IPv4's is the same for all. */
export const firstWord = ({ ipVersion }: Packet): number => (ipVersion === 4 ? 3 : 0);

/** Whether the source comes first in the table's order of endpoints, so that both directions find one entry. */
export function isSourceFirst(packet: Packet): boolean {
  const a = packet.addresses;
  for (let word = firstWord(packet); word < 4; word++) {
    const source = a[word] as number;
    const destination = a[word + 4] as number;
    if (source !== destination) return source < destination;
  }
  return packet.sourcePort <= packet.destinationPort;
}

/** A hash that is the same for both directions. */
export function hashOf(packet: Packet): number {
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
