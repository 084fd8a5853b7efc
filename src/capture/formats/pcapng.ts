/**
 * pcapng: draft-ietf-opsawg-pcapng. A file is a sequence of blocks in sections; each section has its own byte order and
 * interfaces, each interface its own link type and time resolution.
 */
import { BOUNDS } from '../../bounds.js';
import { u32 } from '../../bytes.js';
import { notice } from '../../notices.js';
import {
  cutShort,
  damaged,
  type Damage,
  type DecryptionSecrets,
  type Format,
  type FormatReader,
  type MetadataBudget,
  type Step,
} from '../format.js';
import type { CaptureWarning, Frame } from '../frame.js';
import { type NameTable, newNameTable } from '../names.js';
import {
  BLOCK_FRAME,
  BLOCK_HEAD,
  BODY_LENGTHS,
  DECRYPTION_SECRETS,
  INTERFACE_DESCRIPTION,
  INTERFACE_STATISTICS,
  isPacketBlock,
  NAME_RESOLUTION,
  SECTION_HEADER,
} from '../pcapng/blocks.js';
import { type Fields, createFields } from '../pcapng/fields.js';
import { MAX_INTERFACES, createInterfaces, type Interfaces } from '../pcapng/interfaces.js';
import { createPackets, type Packets } from '../pcapng/packets.js';
import type { Window } from '../window.js';

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const SWAPPED_BYTE_ORDER_MAGIC = 0x4d3c2b1a;

// Records of name resolution, section 4.5.
const IPV4_NAMES = 1;
const IPV6_NAMES = 2;

/** Blocks that are read must fit into memory, with libpcap's bound. Others are skipped, whatever their size. */
const MAX_BLOCK_LENGTH = BOUNDS.pcapngBlockLength.value;
/** Nominal bytes of a small block of secrets, since something is kept of each. */
const LEAST_SECRETS_COST = 256;

export const pcapng: Format = {
  name: 'pcapng',
  recognises: ({ bytes, start, end }) =>
    end - start >= BLOCK_FRAME && u32(bytes, start) === SECTION_HEADER && hasByteOrder(u32(bytes, start + BLOCK_HEAD)),
  read: createReader,
};

const hasByteOrder = (magic: number): boolean => magic === BYTE_ORDER_MAGIC || magic === SWAPPED_BYTE_ORDER_MAGIC;

