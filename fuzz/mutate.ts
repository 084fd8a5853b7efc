import type { Random } from '../bench/random.js';

/** A number from 0 up to, and without, `bound`. */
export const below = (random: Random, bound: number): number => random() % bound;

/** Where the records of a classic pcap capture in little-endian order begin, and where the last one ends. */
function recordOffsets(capture: Uint8Array): number[] {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
  const offsets: number[] = [];
  let at = 24;
  while (at + 16 <= capture.length) {
    const length = view.getUint32(at + 8, true);
    if (at + 16 + length > capture.length) break;
    offsets.push(at);
    at += 16 + length;
  }
  offsets.push(at);
  return offsets;
}

const INTERESTING = [0, 1, 2, 3, 4, 5, 0x7f, 0x80, 0xff, 0x100, 0x3fff, 0x4000, 0x4001, 0x7fff, 0xffff];

/** Bytes anywhere get other values. */
function flip(bytes: Uint8Array, random: Random): Uint8Array {
  const mutated = bytes.slice();
  const count = 1 + below(random, 16);
  for (let index = 0; index < count; index++) mutated[below(random, mutated.length)] = below(random, 256);
  return mutated;
}

/** Two bytes anywhere become a length that is often handled wrongly, in either byte order. */
function relength(bytes: Uint8Array, random: Random): Uint8Array {
  const mutated = bytes.slice();
  for (let index = 1 + below(random, 4); index > 0; index--) {
    const at = below(random, Math.max(1, mutated.length - 1));
    const value = INTERESTING[below(random, INTERESTING.length)] ?? 0;
    const [high, low] = below(random, 2) === 0 ? [value >> 8, value & 0xff] : [value & 0xff, value >> 8];
    mutated[at] = high;
    mutated[at + 1] = low;
  }
  return mutated;
}

/** The file ends early. */
const cut = (bytes: Uint8Array, random: Random): Uint8Array => bytes.slice(0, below(random, bytes.length));

/** A piece of the file is put somewhere else in it, or taken out. */
function splice(bytes: Uint8Array, random: Random): Uint8Array {
  const from = below(random, bytes.length);
  const piece = bytes.subarray(from, from + below(random, 2048));
  const to = below(random, bytes.length);
  return below(random, 2) === 0
    ? Buffer.concat([bytes.subarray(0, to), piece, bytes.subarray(to)])
    : Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + piece.length)]);
}

/** Packets are dropped, repeated and exchanged; the file stays whole. Other formats than pcap are cut instead. */
function shuffle(bytes: Uint8Array, random: Random): Uint8Array {
  const offsets = recordOffsets(bytes);
  if (offsets.length < 3 || bytes[0] !== 0xd4) return splice(bytes, random);
  const packets = offsets.slice(0, -1).map((offset, index) => bytes.subarray(offset, offsets[index + 1]));
  for (let index = 1 + below(random, 6); index > 0; index--) {
    const at = below(random, packets.length);
    const other = below(random, packets.length);
    const packet = packets[at];
    const exchanged = packets[other];
    if (packet === undefined || exchanged === undefined) continue;
    switch (below(random, 3)) {
      case 0:
        packets.splice(at, 1);
        break;
      case 1:
        packets.splice(other, 0, packet);
        break;
      default:
        packets[at] = exchanged;
        packets[other] = packet;
    }
  }
  return Buffer.concat([bytes.subarray(0, 24), ...packets]);
}

/**
 * A structured mutation: finds a TLS record and changes one of its lengths or counts (record, message, vectors within)
 * by a little, or to an extreme, so that everything around it stays valid.
 */
function nestedLength(bytes: Uint8Array, random: Random): Uint8Array {
  const mutated = bytes.slice();
  const start = below(random, mutated.length);
  for (let step = 0; step < mutated.length; step++) {
    const at = (start + step) % mutated.length;
    if (mutated[at] !== 0x16 || mutated[at + 1] !== 3 || (mutated[at + 2] ?? 9) > 4) continue;
    const depth = [3, 6, 43, 44, 46, 9, 12][below(random, 7)] ?? 3;
    const target = at + depth + (below(random, 3) === 0 ? below(random, 200) : 0);
    if (target + 1 >= mutated.length) return mutated;
    const value = ((mutated[target] ?? 0) << 8) | (mutated[target + 1] ?? 0);
    const changed =
      below(random, 2) === 0 ? value + below(random, 9) - 4 : (INTERESTING[below(random, INTERESTING.length)] ?? 0);
    mutated[target] = (changed >> 8) & 0xff;
    mutated[target + 1] = changed & 0xff;
    return mutated;
  }
  return flip(mutated, random);
}

const MUTATIONS = [flip, relength, cut, splice, shuffle, nestedLength, nestedLength];

/** A mutated copy of a capture: one or more mutations, chosen by `random`. */
export function mutate(capture: Uint8Array, random: Random): Uint8Array {
  let mutated = capture;
  for (let index = 1 + below(random, 3); index > 0 && mutated.length > 1; index--) {
    mutated = (MUTATIONS[below(random, MUTATIONS.length)] ?? flip)(mutated, random);
  }
  return mutated;
}
