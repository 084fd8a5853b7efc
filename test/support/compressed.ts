/** Compressed data built by hand, for formats that Node.js 20 cannot write. */
import { u32 } from '../../src/bytes.js';
import { be32, concat } from './captures.js';

const le32 = (value: number): number[] => be32(value).reverse();

export interface Lz4Options {
  /** Size of the blocks: 4 to 7 for 64 KiB to 4 MiB. */
  readonly sizeCode?: number;
  /** How much of it is used. */
  readonly blockLength?: number;
  readonly isIndependent?: boolean;
  readonly hasChecksums?: boolean;
  readonly hasContentSize?: boolean;
  /** Store the blocks as they are. */
  readonly isStored?: boolean;
}

/** An LZ4 frame. Its checksums are zeros. */
export function lz4Frame(bytes: Uint8Array, options: Lz4Options = {}): Uint8Array<ArrayBuffer> {
  const { sizeCode = 4, blockLength = 65_536, isIndependent = false } = options;
  const { hasChecksums = false, hasContentSize = false, isStored = false } = options;
  const flags = 0x40 | (isIndependent ? 0x20 : 0) | (hasChecksums ? 0x14 : 0) | (hasContentSize ? 0x08 : 0);
  const checksum = hasChecksums ? [0, 0, 0, 0] : [];
  const blocks: (Uint8Array | readonly number[])[] = [];
  for (let at = 0; at < bytes.length; at += blockLength) {
    const end = Math.min(bytes.length, at + blockLength);
    const block = isStored ? bytes.subarray(at, end) : lz4Block(bytes, at, end, isIndependent ? at : 0);
    blocks.push(le32((block.length | (isStored ? 0x80000000 : 0)) >>> 0), block, checksum);
  }
  return concat(
    le32(0x184d2204),
    [flags, sizeCode << 4],
    hasContentSize ? [...le32(bytes.length), 0, 0, 0, 0] : [],
    [0],
    ...blocks,
    le32(0),
    checksum,
  );
}

/** A block of `bytes` from `start` to `end`, whose matches refer back to `oldest` and 64 KiB at most. */
function lz4Block(bytes: Uint8Array, start: number, end: number, oldest: number): Uint8Array {
  const sequences: number[] = [];
  const seen = new Map<number, number>();
  const keyAt = (at: number): number => u32(bytes, at);
  const sequence = (from: number, to: number, distance: number, match: number): void => {
    const literals = to - from;
    const nibble = (length: number): number => Math.min(15, length);
    const further = (length: number): number[] =>
      length < 15 ? [] : [...new Array<number>(Math.floor((length - 15) / 255)).fill(255), (length - 15) % 255];
    sequences.push((nibble(literals) << 4) | (distance > 0 ? nibble(match - 4) : 0), ...further(literals));
    sequences.push(...bytes.subarray(from, to));
    if (distance > 0) sequences.push(distance & 255, distance >> 8, ...further(match - 4));
  };
  for (let at = Math.max(oldest, start - 65_535); at < start; at++) seen.set(keyAt(at), at);
  let from = start;
  for (let at = start; at < end - 12;) {
    const before = seen.get(keyAt(at));
    seen.set(keyAt(at), at);
    if (before === undefined || at - before > 65_535) {
      at++;
      continue;
    }
    let length = 4;
    while (at + length < end - 5 && bytes[before + length] === bytes[at + length]) length++;
    sequence(from, at, at - before, length);
    at += length;
    from = at;
  }
  sequence(from, end, 0, 0);
  return new Uint8Array(sequences);
}

/** A Zstandard frame of uncompressed blocks. */
export function zstdFrame(bytes: Uint8Array, blockLength = 1000): Uint8Array<ArrayBuffer> {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += blockLength) {
    const block = bytes.subarray(at, at + blockLength);
    blocks.push(concat(zstdBlock(0, block.length), block));
  }
  return concat(ZSTD_HEADER, ...blocks, zstdBlock(0, 0, true));
}

/** A Zstandard frame that holds `bytes` and then `count` times 128 KiB of one byte. */
export function zstdBomb(bytes: Uint8Array, byte: number, count: number): Uint8Array<ArrayBuffer> {
  const run = new Uint8Array([...zstdBlock(1, 128 * 1024), byte]);
  const runs = new Uint8Array(run.length * count);
  for (let at = 0; at < runs.length; at += run.length) runs.set(run, at);
  return concat(ZSTD_HEADER, zstdBlock(0, bytes.length), bytes, runs, zstdBlock(0, 0, true));
}

/** Something between frames that decoders pass over; LZ4 has the same. */
export function skippableFrame(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(le32(0x184d2a53), le32(bytes.length), bytes);
}

/** Magic number, no flags, a window of 128 KiB. */
const ZSTD_HEADER = [...le32(0xfd2fb528), 0x00, 0x38];

function zstdBlock(type: number, length: number, isLast = false): number[] {
  return le32((length << 3) | (type << 1) | (isLast ? 1 : 0)).slice(0, 3);
}
