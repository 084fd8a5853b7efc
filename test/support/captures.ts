/** Bytes of capture files and of the packets in them, built by hand; and reading them back. */
import assert from 'node:assert/strict';
import { viewOf } from '../../src/bytes.js';
import { chunkSource } from '../../src/capture/source.js';
import { newReadContext, readCapture, type Capture } from '../../src/capture/open.js';
import type { DecryptionSecrets } from '../../src/capture/format.js';
import type { Frame } from '../../src/capture/frame.js';

export interface Packet {
  readonly data: Uint8Array;
  readonly seconds?: number;
  /** Fraction of the second in the file's unit. */
  readonly fraction?: number;
  /** Length on the wire, if more than `data`. */
  readonly originalLength?: number;
}

/** Pieces of the given lengths, again and again. */
export function piecesOf(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const length = lengths[index % lengths.length] ?? 1;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

export interface PcapOptions {
  readonly bigEndian?: boolean;
  readonly nanoseconds?: boolean;
  /** The whole field of the file header; 1 (Ethernet) if not given. */
  readonly linkType?: number;
}

/** Bytes of integers and of other bytes, one after the other. */
export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function be16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

export function be32(value: number): number[] {
  return [...be16(value >>> 16), ...be16(value & 0xffff)];
}

/** Writers of integers in either byte order. */
function order(bigEndian: boolean) {
  return {
    int16: (value: number) => (bigEndian ? be16(value) : be16(value).reverse()),
    int32: (value: number) => (bigEndian ? be32(value) : be32(value).reverse()),
  };
}

/** A classic pcap file. */
export function pcapFile(packets: readonly Packet[], options: PcapOptions = {}): Uint8Array<ArrayBuffer> {
  return concat(pcapHeader(options), ...packets.map((packet) => pcapRecord(packet, options)));
}

export function pcapHeader({ bigEndian = false, nanoseconds = false, linkType = 1 }: PcapOptions = {}): Uint8Array {
  const { int16, int32 } = order(bigEndian);
  const magic = nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  return concat(int32(magic), int16(2), int16(4), int32(0), int32(0), int32(262144), int32(linkType));
}

export function pcapRecord(packet: Packet, { bigEndian = false }: PcapOptions = {}): Uint8Array {
  const { int32 } = order(bigEndian);
  const { data, seconds = 0, fraction = 0, originalLength = data.length } = packet;
  return concat(int32(seconds), int32(fraction), int32(data.length), int32(originalLength), data);
}

/** Blocks of a pcapng section in one byte order. */
export function pcapngBlocks(bigEndian = false) {
  const { int16, int32 } = order(bigEndian);

  function block(type: number, ...body: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
    const content = pad(concat(...body));
    const length = int32(content.length + 12);
    return concat(int32(type), length, content, length);
  }

  function option(code: number, value: readonly number[]): Uint8Array {
    return concat(int16(code), int16(value.length), pad(new Uint8Array(value)));
  }

  function time(units: bigint): number[] {
    return [...int32(Number(units >> 32n)), ...int32(Number(units & 0xffffffffn))];
  }

  return {
    block,
    option,
    sectionHeader: () => block(0x0a0d0d0a, int32(0x1a2b3c4d), int16(1), int16(0), int32(-1), int32(-1)),
    interfaceDescription: (
      options: { linkType?: number; snapLength?: number; tsresol?: number; tsoffset?: bigint } = {},
    ) =>
      block(
        1,
        int16(options.linkType ?? 1),
        int16(0),
        int32(options.snapLength ?? 0),
        options.tsresol === undefined ? [] : option(9, [options.tsresol]),
        options.tsoffset === undefined ? [] : option(14, int64(options.tsoffset)),
        option(0, []),
      ),
    enhancedPacket: (data: Uint8Array, units = 0n, id = 0, originalLength = data.length) =>
      block(6, int32(id), time(units), int32(data.length), int32(originalLength), pad(data)),
    obsoletePacket: (data: Uint8Array, units = 0n, id = 0, originalLength = data.length) =>
      block(2, int16(id), int16(0), time(units), int32(data.length), int32(originalLength), pad(data)),
    simplePacket: (data: Uint8Array, originalLength = data.length) => block(3, int32(originalLength), pad(data)),
  };

  function int64(value: bigint): number[] {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setBigInt64(0, value, !bigEndian);
    return [...new Uint8Array(bytes.buffer)];
  }
}

function pad(bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Array<number>((4 - (bytes.length % 4)) % 4).fill(0));
}