function createReader(
  window: Window,
  budget: MetadataBudget,
  onSecrets?: (secrets: DecryptionSecrets) => void,
): FormatReader {
  const fields = createFields(window);
  const interfaces = createInterfaces(window, fields);
  const packets = createPackets(window, fields, interfaces);
  const names = newNameTable(budget);
  const problems: CaptureWarning[] = [];
  let secretsLeftOut = 0;
  /** Bytes of an unread block that are still to be skipped. */
  let skipping = 0;

  const end = (warning?: CaptureWarning): Step => {
    if (warning) problems.push(warning);
    return 'end';
  };

  const wait = (bytes: number): Step => {
    window.needed = bytes;
    if (!window.ended) return 'more';
    const isComplete = window.end === window.start && skipping === 0;
    return end(isComplete ? undefined : cutShort('block', window.base + window.start, packets.count()));
  };

  const bad = (damage: Damage): Step => end(damaged(damage, window.base + window.start, packets.count()));

  /** Skips as much of `skipping` as the window holds; false if more is to come. */
  const skip = (): boolean => {
    const step = Math.min(skipping, window.end - window.start);
    window.start += step;
    skipping -= step;
    return skipping === 0;
  };

  /** Sets the byte order where a section begins; false if it has none that is known. */
  const setByteOrder = (start: number): boolean => {
    if (u32(window.bytes, start) !== SECTION_HEADER) return true;
    const magic = u32(window.bytes, start + BLOCK_HEAD);
    fields.setByteOrder(magic === SWAPPED_BYTE_ORDER_MAGIC);
    return hasByteOrder(magic);
  };

  const isSkipped = (type: number, length: number): boolean => {
    if (type === DECRYPTION_SECRETS && length > budget.secrets) {
      secretsLeftOut++;
      return true;
    }
    return !BODY_LENGTHS.has(type);
  };

  const readSectionHeader = (body: number): Damage | undefined => {
    const version = fields.short(body + 4);
    if (version !== 1) return { id: 'version', data: { version } };
    interfaces.beginSection();
    return undefined;
  };

  const readSecrets = (start: number, blockEnd: number): void => {
    const body = start + BLOCK_HEAD;
    const data = body + 8;
    const length = fields.integer(body + 4);
    if (length > blockEnd - data) return;
    budget.secrets -= Math.max(blockEnd - start, LEAST_SECRETS_COST);
    onSecrets?.({
      type: letters(fields.integer(body)),
      data: window.bytes.subarray(data, data + length),
      fileOffset: window.base + start,
      isBehindFrames: packets.count() > 0,
    });
  };

  /** Reads a block that has no packet; returns what is wrong with it. */
  const readOther = (type: number, start: number, blockEnd: number): Damage | undefined => {
    const body = start + BLOCK_HEAD;
    switch (type) {
      case SECTION_HEADER:
        return readSectionHeader(body);
      case INTERFACE_DESCRIPTION:
        interfaces.describe(body, blockEnd);
        break;
      case NAME_RESOLUTION:
        readNames(window, fields, names, [body, blockEnd]);
        break;
      case INTERFACE_STATISTICS:
        interfaces.readStatistics(body, blockEnd);
        break;
      case DECRYPTION_SECRETS:
        readSecrets(start, blockEnd);
        break;
    }
    return undefined;
  };

  const next = (frame: Frame): Step => {
    for (;;) {
      if (skipping > 0 && !skip()) return wait(1);
      const { start } = window;
      const available = window.end - start;
      if (available < BLOCK_FRAME) return wait(BLOCK_FRAME);
      if (!setByteOrder(start)) return bad({ id: 'byteOrder' });
      const type = fields.integer(start);
      const length = fields.integer(start + 4);
      if (length % 4 !== 0 || length < BLOCK_FRAME + (BODY_LENGTHS.get(type) ?? 0))
        return bad({ id: 'blockLength', data: { length } });
      if (isSkipped(type, length)) {
        skipping = length;
        continue;
      }
      if (length > MAX_BLOCK_LENGTH) return bad({ id: 'longBlock', data: { length, limit: MAX_BLOCK_LENGTH } });
      if (available < length) return wait(length);
      const blockEnd = start + length - 4;
      if (fields.integer(blockEnd) !== length) return bad({ id: 'blockLengths' });

      const isPacket = isPacketBlock(type);
      const problem = isPacket ? packets.read(type, start, length, frame) : readOther(type, start, blockEnd);
      if (problem !== undefined) return bad(problem);
      window.start = start + length;
      if (isPacket) return 'frame';
    }
  };

  return {
    next,
    linkTypes: interfaces.linkTypes,
    names: names.entries,
    get warnings() {
      return [...problems, ...losses(packets, interfaces, secretsLeftOut, names)];
    },
  };
}

/** Warnings of what the file lacks, and of what was left out of it. */
function losses(packets: Packets, interfaces: Interfaces, secretsLeftOut: number, names: NameTable): CaptureWarning[] {
  const all: CaptureWarning[] = [];
  const timeless = packets.timeless();
  if (timeless > 0) all.push(notice('missing-times', 'simplePackets', { count: timeless, packets: packets.count() }));
  const drops = interfaces.drops();
  const count = drops.byInterface + drops.bySystem + drops.elsewhere;
  if (count > 0) all.push(notice('packets-dropped', 'whileCapturing', { count, ...drops }));
  if (secretsLeftOut > 0) {
    const bytes = BOUNDS.pcapngSecretBytes.value;
    all.push(notice('secrets-left-out', 'blocks', { count: secretsLeftOut, bytes }));
  }
  const leftOut = packets.leftOut();
  if (leftOut > 0) {
    const data = { count: leftOut, interfaces: MAX_INTERFACES };
    all.push(notice('packets-left-out', leftOut === 1 ? 'one' : 'several', data));
  }
  if (names.isFull()) all.push(notice('names-left-out', 'hosts'));
  return all;
}

/** Reads the names of addresses between two offsets. */
function readNames({ bytes }: Window, fields: Fields, names: NameTable, [start, end]: readonly [number, number]): void {
  fields.list(start, end, (type, value, length) => {
    const addressLength = type === IPV4_NAMES ? 4 : type === IPV6_NAMES ? 16 : 0;
    if (addressLength === 0 || length <= addressLength) return;
    const text = value + addressLength;
    names.add(bytes.subarray(value, text), bytes.subarray(text, value + length));
  });
}

/** The four letters that a number stands for. */
const letters = (code: number): string =>
  String.fromCharCode(code >>> 24, (code >>> 16) & 0xff, (code >>> 8) & 0xff, code & 0xff);
