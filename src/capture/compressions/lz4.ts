/**
 * LZ4 frames (lz4_Frame_format.md 1.6, lz4_Block_format.md), also several in a row. Our own code, since the packages on
 * npm hold whole files in memory, trust their lengths, or are native code. Checksums are not verified.
 */
import { decodeFault } from '../../decode-faults.js';
import { u16le, u32le, u8 } from '../../bytes.js';
import type { Compression } from './compression.js';
import { DecompressionError } from '../error.js';
import type { DecodeFault } from '../../message.js';
import { exactReader, type ExactReader } from './exact-reader.js';

const MAGIC = 0x184d2204;
const SKIPPABLE_MAGIC = 0x184d2a50;

// The frame descriptor's flags.
const HAS_DICTIONARY = 0x01;
const HAS_CONTENT_CHECKSUM = 0x04;
const HAS_CONTENT_SIZE = 0x08;
const HAS_BLOCK_CHECKSUMS = 0x10;
const HAS_INDEPENDENT_BLOCKS = 0x20;

const IS_UNCOMPRESSED = 0x80000000;
/** How far back a match may reach, also into the block before if blocks depend on each other. */
const HISTORY = 64 * 1024;
const SHORTEST_MATCH = 4;

export const lz4: Compression = {
  name: 'lz4',
  recognises: ({ bytes, start, end }) => end - start >= 4 && u32le(bytes, start) === MAGIC,

  async *decompress(input) {
    const reader = exactReader(input, 'lz4');
    const room = { bytes: new Uint8Array(0) };
    while (!(await reader.atEnd())) {
      const magic = u32le(await reader.take(4), 0);
      if (magic === MAGIC) {
        yield* readFrame(reader, room);
      } else if ((magic & 0xfffffff0) === SKIPPABLE_MAGIC) {
        await reader.skip(u32le(await reader.take(4), 0));
      } else {
        throw damaged(decodeFault('lz4NoFrame'));
      }
    }
  },
};

/** Where blocks are decoded: one buffer, reused for all frames, since frames may be many and empty. */
interface Room {
  bytes: Uint8Array;
}

async function* readFrame(reader: ExactReader, room: Room): AsyncGenerator<Uint8Array> {
  const [flags = 0, blockDescriptor = 0] = await reader.take(2);
  const sizeCode = (blockDescriptor >> 4) & 7;
  if (flags >> 6 !== 1) throw damaged(decodeFault('lz4Version', { version: flags >> 6 }));
  if ((flags & HAS_DICTIONARY) !== 0) throw damaged(decodeFault('lz4Dictionary'));
  if (sizeCode < 4) throw damaged(decodeFault('lz4BlockSize', { code: sizeCode }));
  // 64 KiB, 256 KiB, 1 MiB, 4 MiB
  const maxBlock = 2 ** (8 + 2 * sizeCode);
  await reader.skip(((flags & HAS_CONTENT_SIZE) === 0 ? 0 : 8) + 1);

  /** Start of the bytes that a match may refer to. */
  let oldest = HISTORY;
  for (;;) {
    const size = u32le(await reader.take(4), 0);
    if (size === 0) break;
    if (room.bytes.length < HISTORY + maxBlock) room.bytes = new Uint8Array(HISTORY + maxBlock);
    const output = room.bytes;
    const length = size & ~IS_UNCOMPRESSED;
    if (length > maxBlock) throw damaged(decodeFault('lz4LongBlock', { length, limit: maxBlock }));
    const block = await reader.take(length);
    let end = HISTORY + length;
    if (size === length) end = decodeBlock(block, output, HISTORY + maxBlock, oldest);
    else output.set(block, HISTORY);
    yield output.subarray(HISTORY, end);
    if ((flags & HAS_INDEPENDENT_BLOCKS) === 0) {
      output.copyWithin(0, end - HISTORY, end);
      oldest = Math.max(0, oldest - (end - HISTORY));
    }
    if ((flags & HAS_BLOCK_CHECKSUMS) !== 0) await reader.skip(4);
  }
  if ((flags & HAS_CONTENT_CHECKSUM) !== 0) await reader.skip(4);
}

/** Decodes a block to `output` from HISTORY on, up to `limit`; returns where it ends. */
function decodeBlock(block: Uint8Array, output: Uint8Array, limit: number, oldest: number): number {
  let at = 0;
  let end = HISTORY;

  /** The rest of a length whose four bits in the token are all set. */
  function furtherLength(): number {
    let length = 0;
    for (;;) {
      if (at >= block.length) throw damaged(decodeFault('lz4LengthCut'));
      const byte = u8(block, at++);
      length += byte;
      if (byte !== 255) return length;
    }
  }

  while (at < block.length) {
    const token = u8(block, at++);
    let literals = token >> 4;
    if (literals === 15) literals += furtherLength();
    if (literals > block.length - at || literals > limit - end) throw damaged(decodeFault('lz4Literals'));
    // Most runs are short, and a call would cost more than copying them.
    if (literals > 32) output.set(block.subarray(at, at + literals), end);
    else for (let index = 0; index < literals; index++) output[end + index] = u8(block, at + index);
    at += literals;
    end += literals;
    if (at === block.length) return end;

    if (block.length - at < 2) throw damaged(decodeFault('lz4MatchCut'));
    const distance = u16le(block, at);
    at += 2;
    let length = (token & 15) + SHORTEST_MATCH;
    if (length === 15 + SHORTEST_MATCH) length += furtherLength();
    if (distance === 0 || distance > end - oldest) throw damaged(decodeFault('lz4NoMatch'));
    if (length > limit - end) throw damaged(decodeFault('lz4BlockGrows'));
    if (length > 32 && distance >= length) output.copyWithin(end, end - distance, end - distance + length);
    else for (let index = end; index < end + length; index++) output[index] = u8(output, index - distance);
    end += length;
  }
  throw damaged(decodeFault('lz4MatchLast'));
}

const damaged = (reason: DecodeFault): DecompressionError => new DecompressionError('damaged', reason);