/** A frame that has been read, with its own copy of the captured bytes. */
export type ReadFrame = Omit<Frame, 'bytes' | 'view' | 'start' | 'end'> & { readonly data: Uint8Array };

/** Reads a capture to its end. The input may come in any pieces. */
export async function readAll(...chunks: readonly Uint8Array[]) {
  const secrets: DecryptionSecrets[] = [];
  const reading = newReadContext(undefined, undefined, (one) => secrets.push({ ...one, data: one.data.slice() }));
  const capture = await readCapture('test', chunkSource(chunks), reading);
  const frames = await framesOf(capture);
  return { frames, summary: capture.summary(), secrets, names: capture.names() };
}

/** The frames of a capture, or of several, that are still to be read. */
export async function framesOf(capture: Pick<Capture, 'frame' | 'next' | 'fill'>): Promise<ReadFrame[]> {
  const frames: ReadFrame[] = [];
  do {
    while (capture.next()) {
      const { bytes, view, start, end, ...facts } = capture.frame;
      assert.deepEqual([view.buffer, view.byteOffset], [bytes.buffer, bytes.byteOffset]);
      frames.push({ ...facts, data: bytes.slice(start, end) });
    }
  } while (await capture.fill());
  return frames;
}

/** A frame as a reader would give it, in the middle of a larger buffer. */
export function frameOf(linkType: number, data: Uint8Array, originalLength = data.length): Frame {
  const before = 7;
  // What is around the frame would be seen in the results if it were read.
  const bytes = new Uint8Array(before + data.length + 64).fill(0xee);
  bytes.set(data, before);
  return {
    number: 1,
    seconds: 0,
    nanoseconds: 0,
    digits: 6,
    linkType,
    bytes,
    view: viewOf(bytes),
    start: before,
    end: before + data.length,
    originalLength,
    fileOffset: 0,
  };
}

export function ethernet(etherType: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2], be16(etherType), payload);
}

export interface IPv4Options {
  readonly source?: readonly number[];
  readonly destination?: readonly number[];
  readonly protocol?: number;
  readonly id?: number;
  readonly ttl?: number;
  /** In units of 8 bytes, with the flags above. */
  readonly fragment?: number;
  readonly options?: readonly number[];
  readonly totalLength?: number;
}

export function ipv4(payload: Uint8Array, options: IPv4Options = {}): Uint8Array<ArrayBuffer> {
  const extra = options.options ?? [];
  const headerLength = 20 + extra.length;
  return concat(
    [0x40 | (headerLength / 4), 0],
    be16(options.totalLength ?? headerLength + payload.length),
    be16(options.id ?? 0x1234),
    be16(options.fragment ?? 0x4000),
    [options.ttl ?? 64, options.protocol ?? 6, 0, 0],
    options.source ?? [192, 0, 2, 1],
    options.destination ?? [198, 51, 100, 2],
    extra,
    payload,
  );
}

export interface IPv6Options {
  readonly nextHeader?: number;
  readonly hopLimit?: number;
  readonly payloadLength?: number;
}

/** From 2001:db8::1 to 2001:db8::2. */
export function ipv6(payload: Uint8Array, options: IPv6Options = {}): Uint8Array<ArrayBuffer> {
  const prefix = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  return concat(
    [0x60, 0, 0, 0],
    be16(options.payloadLength ?? payload.length),
    [options.nextHeader ?? 6, options.hopLimit ?? 63],
    [...prefix, 1],
    [...prefix, 2],
    payload,
  );
}

export interface TcpOptions {
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly flags?: number;
  readonly window?: number;
  readonly options?: readonly number[];
}

export function tcp(payload: Uint8Array, options: TcpOptions = {}): Uint8Array<ArrayBuffer> {
  const extra = options.options ?? [];
  return concat(
    be16(options.sourcePort ?? 40000),
    be16(options.destinationPort ?? 443),
    be32(options.sequence ?? 0xfffffff0),
    be32(options.acknowledgment ?? 7),
    [((20 + extra.length) / 4) << 4, options.flags ?? 0x18],
    be16(options.window ?? 501),
    [0, 0, 0, 0],
    extra,
    payload,
  );
}
